"""A document enters, the findings in it leave as the protocol has them."""

from __future__ import annotations

from contextlib import suppress

from lsprotocol.types import (
    CodeDescription,
    Diagnostic as Finding,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Position,
    Range,
)

from syno_lang.diagnostics import Diagnostic, Span, SynoError
from syno_lang.lsp.documents import Document
from syno_lang.lsp.targets import file_of
from syno_lang.resources import folder


def findings(document: Document) -> list[Finding]:
    """Every finding in the document and in the files that it uses."""
    return [_finding(document, item) for item in document.reading.findings]


def page(code: str) -> str | None:
    """The address of the page about an error code."""
    path = folder("errors") / f"{code}.md"
    return path.as_uri() if path.is_file() else None


def _finding(document: Document, item: Diagnostic) -> Finding:
    about = page(item.code)
    return Finding(
        range=_range(document, item.span),
        message=_message(item),
        severity=DiagnosticSeverity.Error,
        code=item.code,
        code_description=CodeDescription(about) if about else None,
        source="syno",
        related_information=_related(document, item),
    )


def _message(item: Diagnostic) -> str:
    label = [item.label] if item.label else []
    notes = [f"note: {note}" for note in item.notes]
    hint = [f"hint: {item.hint}"] if item.hint else []
    return "\n".join((item.message, *label, *notes, *hint))


def _related(document: Document, item: Diagnostic) -> list[DiagnosticRelatedInformation] | None:
    """The labels at other places; and the place itself where that is in another file."""
    labels = [(label.span, label.text) for label in item.secondary]
    if item.span is not None and item.span.source.name != document.reading.source.name:
        labels.insert(0, (item.span, item.message))
    found = [(document.location(span), text) for span, text in labels]
    related = [DiagnosticRelatedInformation(place, text or "here") for place, text in found if place]
    return related or None


def _range(document: Document, span: Span | None) -> Range:
    """Where a finding is shown; one in another file, where that is used."""
    if span is None:
        return Range(Position(0, 0), Position(0, 0))
    if span.source.name == document.reading.source.name:
        start, end = document.places.offsets(span)
        # What is missing at the end of a text is shown at its last sign.
        return document.places.range(min(start, end - 1) if start >= end else start, end)
    for used in document.reading.module.uses:
        with suppress(SynoError):
            if file_of(document, used.path) == span.source.name:
                return document.range(used.span)
    return Range(Position(0, 0), Position(0, 0))
