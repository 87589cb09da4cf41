"""Renaming: nothing but the name changes, and what cannot be renamed is refused with a reason."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings, strategies as st
from lsprotocol.types import TextEdit

import syno_lang
from syno_lang.lsp.documents import Document
from syno_lang.lsp.rename import Refused, prepare, rename
from syno_lang.resources import folder
from tests.lsp.marked import cut, marked, opened

TEXT = """\
# 😀 k is no size here
operator f<N; k = 3>(x: [N], weight w: [k]) -> [N] {
    y = unfold(i, r)  # 😀 k
    out[i] = sum[r: k] x[y] * w[r]
}
operator g<N>(x: [N]) -> [N] graph { i = output  i = shift(i, 1)  x[i] }
test f { equals g for N = 2, k = 3  flops N*k }
"""


def edited(document: Document, edits: list[TextEdit]) -> str:
    text = document.text
    for item in sorted(edits, key=lambda edit: document.places.offset(edit.range.start), reverse=True):
        start, end = (document.places.offset(place) for place in (item.range.start, item.range.end))
        text = text[:start] + item.new_text + text[end:]
    return text


def renamed(text: str, name: str) -> str:
    document, position = marked(text)
    return edited(document, rename(document, position, name))


def refused(text: str, name: str = "fresh") -> str:
    document, position = marked(text)
    with pytest.raises(Refused) as caught:
        rename(document, position, name)
    return str(caught.value)


def at(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "name", "changed"),
    [
        ("w[r]", "w[‸r]", "place'", TEXT.replace("(i, r)", "(i, place')").replace("sum[r:", "sum[place':").replace("w[r]", "w[place']")),
        ("f<N; k", "f<N; ‸k", "K", TEXT.replace("; k", "; K").replace("w: [k]", "w: [K]").replace("r: k", "r: K").replace("2, k", "2, K").replace("N*k", "N*K")),
        ("weight w", "weight ‸w", "weight", TEXT.replace("weight w", "weight weight").replace("w[r]", "weight[r]")),
        ("operator f", "operator ‸f", "conv", TEXT.replace("operator f", "operator conv").replace("test f", "test conv")),
        ("out[i]", "‸out[i]", "result", TEXT.replace("out[i]", "result[i]")),
        ("shift(i", "shift(‸i", "first", TEXT.replace("{ i = output", "{ first = output").replace("shift(i", "shift(first")),
        ("equals g", "equals ‸g", "turn", TEXT.replace("operator g", "operator turn").replace("equals g", "equals turn")),
    ],
)  # fmt: skip
def test_rename(old: str, new: str, name: str, changed: str) -> None:
    assert renamed(at(old, new), name) == changed
    before, after = (_digests(text) for text in (TEXT, changed))
    assert before == after


def _digests(text: str) -> list[str]:
    reading = opened(text).reading
    assert reading.findings == ()
    return [definition.graph.digest for definition in reading.definitions.values()]


def test_the_same_name_changes_nothing() -> None:
    assert renamed(at("w[r]", "w[‸r]"), "r") == TEXT


@pytest.mark.parametrize(
    ("old", "new", "name", "reason"),
    [
        ("w[r]", "w[‸r]", "i", "`i` is the name of a coordinate already, line 4"),
        ("w[r]", "w[‸r]", "N", "`N` is the name of a size already, line 2"),
        ("w[r]", "w[‸r]", "x", "`x` is the name of a tensor already, line 2"),
        ("w[r]", "w[‸r]", "out", "`out` is the name of the output already"),
        ("w[r]", "w[‸r]", "a b", "`a b` is no name"),
        ("w[r]", "w[‸r]", "", "`` is no name"),
        ("w[r]", "w[‸r]", "7", "`7` is no name"),
        ("w[r]", "w[‸r]", "é", "`é` is no name"),
        ("w[r]", "w[‸r]", "operator", "with `operator`"),
        ("f<N; k", "f<N; ‸k", "k'", "with `k'`: "),
        ("f<N; k", "f<N; ‸k", "lambda", "with `lambda`: "),
        ("operator f", "operator ‸f", "g", "`g` is the name of an operator already"),
        ("operator f", "operator ‸f", "__f", "with `__f`: "),
        ("= unfold", "= ‸unfold", "fold", "`unfold` is a word of the language"),
        ("= output", "= ‸output", "fold", "`output` is a word of the language"),
        ("# 😀 k is", "# ‸😀 k is", "fold", "there is no name here"),
    ],
)
def test_refusals(old: str, new: str, name: str, reason: str) -> None:
    assert reason in refused(at(old, new), name)


def test_a_broken_text_is_not_renamed() -> None:
    document, position = marked(TEXT.replace("w[r]", "w[‸r"), TEXT)
    with pytest.raises(Refused, match="cannot be read"):
        rename(document, position, "s")
    with pytest.raises(Refused, match="cannot be read"):
        prepare(document, position)


def test_a_text_with_mistakes_is_renamed() -> None:
    text = "operator f<N>(x: [N]) -> [N] { out[i] = x[j] * x[‸i] }\n"
    assert renamed(text, "k") == "operator f<N>(x: [N]) -> [N] { out[k] = x[j] * x[k] }\n"
    # Here the new name would mend the mistake by changing what `j` means.
    assert "another name would change its meaning" in refused(text, "j")


def test_what_other_files_define() -> None:
    assert "write `as`" in refused("use stdlib.con‸v2d\n")
    assert "defined in another file" in refused("use stdlib.con‸v2d as c\n")
    assert renamed("use stdlib.conv2d as ‸c\ntest c { equals c }\n", "d") == "use stdlib.conv2d as d\ntest d { equals d }\n"


def test_prepare() -> None:
    document, position = marked(at("[r: k]", "[r: ‸k]"))
    found = prepare(document, position)
    assert (cut(document, found.range), found.placeholder) == ("k", "k")
    document, position = marked(at("= unfold", "= ‸unfold"))
    with pytest.raises(Refused):
        prepare(document, position)


STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))


@settings(max_examples=60)
@given(st.sampled_from(STDLIB), st.integers(0, 10**6), st.sampled_from(["fresh", "n", "N", "q", "sum", "split", "x1", "k"]))
def test_a_rename_keeps_every_operator(path: object, number: int, name: str) -> None:
    """Whatever is renamed to whatever: it is refused, or every operator is the same."""
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    document = opened(text)
    mentions = document.reading.symbols.mentions
    mention = mentions[number % len(mentions)]
    try:
        edits = rename(document, document.range(mention.span).start, name)
    except Refused:
        assume(False)
    changed = edited(document, edits)
    before = sorted(item.digest for item in _operators(text))
    assert sorted(item.digest for item in _operators(changed)) == before


def _operators(text: str) -> list[syno_lang.Operator]:
    return [syno_lang.parse(text, name) for name in opened(text).reading.definitions]
