"""Monomials enter; their sum, which counts FLOPs, parameters or bytes, leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from syno_lang.sizes.monomial import Size


@dataclass(frozen=True, slots=True)
class Polynomial:
    """`sum of coefficient * size`, every size with the numerator 1 and each product of powers once.

    So equal polynomials are equal values.  Build one with `Polynomial.make`.

    >>> str(Polynomial.make([(1, Size.variable("H")), (2, Size.variable("H") * Size.variable("k"))]))
    'H*(1 + 2*k)'
    """

    terms: tuple[tuple[int, Size], ...]

    @staticmethod
    def make(terms: Iterable[tuple[int, Size]]) -> Polynomial:
        """The sum of `terms` in normal form; coefficients may be negative or cancel."""
        sums: dict[tuple[tuple[str, int], ...], Fraction] = {}
        for coefficient, size in terms:
            constant = Fraction(coefficient * size.numerator, size.denominator)
            sums[size.powers] = sums.get(size.powers, Fraction()) + constant
        return Polynomial(
            tuple(
                (sums[powers].numerator, Size(1, sums[powers].denominator, powers))
                for powers in sorted(sums)
                if sums[powers]
            )
        )

    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial.make((*self.terms, *other.terms))

    def __mul__(self, factor: int) -> Polynomial:
        return Polynomial.make((coefficient * factor, size) for coefficient, size in self.terms)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, sorted."""
        return tuple(sorted({name for _, size in self.terms for name in size.variables}))

    def value(self, sizes: Mapping[str, int]) -> int:
        """The value, which is whole where all that was counted is; else `ValueError`.

        Raises `KeyError` for a variable without a value.
        """
        total = sum((coefficient * size.evaluate(sizes) for coefficient, size in self.terms), Fraction())
        if total.denominator != 1:
            raise ValueError(f"{self} is {total}, not a whole number")
        return total.numerator

    def __str__(self) -> str:
        from syno_lang.sizes.symbolic import factored

        return factored(self.terms)
