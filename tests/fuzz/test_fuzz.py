"""Whatever the text, the compiler answers with definitions or with findings at places of the text.

In the heavy set each kind of text is drawn 20,000 times, 100,000 cases in all.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from syno_lang.checks.read import read_tests
from syno_lang.diagnostics import Diagnostic, Source, Span, SynoError
from syno_lang.diagnostics.render import render_text, to_json
from syno_lang.ir.verify import verify
from syno_lang.modules.load import Loader
from tests.fuzz import texts

KINDS: dict[str, Callable[[], st.SearchStrategy[str]]] = {
    "arbitrary": texts.arbitrary,
    "grammatical": texts.grammatical,
    "mutated": texts.mutated,
    "meaningful": texts.meaningful,
    "printed": texts.printed,
}


def answer(text: str) -> list[str]:
    """The codes of what the compiler finds in `text`, after checking that it can be shown."""
    source = Source("<drawn>", text)
    try:
        loader = Loader()
        loaded = loader.text(source)
        read_tests(loaded, loader)
    except SynoError as error:
        for finding in error.diagnostics:
            check(finding)
        assert str(error)
        return [finding.code for finding in error.diagnostics]
    for definition in loaded.own.values():
        verify(definition.graph)
        assert len(definition.graph.digest) == 32
    return []


def check(finding: Diagnostic) -> None:
    assert finding.message
    # What stands for something that was reported before is not spoken of.
    assert finding.code == "E0101" or "?" not in finding.message
    for span in [finding.span, *(label.span for label in finding.secondary)]:
        if span is not None:
            assert inside(span), span
    assert finding.code in render_text(finding)
    assert render_text(finding, color=True).encode("utf-8")
    json.dumps(to_json(finding)).encode()


def inside(span: Span) -> bool:
    lines = span.source.text.split("\n")
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    return start <= end and all(
        1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1 for line, column in (start, end)
    )


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_any_text_is_answered(kind: str, data: st.DataObject) -> None:
    answer(data.draw(KINDS[kind]()))


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20_000)
@given(st.data())
def test_any_text_is_answered_at_length(kind: str, data: st.DataObject) -> None:
    answer(data.draw(KINDS[kind]()))
