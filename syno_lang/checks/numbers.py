"""A number in a test enters as a tree, its value leaves: whole-number arithmetic, where `/` rounds down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from syno_lang.diagnostics import fail
from syno_lang.syntax import ast

#: The largest whole number that a test may come to.
MAX_WHOLE: Final = 10**12

_MAX_POWER: Final = 64


def number(node: ast.Expression, sizes: Mapping[str, int]) -> int | float:
    """The value of a number; sizes stand for `sizes`.  Raises `SynoError` (E0906)."""
    match node:
        case ast.Decimal(text=text):
            return float(text)
        case ast.Negate(operand=ast.Decimal(text=text)):
            return -float(text)
    return whole(node, sizes)


def whole(node: ast.Expression, sizes: Mapping[str, int]) -> int:
    """The value of whole-number arithmetic.  Raises `SynoError` (E0906) where it has none."""
    match node:
        case ast.Number(value=value):
            return value
        case ast.Path() if node.text in sizes:
            return sizes[node.text]
        case ast.Negate(operand=operand):
            return -whole(operand, sizes)
        case ast.Power(base=base, exponent=exponent) if 0 <= exponent <= _MAX_POWER:
            return _bounded(whole(base, sizes) ** exponent, node)
        case ast.Binary(operator=operator, left=left, right=right):
            return _bounded(_binary(operator, whole(left, sizes), whole(right, sizes), node), node)
    raise fail("E0906", "this is no whole number", span=node.span, hint="calculate with sizes and numbers")


def numbers(node: ast.Expression) -> Any:
    """A literal list as nested lists of numbers.  Raises `SynoError` (E0906)."""
    match node:
        case ast.List(items=items):
            return [numbers(item) for item in items]
        case ast.Number() | ast.Decimal() | ast.Negate(operand=ast.Number() | ast.Decimal()):
            return number(node, {})
    raise fail("E0906", "an array is made of numbers", span=node.span, hint="write each of them out")


def _binary(operator: str, left: int, right: int, node: ast.Node) -> int:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        raise fail("E0906", "this divides by 0", span=node.span, hint="choose other sizes")
    return left // right if operator == "/" else left % right


def _bounded(value: int, node: ast.Node) -> int:
    if abs(value) > MAX_WHOLE:
        hint = f"numbers go up to {MAX_WHOLE:,}"
        raise fail("E0906", "this number is too large", span=node.span, hint=hint)
    return value
