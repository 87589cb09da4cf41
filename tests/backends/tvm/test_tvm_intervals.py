"""Simplified indices against plain arithmetic, at every point."""

from __future__ import annotations

import math
import re
from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given, strategies as st

from syno_lang.backends.tvm.intervals import Linear, Variable, conditions, linear
from syno_lang.lower.affine import Binary, Index, Loop, Number, SizeValue
from syno_lang.sizes import Size

EXTENTS = {"a": 1, "b": 3, "c": 4, "d": 6}
SIZES = {"K": 6}
LOOPS = {name: Variable(f"v_{name}", extent) for name, extent in EXTENTS.items()}

numbers = st.integers(1, 9).map(Number) | st.just(SizeValue(Size.variable("K"), 2))
leaves = st.sampled_from([Loop(name) for name in EXTENTS]) | st.integers(-9, 9).map(Number)


def larger(inner: st.SearchStrategy[Index]) -> st.SearchStrategy[Index]:
    sums = st.builds(Binary, st.sampled_from("+-"), inner, inner)
    return sums | st.builds(Binary, st.sampled_from(("*", "//", "%")), inner, numbers)


indices: st.SearchStrategy[Index] = st.recursive(leaves, larger, max_leaves=8)


def truncmod(number: int, divisor: int) -> int:
    """What TVM says of it: the remainder of a division that rounds towards zero."""
    assert number >= 0, "its operand must not be negative"
    return int(math.fmod(number, divisor))


def value(index: Index, point: dict[str, int]) -> int:
    """The definition of an index."""
    match index:
        case Loop(name):
            return point[name]
        case Number(number):
            return number
        case SizeValue(size, divisor):
            return size.value(SIZES) // divisor
    a, b = value(index.left, point), value(index.right, point)
    return {"+": a + b, "-": a - b, "*": a * b}.get(index.operator, 0) or (
        a // b if index.operator == "//" else a % b if index.operator == "%" else 0
    )


def evaluate(text: str, point: dict[str, int]) -> int:
    names = {f"v_{name}": number for name, number in point.items()}
    return int(eval(text, {"T": SimpleNamespace(truncmod=truncmod)}, names))


def points() -> list[dict[str, int]]:
    return [dict(zip(EXTENTS, point, strict=True)) for point in product(*map(range, EXTENTS.values()))]


@given(indices)
def test_the_text_has_the_value_and_the_interval_holds_it(index: Index) -> None:
    simple = linear(index, LOOPS, SIZES)
    low, high = simple.interval
    for point in points():
        wanted = value(index, point)
        assert evaluate(str(simple), point) == wanted
        assert low <= wanted <= high


@given(indices, st.integers(1, 12))
def test_conditions_say_whether_an_index_is_inside(index: Index, size: int) -> None:
    tests = conditions(linear(index, LOOPS, SIZES), size)
    for point in points():
        inside = 0 <= value(index, point) < size
        assert inside == (tests is not None and all(evaluate(test, point) for test in tests))


def text(index: Index) -> str:
    return re.sub("v_", "", str(linear(index, LOOPS, SIZES)))


def binary(left: Index, operator: str, right: int) -> Binary:
    return Binary(operator, left, Number(right))


b, c, d = Loop("b"), Loop("c"), Loop("d")
SPLIT = Binary("+", binary(b, "*", 4), c)


@pytest.mark.parametrize(
    ("index", "wanted"),
    [
        (binary(SPLIT, "//", 4), "b"),
        (binary(SPLIT, "%", 4), "c"),
        (binary(SPLIT, "//", 2), "b * 2 + c // 2"),
        (binary(SPLIT, "%", 2), "c % 2"),
        (binary(binary(d, "//", 2), "//", 3), "0"),
        (binary(Binary("+", b, c), "-", 0), "b + c"),
        (binary(Binary("+", b, c), "-", 1), "b + c - 1"),
        (Binary("-", binary(b, "+", 2), b), "2"),
        (binary(binary(binary(d, "+", 1), "%", 6), "%", 3), "T.truncmod(d + 1, 3)"),
        (binary(binary(binary(d, "-", 1), "%", 6), "+", 1), "T.truncmod(d + 5, 6) + 1"),
        (binary(binary(binary(binary(d, "-", 1), "%", 6), "+", 1), "%", 6), "d"),
    ],
)
def test_what_can_be_said_shorter_is(index: Index, wanted: str) -> None:
    assert text(index) == wanted


def test_conditions_keep_constants_on_one_side() -> None:
    index = linear(binary(Binary("+", Loop("d"), Loop("b")), "-", 1), LOOPS, SIZES)
    assert conditions(index, 6) == ("1 <= v_d + v_b", "v_d + v_b < 7")
    assert conditions(index, 7) == ("1 <= v_d + v_b",)
    assert conditions(index + Linear((), 1), 8) == ()
    assert conditions(index + Linear((), 9), 8) is None


def test_only_quasi_affine_indices_are_taken() -> None:
    for operator in ("*", "//", "%"):
        with pytest.raises(TypeError):
            linear(Binary(operator, Loop("b"), Loop("c")), LOOPS, SIZES)
