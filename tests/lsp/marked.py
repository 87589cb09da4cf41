"""A text with a mark at the cursor enters; a document and the position of the mark leave."""

from __future__ import annotations

from lsprotocol.types import Position, Range

from syno_lang.lsp.documents import Document, Documents

MARK = "‸"
URI = "file:///nowhere/ops.syno"


def opened(text: str, uri: str = URI, encoding: str = "utf-16") -> Document:
    """The document of a text without marks."""
    return Documents().read(uri, text, encoding)


def marked(text: str, *before: str) -> tuple[Document, Position]:
    """The document of a text without its mark, and where that stood; `before` are its earlier versions."""
    assert text.count(MARK) == 1
    documents = Documents()
    for earlier in before:
        documents.read(URI, earlier, "utf-16")
    document = documents.read(URI, text.replace(MARK, ""), "utf-16")
    return document, document.places.position(text.index(MARK))


def cut(document: Document, where: Range) -> str:
    """The text of a range."""
    start, end = (document.places.offset(place) for place in (where.start, where.end))
    return document.text[start:end]
