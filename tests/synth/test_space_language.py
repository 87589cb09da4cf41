"""A space as text and as a value: each tells the other, all options can be said, the presets are what they say."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import syno_lang
from syno_lang.diagnostics import Source
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.modules.load import Loader
from syno_lang.sizes import Size
from syno_lang.syntax.format import format_text
from syno_lang.synth.ast_to_space import read_spaces
from syno_lang.synth.describe import describe
from syno_lang.synth.options import OPTIONS
from syno_lang.synth.possible import beyond, obstacles
from syno_lang.synth.rename import in_sizes_of
from syno_lang.synth.space import Axis, Limits, Space, SpaceSize
from syno_lang.synth.space_to_ast import space_text

ROOT = Path(__file__).parents[2]
PRESETS = sorted(path.stem for path in (ROOT / "stdlib" / "spaces").glob("*.syno"))


def read(text: str) -> Space:
    loader = Loader()
    (space,) = read_spaces(loader.text(Source("space", text)), loader).values()
    return space


# Spaces as values ---------------------------------------------------------------------------------------

COUNTS = st.none() | st.integers(0, 40)
RATIOS = st.none() | st.sampled_from([1.0, 1.5, 2.3, 4.0, 17.25, 1000.0])
RANGES = st.tuples(st.none() | st.integers(0, 10**6), st.none() | st.integers(10**7, 10**12))


def strategy(name: str) -> st.SearchStrategy[object]:
    """Values of one limit that make sense."""
    option = next(item for item in OPTIONS if item.limit == name)
    if option.form == "allow":
        return st.booleans()
    if name in ("flops", "params"):
        return RANGES
    if name == "shared_between_weights":
        return st.none() | st.tuples(st.integers(1, 4), st.integers(4, 30))
    if not option.whole:
        return RATIOS
    numbers = st.integers(max(option.smallest, 1), 40)
    return (st.none() | numbers) if option.open else numbers


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    limits = Limits(**{item.name: draw(strategy(item.name)) for item in fields(Limits)})
    uses = st.none() | st.integers(0, 6)
    names = ["N", "C", "D", "k", "s"]
    default = draw(st.none() | st.integers(1, 9))
    sizes = tuple(
        SpaceSize(
            SizeDeclaration(
                name, "coefficient" if name in "ks" else "primary", default if name == "k" else None
            ),
            draw(uses),
        )
        for name in names
    )
    n, c, d, s = (Size.variable(name) for name in ("N", "C", "D", "s"))
    inputs = (Axis(n), Axis(c * s, draw(st.booleans())), Axis(c))
    outputs = (Axis(n), Axis(d, draw(st.booleans())), Axis(c))
    values = st.fixed_dictionaries({name: st.sampled_from([2, 8, 64]) for name in names})
    layers = tuple(draw(st.lists(values, max_size=4)))
    keep = draw(st.sampled_from([(), ((0, 0),), ((0, 0), (2, 2))]))
    space = Space("narrow", sizes, inputs, outputs, keep, layers, limits)
    return replace(space, limits=replace(limits, tensors=3, primitives=20, reduce=None, memory=None))


@given(spaces(), st.booleans())
def test_text_and_value_tell_each_other(space: Space, whole: bool) -> None:
    roomy = replace(space, sizes=tuple(replace(item, uses=None) for item in space.sizes))
    for item in (space, roomy):
        if not obstacles(item):
            assert read(space_text(item, whole)) == item


@given(spaces())
def test_a_printed_space_is_laid_out(space: Space) -> None:
    text = space_text(space)
    assert format_text(Source("space", text)) == text


def test_every_limit_has_an_option() -> None:
    assert sorted(option.limit for option in OPTIONS) == sorted(item.name for item in fields(Limits))


def test_the_description_has_every_option_with_its_meaning() -> None:
    found = describe(syno_lang.load_space("stdlib:plane"))
    assert len(found["options"]) == len(OPTIONS)
    assert all(item["meaning"].endswith(".") and item["usage"] for item in found["options"])
    assert [item["name"] for item in found["options"] if item["value"] != item["default"]] == []


# Presets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_read_and_reads_back(name: str) -> None:
    space = syno_lang.load_space(f"stdlib:{name}")
    assert space.name == name
    assert read(space_text(space)) == space
    for layer in space.layers:
        assert all(axis.size.evaluate(layer).denominator == 1 for axis in (*space.inputs, *space.outputs))


def test_the_presets_are_those_of_the_published_experiments() -> None:
    assert {"resnet", "efficientnet", "densenet", "vit", "gpt2", "gcn", "plane"} == set(PRESETS)


def test_resnet_is_the_published_space() -> None:
    space = syno_lang.load_space("stdlib:resnet")
    shapes = {(layer["C_in"], layer["C_out"], layer["H"]) for layer in space.layers}
    assert shapes == {
        (64, 64, 56), (64, 128, 28), (128, 128, 28), (128, 256, 14), (256, 256, 14), (256, 512, 7), (512, 512, 7),
    }  # fmt: skip
    assert len(space.layers) == 19 and all(layer["N"] == 128 for layer in space.layers)
    assert {item.declaration.name: (item.declaration.default, item.uses) for item in space.sizes} == {
        "N": (None, 0), "C_in": (None, 2), "C_out": (None, 4), "H": (None, 0),
        "k_1": (3, 2), "k_2": (7, 2), "s": (2, 2), "g": (32, 3),
    }  # fmt: skip
    wanted = Limits(
        primitives=12, tensors=3, reduce=5, merge=1, split=3, shift=2, stride=0, chain=6, variables=3,
        reduction_ratio=4, outer=2048, shared_between_weights=(8, 8), window_ratio=2.3, shift_pattern=2,
        weight_params=100, repeat=1, flops=space.limits.flops, memory=20 * 2**30,
    )  # fmt: skip
    assert space.limits == wanted


def test_flops_of_resnet_are_those_of_its_convolutions() -> None:
    space = syno_lang.load_space("stdlib:resnet")
    # The model has 3 convolutions of a window of 1, one before each change of shape.
    by_hand = sum(
        128 * count * c_in * c_out * h**2 * k**2
        for count, c_in, c_out, h, k in (
            (4, 64, 64, 56, 3), (1, 64, 128, 28, 3), (3, 128, 128, 28, 3), (1, 64, 128, 28, 1),
            (1, 128, 256, 14, 3), (3, 256, 256, 14, 3), (1, 128, 256, 14, 1),
            (1, 256, 512, 7, 3), (3, 512, 512, 7, 3), (1, 256, 512, 7, 1),
        )
    )  # fmt: skip
    least, most = space.limits.flops
    assert least is not None and most is not None
    assert least - 1 < Fraction(15, 100) * by_hand <= least
    assert most <= Fraction(9, 10) * by_hand < most + 1


# What cannot be -----------------------------------------------------------------------------------------


def small(**limits: object) -> Space:
    sizes = [SpaceSize(SizeDeclaration(name, "primary"), None) for name in ("N", "C", "D")]
    n, c, d = (Axis(Size.variable(name)) for name in ("N", "C", "D"))
    layer = {"N": 2, "C": 4, "D": 8}
    bounds = replace(Limits(weight_params=1, primitives=3), **limits)  # type: ignore[arg-type]
    return Space("small", tuple(sizes), (n, c), (n, d), ((0, 0),), (layer,), bounds)


def test_balance() -> None:
    assert beyond(small()) == ({"C": 1}, {"D": 1})
    assert obstacles(small()) == []


@pytest.mark.parametrize(
    ("limits", "option"),
    [
        ({"tensors": 1}, "tensors"),
        ({"reduce": 0}, "reduce"),
        ({"primitives": 1}, "primitives"),
        ({"params": (None, 0)}, "params"),
        ({"memory": 4 * (2 * 4 + 2 * 8) - 1}, "memory"),
    ],
)
def test_obstacles(limits: dict[str, object], option: str) -> None:
    assert option in [item.option for item in obstacles(small(**limits))]


@given(
    tensors=st.integers(1, 2), reduce=st.integers(0, 1), primitives=st.integers(0, 3), weight_free=st.booleans(),
    uses=st.tuples(*[st.none() | st.integers(0, 2)] * 2), windows=st.sampled_from([0, None]),
)  # fmt: skip
def test_what_has_an_obstacle_is_empty(
    tensors: int,
    reduce: int,
    primitives: int,
    weight_free: bool,
    uses: tuple[int | None, ...],
    windows: int | None,
) -> None:
    from syno_lang.synth.enumerate import Enumerate

    space = small(
        tensors=tensors, reduce=reduce, primitives=primitives, weight_free=weight_free,
        unfold=windows, expand=windows, merge=0, shift=0,
    )  # fmt: skip
    named = tuple(
        replace(item, uses=dict(zip("CD", uses, strict=True)).get(item.declaration.name))
        for item in space.sizes
    )
    space = replace(space, sizes=named)
    if obstacles(space):
        walk = Enumerate(space)
        assert walk.count(walk.root()) == 0


# Operators of other names -------------------------------------------------------------------------------


def test_an_operator_is_brought_to_the_sizes_of_a_space() -> None:
    space = syno_lang.load_space("stdlib:resnet")
    definition = in_sizes_of(space, syno_lang.load("stdlib:conv2d").definition)
    assert [str(size) for size in definition.inputs[0].shape] == ["N", "C_in", "H", "H"]
    assert [str(size) for size in definition.weights[0].shape] == ["C_out", "C_in", "k_1", "k_1"]
    again = in_sizes_of(space, syno_lang.load("stdlib:conv2d").definition, {"k": "k_2"})
    assert [str(size) for size in again.weights[0].shape] == ["C_out", "C_in", "k_2", "k_2"]


def test_an_operator_of_the_sizes_of_a_space_stays_as_it_is() -> None:
    space = syno_lang.load_space("stdlib:resnet")
    operator = syno_lang.load(ROOT / "examples" / "published" / "op_15252107013978896537.syno")
    assert in_sizes_of(space, operator.definition) is operator.definition


@pytest.mark.parametrize("chosen", [{"q": "k_1"}, {"k": "k_9"}])
def test_sizes_that_there_are_not(chosen: dict[str, str]) -> None:
    space = syno_lang.load_space("stdlib:resnet")
    with pytest.raises(syno_lang.SynoError, match="E1104"):
        in_sizes_of(space, syno_lang.load("stdlib:conv2d").definition, chosen)
