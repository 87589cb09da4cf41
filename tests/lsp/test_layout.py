"""Formatting, the outline and the colours of names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from lsprotocol.types import SymbolKind

from syno_lang.diagnostics import Source
from syno_lang.lsp.formatting import formatting
from syno_lang.lsp.outline import outline
from syno_lang.lsp.tokens import LEGEND, tokens
from syno_lang.syntax.format import format_text
from tests.lsp.marked import opened

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for part in ("stdlib", "examples") for path in (ROOT / part).rglob("*.syno"))

TEXT = """\
use stdlib.conv2d as c

# 😀
operator f<N; k = 3>(x: [N], weight w: [k]) -> [N] {
    out[i] = sum[r: k] x[unfold(i, r)] * w[r]  # 😀
}

test f {
    flops N*k
}
"""


def formatted(text: str) -> str:
    document = opened(text)
    for edit in formatting(document):
        start, end = (document.places.offset(place) for place in (edit.range.start, edit.range.end))
        text = text[:start] + edit.new_text + text[end:]
    return text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_text_is_laid_out(end: str) -> None:
    loose = TEXT.replace("out[i] =", "out[i]   =").replace("\n", end)
    assert formatted(loose) == TEXT.replace("\n", end)
    (edit,) = formatting(opened(loose))
    # Only the line that changes is edited.
    assert (edit.range.start.line, edit.range.end.line) == (4, 5)


def test_a_text_in_its_layout_stays() -> None:
    assert formatting(opened(TEXT)) == []


def test_a_broken_text_stays() -> None:
    assert formatting(opened("operator f <N > (")) == []


@settings(max_examples=60)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from([" ", "\n", "\n\n\n", "\r\n"])), max_size=5))
def test_edits_give_what_the_formatter_gives(path: Path, blanks: list[tuple[int, str]]) -> None:
    text = path.read_text(encoding="utf-8")
    for number, blank in blanks:
        places = [place for place, sign in enumerate(text) if sign == " "]
        place = places[number % len(places)]
        text = text[:place] + blank + text[place:]
    document = opened(text)
    if document.reading.is_whole:
        assert formatted(text) == format_text(Source("<text>", text))


def test_the_outline() -> None:
    document = opened(TEXT)
    used, operator, test = outline(document)
    assert (used.name, used.kind) == ("c", SymbolKind.Module)
    assert (operator.name, operator.kind) == ("f", SymbolKind.Function)
    assert test.name == "test f"
    assert [(item.name, item.detail) for item in operator.children or ()] == [
        ("N", "primary"), ("k", "coefficient, 3"), ("x", "[N]"), ("w", "[k]"), ("out", "[N]"), ("i", "N"), ("r", "k"),
    ]  # fmt: skip
    for item in (used, operator, test, *(operator.children or ())):
        assert (item.range.start.line, item.range.start.character) <= (item.selection_range.start.line, item.selection_range.start.character)
        assert (item.selection_range.end.line, item.selection_range.end.character) <= (item.range.end.line, item.range.end.character)


def test_the_outline_of_a_broken_text_has_what_can_be_read() -> None:
    names = [item.name for item in outline(opened(TEXT.replace("* w[r]", "* w[") + TEXT.replace("r f", "r g").replace("t f", "t g")))]
    assert names == ["c", "f", "test f", "c", "g", "test g"]


def decoded(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The coloured words of a text, each with its type and modifiers."""
    data = tokens(opened(text)).data
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    line = character = 0
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for down, across, length, kind, bits in zip(*[iter(data)] * 5, strict=True):
        line, character = line + down, across + (0 if down else character)
        word = lines[line][2 * character : 2 * (character + length)].decode("utf-16-le")
        modifiers = tuple(name for number, name in enumerate(LEGEND.token_modifiers) if bits >> number & 1)
        found.append((word, LEGEND.token_types[kind], modifiers))
    return found


def test_colours() -> None:
    found = decoded(TEXT)
    assert found[:4] == [
        ("stdlib.conv2d", "namespace", ()),
        ("c", "function", ("declaration",)),
        ("f", "function", ("declaration",)),
        ("N", "typeParameter", ("declaration", "readonly")),
    ]
    assert ("unfold", "macro", ()) in found
    assert ("r", "variable", ("declaration",)) in found and ("r", "variable", ()) in found
    assert found[-1] == ("k", "typeParameter", ("readonly",))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_colours_of_the_repository(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = decoded(text)
    assert [word for word, _, _ in found] == [item.symbol.name for item in opened(text).reading.symbols.mentions]
