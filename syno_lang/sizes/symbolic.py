"""Sizes and sums of them enter; SymPy expressions over positive symbols, and readable text, leave.

Loading SymPy takes longer than checking a file, so only what prints a cost imports this module.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from syno_lang.sizes.monomial import Size


def expression(size: Size) -> sympy.Expr:
    """`size` as a SymPy expression; its variables are positive integers."""
    powers = (sympy.Symbol(name, integer=True, positive=True) ** power for name, power in size.powers)
    return sympy.Mul(sympy.Rational(size.numerator, size.denominator), *powers)


def factored(terms: Iterable[tuple[int, Size]]) -> str:
    """The sum of `coefficient * size` with what its terms share taken out, as `H*(1 + k/s)`."""
    total = sympy.Add(*(coefficient * expression(size) for coefficient, size in terms))
    text = sympy.sstr(sympy.factor_terms(total), order="rev-lex")
    return str(text).replace("**", "^")
