"""An index expression of the AST enters, a coordinate leaves, or a finding says why it is none.

Primitives are calls (`unfold(h, p)`); index arithmetic (`h + p - k/2`) is recognised by
`syno_lang.ir.recognize` and means the same graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from syno_lang.diagnostics import Diagnostic, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.ir.recognize import NotAPrimitive, Sum, collapse, modulo
from syno_lang.sizes import Size
from syno_lang.syntax import ast

#: How each primitive is called.
USAGE = {
    "split": "split(i, j)",
    "merge": "a, b = merge(i, B)",
    "shift": "shift(i, d = 1)",
    "unfold": "unfold(i, j)",
    "stride": "stride(i, s)",
    "expand": "expand(i)",
    "share": "a, b = share(i)",
    "reduce": "r = reduce(D)",
}


class Refused(Exception):
    """An expression could not be read; the finding is already in the report."""


@dataclass
class Indices:
    """The coordinates in scope, and what was found wrong with indices.

    A name whose coordinate could not be made maps to `None`: using it is no second mistake.
    """

    sizes: Sizes
    report: list[Diagnostic]
    scope: dict[str, Coordinate | None] = field(default_factory=dict)
    places: dict[Coordinate, Span] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    look_up: Callable[[ast.Name], None] = lambda name: None

    def index(self, expression: ast.Expression) -> Coordinate | None:
        """The coordinate that `expression` states; `None` after a finding."""
        try:
            return self._one(expression)
        except Refused:
            return None

    def pair(self, call: ast.Call) -> tuple[Coordinate, Coordinate] | None:
        """The two halves of `merge(i, B)`; `None` after a finding."""
        try:
            operand, block = self._arguments(call, ("index", "size"))
        except Refused:
            return None
        assert isinstance(operand, Coordinate) and isinstance(block, Size)
        return self._halves(operand, block, call.span)

    def _halves(self, operand: Coordinate, block: Size, span: Span) -> tuple[Coordinate, Coordinate] | None:
        if not self.sizes.whole(block, span) or not self.sizes.whole(operand.domain / block, span):
            return None
        return self._at(Quotient(operand, block), span), self._at(Remainder(operand, block), span)

    def _one(self, expression: ast.Expression) -> Coordinate:
        match expression:
            case ast.Name():
                return self._named(expression)
            case ast.Call():
                return self._at(self._called(expression), expression.span)
            case ast.Access():
                message = f"{expression.tensor.text}[...] cannot be an index"
                raise self._refuse("E0209", expression, message, "an index is made of coordinates and sizes")
        return self._collapsed(self._sum(expression), expression)

    def _named(self, name: ast.Name) -> Coordinate:
        if name.text not in self.scope:
            if name.text in self.sizes.declared:
                message, hint = f"{name.text} is a size, not a coordinate", "an index is made of coordinates"
            else:
                message = f"there is no coordinate {name.text}"
                hint = did_you_mean(name.text, self.scope) or "name it on the left side or sum over it"
            raise self._refuse("E0201", name, message, hint)
        self.look_up(name)
        self.used.add(name.text)
        found = self.scope[name.text]
        if found is None:
            raise Refused
        self.places.setdefault(found, name.span)
        return found

    def _called(self, call: ast.Call) -> Coordinate:
        match call.function.text:
            case "split":
                return Split(*self._coordinates(call, 2))
            case "unfold":
                return Unfold(*self._coordinates(call, 2))
            case "shift":
                return Shift(*self._shift(call))
            case "stride":
                operand, factor = self._arguments(call, ("index", "size"))
                assert isinstance(operand, Coordinate) and isinstance(factor, Size)
                if not self.sizes.whole(factor, call.span):
                    raise Refused
                return Stride(operand, factor)
            case "merge":
                message, hint = "merge gives a pair", "name both halves: `a, b = merge(i, B)`"
                raise self._refuse("E0207", call, message, hint)
            case "expand" | "share" | "reduce":
                message = f"{call.function.text} does not stand in an index"
                raise self._refuse("E0207", call, message, f"write {USAGE[call.function.text]}")
        hint = did_you_mean(call.function.text, USAGE) or f"the primitives are {', '.join(USAGE)}"
        raise self._refuse("E0205", call.function, f"there is no primitive {call.function.text}", hint)

    def _coordinates(self, call: ast.Call, count: int) -> list[Coordinate]:
        found = self._arguments(call, ("index",) * count)
        return [item for item in found if isinstance(item, Coordinate)]

    def _shift(self, call: ast.Call) -> tuple[Coordinate, int]:
        operand, *amounts = call.arguments or (None,)
        if operand is None or isinstance(operand, ast.Keyword) or len(amounts) > 1:
            raise self._wrong(call)
        amount = 1
        if amounts:
            value = amounts[0]
            if isinstance(value, ast.Keyword):
                if value.name.text != "d":
                    raise self._wrong(call)
                value = value.value
            sign, inner = (-1, value.operand) if isinstance(value, ast.Negate) else (1, value)
            if not isinstance(inner, ast.Number):
                message = "a shift goes by a literal whole number"
                raise self._refuse("E0207", inner, message, "write shift(i, 1)")
            amount = sign * inner.value
        return self._one(operand), amount

    def _arguments(self, call: ast.Call, kinds: tuple[str, ...]) -> list[Coordinate | Size]:
        if len(call.arguments) != len(kinds):
            raise self._wrong(call)
        found: list[Coordinate | Size | None] = []
        for argument, kind in zip(call.arguments, kinds, strict=True):
            if isinstance(argument, ast.Keyword):
                raise self._wrong(call)
            found.append(self.index(argument) if kind == "index" else self.sizes.size(argument))
        if any(item is None for item in found):
            raise Refused
        return [item for item in found if item is not None]

    def _wrong(self, call: ast.Call) -> Refused:
        name = call.function.text
        return self._refuse("E0207", call, f"{name} has the wrong arguments", f"write {USAGE[name]}")

    # Index arithmetic.

    def _sum(self, expression: ast.Expression) -> Sum:
        match expression:
            case ast.Number(value=value):
                return Sum(number=value)
            case ast.Negate(operand=ast.Number(value=value)):
                return Sum(number=-value)
            case ast.Binary(operator="+", left=left, right=right):
                return self._sum(left) + self._sum(right)
            case ast.Binary(operator="-", left=left, right=right):
                return self._sum(left) - self._constant(right)
            case ast.Binary(operator="*", left=left, right=right):
                if self._is_size(left):
                    left, right = right, left
                if self._is_size(right):
                    factor = self.sizes.size(right)
                    if factor is None:
                        raise Refused
                    return Sum(((factor, self._one(left)),))
            case ast.Binary(operator="/" | "%", left=left, right=right):
                return Sum.of(self._divided(expression, left, right))
            case ast.Name() | ast.Call() | ast.Access():
                return Sum.of(self._one(expression))
        raise self._refuse("E0209", expression, "this is none of the primitives", "see `syno explain E0209`")

    def _divided(self, whole: ast.Binary, left: ast.Expression, right: ast.Expression) -> Coordinate:
        block = self.sizes.size(right)
        if block is None:
            raise Refused
        if whole.operator == "%":
            inner = self._sum(left)
            shifted = modulo(inner, block)
            if shifted is not None:
                return self._at(shifted, whole.span)
            operand = self._collapsed(inner, left)
        else:
            operand = self._one(left)
        halves = self._halves(operand, block, whole.span)
        if halves is None:
            raise Refused
        return halves[whole.operator == "%"]

    def _constant(self, expression: ast.Expression) -> Sum:
        """What is subtracted: a number, or half a window."""
        match expression:
            case ast.Number(value=value):
                return Sum(number=value)
            case ast.Binary(operator="/", left=left, right=ast.Number(value=2)) if self._is_size(left):
                window = self.sizes.size(left)
                if window is None:
                    raise Refused
                return Sum(halves=(window,))
        hint = "a window is centred by subtracting half of it: `h + p - k/2`"
        raise self._refuse("E0209", expression, "only half a window can be subtracted", hint)

    def _collapsed(self, value: Sum, expression: ast.Expression) -> Coordinate:
        try:
            found = collapse(value)
        except NotAPrimitive as error:
            raise self._refuse("E0209", expression, str(error), error.hint) from None
        return self._at(found, expression.span)

    def _is_size(self, expression: ast.Expression) -> bool:
        """Whether no coordinate stands in `expression`; a name that is both is a coordinate."""
        match expression:
            case ast.Name(text=text):
                return text not in self.scope
            case ast.Number():
                return True
            case ast.Binary(left=left, right=right):
                return self._is_size(left) and self._is_size(right)
            case ast.Power(base=base):
                return self._is_size(base)
        return False

    def _at(self, coordinate: Coordinate, span: Span) -> Coordinate:
        self.places.setdefault(coordinate, span)
        return coordinate

    def _refuse(self, code: str, node: ast.Node, message: str, hint: str) -> Refused:
        self.report.append(Diagnostic(code, message, node.span, "", (), (), hint))
        return Refused()
