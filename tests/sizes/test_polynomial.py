"""Polynomials: a normal form, exact values, and text with the common part taken out."""

import pytest
import sympy
from hypothesis import given, strategies as st

from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.sizes.symbolic import expression

NAMES = ("C", "H", "I", "g", "k")
monomials = st.builds(
    Size.make,
    st.integers(1, 30),
    st.integers(1, 3),
    st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3)),
)
polynomials = st.lists(st.tuples(st.integers(-9, 9), monomials), max_size=5).map(Polynomial.make)
values = st.fixed_dictionaries({name: st.integers(1, 9) for name in NAMES})
H, K, S, ONE = (*map(Size.variable, ("H", "k", "s")), Size.constant(1))


@given(polynomials, polynomials, polynomials)
def test_sums_are_values(a: Polynomial, b: Polynomial, c: Polynomial) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert hash(a + b) == hash(b + a)
    assert a + a == a * 2
    assert a + a * -1 == Polynomial(())


@given(polynomials, values)
def test_text_keeps_the_value(polynomial: Polynomial, sizes: dict[str, int]) -> None:
    symbols = {name: sympy.Symbol(name) for name in NAMES}
    read = sympy.sympify(str(polynomial).replace("^", "**"), locals=symbols)
    exact = sum(coefficient * size.evaluate(sizes) for coefficient, size in polynomial.terms)
    assert read.subs(sizes) == exact
    total = sympy.Add(*(coefficient * expression(size) for coefficient, size in polynomial.terms))
    assert total.subs({symbol: sizes[symbol.name] for symbol in total.free_symbols}) == exact


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ([], "0"),
        ([(7, ONE)], "7"),
        ([(1, H), (1, H * K / S)], "H*(1 + k/s)"),
        ([(2, H**2), (4, H**2 * K)], "2*H^2*(1 + 2*k)"),
        ([(1, H), (-1, H), (1, K)], "k"),
    ],
)
def test_text(terms: list[tuple[int, Size]], text: str) -> None:
    assert str(Polynomial.make(terms)) == text


def test_values_are_whole_or_an_error() -> None:
    half = Polynomial.make([(1, H / S), (1, K / S)])
    assert half.value({"H": 3, "k": 1, "s": 2}) == 2
    with pytest.raises(ValueError, match="not a whole number"):
        half.value({"H": 3, "k": 2, "s": 2})
    with pytest.raises(KeyError):
        half.value({"H": 3})
    assert half.variables == ("H", "k", "s")
