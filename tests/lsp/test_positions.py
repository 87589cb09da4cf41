"""Places in a text: offsets, spans of the language, and positions in units of UTF-8, UTF-16 and UTF-32."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from lsprotocol.types import Position

from syno_lang.diagnostics import Source, Span
from syno_lang.lsp.positions import Places

TEXT = "a😀b\r\né\rx\n\nend"
TEXTS = st.text(alphabet="ab\r\n\té😀\u2028\x0c'", max_size=30)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


def place(line: int, character: int) -> Position:
    return Position(line, character)


@pytest.mark.parametrize(
    ("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)]
)
def test_a_sign_beyond_the_basic_plane(encoding: str, character: int) -> None:
    places = Places(TEXT, encoding)
    assert places.position(TEXT.index("b")) == place(0, character)
    assert places.offset(place(0, character)) == TEXT.index("b")


def test_lines_end_with_any_line_end() -> None:
    places = Places(TEXT)
    assert places.position(TEXT.index("é")) == place(1, 0)
    assert places.position(TEXT.index("x")) == place(2, 0)
    assert places.position(TEXT.index("end")) == place(4, 0)
    assert places.position(len(TEXT)) == place(4, 3)


def test_a_line_separator_ends_no_line() -> None:
    text = "a\u2028b\x0cc\nd"
    assert Places(text).position(text.index("c")) == place(0, 4)
    assert Places(text).position(text.index("d")) == place(1, 0)


def test_what_lies_beyond_is_the_end() -> None:
    places = Places("ab\ncd")
    assert places.offset(place(0, 99)) == 2
    assert places.offset(place(99, 0)) == 5
    assert places.position(99) == place(1, 2)


def test_half_of_a_pair_is_the_whole_sign_before() -> None:
    assert Places("😀b").offset(place(0, 1)) == 0


def test_spans() -> None:
    text = "# 😀\nfoo\r\nbar"
    places = Places(text)
    span = Span(Source("x", text), 1, 3, 1, 4)
    assert places.offsets(span) == (2, 3)
    assert places.span_range(span).end == place(0, 4)
    assert places.offsets(Span(Source("x", text), 3, 1, 9, 1)) == (text.index("bar"), len(text))


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_there_and_back(text: str, encoding: str) -> None:
    places = Places(text, encoding)
    for offset in range(len(text) + 1):
        between = text[offset - 1 : offset + 1] == "\r\n"
        assert places.offset(places.position(offset)) == (offset - 1 if between and offset else offset)


@given(TEXTS, st.integers(-1, 9), st.integers(-1, 99), st.sampled_from(ENCODINGS))
def test_any_position_is_somewhere(text: str, line: int, character: int, encoding: str) -> None:
    offset = Places(text, encoding).offset(Position(max(line, 0), max(character, 0)))
    assert 0 <= offset <= len(text)


@given(TEXTS)
def test_positions_grow(text: str) -> None:
    places = Places(text)
    found = [(item.line, item.character) for item in map(places.position, range(len(text) + 1))]
    assert found == sorted(found)
