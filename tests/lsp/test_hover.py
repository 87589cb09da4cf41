"""What is shown of the name, or the expression, under the pointer."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol.types import MarkupContent

import syno_lang
from syno_lang.lsp.hover import hover
from syno_lang.resources import folder
from tests.lsp.marked import MARK, cut, marked, opened

FORMULA = """\
operator f<N, C; k = 3, g>(x: [N, C], weight w: [C/g, k]) -> [N, g] where (odd(k)) {
    a, b = merge(c, g)
    out[n, o] = sum[c: C, r: k] x[n + r - k/2, c] * w[a, r] * expand(o) * expand(b)
}
"""
GRAPH = "operator f<N; k = 3>(x: [N]) -> [N] graph { i = output  r = reduce(k)  j = unfold(i, r)  x[j] }"


def shown(text: str, *before: str) -> str:
    document, position = marked(text, *before)
    found = hover(document, position)
    if found is None:
        return ""
    assert isinstance(found.contents, MarkupContent)
    return found.contents.value


def at(old: str, new: str, text: str = FORMULA) -> str:
    """What is shown with the mark of `new` in the place of `old`."""
    assert text.count(old) == 1
    return shown(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("out[n, o]", "out[‸n, o]", "n: N", "output coordinate 1"),
        ("sum[c: C", "sum[‸c: C", "c: C", "bound by `sum`"),
        ("w[a, r]", "w[‸a, r]", "a: C/g", "`c / g`, the major half of a MERGE, line 2"),
        ("expand(b)", "expand(‸b)", "b: g", "`c % g`, the minor half of a MERGE"),
        ("f<N, C;", "f<‸N, C;", "N", "a primary size"),
        ("k = 3, g>", "‸k = 3, g>", "k = 3", "a coefficient: small, it may divide; 3 unless"),
        ("k = 3, g>", "k = 3, ‸g>", "g", "without a default"),
        ("x: [N, C]", "‸x: [N, C]", "x: [N, C]", "an input"),
        ("weight w: [", "weight ‸w: [", "weight w: [C/g, k]", "a weight"),
        ("out[n, o]", "‸out[n, o]", "out: [N, g]", "the output"),
        ("= merge(", "= ‸merge(", "a, b = merge(i, B)", "Both halves must be used"),
        ("= sum[", "= ‸sum[", "sum[r: D]", "The sum over"),
        ("(odd(k))", "(‸odd(k))", "odd(k)", "odd"),
        ("operator f", "operator ‸f", "operator f<N, C; k = 3, g>(", ""),
    ],
)
def test_names_of_a_formula(old: str, new: str, code: str, said: str) -> None:
    text = at(old, new)
    assert text.startswith(f"```syno\n{code}")
    assert said in text


def test_what_reads_a_coordinate() -> None:
    assert "Read by `x` (axis 1), `w` (axis 2)." in at("r: k]", "‸r: k]")


def test_where_a_coordinate_is_bound() -> None:
    assert "line 3" in at("w[a, r]", "w[a, ‸r]")
    assert "line 2" in at("w[a, r]", "w[‸a, r]")


def test_arithmetic_is_shown_as_primitives() -> None:
    text = at("n + r - k/2", "n ‸+ r - k/2")
    assert "unfold(n, r)" in text and "`0 .. N - 1`" in text


def test_conditions_on_a_size() -> None:
    text = "operator f<C; g>(x: [C]) -> [g, C/g] where (C >= 2*g) { out[a, b] = x[split(a, b)] }"
    assert "`divides(g, C)` and `C >= 2*g`" in at("f<C;", "f<‸C;", text)
    assert "Where" not in at("f<N, C;", "f<‸N, C;", FORMULA)


def test_an_operator() -> None:
    text = at("operator f", "operator ‸f")
    assert "Where `divides(g, C)` and `odd(k)`." in text
    assert syno_lang.parse(FORMULA).digest in text


def test_a_graph() -> None:
    assert "`unfold(i, r)`, made by UNFOLD" in at("x[j]", "x[‸j]", GRAPH)
    assert "n, c = output" in at("= output", "= ‸output", GRAPH)
    assert "Here `unfold(i, r)` ranges over `0 .. N - 1`." in at("= unfold", "= ‸unfold", GRAPH)


def test_the_range_is_that_of_the_name() -> None:
    document, position = marked(FORMULA.replace("= merge(", "= me‸rge("))
    found = hover(document, position)
    assert found is not None and found.range is not None
    assert cut(document, found.range) == "merge"


def test_an_error_has_a_link() -> None:
    text = at("x[j]", "x[‸z]", GRAPH)
    assert "E0201" in text and "unknown coordinate" in text


def test_nothing_is_shown_where_there_is_nothing() -> None:
    assert shown("# a comment ‸here\n" + FORMULA) == ""
    assert shown(f"{MARK}") == ""
    assert shown(FORMULA + MARK) == ""


def test_a_broken_text_shows_what_was_known() -> None:
    broken = FORMULA.replace("* w[a, r]", "* w[a‸,")
    assert "a: C/g" not in shown(broken)
    assert "a: C/g" in shown(broken, FORMULA)
    assert shown(broken.replace(MARK, "").replace("x: [N, C]", "‸x: [N, C]"), FORMULA).startswith("```syno\nx: [N, C]")


def test_a_new_signature_of_a_broken_operator_counts() -> None:
    broken = FORMULA.replace("* w[a, r]", "* w[").replace("x: [N, C]", "‸x: [C, C]")
    assert shown(broken, FORMULA).startswith("```syno\nx: [C, C]")


def test_used_operators(tmp_path: Path) -> None:
    text = "use stdlib.conv2d as conv\ntest conv { equals stdlib.conv2d }\n"
    assert "operator conv2d<" in at("as conv", "as ‸conv", text)
    assert "operator conv2d<" in at("equals stdlib.conv2d", "equals stdlib.‸conv2d", text)
    missing = shown("use stdlib.con‸v9d\n")
    assert "no `conv9d`" in missing and "E0901" in missing


def test_every_name_of_op1_is_explained() -> None:
    text = (folder("stdlib") / "operators" / "op1.syno").read_text(encoding="utf-8")
    document = opened(text)
    for mention in document.reading.symbols.mentions:
        assert hover(document, document.range(mention.span).start) is not None, mention.symbol.name
