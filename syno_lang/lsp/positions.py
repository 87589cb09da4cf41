"""Places in a text in three ways: offsets, spans of the language, and positions of the protocol.

An offset counts characters from 0.  A `Span` has lines that end with a line feed, and columns of characters
from 1.  A position of the protocol counts both from 0; its lines end with any of the three line ends, and
its columns are units of the encoding that client and server agreed on, as a rule UTF-16.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from lsprotocol.types import Position, PositionEncodingKind, Range

from syno_lang.diagnostics import Span

_LINE_END: Final = re.compile(r"\r\n|\n|\r")

#: The bytes of a unit of each encoding, and the name of the encoding in Python.
_UNITS: Final = {"utf-8": (1, "utf-8"), "utf-16": (2, "utf-16-le"), "utf-32": (4, "utf-32-le")}


class Places:
    """The places of one text."""

    def __init__(self, text: str, encoding: PositionEncodingKind | str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._width, self._codec = _UNITS[PositionEncodingKind(encoding).value]
        ends = [*_LINE_END.finditer(text)]
        self._starts = [0, *(end.end() for end in ends)]
        self._ends = [*(end.start() for end in ends), len(text)]
        self._feeds = [0, *(number + 1 for number, sign in enumerate(text) if sign == "\n")]

    def offset(self, position: Position) -> int:
        """The offset of a position; what lies beyond its line or the text is taken for their end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        units = self.text[start:end].encode(self._codec, "surrogatepass")
        before = units[: max(position.character, 0) * self._width]
        return start + len(before.decode(self._codec, "ignore"))

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset].encode(self._codec, "surrogatepass")
        return Position(line, len(before) // self._width)

    def range(self, start: int, end: int) -> Range:
        """The range from one offset to another."""
        return Range(self.position(start), self.position(end))

    def offsets(self, span: Span) -> tuple[int, int]:
        """The offsets at which a span begins and ends; beyond the text they are those of its end."""
        return self._of_span(span.line, span.column), self._of_span(span.end_line, span.end_column)

    def span_range(self, span: Span) -> Range:
        """The range of a span."""
        return self.range(*self.offsets(span))

    def _of_span(self, line: int, column: int) -> int:
        if line > len(self._feeds):
            return len(self.text)
        return min(self._feeds[max(line, 1) - 1] + max(column, 1) - 1, len(self.text))
