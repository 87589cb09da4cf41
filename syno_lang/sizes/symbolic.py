"""Sizes and polynomials enter; SymPy expressions over positive symbols, and readable text, leave.

Loading SymPy takes longer than checking a file, so only what prints a cost imports this module.
"""

from __future__ import annotations

import sympy

from syno_lang.sizes.monomial import Size
from syno_lang.sizes.polynomial import Polynomial


def expression(size: Size | Polynomial) -> sympy.Expr:
    """`size` as a SymPy expression; its variables are positive integers."""
    if isinstance(size, Polynomial):
        return sympy.Add(*(coefficient * expression(term) for coefficient, term in size.terms))
    powers = (sympy.Symbol(name, integer=True, positive=True) ** power for name, power in size.powers)
    return sympy.Mul(sympy.Rational(size.numerator, size.denominator), *powers)


def factored(polynomial: Polynomial) -> str:
    """`polynomial` with what its terms share taken out, as `H*(1 + k/s)`."""
    text = sympy.sstr(sympy.factor_terms(expression(polynomial)), order="rev-lex")
    return str(text).replace("**", "^")
