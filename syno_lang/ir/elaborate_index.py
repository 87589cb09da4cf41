"""An index expression of the AST enters, a coordinate leaves, or a finding says why it is none.

Primitives are calls (`unfold(h, p)`); index arithmetic (`h + p - k/2`) is recognised by
`syno_lang.ir.elaborate_arithmetic` and means the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from syno_lang.diagnostics import Diagnostic, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.ir.elaborate_arithmetic import collapsed, linear
from syno_lang.ir.elaborate_sizes import Sizes
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

#: Where the primitives that give no single coordinate are written.
ELSEWHERE = {
    "expand": "it is a factor of the product: `x[...] * expand(i)`",
    "share": "in a formula, use the coordinate in several factors; in a graph, `a, b = share(i)`",
    "reduce": "in a formula, write `sum[r: D]`; in a graph, `r = reduce(D)`",
}

#: How many primitives a coordinate may be made of when it is written out; the paper's operators have
#: five.  What is emitted for a coordinate grows with it, and merges that are split again double it.
MAX_PRIMITIVES: Final = 100

#: How far a shift may go, such that 32 bits hold every index.
MAX_SHIFT: Final = 10**9


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
    later: Collection[str] = ()
    axis: Size | None = None
    written: dict[Coordinate, int] = field(default_factory=dict)
    refused: Exception = field(default_factory=Refused)
    look_up: Callable[[ast.Name], None] = lambda name: None

    def index(self, expression: ast.Expression) -> Coordinate | None:
        """The coordinate that `expression` states; `None` after a finding."""
        try:
            return self.one(expression)
        except Refused:
            return None

    def pair(self, call: ast.Call) -> tuple[Coordinate, Coordinate] | None:
        """The two halves of `merge(i, B)`; `None` after a finding."""
        try:
            operand, block = self._arguments(call, ("index", "size"))
        except Refused:
            return None
        assert isinstance(operand, Coordinate) and isinstance(block, Size)
        halves = self._halves(operand, block, call.span)
        try:
            return halves and (self.at(halves[0], call.span), self.at(halves[1], call.span))
        except Refused:
            return None

    def _halves(self, operand: Coordinate, block: Size, span: Span) -> tuple[Coordinate, Coordinate] | None:
        if not self.sizes.whole(block, span) or not self.sizes.whole(operand.domain / block, span):
            return None
        return Quotient(operand, block), Remainder(operand, block)

    def one(self, expression: ast.Expression) -> Coordinate:
        """The coordinate that `expression` states.  Raises `Refused` after a finding."""
        match expression:
            case ast.Name():
                return self._named(expression)
            case ast.Call():
                return self.at(self._called(expression), expression.span)
            case ast.Access():
                message = f"`{expression.tensor.text}[...]` cannot be an index"
                raise self.refuse("E0209", expression, message, "an index is made of coordinates and sizes")
        return collapsed(self, linear(self, expression), expression)

    def _named(self, name: ast.Name) -> Coordinate:
        if name.text not in self.scope:
            refused = self.refuse("E0201", name, *self._unknown(name.text))
            if name.text not in self.sizes.places:
                # Using it again is no second mistake.
                self.scope[name.text] = None
            raise refused
        self.look_up(name)
        found = self.scope[name.text]
        if found is None:
            raise Refused
        self.places.setdefault(found, name.span)
        return found

    def _unknown(self, name: str) -> tuple[str, str]:
        """What to say of a name that is no coordinate, and the hint."""
        if name in self.sizes.declared:
            hint = f"what ranges over it is named on the left side, or by `sum[r: {name}]`"
            return f"`{name}` is a size, not a coordinate", hint
        if name in self.sizes.places:
            return f"`{name}` is a tensor, not a coordinate", "an index is made of coordinates"
        if name in self.later:
            return f"the coordinate `{name}` is defined below", "move its definition up"
        known = [other for other, coordinate in self.scope.items() if coordinate is not None]
        hint = f"name it on the left side, or sum over it: `sum[{name}: {self.axis or 'D'}]`"
        return f"there is no coordinate `{name}`", did_you_mean(name, known) or hint

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
                message, hint = "`merge` gives a pair", "name both halves: `a, b = merge(i, B)`"
                raise self.refuse("E0207", call, message, hint)
            case "expand" | "share" | "reduce":
                message = f"`{call.function.text}` does not stand in an index"
                raise self.refuse("E0207", call, message, ELSEWHERE[call.function.text])
        hint = did_you_mean(call.function.text, USAGE) or f"the primitives are {', '.join(USAGE)}"
        raise self.refuse("E0205", call.function, f"there is no primitive `{call.function.text}`", hint)

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
                raise self.refuse("E0207", inner, message, "write `shift(i, 1)`")
            amount = sign * inner.value
        return self.one(operand), amount

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
        return self.refuse("E0207", call, f"`{name}` has the wrong arguments", f"write `{USAGE[name]}`")

    def half(self, operand: Coordinate, block: Size, whole: ast.Binary, *, major: bool) -> Coordinate:
        """One half of a MERGE.  Raises `Refused` where `block` does not divide the domain."""
        halves = self._halves(operand, block, whole.span)
        if halves is None:
            raise Refused
        return self.at(halves[0 if major else 1], whole.span)

    def at(self, coordinate: Coordinate, span: Span) -> Coordinate:
        """`coordinate`, remembered as first written at `span`.  Raises `Refused` for an immense one."""
        self.places.setdefault(coordinate, span)
        if coordinate not in self.written:
            self.written[coordinate] = 1 + sum(self.written.get(item, 1) for item in coordinate.operands)
            if self.written[coordinate] > MAX_PRIMITIVES:
                message = f"this coordinate is made of more than {MAX_PRIMITIVES} primitives"
                self.report.append(Diagnostic("E0103", message, span, hint="use fewer"))
                raise Refused
            if not self.sizes.in_range(coordinate.domain, span):
                raise Refused
        if isinstance(coordinate, Shift) and abs(coordinate.amount) > MAX_SHIFT:
            message = "a coordinate is shifted too far"
            self.report.append(Diagnostic("E0207", message, span, hint=f"shifts go up to {MAX_SHIFT:,}"))
            raise Refused
        return coordinate

    def refuse(self, code: str, node: ast.Node, message: str, hint: str) -> Refused:
        """Report a finding and return what to raise."""
        self.report.append(Diagnostic(code, message, node.span, "", (), (), hint))
        return Refused()
