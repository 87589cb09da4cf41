"""Whatever stands in an editor, wherever the cursor is: every feature answers, and within the text."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st
from lsprotocol.types import Position, Range

from syno_lang.lsp.completion import completion
from syno_lang.lsp.definition import definition, highlights, references
from syno_lang.lsp.diagnostics import findings
from syno_lang.lsp.documents import Document, Documents
from syno_lang.lsp.formatting import formatting
from syno_lang.lsp.hover import hover
from syno_lang.lsp.outline import outline
from syno_lang.lsp.rename import Refused, prepare, rename
from syno_lang.lsp.tokens import tokens
from tests.lsp.marked import URI

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [path.read_text(encoding="utf-8") for part in ("stdlib", "examples") for path in sorted((ROOT / part).rglob("*.syno"))]
TEXTS.append(
    "use stdlib.conv2d as c, ops.f\noperator f<N; k = 3>(x: [N], weight w: [k]) -> [N] where (odd(k)) {\n"
    "    y, z = merge(i, k)\n    out[i] = sum[r: k] x[i + r - k/2] * w[r] * expand(y)\n}\n"
    "test f { equals c for N = 2  equals torch.sum(x)  flops N*k }\nrule r<N>(i: N) { i % N => i }\n"
)

PIECES = ["[", "]", "(", ")", "{", "}", "<", ">", "'", '"', "#", "\r", "\n", " ", "é", "😀", ".", ",", ":", "=", "\u2028",
          "operator ", "test ", "use ", "rule ", "sum[", "unfold(", "output", "graph", "N", "x[", "out", " for ", "where ("]  # fmt: skip


@st.composite
def edits(draw: st.DrawFn) -> list[str]:
    """A text, and what becomes of it by typing and deleting."""
    text = draw(st.sampled_from(TEXTS))
    versions = [text]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 0, 1, 2, 5, 30]))
        text = text[:start] + "".join(draw(st.lists(st.sampled_from(PIECES), max_size=3))) + text[end:]
        versions.append(text)
    return versions


def every_answer(document: Document, position: Position) -> list[Range]:
    """Ask everything about a position; returns every range that an answer has."""
    ranges = [item.range for item in findings(document)]
    shown = hover(document, position)
    ranges += [shown.range] if shown is not None and shown.range is not None else []
    found = definition(document, position)
    ranges += [found.range] if found is not None and found.uri == document.uri else []
    ranges += [item.range for item in references(document, position, with_definition=True)]
    ranges += [item.range for item in highlights(document, position)]
    ranges += [edit.range for edit in formatting(document)]
    for item in outline(document):
        ranges += [item.range, *(child.range for child in item.children or ())]
    for offered in completion(document, position).items:
        assert offered.label and offered.text_edit is not None
    assert len(tokens(document).data) % 5 == 0
    assert all(number >= 0 for number in tokens(document).data)
    try:
        ranges.append(prepare(document, position).range)
        ranges += [edit.range for edit in rename(document, position, "fresh_name")]
    except Refused as refused:
        assert str(refused)
    return ranges


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(edits(), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_every_feature_answers(versions: list[str], places: list[int]) -> None:
    documents = Documents()
    for text in versions:
        document = documents.read(URI, text, "utf-16")
    last = document.places.position(len(document.text))
    for number in places:
        position = document.places.position(number % (len(document.text) + 1))
        for where in every_answer(document, position):
            start, end = ((place.line, place.character) for place in (where.start, where.end))
            assert (0, 0) <= start <= end <= (last.line, last.character)


@settings(max_examples=60)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.integers(0, 60))
def test_texts_of_no_language(text: str, number: int) -> None:
    document = Documents().read(URI, text, "utf-16")
    every_answer(document, document.places.position(number))
