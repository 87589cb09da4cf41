"""The Pygments lexer: it loses nothing, knows every word of the grammar, and reads the whole repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Error, Keyword, Name, Number, String

import syno_lang
from syno_lang.highlight import (
    CONDITIONS,
    FILE_WORDS,
    RULE_WORDS,
    SIGNATURE_WORDS,
    SPACE_WORDS,
    TEST_WORDS,
    SynoLexer,
)
from tests.editors.words import PRIMITIVES, REDUCERS, grammar_words

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for part in ("stdlib", "examples") for path in (ROOT / part).rglob("*.syno"))

TEXT = """\
use stdlib.conv2d, ops.matmul as product
operator g<N; k = 3>(x: [N], weight weight: [k]) -> [N] allow(stride) where (odd(k), 2*k <= N) graph {
    n, a' = output  # the place
    a, a' = share(a')
    x[unfold(n, a)]
}
operator h<N; s = 2>(graph: [N]) -> [N] { out[i] = mean[r: s] graph[i + r - s/2] }
test g { equals torch.nn.functional.conv2d(x, w) for N = 2, k = 7.5e3  flops N*k^2  params 2*k  bytes 8  equals "text" }
approximate(K/4) rule when_small<N, K; d>(i: N, when: K) when odd(K) {
    because "a reason" "of two texts"
    source "a book"
    sum[r: N] f[unfold(i, when)] => f[i]
}
space narrow<N, to; k = 3> where(odd(k)) {
    from [N, to: unordered]
    to [N, k*to]
    keep N
    at most 3 tensors, 2 k
    chain at least 1
    flops between 0.5 and 0.9 of conv2d(W = N)
    params at least 100 per weight
    no limit on merge
    allow tile
    normal under stdlib.approximate.quotient_of_unfold
    for N = 1
    layer to = 4 times 2
}
"""


def kinds(text: str) -> list[tuple[str, str]]:
    """Each word of a text with the last part of its token type."""
    found = SynoLexer().get_tokens(text)
    return [(value, str(kind).rpartition(".")[2]) for kind, value in found if value.strip()]


def test_pygments_finds_it() -> None:
    assert isinstance(get_lexer_by_name("syno"), SynoLexer)
    assert isinstance(get_lexer_for_filename("op1.syno"), SynoLexer)


def test_words_are_those_of_the_grammar() -> None:
    assert {*FILE_WORDS, *SIGNATURE_WORDS, *RULE_WORDS, *SPACE_WORDS, *TEST_WORDS} == grammar_words()


def test_every_word_is_a_keyword_where_it_is_one() -> None:
    found = {value for kind, value in SynoLexer().get_tokens(TEXT) if kind in Keyword}
    assert found == grammar_words()


def test_what_names_are() -> None:
    found = kinds(TEXT)
    assert found.count(("weight", "Keyword")) == 1
    assert ("weight", "Variable") in found
    assert ("graph", "Variable") in found
    assert ("g", "Function") in found and ("h", "Function") in found
    assert ("output", "Pseudo") in found
    assert ("a'", "Name") in found
    assert {("share", "Builtin"), ("unfold", "Builtin"), ("mean", "Builtin")} <= set(found)
    assert ("torch.nn.functional.conv2d", "Function") in found
    assert ("7.5e3", "Float") in found
    assert {("when", "Name"), ("when_small", "Function"), ("odd", "Builtin"), ('"a book"', "Double")} <= set(found)
    assert ("=>", "Operator") in found


@pytest.mark.parametrize("word", [*PRIMITIVES, *REDUCERS])
def test_primitives_and_reducers(word: str) -> None:
    opening = "[" if word in REDUCERS else "("
    text = f"operator f<N>(x: [N]) -> [N] {{ out[i] = {word}{opening}i"
    assert (word, "Builtin") in kinds(text)
    # The same word is an ordinary name where nothing is called.
    assert (word, "Name") in kinds(f"operator f<N>(x: [N]) -> [N] {{ out[{word}] = x[i, {word}] }}")


@pytest.mark.parametrize("word", [*CONDITIONS, "prime"])
def test_conditions(word: str) -> None:
    arguments = "k, N" if word == "divides" else "k"
    text = f"operator f<N; k>(x: [N, k]) -> [N, k] where ({word}({arguments})) {{ out[i, j] = x[i, j] }}"
    assert ((word, "Builtin") in kinds(text)) == (word in CONDITIONS)
    if word in CONDITIONS:
        syno_lang.parse(text)
    else:
        with pytest.raises(syno_lang.SynoError, match="no condition"):
            syno_lang.parse(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_files_of_the_repository(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(SynoLexer(stripnl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert not [value for kind, value in tokens if kind in Error]


PIECES = st.sampled_from(["operator ", "test ", "use ", "{", "}", "\n", " ", "x[", "]", "'", '"', "# c", "7.", "é", "->"])


@given(st.lists(PIECES | st.text(max_size=3)).map("".join))
def test_broken_texts_lose_nothing(text: str) -> None:
    text = text.replace("\r", "")
    found = "".join(value for _, value in SynoLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert found == text.removeprefix("\ufeff")


def test_a_broken_operator_does_not_spoil_the_next() -> None:
    found = kinds('operator f<N>(x: [N\noperator g<N>(x: [N]) -> [N] { out[i] = x[shift(i, 1)] }\ntest g { equals "')
    assert ("g", "Function") in found and ("shift", "Builtin") in found and ("equals", "Keyword") in found


def test_numbers_and_texts() -> None:
    found = [kind for kind, value in SynoLexer().get_tokens('test f { equals torch.f("a", 1) for N = 12 }')]
    assert Number.Integer in found and String.Double in found and Name.Function in found
