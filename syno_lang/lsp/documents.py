"""Open texts enter; each leaves as a document: its places, and what is known of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lsprotocol.types import Location, Position, PositionEncodingKind, Range
from pygls.uris import from_fs_path, to_fs_path

from syno_lang.diagnostics import Source, Span
from syno_lang.lsp.partial import Chunk
from syno_lang.lsp.positions import Places
from syno_lang.lsp.reading import Reading, read_text
from syno_lang.lsp.symbols import Mention, Symbol

_WORD: Final = re.compile(r"#[^\n]*|[A-Za-z_][A-Za-z_0-9]*'*")


@dataclass(frozen=True)
class Document:
    """A text under its address, and what is known of it."""

    uri: str
    places: Places
    reading: Reading

    @property
    def text(self) -> str:
        """The text as it stands in the editor."""
        return self.places.text

    def mention(self, position: Position) -> Mention | None:
        """The name at a position; in a broken definition, what it meant before."""
        offset = self.places.offset(position)
        line, column = self.line_and_column(offset)
        found = self.reading.symbols.at(line, column)
        chunk = self.reading.chunk(offset)
        if found is not None or chunk is None:
            return found
        for start, end in words(self.text, chunk):
            symbol = self.reading.known(chunk).get(self.text[start:end])
            if start <= offset <= end and symbol is not None:
                return Mention(self.span(start, end), symbol)
        return None

    def spans(self, symbol: Symbol) -> list[Span]:
        """Every place of a symbol in the text; in a broken operator, those where its name stands."""
        owner = next((name for name, view in self.reading.earlier.items() if view.node is symbol.owner), None)
        if owner is None:
            return [item.span for item in symbol.mentions]
        chunks = [chunk for chunk in self.reading.broken if chunk.name == owner]
        found = [place for chunk in chunks for place in words(self.text, chunk)]
        return [self.span(start, end) for start, end in found if self.text[start:end] == symbol.name]

    def range(self, span: Span) -> Range:
        """A span of the text for the protocol."""
        return self.places.span_range(span)

    def location(self, span: Span) -> Location | None:
        """A span of this text, or of a file that it uses."""
        if span.source.name == self.reading.source.name:
            return Location(self.uri, self.range(span))
        address = from_fs_path(os.path.abspath(span.source.name))
        return Location(address, Places(span.source.text).span_range(span)) if address else None

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset as spans have them, from 1."""
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def span(self, start: int, end: int) -> Span:
        """The span from one offset to another."""
        return Span(self.reading.source, *self.line_and_column(start), *self.line_and_column(end))


def words(text: str, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """Where the words of a definition begin and end, outside of its comments."""
    for found in _WORD.finditer(text, chunk.start, chunk.end):
        if found[0][0] != "#":
            yield found.span()


class Documents:
    """The open texts by their addresses; each is read once for each of its versions."""

    def __init__(self) -> None:
        self._known: dict[str, Document] = {}

    def read(self, uri: str, text: str, encoding: PositionEncodingKind | str) -> Document:
        """The document of a text as it is now."""
        before = self._known.get(uri)
        if before is None or before.text != text:
            path = to_fs_path(uri)
            beside = os.path.dirname(path) if path else None
            reading = read_text(Source(path or uri, text), beside, before.reading if before else None)
            self._known[uri] = Document(uri, Places(text, encoding), reading)
        return self._known[uri]

    def reread(self, uri: str) -> None:
        """Forget what is known of a text, since files that it uses may have changed."""
        known = self._known.get(uri)
        if known is not None:
            path = to_fs_path(uri)
            reading = read_text(known.reading.source, os.path.dirname(path) if path else None, known.reading)
            self._known[uri] = Document(uri, known.places, reading)

    def forget(self, uri: str) -> None:
        """The text is closed."""
        self._known.pop(uri, None)
