"""Diagnostics enter; a SARIF 2.1.0 log for code scanning services leaves, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from syno_lang.diagnostics.codes import CODES
from syno_lang.diagnostics.model import Diagnostic, Span

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(diagnostics: Sequence[Diagnostic], version: str) -> dict[str, Any]:
    """One run of the tool `syno`; each code that occurs is a rule, each diagnostic a result."""
    codes = sorted({item.code for item in diagnostics})
    rules = [{"id": code, "shortDescription": {"text": CODES[code]}} for code in codes]
    driver = {"name": "syno", "version": version, "rules": rules}
    results = [_result(item, codes.index(item.code)) for item in diagnostics]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    text = [diagnostic.message, diagnostic.label, *diagnostic.notes]
    hint = [f"hint: {diagnostic.hint}"] if diagnostic.hint else []
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": "\n".join(part for part in (*text, *hint) if part)},
    }
    if diagnostic.span is not None:
        result["locations"] = [{"physicalLocation": _place(diagnostic.span)}]
    if diagnostic.secondary:
        result["relatedLocations"] = list(_related(diagnostic))
    return result


def _related(diagnostic: Diagnostic) -> Iterable[dict[str, Any]]:
    for number, label in enumerate(diagnostic.secondary, 1):
        yield {"id": number, "physicalLocation": _place(label.span), "message": {"text": label.text}}


def _place(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"artifactLocation": {"uri": span.source.name.replace("\\", "/")}, "region": region}
