"""A size as a monomial: a rational constant times integer powers of named variables.

Cheap and hashable on purpose (search makes millions): tuples of ints, no SymPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """`numerator/denominator * prod(variable^power)`, always in lowest terms.

    `powers` is sorted by variable and holds no zero power, so equal sizes are equal values.

    >>> str(Size.variable("C_out") / (Size.variable("g") * Size.variable("s")))
    'C_out/(g*s)'
    """

    numerator: int
    denominator: int
    powers: tuple[tuple[str, int], ...]

    @staticmethod
    def variable(name: str) -> Size:
        """The size that is the variable `name`."""
        return Size(1, 1, ((name, 1),))

    @staticmethod
    def constant(value: int) -> Size:
        """The size that is the literal `value`, a positive integer."""
        return Size.make(value, 1, {})

    @staticmethod
    def make(numerator: int, denominator: int, powers: Mapping[str, int]) -> Size:
        """Build a size in normal form.  Raises `ValueError` unless both integers are positive."""
        if numerator <= 0 or denominator <= 0:
            raise ValueError(f"a size is positive, not {numerator}/{denominator}")
        common = gcd(numerator, denominator)
        kept = tuple(sorted((name, power) for name, power in powers.items() if power))
        return Size(numerator // common, denominator // common, kept)

    def __mul__(self, other: Size) -> Size:
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + power
        return Size.make(self.numerator * other.numerator, self.denominator * other.denominator, powers)

    def __truediv__(self, other: Size) -> Size:
        return self * other**-1

    def __pow__(self, exponent: int) -> Size:
        powers = {name: power * exponent for name, power in self.powers}
        if exponent >= 0:
            return Size.make(self.numerator**exponent, self.denominator**exponent, powers)
        return Size.make(self.denominator**-exponent, self.numerator**-exponent, powers)

    @property
    def is_one(self) -> bool:
        """Whether this is the constant 1."""
        return self == ONE

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, sorted."""
        return tuple(name for name, _ in self.powers)

    @property
    def upper(self) -> Size:
        """The part above the fraction line: `C_out` of `C_out/(g*s)`."""
        return Size(self.numerator, 1, tuple(item for item in self.powers if item[1] > 0))

    @property
    def lower(self) -> Size:
        """The part below the fraction line: `g*s` of `C_out/(g*s)`."""
        return Size(self.denominator, 1, tuple((name, -power) for name, power in self.powers if power < 0))

    def evaluate(self, sizes: Mapping[str, int]) -> Fraction:
        """The exact rational value.  Raises `KeyError` for a variable without a value."""
        value = Fraction(self.numerator, self.denominator)
        for name, power in self.powers:
            value *= Fraction(sizes[name]) ** power
        return value

    def value(self, sizes: Mapping[str, int]) -> int:
        """The value where it is whole.  Raises `ValueError` where it is not, `KeyError` as above."""
        value = self.evaluate(sizes)
        if value.denominator != 1:
            raise ValueError(f"{self} is {value}, not a whole number")
        return value.numerator

    def rename(self, names: Mapping[str, str]) -> Size:
        """The same monomial over other variable names."""
        return Size.make(
            self.numerator, self.denominator, {names.get(name, name): power for name, power in self.powers}
        )

    def __str__(self) -> str:
        upper = _factors(self.numerator, self.upper.powers)
        lower = _factors(self.denominator, self.lower.powers)
        if not lower:
            return "*".join(upper) or "1"
        below = lower[0] if len(lower) == 1 else f"({'*'.join(lower)})"
        return f"{'*'.join(upper) or '1'}/{below}"


def _factors(constant: int, powers: Iterable[tuple[str, int]]) -> list[str]:
    """The factors of one side of the fraction line, as text; the constant 1 is left out."""
    factors = [] if constant == 1 else [str(constant)]
    return factors + [name if power == 1 else f"{name}^{power}" for name, power in powers]


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; 1 for none."""
    result = ONE
    for size in sizes:
        result = result * size
    return result


ONE: Final = Size(1, 1, ())
