"""The indices of a listing enter, coordinates leave: each printed form is one primitive read backwards.

    e1 * B + e2                        = split(e1, e2)         where B is the domain of e2
    e / B, e % B                       = the halves of a merge
    (e + d) % N                        = shift(e, d)           where N is the domain of e
    restrict((e1 + e2) - K / 2, 0, N)  = unfold(e1, e2)        domains N and K
    e * s                              = stride(e, s)

Nothing is guessed: every size in these forms is compared with the domain that it must be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from syno_lang.diagnostics import Span, SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.importer.listing import Access, Chain, Monomial, Node, Restrict, Sum
from syno_lang.importer.sizes import size_of, too_large
from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.sizes import Size

#: How many primitives may lie on one path, so that graphs can be walked by recursion.
MAX_HEIGHT: Final = 100


class Coordinates:
    """Reads indices over the coordinates in `scope`, which are loops by name."""

    def __init__(self, scope: Mapping[str, Coordinate]) -> None:
        self.scope = scope
        self._heights: dict[Coordinate, int] = {}
        self._read: dict[Node, Coordinate | SynoError] = {}

    def read(self, node: Node) -> Coordinate:
        """The coordinate that `node` writes.  Raises `SynoError` (E0803, E0804)."""
        # Kept, with failures, because the operands of an unfold are tried more than once.
        if node not in self._read:
            try:
                self._read[node] = self._convert(node)
            except SynoError as error:
                self._read[node] = error
        found = self._read[node]
        if isinstance(found, SynoError):
            raise found
        return found

    def _convert(self, node: Node) -> Coordinate:
        match node:
            case Monomial():
                return self._variable(node)
            case Chain():
                return self._chain(node)
            case Sum():
                return self._split(_terms(node), node.span)
            case Restrict():
                return self._unfold(node)
            case Access():
                hint = "an index is made of loop variables and sizes"
                raise fail("E0803", f"`{node.name[:40]}[...]` cannot be an index", span=node.span, hint=hint)

    def _variable(self, node: Monomial) -> Coordinate:
        found = self.scope.get(node.text)
        if found is None:
            hint = did_you_mean(node.text, self.scope) or f"the loops are {', '.join([*self.scope][:20])}"
            raise fail("E0803", f"there is no loop over `{node.text[:40]}`", span=node.span, hint=hint)
        return found

    def _chain(self, node: Chain) -> Coordinate:
        """`e * s`, `e / B`, `e % B` and `(e + d) % N`, from left to right."""
        rest = list(node.rest)
        operand = self._shift(node.first, *rest[0])
        if operand is None:
            operand = self.read(node.first)
        else:
            rest.pop(0)
        for operator, item in rest:
            operand = self._step(operand, operator, self._size(item), node.span)
        return operand

    def _step(self, operand: Coordinate, operator: str, size: Size, span: Span) -> Coordinate:
        match operator:
            case "*":
                return self._made(Stride(operand, size), span)
            case "/":
                return self._made(Quotient(operand, size), span)
        return self._made(Remainder(operand, size), span)

    def _shift(self, first: Node, operator: str, size: Node) -> Coordinate | None:
        """`(e + d) % N`; nothing where it is another form."""
        if operator != "%" or not isinstance(first, Sum):
            return None
        *terms, (sign, last) = first.terms
        amount = last.number if isinstance(last, Monomial) else None
        if amount is None:
            return None
        operand = self._split(_terms(Sum(first.span, tuple(terms))), first.span)
        modulus = self._size(size)
        if operand.domain != modulus:
            message = f"what is shifted ranges over `{operand.domain}`, not `{modulus}`"
            hint = "a shift is circular: `(e + 1) % N` where N is the domain of e"
            raise fail("E0804", message, span=size.span, hint=hint)
        return self._made(Shift(operand, -amount if sign == "-" else amount), first.span)

    def _split(self, terms: Sequence[Node], span: Span) -> Coordinate:
        """`a * B + b * C + c`: blocks nest to the right."""
        *majors, last = terms
        if not majors:
            return self.read(last)
        minor = self.read(last)
        for term in reversed(majors):
            if not isinstance(term, Chain) or term.rest[-1][0] != "*":
                message = "two coordinates are added, and neither is a block"
                hint = "a block is `e1 * B + e2`; a window stands in `restrict((e1 + e2) - K / 2, 0, N)`"
                raise fail("E0803", message, span=term.span, hint=hint)
            *before, (_, factor) = term.rest
            block = self._size(factor)
            if block != minor.domain:
                message = f"the block has the size `{block}`, and what is added ranges over `{minor.domain}`"
                hint = "in `e1 * B + e2`, B is the domain of e2"
                raise fail("E0804", message, span=factor.span, hint=hint)
            major = self.read(Chain(term.span, term.first, tuple(before)) if before else term.first)
            minor = self._made(Split(major, minor), span)
        return minor

    def _unfold(self, node: Restrict) -> Coordinate:
        """`restrict((e1 + e2) - K / 2, 0, N)`: the terms in the middle may belong to either operand."""
        axis = self._size(node.high)
        if not isinstance(node.low, Monomial) or node.low.number != 0:
            raise fail("E0803", "a guard starts at 0", span=node.low.span, hint="restrict(e, 0, N)")
        terms, window = self._window(node)
        if len(terms) > MAX_HEIGHT:
            raise fail("E0103", "this sum is too long", span=node.span, hint="no kernel has so many terms")
        failures: list[SynoError] = []
        for cut in range(1, len(terms)):
            try:
                operands = self._split(terms[:cut], node.span), self._split(terms[cut:], node.span)
            except SynoError as error:
                failures.append(error)
                continue
            if (operands[0].domain, operands[1].domain) == (axis, window):
                return self._made(Unfold(*operands), node.span)
            found = f"`{operands[0].domain}` and `{operands[1].domain}`"
            message = f"the domains of this window are {found}, not `{axis}` and `{window}`"
            hint = "in `restrict((e1 + e2) - K / 2, 0, N)`, N is the domain of e1 and K that of e2"
            failures.append(fail("E0804", message, span=node.span, hint=hint))
        if failures:
            # What came furthest explains most: a wrong domain rather than no form at all.
            raise max(failures, key=lambda error: error.diagnostics[0].code)
        message = "a window needs two coordinates"
        raise fail("E0803", message, span=node.span, hint="restrict((e1 + e2) - K / 2, 0, N)")

    def _made(self, node: Coordinate, span: Span) -> Coordinate:
        """Take up a coordinate; what is too high or too large to be handled is refused."""
        height = 1 + max(self._heights.get(operand, 0) for operand in node.operands)
        if height > MAX_HEIGHT:
            message = f"more than {MAX_HEIGHT} primitives lie on each other"
            raise fail("E0103", message, span=span, hint="no kernel of the original has so many")
        if too_large(node.domain):
            message = "the domain of this index has a power that is too large"
            raise fail("E0803", message, span=span, hint="the language reads powers up to 16")
        self._heights[node] = height
        return node

    def _window(self, node: Restrict) -> tuple[list[Node], Size]:
        """The terms and the size `K` of `(e1 + e2) - K / 2`."""
        if isinstance(node.value, Sum):
            *terms, (sign, half) = node.value.terms
            if sign == "-" and isinstance(half, Chain) and len(half.rest) == 1:
                operator, two = half.rest[0]
                if operator == "/" and isinstance(two, Monomial) and two.number == 2:
                    return _terms(Sum(node.value.span, tuple(terms))), self._size(half.first)
        hint = "restrict((e1 + e2) - K / 2, 0, N)"
        raise fail("E0803", "half of a window must be subtracted here", span=node.value.span, hint=hint)

    def _size(self, node: Node) -> Size:
        hint = "what multiplies and divides is a size, written as one word: `g^-1*C_out`"
        if not isinstance(node, Monomial):
            raise fail("E0803", "this is no size", span=node.span, hint=hint)
        size = size_of(node.text, "E0803", node.span)
        for name in size.variables:
            if name in self.scope:
                raise fail("E0803", f"`{name}` is a loop, not a size", span=node.span, hint=hint)
        return size


def _terms(node: Node) -> list[Node]:
    """The terms of a sum, parentheses around a sum of its terms left out.  Raises `SynoError`."""
    if not isinstance(node, Sum):
        return [node]
    found: list[Node] = []
    for sign, term in node.terms:
        if sign == "-":
            hint = "only half a window is subtracted, inside `restrict`"
            raise fail("E0803", "this cannot be subtracted", span=term.span, hint=hint)
        if isinstance(term, Monomial) and term.number is not None:
            hint = "a shift is circular: `(e + 1) % N`"
            raise fail("E0803", "a number is added without a modulus", span=term.span, hint=hint)
        found += _terms(term)
    return found
