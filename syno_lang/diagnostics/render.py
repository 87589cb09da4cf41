"""A diagnostic enters; text for a terminal, or a dictionary for JSON, leaves.

The text shows the line of the source with a mark under the exact place:

    error[E0201]: unknown coordinate `hh`
     --> conv.syno:3:12
      |
    3 |     out[n, hh] = x[n]
      |            ^^ not bound by the output or by a reduction
      = hint: did you mean `h`?
      = help: syno explain E0201
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from syno_lang.diagnostics.model import Diagnostic, Label, Source, Span
from syno_lang.diagnostics.snippet import snippet
from syno_lang.diagnostics.terminal import Paint, visible


def render_text(diagnostic: Diagnostic, color: bool = False) -> str:
    """The diagnostic as lines without a final line end; with terminal colours where `color` is true."""
    paint = Paint(color)
    head = paint.red(f"error[{diagnostic.code}]") + paint.bold(f": {visible(diagnostic.message)}")
    sources = _by_source(diagnostic)
    gutter = max((len(str(mark.span.end_line)) for _, marks in sources for mark in marks), default=1)
    lines = [head]
    for arrow, (source, marks) in zip(_arrows(), sources, strict=False):
        lines.append(f"{' ' * gutter}{paint.blue(arrow)} {visible(str(marks[0].span))}")
        lines += snippet(source, marks, diagnostic.span, gutter, paint)
    remarks = [("note", note) for note in diagnostic.notes]
    if diagnostic.hint:
        remarks.append(("hint", diagnostic.hint))
    remarks.append(("help", f"syno explain {diagnostic.code}"))
    for kind, text in remarks:
        indent = " " * (gutter + 5 + len(kind))
        body = visible(text).replace("\n", f"\n{indent}")
        lines.append(f"{' ' * gutter} {paint.blue('=')} {paint.bold(kind)}: {body}")
    return "\n".join(lines)


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as plain dictionaries, lists, strings and numbers.

    `place` is `None` where no text is at fault; columns count from 1 and the end column is exclusive.
    """
    return {
        "code": diagnostic.code,
        "title": diagnostic.title,
        "message": diagnostic.message,
        "place": _place(diagnostic.span) if diagnostic.span else None,
        "label": diagnostic.label,
        "secondary": [{"place": _place(item.span), "text": item.text} for item in diagnostic.secondary],
        "notes": list(diagnostic.notes),
        "hint": diagnostic.hint,
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _by_source(diagnostic: Diagnostic) -> list[tuple[Source, list[Label]]]:
    """The marks of each source, that of the diagnostic itself first."""
    marks: list[Label] = [Label(diagnostic.span, diagnostic.label)] if diagnostic.span else []
    grouped: dict[Source, list[Label]] = {}
    for mark in _unique((*marks, *diagnostic.secondary)):
        grouped.setdefault(mark.span.source, []).append(mark)
    return list(grouped.items())


def _unique(marks: Iterable[Label]) -> Iterator[Label]:
    seen: list[tuple[Source, Label]] = []
    for mark in marks:
        # A span compares without its source.
        if (mark.span.source, mark) not in seen:
            seen.append((mark.span.source, mark))
            yield mark


def _arrows() -> Iterator[str]:
    """What points at the place: `-->` for the first source, `:::` for each further one."""
    yield "-->"
    while True:
        yield ":::"
