"""A document and a position enter; where the name there is defined, or stands, leaves."""

from __future__ import annotations

from lsprotocol.types import DocumentHighlight, DocumentHighlightKind, Location, Position, Range

from syno_lang.diagnostics import SynoError
from syno_lang.lsp.documents import Document
from syno_lang.lsp.targets import defined_elsewhere
from syno_lang.syntax import ast


def definition(document: Document, position: Position) -> Location | None:
    """Where the name at a position is defined, be it in another file."""
    mention = document.mention(position)
    if mention is None:
        return None
    symbol = mention.symbol
    path = symbol.of.path if isinstance(symbol.of, ast.Used) else symbol.of
    if symbol.kind in ("used", "path") and isinstance(path, ast.Path):
        try:
            _, node = defined_elsewhere(document, path)
        except SynoError:
            return None
        return document.location(node.name.span)
    if symbol.definition is None:
        return None
    places = document.spans(symbol)
    first = symbol.definition if symbol.definition in places else next(iter(places), None)
    return None if first is None else document.location(first)


def references(document: Document, position: Position, *, with_definition: bool) -> list[Location]:
    """Every place of the name at a position; that of its definition only if asked for."""
    places = _places(document, position)
    return [Location(document.uri, where) for where, defines in places if with_definition or not defines]


def highlights(document: Document, position: Position) -> list[DocumentHighlight]:
    """The same places, for an editor to mark."""
    kinds = {True: DocumentHighlightKind.Write, False: DocumentHighlightKind.Read}
    return [DocumentHighlight(where, kinds[defines]) for where, defines in _places(document, position)]


def _places(document: Document, position: Position) -> list[tuple[Range, bool]]:
    mention = document.mention(position)
    if mention is None or mention.symbol.definition is None:
        return []
    symbol = mention.symbol
    return [(document.range(span), span == symbol.definition) for span in document.spans(symbol)]
