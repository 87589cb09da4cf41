"""A document, a position and a new name enter; the edits leave, or the reason why there are none.

A rename changes nothing but a name: afterwards every name means what it meant, and there is no finding that
was not there before.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from lsprotocol.types import Position, PrepareRenamePlaceholder, TextEdit

from syno_lang.diagnostics import Source, Span
from syno_lang.lsp.documents import Document
from syno_lang.lsp.reading import Reading, read_text
from syno_lang.lsp.symbols import Mention, Symbol
from syno_lang.syntax import ast

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*'*")

_CALLED: Final = {
    "operator": "an operator",
    "used": "an operator",
    "out": "the output",
    "input": "a tensor",
    "weight": "a tensor",
    "size": "a size",
    "coordinate": "a coordinate",
}


class Refused(Exception):
    """The name cannot be changed, or not to this one; the message says why."""


def prepare(document: Document, position: Position) -> PrepareRenamePlaceholder:
    """The name at a position.  Raises `Refused` where it cannot be changed."""
    mention = _renamed(document, position)
    return PrepareRenamePlaceholder(document.range(mention.span), mention.symbol.name)


def rename(document: Document, position: Position, name: str) -> list[TextEdit]:
    """The edits that give what stands at a position the new `name`.  Raises `Refused`."""
    mention = _renamed(document, position)
    symbol = mention.symbol
    if _NAME.fullmatch(name) is None:
        raise Refused(f"`{name}` is no name: use letters, digits and underscores, and primes at the end")
    if name == symbol.name:
        return []
    _refuse_clash(document.reading, symbol, name)
    spans = [item.span for item in symbol.mentions]
    text = Source(document.reading.source.name, _replaced(document, spans, name))
    after = read_text(text, document.reading.beside)
    _refuse_change(document.reading, after, name)
    return [TextEdit(document.range(span), name) for span in spans]


def _renamed(document: Document, position: Position) -> Mention:
    """What stands at a position, if it has a name that a user chose."""
    mention = document.mention(position)
    if mention is None:
        raise Refused("there is no name here")
    if not document.reading.is_whole:
        raise Refused("the text cannot be read: mend it first")
    kind, name = mention.symbol.kind, mention.symbol.name
    if isinstance(mention.symbol.of, ast.Used) and mention.symbol.of.alias is None:
        raise Refused(f"`{name}` is defined in another file: write `as` and a name after it")
    if kind == "path":
        raise Refused(f"`{name}` is defined in another file")
    if mention.symbol.definition is None:
        raise Refused(f"`{name}` is a word of the language")
    return mention


def _refuse_clash(reading: Reading, symbol: Symbol, name: str) -> None:
    """Refuse a name that means something where the symbol is known."""
    others = [item for item in reading.symbols.symbols if item.name == name and item.definition is not None]
    for other in others:
        if other.owner is symbol.owner and other.definition is not None:
            what = _CALLED.get(other.kind, other.kind)
            raise Refused(f"`{name}` is the name of {what} already, line {other.definition.line}")


def _replaced(document: Document, spans: list[Span], name: str) -> str:
    text = document.text
    for start, end in sorted(map(document.places.offsets, spans), reverse=True):
        text = text[:start] + name + text[end:]
    return text


def _refuse_change(before: Reading, after: Reading, name: str) -> None:
    """Refuse a name under which something else is said."""
    codes = Counter(item.code for item in before.findings)
    for item in after.findings:
        codes[item.code] -= 1
        if codes[item.code] < 0:
            raise Refused(f"with `{name}`: {item.message}")
    if _meanings(before) != _meanings(after):
        raise Refused(f"with `{name}`, another name would change its meaning")


def _meanings(reading: Reading) -> list[tuple[str, int]]:
    """For each name of the text in its order: its kind, and which of the symbols it is."""
    numbers: dict[Symbol, int] = {}
    return [
        (item.symbol.kind, numbers.setdefault(item.symbol, len(numbers))) for item in reading.symbols.mentions
    ]
