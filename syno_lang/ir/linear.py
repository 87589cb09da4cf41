"""Linear forms over coordinates: what index arithmetic is before it is recognised as primitives.

Coefficients and constants are polynomials over the sizes.  `floor(K/n)` of a symbolic `K` is kept as a
variable of its own, named `K/n`, so that `s*(k/2)` and `(s*k)/2` stay different.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syno_lang.ir.coordinates import Coordinate
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.polynomial import Polynomial

ZERO = Polynomial(())

#: So many terms of a polynomial are shown in a finding.
LONGEST = 4


def constant(value: int) -> Polynomial:
    """The polynomial that is a literal."""
    return Polynomial.make([(value, ONE)])


def monomial(size: Size) -> Polynomial:
    """The polynomial that is a size."""
    return Polynomial.make([(1, size)])


def product(left: Polynomial, right: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    return Polynomial.make((a * b, x * y) for a, x in left.terms for b, y in right.terms)


def floored(size: Size, divisor: int) -> Polynomial:
    """`floor(size/divisor)`: exact where the division always is, else a variable that stands for it."""
    quotient = size / Size.constant(divisor)
    if not size.powers and size.denominator == 1:
        return constant(size.numerator // divisor)
    return monomial(
        quotient if quotient.denominator == size.denominator else Size.variable(f"{size}/{divisor}")
    )


def single(value: Polynomial) -> tuple[int, Size] | None:
    """The one term of a polynomial as an integer and a monomial; `None` where it has none or several."""
    return value.terms[0] if len(value.terms) == 1 else None


def shown(value: Polynomial) -> str:
    """`h + p - k/2` as it is, term by term; only the first terms of a long one."""
    text = ""
    for factor, size in sorted(value.terms, key=lambda term: term[0] < 0)[:LONGEST]:
        sign = ("-" if factor < 0 else "") if not text else (" - " if factor < 0 else " + ")
        text += sign + str(Size.constant(abs(factor)) * size)
    return (text or "0") + (" + ..." if len(value.terms) > LONGEST else "")


@dataclass(frozen=True)
class Linear:
    """`sum(terms[c] * c) + constant`"""

    terms: Mapping[Coordinate, Polynomial] = field(default_factory=dict)
    constant: Polynomial = ZERO

    @staticmethod
    def of(coordinate: Coordinate) -> Linear:
        """The form that is one coordinate."""
        return Linear({coordinate: constant(1)})

    @property
    def length(self) -> int:
        """How many products of sizes are added up in it."""
        return len(self.constant.terms) + sum(len(factor.terms) for factor in self.terms.values())

    def __add__(self, other: Linear) -> Linear:
        terms = dict(self.terms)
        for coordinate, factor in other.terms.items():
            terms[coordinate] = terms.get(coordinate, ZERO) + factor
        kept = {coordinate: factor for coordinate, factor in terms.items() if factor.terms}
        return Linear(kept, self.constant + other.constant)

    def __neg__(self) -> Linear:
        return self.times(constant(-1))

    def __sub__(self, other: Linear) -> Linear:
        return self + -other

    def times(self, factor: Polynomial) -> Linear:
        """Every coefficient and the constant times `factor`."""
        scaled = {coordinate: product(value, factor) for coordinate, value in self.terms.items()}
        return Linear(scaled, product(self.constant, factor)) if factor.terms else Linear()
