"""Emitted modules on LLVM against the interpreter, and as texts that TVM reads back."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from syno_lang.backends.tvm.emit import emit
from syno_lang.backends.tvm.load import compile_module, to_ir_module
from syno_lang.ir.coordinates import Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import Apply, Axis, BufferRead, Extent, Inside, Stage, StageProgram
from syno_lang.sizes import Size
from syno_lang.testing import definitions, random_arrays
from tests.backends.tvm.programs import (
    H,
    K,
    conv2d,
    k,
    matmul,
    mean_of_all,
    pointwise,
    program,
    staged_windows,
)

tvm = pytest.importorskip("tvm", reason="apache-tvm is not installed")

TOLERANCE: Final = {"float32": 1e-5, "float64": 1e-12}

Case = tuple[Definition, dict[str, int]]


def run(text: str, arrays: list[NDArray[Any]], shape: tuple[int, ...], dtype: str = "float64") -> NDArray[Any]:
    out = np.full(shape, np.nan, dtype)
    compile_module(to_ir_module(text))(*(array.astype(dtype) for array in arrays), out)
    return out


def drawn(made: StageProgram, sizes: Mapping[str, int]) -> list[NDArray[np.float64]]:
    random = np.random.default_rng(1)
    tensors = made.with_role("input", "weight")
    return [random.standard_normal([size.value(sizes) for size in tensor.shape]) for tensor in tensors]


# ------------------------------------------------------------------ random operators


def agrees(case: Case, made: StageProgram, dtype: str) -> None:
    """Every element differs from the interpreter by no more than the tolerance allows.

    The error is relative to the sum of the absolute values of the terms, which is what rounding is
    relative to: where no term is left, the value is exactly zero.
    """
    definition, sizes = case
    rounded = {name: array.astype(dtype) for name, array in random_arrays(definition, sizes).items()}
    wanted = interpret(definition, rounded, sizes)
    scale = interpret(definition, {name: np.abs(array) for name, array in rounded.items()}, sizes)
    tensors = [rounded[buffer.name] for buffer in made.with_role("input", "weight")]
    found = run(emit(made, sizes, dtype), tensors, wanted.shape, dtype)
    assert (np.abs(found - wanted) <= TOLERANCE[dtype] * scale).all()


@settings(max_examples=200)
@given(definitions(), st.sampled_from(list(TOLERANCE)))
def test_random_operators(case: Case, dtype: str) -> None:
    agrees(case, schedule(*case), dtype)


@settings(max_examples=20)
@given(definitions(max_points=2000), st.sampled_from(list(TOLERANCE)))
def test_random_operators_as_one_nest(case: Case, dtype: str) -> None:
    agrees(case, naive(case[0]), dtype)


@pytest.mark.heavy
@given(definitions(), st.sampled_from(list(TOLERANCE)))
def test_many_random_operators(case: Case, dtype: str) -> None:
    agrees(case, schedule(*case), dtype)


@settings(max_examples=20)
@given(definitions(max_points=500))
def test_random_texts_read_back(case: Case) -> None:
    module = to_ir_module(emit(schedule(*case), case[1]))
    tvm.ir.assert_structural_equal(tvm.script.from_source(module.script()), module)


# ------------------------------------------------------------------ programs made by hand


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_matmul(dtype: str) -> None:
    sizes = {"H": 5, "K": 7, "N": 3}
    x, w = drawn(matmul(), sizes)
    found = run(emit(matmul(), sizes, dtype), [x, w], (5, 3), dtype)
    np.testing.assert_allclose(found, x @ w, rtol=100 * TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("reducer", ["sum", "mean"])
@pytest.mark.parametrize(("height", "width", "window"), [(5, 4, 3), (1, 1, 3), (2, 6, 2), (4, 3, 1), (2, 1, 5)])
def test_conv2d(height: int, width: int, window: int, reducer: str) -> None:
    sizes = {"N": 2, "C": 3, "K": 4, "H": height, "W": width, "k": window}
    x, w = drawn(conv2d(), sizes)
    before, after = window // 2, window - 1 - window // 2
    padded = np.pad(x, ((0, 0), (0, 0), (before, after), (before, after)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (window, window), (2, 3))
    wanted = np.einsum("nchwpq,kcpq->nkhw", windows, w) / (window**2 if reducer == "mean" else 1)
    found = run(emit(conv2d(reducer), sizes, "float64"), [x, w], wanted.shape)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_two_stages() -> None:
    sizes = {"H": 8, "s": 2, "k": 3}
    x, w = drawn(staged_windows(), sizes)
    wanted = np.correlate(np.pad(x.reshape(4, 2).sum(1), 1), w, "valid")
    found = run(emit(staged_windows(), sizes, "float64"), [x, w], (4,))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_no_axis_is_left() -> None:
    sizes = {"H": 5, "K": 3}
    (x,) = drawn(mean_of_all(), sizes)
    np.testing.assert_allclose(run(emit(mean_of_all(), sizes, "float64"), [x], ()), x.sum() / 5, rtol=1e-12)


def test_nothing_is_read() -> None:
    i, p = Axis("i", H), Axis("p", k, "sum")
    stage = Stage("out", (i,), (p,), Apply("multiply", (Inside(Unfold(i, p)), Extent(K))))
    found = run(emit(program([stage], {}), {"H": 4, "k": 3, "K": 7}, "float64"), [], (4,))
    np.testing.assert_array_equal(found, [14, 21, 21, 14])


def test_no_axis_no_read() -> None:
    stages = [Stage("t1", (), (), Extent(K)), Stage("out", (), (), BufferRead("t1", ()))]
    assert run(emit(program(stages, {}), {"K": 7}, "float64"), [], ()) == 7


def size(value: int) -> Size:
    return Size.constant(value)


a, b, p = Axis("a", size(6)), Axis("b", size(4)), Axis("p", size(3))


@pytest.mark.parametrize(
    "coordinate",
    [
        # TVM 0.27 gets these wrong where the remainder is written `%`.
        Shift(Quotient(Shift(Split(b, Shift(a, 2)), 3), size(2)), 1),
        Split(Shift(Remainder(a, size(2)), -1), Remainder(a, size(2))),
        Shift(Quotient(Split(b, Shift(a, 5)), size(3)), -1),
        # Guards below a division and a remainder, and in each other.
        Quotient(Unfold(a, p), size(2)),
        Remainder(Shift(Unfold(a, p), -1), size(2)),
        Unfold(Quotient(Unfold(a, p), size(3)), p),
        Unfold(Unfold(a, Stride(p, size(2))), b),
    ],
    ids=str,
)
def test_coordinates(coordinate: Any) -> None:
    x = np.arange(1.0, 1 + total(coordinate))
    found = run(emit(pointwise(coordinate, a, b, p), {}, "float64"), [x], (6, 4, 3))
    for point in product(range(6), range(4), range(3)):
        place = at(coordinate, dict(zip((a, b, p), point, strict=True)))
        assert found[point] == (0 if place is None else place + 1)


def total(coordinate: Any) -> int:
    return int(coordinate.domain.value({}))


def at(node: Any, point: dict[Any, int]) -> int | None:
    """The value of a coordinate; `None` outside."""
    found = [at(operand, point) for operand in node.operands]
    below = [place for place in found if place is not None]
    if len(below) < len(found):
        return None
    match node, below:
        case Axis(), []:
            return point[node]
        case Split(), [major, minor]:
            return major * total(node.operands[1]) + minor
        case Quotient(), [operand]:
            return operand // int(node.block.value({}))
        case Remainder(), [operand]:
            return operand % int(node.block.value({}))
        case Shift(), [operand]:
            return (operand + int(node.amount)) % total(node)
        case Stride(), [operand]:
            return operand * int(node.factor.value({}))
        case Unfold(), [operand, window]:
            place = operand + window - total(node.window) // 2
            return place if 0 <= place < total(node) else None
    raise TypeError(node)


def test_hostile_names_run() -> None:
    i, j = Axis("T", H), Axis("lambda'", K, "sum")
    value = Apply("multiply", (BufferRead("main", (i, j)), BufferRead("I", (j,))))
    stages = [Stage("v_T", (i,), (j,), value), Stage("range", (i,), (), BufferRead("v_T", (i,)))]
    made = program(stages, {"main": (H, K)}, I=(K,))
    x, w = drawn(made, {"H": 3, "K": 4})
    text = emit(made, {"H": 3, "K": 4}, "float64")
    np.testing.assert_allclose(run(text, [x, w], (3,)), x @ w, rtol=1e-12)
    module = to_ir_module(text)
    tvm.ir.assert_structural_equal(tvm.script.from_source(module.script()), module)


def test_sixty_four_bits() -> None:
    # Nothing is allocated: the module is only compiled.
    i = Axis("i", size(5))
    module = to_ir_module(emit(pointwise(Stride(i, size(2**30)), i), {}))
    assert "(T.int64(5368709120),)" in module.script()
    assert callable(compile_module(module))


# ------------------------------------------------------------------ texts, files and arguments


def test_a_file_is_a_python_module_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = emit(conv2d("mean"), {"N": 1, "C": 2, "K": 2, "H": 4, "W": 3, "k": 3})
    (tmp_path / "emitted_for_tvm.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    tvm.ir.assert_structural_equal(importlib.import_module("emitted_for_tvm").Module, to_ir_module(text))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits(dtype: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    sizes = {"N": 1, "C": 8, "K": 4, "H": 5, "W": 6, "k": 3}
    x, w = (torch.from_numpy(array).to(getattr(torch, dtype)) for array in drawn(conv2d(), sizes))
    out = torch.full((1, 4, 5, 6), torch.nan, dtype=x.dtype)
    compile_module(to_ir_module(emit(conv2d(), sizes, dtype)))(x, w, out)
    wanted = torch.nn.functional.conv2d(x.double(), w.double(), padding=1)
    torch.testing.assert_close(out, wanted.to(x.dtype))


def test_arguments_need_no_alignment() -> None:
    sizes = {"N": 1, "C": 4, "K": 4, "H": 16, "W": 16, "k": 3}
    function = compile_module(to_ir_module(emit(conv2d(), sizes)))
    x, w = (array.astype("float32") for array in drawn(conv2d(), sizes))
    wanted = np.empty((1, 4, 16, 16), "float32")
    function(x, w, wanted)
    for offset in range(1, 4):
        moved, out = np.empty(x.size + offset, "float32"), np.empty(wanted.size + offset, "float32")
        moved[offset:] = x.ravel()
        function(moved[offset:].reshape(x.shape), w, out[offset:].reshape(wanted.shape))
        np.testing.assert_array_equal(out[offset:].reshape(wanted.shape), wanted)


def test_torch_tensors_are_arguments() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x, w, out = torch.rand(5, 7), torch.rand(7, 3), torch.empty(5, 3)
    compile_module(to_ir_module(emit(matmul(), {"H": 5, "K": 7, "N": 3})))(x, w, out)
    torch.testing.assert_close(out, x @ w)


def test_sizes_of_the_module_are_those_of_the_arguments() -> None:
    function = compile_module(to_ir_module(emit(matmul(), {"H": 5, "K": 7, "N": 3})))
    with pytest.raises(ValueError, match=r"Mismatched x\."):
        function(np.zeros((5, 6), "float32"), np.zeros((7, 3), "float32"), np.zeros((5, 3), "float32"))
