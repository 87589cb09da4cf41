"""Sizes are a group under multiplication, and their text reads back."""

import re
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from syno_lang.sizes import ONE, Size, product

NAMES = ("C", "H", "g", "k")
monomials = st.builds(
    Size.make,
    st.integers(1, 30),
    st.integers(1, 30),
    st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3)),
)
values = st.fixed_dictionaries({name: st.integers(1, 9) for name in NAMES})


@given(monomials, monomials, monomials)
def test_group(a: Size, b: Size, c: Size) -> None:
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * ONE == a
    assert (a / a).is_one
    assert a / b == a * b**-1


@given(monomials, monomials, values, st.integers(-3, 3))
def test_evaluation_is_a_homomorphism(a: Size, b: Size, sizes: dict[str, int], power: int) -> None:
    assert (a * b).evaluate(sizes) == a.evaluate(sizes) * b.evaluate(sizes)
    assert (a**power).evaluate(sizes) == a.evaluate(sizes) ** power
    assert a == a.upper / a.lower


@given(monomials, values)
def test_text_means_the_same(size: Size, sizes: dict[str, int]) -> None:
    exact = {name: Fraction(value) for name, value in sizes.items()}
    text = re.sub(r"\b(\d+)\b", r"Fraction(\1)", str(size).replace("^", "**"))
    assert eval(text, {"Fraction": Fraction}, exact) == size.evaluate(sizes)


def test_spelling() -> None:
    c, g, s = (Size.variable(name) for name in ("C_out", "g", "s"))
    assert str(c / (g * s)) == "C_out/(g*s)"
    assert str(ONE / g) == "1/g"
    assert str(Size.constant(4) * c**2) == "4*C_out^2"
    assert str(product([])) == "1"


def test_value_must_be_whole() -> None:
    half = Size.variable("H") / Size.constant(2)
    assert half.value({"H": 6}) == 3
    with pytest.raises(ValueError, match="7/2"):
        half.value({"H": 7})
    with pytest.raises(ValueError, match="positive"):
        Size.constant(0)
