"""A document enters; what each of its names is leaves, in the numbers by which an editor colours it."""

from __future__ import annotations

from typing import Final

from lsprotocol.types import SemanticTokens, SemanticTokensLegend

from syno_lang.lsp.documents import Document
from syno_lang.lsp.symbols import Kind

#: What an editor may colour each kind of name as.
KINDS: Final[dict[Kind, str]] = {
    "operator": "function",
    "used": "function",
    "size": "typeParameter",
    "weight": "parameter",
    "input": "parameter",
    "out": "parameter",
    "coordinate": "variable",
    "path": "namespace",
    "primitive": "macro",
    "reducer": "macro",
    "condition": "macro",
    "allowance": "property",
    "function": "function",
    "output": "keyword",
}

_TYPES: Final = list(dict.fromkeys(KINDS.values()))

LEGEND: Final = SemanticTokensLegend(_TYPES, ["declaration", "readonly"])


def tokens(document: Document) -> SemanticTokens:
    """Five numbers a name: lines and units since the one before, length, type, and a bit per modifier."""
    data: list[int] = []
    line = character = 0
    for item in document.reading.symbols.mentions:
        where = document.range(item.span)
        here = (where.start.line, where.start.character)
        # A dotted name may have line ends in it, which the protocol cannot colour.
        if where.start.line != where.end.line or (data and here <= (line, character)):
            continue
        down = where.start.line - line
        across = where.start.character - (0 if down else character)
        kind = _TYPES.index(KINDS[item.symbol.kind])
        modifiers = int(item.defines) + 2 * int(item.symbol.kind in ("size", "input"))
        data += [down, across, where.end.character - where.start.character, kind, modifiers]
        line, character = where.start.line, where.start.character
    return SemanticTokens(data)
