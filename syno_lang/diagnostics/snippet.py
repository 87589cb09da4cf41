"""Marked places of one source enter; its lines with the marks beneath them leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from syno_lang.diagnostics.model import Label, Source, Span
from syno_lang.diagnostics.terminal import Paint, show, width

#: The most characters of a line that are shown; a longer one is cut around its first mark.
LONGEST: Final = 160


@dataclass(frozen=True, slots=True)
class Underline:
    """A mark under one line: the columns (from 1, the end is exclusive) and the text beside it."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def snippet(
    source: Source, marks: Sequence[Label], primary: Span | None, gutter: int, paint: Paint
) -> list[str]:
    """The marked lines of `source`, each under its number right-aligned to `gutter` columns.

    The mark whose span is `primary` gets carets, the others dashes.  A span over several lines is
    marked where it begins and where it ends.
    """
    bar = paint.blue("|")
    lines = [f"{' ' * gutter} {bar}"]
    previous = None
    for number, underlines in _by_line(source, marks, primary):
        if previous is not None and number > previous + 1:
            lines.append(paint.blue("..."))
        offset, text = _cut(source.line(number), min(mark.start for mark in underlines))
        lines.append(f"{paint.blue(f'{number:>{gutter}}')} {bar} {show(text)}".rstrip())
        lines += [f"{' ' * gutter} {bar} {_underline(mark, offset, text, paint)}" for mark in underlines]
        previous = number
    return lines


def _by_line(
    source: Source, marks: Sequence[Label], primary: Span | None
) -> list[tuple[int, list[Underline]]]:
    grouped: dict[int, list[Underline]] = {}
    for mark in marks:
        is_primary = primary is not None and mark.span == primary and primary.source == source
        for part in _parts(source, mark, is_primary):
            grouped.setdefault(part.line, []).append(part)
    return sorted(grouped.items())


def _parts(source: Source, mark: Label, primary: bool) -> Iterator[Underline]:
    """One underline for a span within a line, else one at its first and one at its last line."""
    span = mark.span
    # An end before the first character of a line is the end of the line above.
    last, end = span.end_line, span.end_column
    while last > span.line and not source.line(last)[: end - 1].strip():
        last -= 1
        end = len(source.line(last)) + 1
    if last <= span.line:
        yield Underline(span.line, span.column, max(end, span.column + 1), mark.text, primary)
        return
    first = max(len(source.line(span.line)), span.column) + 1
    yield Underline(span.line, span.column, first, "", primary)
    text = source.line(last)
    yield Underline(last, len(text) - len(text.lstrip()) + 1, end, mark.text, primary)


def _cut(text: str, start: int) -> tuple[int, str]:
    """The part of a long line around column `start`, and how many characters were cut before it."""
    if len(text) <= LONGEST:
        return 0, text
    offset = max(0, min(start - 1 - LONGEST // 4, len(text) - LONGEST))
    kept = text[offset : offset + LONGEST]
    # An ellipsis takes the place of one character, so the marks stay where they are.
    kept = "…" + kept[1:] if offset else kept
    return offset, kept[:-1] + "…" if offset + LONGEST < len(text) else kept


def _underline(mark: Underline, offset: int, text: str, paint: Paint) -> str:
    start, end = (max(column - 1 - offset, 0) for column in (mark.start, mark.end))
    # A span that ends past the line (at its end, or at the end of the file) has one column there.
    length = max(width(text[start:end]), 1)
    paintbrush = paint.red if mark.primary else paint.blue
    drawn = paintbrush(("^" if mark.primary else "-") * length)
    label = f" {paintbrush(' '.join(show(mark.text).splitlines()))}" if mark.text else ""
    return f"{' ' * width(text[:start])}{drawn}{label}"
