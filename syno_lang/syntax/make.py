"""Names, numbers and nodes enter, nodes of `syno_lang.syntax.ast` that stand in no text leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final

from syno_lang.diagnostics import Source, Span
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Compares, Condition, Divides, Parity
from syno_lang.syntax import ast

#: The place of what was never written.
NOWHERE: Final = Span(Source("<made>", ""), 1, 1, 1, 1)


def name(text: str) -> ast.Name:
    """`text`"""
    return ast.Name(NOWHERE, text)


def number(value: int) -> ast.Expression:
    """`value`, a whole number of either sign."""
    literal = ast.Number(NOWHERE, abs(value))
    return ast.Negate(NOWHERE, literal) if value < 0 else literal


def binary(left: ast.Expression, operator: str, right: ast.Expression) -> ast.Binary:
    """`left operator right`"""
    return ast.Binary(NOWHERE, operator, left, right)


def product(factors: Iterable[ast.Expression]) -> ast.Expression:
    """`f * g * h`, from left to right; of one factor, that.  Raises `TypeError` for none."""
    return reduce(lambda left, right: binary(left, "*", right), factors)


def power(base: ast.Expression, exponent: int) -> ast.Expression:
    """`base^exponent`; `base` where the exponent is 1."""
    return base if exponent == 1 else ast.Power(NOWHERE, base, exponent)


def size(value: Size) -> ast.Expression:
    """`value` in the spelling of `str(value)`."""
    above, below = _monomial(value.upper), _monomial(value.lower)
    return above if value.lower.is_one else binary(above, "/", below)


def _monomial(value: Size) -> ast.Expression:
    constant = [] if value.numerator == 1 and value.powers else [number(value.numerator)]
    return product([*constant, *(power(name(variable), exponent) for variable, exponent in value.powers)])


def condition(value: Condition) -> ast.Condition:
    """`value` as it stands after `where`."""
    match value:
        case Divides(divisor=divisor, dividend=dividend):
            return call("divides", size(divisor), size(dividend))
        case Compares(left=left, relation=relation, right=right):
            return ast.Compares(NOWHERE, size(left), relation, size(right))
        case Parity(size=operand, odd=odd):
            return call("odd" if odd else "even", size(operand))


def call(function: str, *arguments: ast.Expression) -> ast.Call:
    """`function(arguments)`"""
    return ast.Call(NOWHERE, name(function), arguments)


def access(tensor: str, indices: Iterable[ast.Expression]) -> ast.Access:
    """`tensor[indices]`"""
    return ast.Access(NOWHERE, name(tensor), tuple(indices))


def reduction(reducer: str, binders: Iterable[tuple[str, ast.Expression]]) -> ast.Reduction:
    """`reducer[name: domain, ...]`"""
    pairs = tuple(ast.Binder(NOWHERE, name(text), domain) for text, domain in binders)
    return ast.Reduction(NOWHERE, name(reducer), pairs)


def equation(target: ast.Access, reductions: Sequence[ast.Reduction], value: ast.Expression) -> ast.Equation:
    """`target = reductions value`"""
    return ast.Equation(NOWHERE, target, tuple(reductions), value)


def binding(targets: Iterable[str], value: ast.Expression) -> ast.Binding:
    """`targets = value`"""
    return ast.Binding(NOWHERE, tuple(name(text) for text in targets), (value,))


def coefficient(text: str, default: int | None) -> ast.Coefficient:
    """`text = default`, or `text` alone."""
    value = None if default is None else ast.Number(NOWHERE, default)
    return ast.Coefficient(NOWHERE, name(text), value)


def parameter(text: str, is_weight: bool, shape: Iterable[ast.Expression]) -> ast.Parameter:
    """`weight text: [shape]`, or without `weight`."""
    return ast.Parameter(NOWHERE, name(text), is_weight, tuple(shape))
