"""A text that cannot be read as a whole enters; the definitions in it that can be read leave.

A definition begins at the start of a line.  Of a broken operator its signature is read, as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from syno_lang.diagnostics import Source, SynoError
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse

#: Where a definition begins.
START: Final = re.compile(r"^(?:operator|use|test|rule|approximate|space)\b", re.MULTILINE)
_NAMED: Final = re.compile(r"\s*operator\s+([A-Za-z_]\w*)", re.ASCII)
_SIGN: Final = re.compile(r"#[^\n]*|->|[{()>]")

#: How many definitions of a broken text are read.
MAX_CHUNKS: Final = 300

Item = ast.Use | ast.Operator | ast.Test | ast.Rule | ast.Space


@dataclass(frozen=True)
class Chunk:
    """A definition from `start` to `end`: what could be read of it; `name` is that of a broken operator."""

    start: int
    end: int
    items: tuple[Item, ...]
    name: str | None = None


def read_chunks(source: Source) -> list[Chunk]:
    """The definitions of a text, those that are broken too."""
    starts = [found.start() for found in START.finditer(source.text)][:MAX_CHUNKS]
    return [_chunk(source, start, end) for start, end in pairwise([*starts, len(source.text)])]


def signatures(text: str) -> Iterator[str]:
    """What an operator begins with, each made an operator without a body: the longest part first."""
    ends: dict[str, int] = {}
    depth = 0
    for found in _SIGN.finditer(text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            ends.setdefault(found[0], found.end())
    for sign, rest in (("{", "}"), (")", " -> [] {}"), (">", "() -> [] {}")):
        if sign in ends:
            yield text[: ends[sign]] + rest


def _chunk(source: Source, start: int, end: int) -> Chunk:
    text = source.text[start:end]
    line = source.text.count("\n", 0, start)
    for item in _items(source, text, line):
        return Chunk(start, end, item)
    named = _NAMED.match(text)
    headers = signatures(text) if named else ()
    items = next((item for header in headers for item in _items(source, header, line)), ())
    return Chunk(start, end, items, named[1] if named else "")


def _items(source: Source, text: str, line: int) -> Iterator[tuple[Item, ...]]:
    """The definitions of a text that stands `line` lines below the start; nothing where it is broken."""
    try:
        yield parse(Source(source.name, "\n" * line + text)).items
    except SynoError:
        return
