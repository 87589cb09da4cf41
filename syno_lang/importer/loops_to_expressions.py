"""The text of `nested_loops.h` enters, the loops and the product of its forward kernel leave.

The whole text is read, so that a file which was cut off is found; only the forward kernel is used.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from lark import Lark, Token, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive, v_args

from syno_lang.diagnostics import Source, Span, SynoError, fail
from syno_lang.importer.forward import forward
from syno_lang.importer.listing import (
    Access,
    Assignment,
    Chain,
    Declaration,
    Listing,
    Loop,
    Monomial,
    Restrict,
    Statement,
    Sum,
)

#: How deep an index may nest: far more than the original writes, far less than Python's stack.
MAX_DEPTH: Final = 60

_NUMBER: Final = re.compile(r"Loops\s+(-?[0-9]{1,9})\b")

N = TypeVar("N", Chain, Sum, Restrict, Access)


def read_listing(source: Source) -> Listing:
    """Read a listing.  Raises `SynoError` (E0103, E0801, E0802) with the place in it."""
    if not source.text.strip():
        raise fail("E0801", f"{source.name} is empty", hint="it should hold the loops of a kernel")
    try:
        header, body = _Build(source).transform(_parser().parse(source.text))
    except UnexpectedInput as error:
        raise _explain(source, error) from None
    except VisitError as error:
        if isinstance(error.orig_exc, SynoError):
            raise error.orig_exc from None
        raise
    number = _NUMBER.search(header) if header else None
    if number and int(number[1]) != -1:
        message = "the listing does not start with the forward kernel"
        hint = "its header is `/* Loops -1: Forward Kernel */`"
        raise fail("E0802", message, span=body[0].span, hint=hint)
    return forward(body)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "listing.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _explain(source: Source, error: UnexpectedInput) -> SynoError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        text = source.text.rstrip()
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        span = Span(source, line, column, line, column + 1)
        hint = "the file was cut off: take a whole copy of it"
        return fail("E0801", "the listing ends too early", span=span, label="here it breaks off", hint=hint)
    found = str(error.token) if isinstance(error, UnexpectedToken) else source.text[error.pos_in_stream or 0]
    line, column = max(error.line, 1), max(error.column, 1)
    span = Span(source, line, column, line, column + max(len(found), 1))
    hint = "this reads the loops that the original system prints, and nothing else"
    return fail("E0801", f"`{found[:40]}` does not fit here", span=span, hint=hint)


@v_args(meta=True)
class _Build(Transformer_NonRecursive[Token, Any]):
    """The callbacks of the parser: one method per rule of `listing.lark`."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.depths: dict[int, int] = {}

    def span(self, meta: Meta) -> Span:
        return Span(self.source, meta.line, meta.column, meta.end_line, meta.end_column)

    def start(self, meta: Meta, items: list[Any]) -> tuple[str | None, tuple[Statement, ...]]:
        """The first kernel; the others are backward kernels."""
        header, body, *_ = items
        return header, body

    def body(self, meta: Meta, items: list[Any]) -> tuple[Statement, ...]:
        return tuple(items)

    def loop(self, meta: Meta, items: list[Any]) -> Loop:
        first, start, second, bound, third, *body = items
        names = (str(first), str(second), str(third))
        return Loop(self.span(meta), names, self.token(start), self.token(bound), tuple(body))

    def declaration(self, meta: Meta, items: list[Any]) -> Declaration:
        return Declaration(self.span(meta), str(items[0]), self.token(items[1]))

    def accumulation(self, meta: Meta, items: list[Any]) -> Assignment:
        return Assignment(self.span(meta), self.token(items[0]), True, items[1])

    def assignment(self, meta: Meta, items: list[Any]) -> Assignment:
        return Assignment(self.span(meta), items[0], False, items[1])

    def access(self, meta: Meta, items: list[Any]) -> Access:
        name, *index = (item for item in items if item is not None)
        return self.nested(Access(self.span(meta), str(name), tuple(index)), *index)

    def sum(self, meta: Meta, items: list[Any]) -> Sum:
        signs = ["+", *(str(sign) for sign in items[1::2])]
        return self.nested(Sum(self.span(meta), tuple(zip(signs, items[::2], strict=True))), *items[::2])

    def chain(self, meta: Meta, items: list[Any]) -> Chain:
        operators = (str(operator) for operator in items[1::2])
        rest = tuple(zip(operators, items[2::2], strict=True))
        return self.nested(Chain(self.span(meta), items[0], rest), *items[::2])

    def restrict(self, meta: Meta, items: list[Any]) -> Restrict:
        return self.nested(Restrict(self.span(meta), *items), *items)

    def monomial(self, meta: Meta, items: list[Token]) -> Monomial:
        return Monomial(self.span(meta), "".join(items))

    def token(self, token: Token) -> Monomial:
        line, column = token.line or 1, token.column or 1
        return Monomial(Span(self.source, line, column, line, column + len(token)), str(token))

    def nested(self, node: N, *children: Any) -> N:
        """Return `node`, unless it nests too deeply to be walked by recursion."""
        depth = 1 + max((self.depths.get(id(child), 0) for child in children), default=0)
        if depth > MAX_DEPTH:
            message = f"this index nests deeper than {MAX_DEPTH} levels"
            raise fail("E0103", message, span=node.span, hint="no kernel of the original does")
        self.depths[id(node)] = depth
        return node
