"""Size expressions of a rule and what its variables stand for enter; sizes, numbers and decisions leave.

A decision is made for all sizes at which an operator is defined, so "no" means "not shown".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from syno_lang.ir.coordinates import Coordinate
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.conditions import RELATIONS
from syno_lang.sizes.polynomial import Polynomial

#: What a variable of a rule stands for.
Value = Coordinate | Size | int

Binding = dict[str, Value]


@dataclass(frozen=True)
class Facts:
    """Sizes that are whole wherever an operator is defined."""

    whole: tuple[Size, ...] = ()

    def divides(self, divisor: Size, dividend: Size) -> bool:
        """Whether `dividend/divisor` is whole, by itself or as a whole multiple of a known whole size."""
        ratio = dividend / divisor
        return ratio.lower == ONE or any((ratio / size).lower == ONE for size in self.whole)


def evaluate(expression: Polynomial, binding: Mapping[str, Value]) -> Size | Fraction | None:
    """The value of an expression: a size, or a number where there is no size variable in it.

    `None` where it is neither, such as `d - N` for a symbolic `N`.
    """
    total, symbolic = Fraction(), None
    for coefficient, monomial in expression.terms:
        number, size = Fraction(coefficient * monomial.numerator, monomial.denominator), ONE
        for name, power in monomial.powers:
            value = binding[name]
            if isinstance(value, Size):
                size = size * value**power
            elif isinstance(value, int) and (value or power > 0):
                number *= Fraction(value) ** power
            else:
                return None
        if size.powers:
            if number <= 0 or len(expression.terms) > 1:
                return None
            symbolic = size * Size.make(number.numerator, number.denominator, {})
        total += number * Fraction(size.numerator, size.denominator)
    return total if symbolic is None else symbolic


def as_size(value: Size | Fraction | None) -> Size | None:
    """A positive value as a size."""
    if isinstance(value, Fraction):
        return Size.make(value.numerator, value.denominator, {}) if value > 0 else None
    return value


def as_amount(value: Size | Fraction | None) -> int | None:
    """A whole number of either sign."""
    if isinstance(value, Size):
        value = _number(value)
    return value.numerator if value is not None and value.denominator == 1 else None


def _number(size: Size) -> Fraction | None:
    return None if size.powers else Fraction(size.numerator, size.denominator)


@dataclass(frozen=True)
class Guard:
    """`relation(left, right)`: `divides`, a comparison, or `even` and `odd` (of `left`)."""

    relation: str
    left: Polynomial
    right: Polynomial

    def holds(self, binding: Mapping[str, Value], facts: Facts) -> bool:
        """Whether the condition is sure to hold."""
        left, right = evaluate(self.left, binding), evaluate(self.right, binding)
        if left is None or right is None:
            return False
        first, second = _plain(left), _plain(right)
        if self.relation in ("even", "odd"):
            return _parity(left, self.relation == "odd")
        if first is not None and second is not None:
            if self.relation == "divides":
                return first != 0 and (second / first).denominator == 1
            return bool(RELATIONS[self.relation](first, second))
        return self._symbolic(left, right, facts)

    def _symbolic(self, left: Size | Fraction, right: Size | Fraction, facts: Facts) -> bool:
        """A comparison in which a size stands that has no number."""
        one, other = as_size(left), as_size(right)
        if one is None or other is None:
            # A size is 1 or more, and so above what is 0 or less.
            below, above = (one, other) if self.relation in ("<", "<=") else (other, one)
            return below is None and above is not None and self.relation not in ("divides", "==")
        if self.relation == "divides":
            return facts.divides(one, other)
        if self.relation == "==":
            return one == other
        ratio = one / other if self.relation in (">", ">=") else other / one
        least = ratio.numerator > 1 if self.relation in (">", "<") else True
        return ratio.lower == ONE and least


def _plain(value: Size | Fraction) -> Fraction | None:
    return _number(value) if isinstance(value, Size) else value


def _parity(value: Size | Fraction, odd: bool) -> bool:
    number = _plain(value)
    if number is not None:
        return number.denominator == 1 and number.numerator % 2 == int(odd)
    assert isinstance(value, Size)
    return not odd and value.lower == ONE and value.numerator % 2 == 0
