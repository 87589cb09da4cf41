"""Stage programs by hand: what the scheduler makes rarely or not at all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from syno_lang.backends.torch.halves import halved
from syno_lang.backends.torch.operations import Diagonal, Join, Repeat, Shear, Tile, Unflatten, Windows
from syno_lang.backends.torch.views import views_of
from syno_lang.ir.coordinates import Iterator, Quotient, Reduce, Remainder, Shift, Split, Unfold
from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.lower.interpret import interpret_stages
from syno_lang.lower.schedule import naive
from syno_lang.lower.stages import Apply, Axis, Buffer, BufferRead, Extent, Inside, Stage, StageProgram
from syno_lang.sizes import ONE, Size
from syno_lang.testing import random_arrays
from tests.backends.torch.modules import module_class, run

H, K, TWO = Size.variable("H"), Size.variable("k"), Size.constant(2)
AXIS, PLACE = Axis("i", H), Axis("j", K, "sum")

#: An operator whose signature the programs of this file share: `x: [H]` gives `[H]`.
SIGNATURE = Definition(
    "hand",
    (SizeDeclaration("H", "primary"), SizeDeclaration("k", "coefficient", 3)),
    (TensorDeclaration("x", "input", (H,)),),
    PGraph.make([H], [Tensor("input", (H,))], [Read(0, (Unfold(Iterator(0, H), Reduce(0, K)),))]),
)


def program(*stages: Stage) -> StageProgram:
    made = [Buffer(stage.buffer, tuple(axis.domain for axis in stage.axes), "stage") for stage in stages[:-1]]
    ends = Buffer("x", (H,), "input"), Buffer("out", (H,), "output")
    return StageProgram("hand", SIGNATURE.sizes, (ends[0], *made, ends[1]), stages)


X = BufferRead("x", (AXIS,))
WINDOW = Unfold(AXIS, PLACE)


@pytest.mark.parametrize(
    "stage",
    [
        Stage("out", (AXIS,), (), Apply("multiply", ())),
        Stage("out", (AXIS,), (PLACE,), Apply("multiply", ())),
        Stage("out", (AXIS,), (), Extent(K)),
        Stage("out", (AXIS,), (PLACE,), Inside(WINDOW)),
        Stage("out", (AXIS,), (PLACE,), Apply("multiply", (X, Inside(WINDOW), Extent(H)))),
        Stage("out", (AXIS,), (Axis("j", K, "mean"),), X),
        Stage(
            "out", (AXIS,), (Axis("j", K, "mean"), Axis("l", K, "sum")), Apply("multiply", (X, X, Extent(K)))
        ),
        Stage("out", (AXIS,), (PLACE,), Apply("multiply", (BufferRead("x", (Shift(WINDOW, -4),)), X))),
    ],
)
def test_one_stage(stage: Stage) -> None:
    plan = program(stage)
    sizes = {"H": 5, "k": 3}
    arrays = random_arrays(SIGNATURE, sizes)
    module = module_class(SIGNATURE, plan)().double()
    assert np.allclose(
        run(module, SIGNATURE, arrays, torch.float64), interpret_stages(plan, arrays, sizes), 1e-12
    )


def test_a_stage_reads_an_earlier_one_twice() -> None:
    first = Stage("t", (AXIS,), (PLACE,), BufferRead("x", (WINDOW,)))
    second = Stage(
        "out", (AXIS,), (), Apply("multiply", (BufferRead("t", (AXIS,)), BufferRead("t", (Shift(AXIS, 1),))))
    )
    plan = program(first, second)
    arrays = random_arrays(SIGNATURE, {"H": 4})
    module = module_class(SIGNATURE, plan)().double()
    got = run(module, SIGNATURE, arrays, torch.float64)
    assert np.allclose(got, interpret_stages(plan, arrays, {"H": 4, "k": 3}), 1e-12)


def test_more_axes_than_letters() -> None:
    # 60 axes, of which seven are longer than 1: four kept and three summed.
    kept = [Iterator(place, TWO if place < 4 else ONE) for place in range(40)]
    summed = [Reduce(place, TWO if place < 3 else ONE) for place in range(20)]
    indices = tuple(reversed(kept[:25] + summed)), tuple(kept[2:] + summed[:15])
    tensors = [Tensor("input", tuple(item.domain for item in index)) for index in indices]
    reads = [Read(number, index) for number, index in enumerate(indices)]
    graph = PGraph.make([item.domain for item in kept], tensors, reads)
    declared = tuple(
        TensorDeclaration(name, "input", one.shape) for name, one in zip("xy", tensors, strict=True)
    )
    definition = Definition("wide", (), declared, graph)
    x, y = np.random.default_rng(0).standard_normal((2, 2**7))
    module = module_class(definition, naive(definition))()
    shapes = [tuple(size.value({}) for size in tensor.shape) for tensor in tensors]
    got = module(torch.from_numpy(x).reshape(shapes[0]), torch.from_numpy(y[: 2**5]).reshape(shapes[1]))
    wanted = np.einsum("zyxdcba,cdxyz->abcd", x.reshape([2] * 7), y[: 2**5].reshape([2] * 5))
    assert got.shape == tuple(size.value({}) for size in graph.output)
    assert np.allclose(got.numpy().reshape([2] * 4), wanted, 1e-12)


def steps(*index: Split | Unfold | Shift | Quotient | Remainder | Axis) -> list[type]:
    return [type(operation) for operation, _ in views_of(index)]


def test_views() -> None:
    j = Axis("j", K)
    assert steps(Split(AXIS, j)) == [Unflatten]
    assert steps(AXIS, AXIS) == [Diagonal]
    assert steps(Quotient(AXIS, K), Remainder(AXIS, K)) == [Join]
    assert steps(Quotient(AXIS, K)) == [Repeat]
    assert steps(Remainder(AXIS, K)) == [Tile]
    # The halves meet although one of them comes out of a SPLIT only.
    assert steps(Quotient(AXIS, K), Split(j, Remainder(AXIS, K))) == [Unflatten, Join]
    # Two UNFOLD are one step: what is padded after an unfold is copied once per place of the window.
    assert steps(Unfold(AXIS, Axis("p", K)), Unfold(j, Axis("q", K))) == [Windows]
    # Of a window that is a dimension already one place is read.
    assert steps(Unfold(AXIS, PLACE), j, PLACE) == [Shear]
    assert steps(PLACE, Unfold(AXIS, PLACE), Unfold(j, PLACE)) == [Shear, Shear]


def test_an_axis_read_by_halves_becomes_two() -> None:
    shift = Shift(AXIS, 1)
    reads = Apply(
        "multiply", (BufferRead("x", (Quotient(AXIS, K),)), BufferRead("y", (AXIS, Quotient(shift, K))))
    )
    found = halved(Stage("out", (AXIS,), (), reads))
    major, minor = found.stage.axes
    assert (major.domain, minor.domain) == (H / K, K)
    assert found.widths == (2,)
    assert found.stage.reads[0].index == (major,)
    assert found.stage.reads[1].index == (Split(major, minor), Quotient(Shift(Split(major, minor), 1), K))
    assert found.origins[major] == Quotient(AXIS, K)
