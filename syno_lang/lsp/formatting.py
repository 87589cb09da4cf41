"""A document enters, the edits that lay it out leave."""

from __future__ import annotations

from itertools import takewhile

from lsprotocol.types import TextEdit

from syno_lang.diagnostics import SynoError
from syno_lang.lsp.documents import Document
from syno_lang.syntax.format import format_text


def formatting(document: Document) -> list[TextEdit]:
    """One edit from the first line that changes to the last; none for a text that cannot be read."""
    before = document.text
    try:
        after = format_text(document.reading.source)
    except SynoError:
        return []
    if before == after:
        return []
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    above = _shared(old, new)
    below = _shared(old[above:][::-1], new[above:][::-1])
    start, end = len("".join(old[:above])), len("".join(old[: len(old) - below]))
    return [TextEdit(document.places.range(start, end), "".join(new[above : len(new) - below]))]


def _shared(left: list[str], right: list[str]) -> int:
    """How many lines are the same from the first on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
