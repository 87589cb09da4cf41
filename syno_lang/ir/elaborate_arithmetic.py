"""Index arithmetic of the AST enters, a linear form leaves; `/` and `%` become the halves of a MERGE.

What is a coordinate by itself becomes one at once: a sum in parentheses, or one up to the half of a
window that it subtracts.  What is none by itself, like `(p - k/2)`, is added up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from syno_lang.diagnostics import Span
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.elaborate_sizes import Sizes, is_known
from syno_lang.ir.linear import Linear, constant, floored, monomial, shown, single
from syno_lang.ir.recognize import NotAPrimitive, collapse, modulo
from syno_lang.sizes import Size
from syno_lang.syntax import ast

#: How many terms a product of sums of sizes may have; without a bound it doubles with every factor.
MAX_PRODUCT: Final = 64


class Reader(Protocol):
    """Whoever knows the names in scope and collects the findings."""

    sizes: Sizes
    refused: Exception

    @property
    def scope(self) -> Mapping[str, Coordinate | None]:
        """The coordinates by name."""

    def one(self, expression: ast.Expression) -> Coordinate:
        """The coordinate that an expression states."""

    def half(self, operand: Coordinate, block: Size, whole: ast.Binary, *, major: bool) -> Coordinate:
        """One half of a MERGE."""

    def at(self, coordinate: Coordinate, span: Span) -> Coordinate:
        """`coordinate`, remembered as written at `span`."""

    def refuse(self, code: str, node: ast.Node, message: str, hint: str) -> Exception:
        """Report a finding and return what to raise."""


def linear(reader: Reader, expression: ast.Expression) -> Linear:
    """The linear form of an index expression.  Raises `Refused` after a finding."""
    match expression:
        case ast.Number(value=value):
            return Linear(constant=constant(value))
        case ast.Name(text=text) if text not in reader.scope and text in reader.sizes.declared:
            return Linear(constant=monomial(_size(reader, expression)))
        case ast.Negate(operand=operand):
            return -linear(reader, operand)
        case ast.Power():
            return Linear(constant=monomial(_size(reader, expression)))
        case ast.Binary(operator="+", left=left, right=right):
            return linear(reader, left) + _part(reader, right)
        case ast.Binary(operator="-", left=left, right=right):
            return _closed(reader, linear(reader, left) - linear(reader, right), expression)
        case ast.Binary(operator="*", left=left, right=right):
            return _product(reader, expression, _part(reader, left), _part(reader, right))
        case ast.Binary(operator="/"):
            return _quotient(reader, expression)
        case ast.Binary():
            return Linear.of(_remainder(reader, expression))
    return Linear.of(reader.one(expression))


def collapsed(reader: Reader, form: Linear, expression: ast.Expression) -> Coordinate:
    """The coordinate that `form` spells.  Raises `Refused` after a finding at `expression`."""
    try:
        return reader.at(collapse(form), expression.span)
    except NotAPrimitive as error:
        raise _no_primitive(reader, form, expression, error) from None


def _no_primitive(
    reader: Reader, form: Linear, expression: ast.Expression, error: NotAPrimitive
) -> Exception:
    """Report `error`, unless it follows from a domain that was reported before."""
    if not all(is_known(coordinate.domain) for coordinate in form.terms):
        return reader.refused
    return reader.refuse("E0209", expression, str(error), error.hint)


def _part(reader: Reader, expression: ast.Expression) -> Linear:
    """As `linear`; a sum in parentheses that is a coordinate by itself is taken as one."""
    form = linear(reader, expression)
    is_sum = isinstance(expression, ast.Binary) and expression.operator in "+-"
    return _closed(reader, form, expression) if is_sum else form


def _closed(reader: Reader, form: Linear, expression: ast.Expression) -> Linear:
    """`form` as one coordinate where it is one: `h + p - k/2` is complete, whatever is added to it."""
    try:
        return Linear.of(reader.at(collapse(form), expression.span)) if len(form.terms) > 1 else form
    except NotAPrimitive:
        return form


def _product(reader: Reader, whole: ast.Binary, left: Linear, right: Linear) -> Linear:
    if left.length * right.length > MAX_PRODUCT:
        message = "this product has too many terms"
        raise reader.refuse("E0209", whole, message, "name parts of it with bindings")
    if not left.terms:
        return right.times(left.constant)
    if not right.terms:
        return left.times(right.constant)
    hint = "a coordinate is multiplied by sizes only: `B*i + j` (split), `s*i` (stride)"
    raise reader.refuse("E0209", whole, "two coordinates are multiplied", hint)


def _quotient(reader: Reader, whole: ast.Binary) -> Linear:
    """`i / B` is half of a MERGE; `k/2` of a size rounds down, `C/g` is exact as sizes are."""
    form = linear(reader, whole.left)
    block = _size(reader, whole.right)
    if form.terms:
        return Linear.of(reader.half(collapsed(reader, form, whole.left), block, whole, major=True))
    term = single(form.constant)
    if term is None or term[0] < 1:
        hint = "only one product of sizes can be divided: `C/g`, or `k/2`, which is (k - 1)/2 for an odd k"
        raise reader.refuse("E0209", whole, f"`{shown(form.constant)}` is no size", hint)
    size = Size.constant(term[0]) * term[1]
    if block.powers or block.denominator != 1:
        return Linear(constant=monomial(size / block))
    return Linear(constant=floored(size, block.numerator))


def _remainder(reader: Reader, whole: ast.Binary) -> Coordinate:
    """`(i + d) % N` is a SHIFT, `i % B` half of a MERGE."""
    form = linear(reader, whole.left)
    modulus = _size(reader, whole.right)
    try:
        shifted = modulo(form, modulus)
    except NotAPrimitive as error:
        raise _no_primitive(reader, form, whole, error) from None
    if shifted is not None:
        return reader.at(shifted, whole.span)
    return reader.half(collapsed(reader, form, whole.left), modulus, whole, major=False)


def _size(reader: Reader, expression: ast.Expression) -> Size:
    size = reader.sizes.size(expression)
    if size is None:
        raise reader.refused
    return size
