"""Polynomials over sizes and digits enter; whether they are never negative, and their quotients, leave.

A "no" means "not shown".
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

#: Coordinates as unknowns, each with the number of its values: it is 0 or more, and less.
Digits = Mapping[sympy.Symbol, sympy.Expr]


def is_polynomial(value: sympy.Expr) -> bool:
    """Whether it is a sum of whole multiples of products of whole unknowns, so that it is whole itself."""
    _, below = sympy.fraction(sympy.cancel(value))
    return bool(below == 1)


def never_negative(value: sympy.Expr, digits: Digits) -> bool:
    """Whether `value >= 0` for all sizes, which are at least 1, and all digits in their ranges."""
    value = sympy.expand(value)
    own = [item for item in _unknowns(value) if item in digits]
    if own:
        return any(_without(value, digit, digits) for digit in own)
    unknowns = _unknowns(value)
    if any(not item.is_nonnegative for item in unknowns):
        return False
    # A size is 1 and more above it: no term of what is left in these terms may be negative.
    shifted = sympy.expand(value.subs({item: item + 1 for item in unknowns if item.is_positive}))
    return all(number >= 0 for number in shifted.as_coefficients_dict().values())


def _without(value: sympy.Expr, digit: sympy.Symbol, digits: Digits) -> bool:
    """Whether the smallest value over one digit, in which `value` has to be linear, is never negative."""
    slope, rest = value.coeff(digit, 1), value.coeff(digit, 0)
    if sympy.expand(slope * digit + rest - value) != 0:
        return False
    if never_negative(slope, digits):
        return never_negative(rest, digits)
    if never_negative(-slope, digits):
        return never_negative(rest + slope * (digits[digit] - 1), digits)
    return False


def _unknowns(value: sympy.Expr) -> list[sympy.Symbol]:
    return sorted(value.free_symbols, key=str)


def divided(value: sympy.Expr, block: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """`whole, rest` with `value == block*whole + rest`: multiples of `block` are in `whole`."""
    whole, rest = sympy.Integer(0), sympy.Integer(0)
    number, unknowns = block.as_coeff_Mul()
    if block.is_Add or not number.is_Integer:
        return (sympy.Integer(1), rest) if sympy.expand(value - block) == 0 else (whole, value)
    for term in sympy.Add.make_args(sympy.expand(value)):
        coefficient, monomial = term.as_coeff_Mul()
        ratio = sympy.cancel(monomial / unknowns)
        if is_polynomial(ratio):
            count, left = divmod(coefficient, number)
            whole, rest = whole + count * ratio, rest + left * monomial
        else:
            rest += term
    return sympy.expand(whole), sympy.expand(rest)
