"""A formula of a test enters, a polynomial over the sizes leaves, or a finding says why it is none."""

from __future__ import annotations

from typing import Final

from syno_lang.diagnostics import fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate_sizes import MAX_NUMBER, MAX_POWER
from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.syntax import ast

#: How many terms a formula may have once its brackets are multiplied out.
MAX_TERMS: Final = 1000


def polynomial(node: ast.Expression, operator: Definition) -> Polynomial:
    """The polynomial that `node` states; `/` is exact.  Raises `SynoError` (E0203, E0502, E0504)."""
    match node:
        case ast.Number(value=value):
            return _in_range(Polynomial.make([(value, Size.constant(1))]), node)
        case ast.Path(names=(name,)):
            return Polynomial.make([(1, _variable(name, operator))])
        case ast.Negate(operand=operand):
            return polynomial(operand, operator) * -1
        case ast.Power(base=base, exponent=exponent):
            return _power(polynomial(base, operator), exponent, node)
        case ast.Binary(operator="+" | "-" | "*" | "/" as sign, left=left, right=right):
            return _binary(sign, polynomial(left, operator), polynomial(right, operator), node)
    hint = "write sizes, whole numbers, `+`, `-`, `*`, `/` and `^`: `N*C*(k + 1)`"
    raise fail("E0502", "this is no formula over the sizes", span=node.span, hint=hint)


def _variable(name: ast.Name, operator: Definition) -> Size:
    known = [size.name for size in operator.sizes]
    if name.text in known:
        return Size.variable(name.text)
    hint = did_you_mean(name.text, known) or f"the sizes are {', '.join(known) or 'none'}"
    raise fail("E0203", f"`{operator.name}` has no size `{name.text}`", span=name.span, hint=hint)


def _binary(sign: str, left: Polynomial, right: Polynomial, node: ast.Node) -> Polynomial:
    match sign:
        case "+":
            return _in_range(left + right, node)
        case "-":
            return _in_range(left + right * -1, node)
        case "*":
            return _product(left, right, node)
    return _product(left, _inverse(right, node), node)


def _product(left: Polynomial, right: Polynomial, node: ast.Node) -> Polynomial:
    if len(left.terms) * len(right.terms) > MAX_TERMS:
        hint = f"a formula has up to {MAX_TERMS} terms"
        raise fail("E0504", "this formula has too many terms", span=node.span, hint=hint)
    terms = ((a * b, s * t) for a, s in left.terms for b, t in right.terms)
    return _in_range(Polynomial.make(terms), node)


def _power(base: Polynomial, exponent: int, node: ast.Node) -> Polynomial:
    if abs(exponent) > MAX_POWER:
        hint = f"powers go up to {MAX_POWER}"
        raise fail("E0504", f"the power {exponent} is out of range", span=node.span, hint=hint)
    factor = base if exponent >= 0 else _inverse(base, node)
    result = Polynomial.make([(1, Size.constant(1))])
    for _ in range(abs(exponent)):
        result = _product(result, factor, node)
    return result


def _inverse(value: Polynomial, node: ast.Node) -> Polynomial:
    if len(value.terms) != 1:
        message = "only a product can stand below the line, not a sum or 0"
        raise fail("E0502", message, span=node.span, hint="divide each term by itself")
    coefficient, size = value.terms[0]
    inverse = (size * Size.constant(abs(coefficient))) ** -1
    return Polynomial.make([(1 if coefficient > 0 else -1, inverse)])


def _in_range(value: Polynomial, node: ast.Node) -> Polynomial:
    """`value`, unless computing with it takes long."""
    for coefficient, size in value.terms:
        powers = max((abs(power) for _, power in size.powers), default=0)
        if max(abs(coefficient), size.denominator) > MAX_NUMBER or powers > MAX_POWER:
            hint = f"numbers go up to {MAX_NUMBER:,} and powers to {MAX_POWER}"
            raise fail("E0504", "this formula is out of range", span=node.span, hint=hint)
    return value
