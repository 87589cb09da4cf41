"""What is offered where: names with what they are, words where they fit, in whole and in broken texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol.types import CompletionItem, TextEdit

from syno_lang.checks.functions import FUNCTIONS
from syno_lang.ir.elaborate_index import USAGE
from syno_lang.ir.elaborate_reader import REDUCERS as ALL_REDUCERS
from syno_lang.ir.quality import ALLOWABLE
from syno_lang.lsp.completion import completion
from syno_lang.lsp.documents import Documents
from syno_lang.lsp.meanings import ALLOWANCES, CONDITIONS, KEYWORDS, PRIMITIVES, REDUCERS
from syno_lang.modules.find import shipped
from tests.editors.words import grammar_words
from tests.lsp.marked import MARK, cut, marked

HEAD = "operator f<N, C; k = 3>(x: [N, C], weight w: [C, k]) -> [N, C] "
SIZES = ["N", "C", "k"]
WHOLE = HEAD + "{\n    out[n, c] = sum[r: k] x[unfold(n, r), c] * w[c, r]\n}\n"
FILE = ["operator", "use", "test"]
CLAIMS = ["equals", "flops", "params", "bytes"]


def items(text: str, *before: str) -> list[CompletionItem]:
    document, position = marked(text, *before)
    return sorted(completion(document, position).items, key=lambda item: str(item.sort_text))


def offered(text: str, *before: str) -> list[str]:
    return [item.label for item in items(text, *before)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MARK, FILE),
        (WHOLE + MARK, FILE),
        (WHOLE + "oper‸", FILE),
        (HEAD + "‸", ["allow", "where", "graph"]),
        (HEAD + "al‸ {}", ["allow", "where", "graph"]),
        (HEAD + "allow(‸", list(ALLOWABLE)),
        (HEAD + "where (‸", [*CONDITIONS, *SIZES]),
        (HEAD + "where (divides(‸", SIZES),
        ("operator f<‸", []),
        ("operator f<N, C>(‸", ["weight"]),
        ("operator f<N, C>(x: [N], ‸", ["weight"]),
        ("operator ‸", []),
    ],
)
def test_outside_of_a_body(text: str, expected: list[str]) -> None:
    assert offered(text)[: len(expected)] == expected
    assert bool(offered(text)) == bool(expected)


def test_clauses_of_spaces() -> None:
    found = offered("space s<N, C; k = 3> {\n    ‸")
    assert found[:3] == ["from", "to", "keep"]
    assert {"chain", "weight_free", "tensors", "flops"} <= set(found)
    assert "sum" not in found and "operator" not in found
    assert offered("space s<N> {\n    from [N, ‸") == []


@pytest.mark.parametrize("mark", ["x: [N, ‸", "x: [‸N, C]) -> [N]", "x: [N]) -> [‸"])
def test_sizes_in_shapes(mark: str) -> None:
    text = f"operator f<N, C; k = 3>({mark}"
    whole = "operator f<N, C; k = 3>(x: [N, C]) -> [N, C] { out[n, c] = x[n, c] }\n"
    assert offered(text, whole) == SIZES


def test_names_in_an_index() -> None:
    found = items(HEAD + "{\n    out[n, c] = sum[r: k] x[unfold(n, ‸", WHOLE)
    assert [item.label for item in found] == ["n", "c", "r", "split", "unfold", "shift", "stride", *SIZES]
    details = {item.label: item.detail for item in found}
    assert (details["r"], details["N"], details["split"]) == ("k", "primary", "split(i, j)")


def test_coordinates_of_a_text_that_was_never_whole() -> None:
    found = offered(HEAD + "{\n    y, z = merge(c, k)\n    out[n, c] = sum[r: k] x[unfold(n, ‸")
    assert {"y", "z", "n", "c", "r"} <= set(found)
    assert not {"sum", "merge", "out", "x"} & set(found)


def test_the_word_that_is_begun_is_replaced() -> None:
    text = WHOLE.replace("unfold(n, r)", "unfold(n, rr‸)")
    document, position = marked(text)
    for item in completion(document, position).items:
        assert isinstance(item.text_edit, TextEdit)
        assert cut(document, item.text_edit.range) == "rr"
        assert item.text_edit.new_text == item.label


def test_factors() -> None:
    found = offered(HEAD + "{\n    out[n, c] = ‸", WHOLE)
    assert found[:4] == ["x", "w", "sum", "mean"]
    assert {"expand", "merge"} <= set(found) and not {"share", "reduce", "output"} & set(found)


def test_domains_of_sums() -> None:
    assert offered(HEAD + "{\n    out[n, c] = sum[r: ‸", WHOLE) == SIZES
    assert offered(HEAD + "{\n    out[n, c] = sum[r: k, q: ‸", WHOLE) == SIZES


@pytest.mark.parametrize("text", ["out[n, ‸", "out[n, c] = sum[‸", "out[n, c] = sum[r: k, ‸"])
def test_new_names_are_not_offered(text: str) -> None:
    assert offered(HEAD + "{\n    " + text, WHOLE) == []


def test_graphs() -> None:
    graph = HEAD + "graph {\n    n, c = output\n    r = reduce(k)\n    "
    whole = graph + "r, r' = share(r)\n    n = unfold(n, r)\n    x[n, c]\n    w[c, r']\n}\n"
    found = offered(graph + "n = ‸", whole)
    assert {"output", "share", "reduce", "unfold", "mean", "x"} <= set(found)
    assert offered(graph + "q = reduce(‸", whole) == SIZES
    assert {"n", "c", "r", "r'"} <= set(offered(graph + "x[‸", whole))


def test_uses() -> None:
    found = offered("use ‸")
    assert found == [f"stdlib.{name}" for name in shipped()]
    assert offered("use stdlib.‸") == list(shipped())
    assert offered("use stdlib.conv2d as ‸") == []
    assert offered("use stdlib.conv2d, ‸")[0].startswith("stdlib.")


def test_uses_of_neighbouring_files(tmp_path: Path) -> None:
    (tmp_path / "ops.syno").write_text(WHOLE + WHOLE.replace("f<", "g<"), encoding="utf-8")
    (tmp_path / "bad.syno").write_bytes(b"operator \xff")
    uri = (tmp_path / "main.syno").as_uri()
    (tmp_path / "main.syno").write_text(WHOLE, encoding="utf-8")
    document = Documents().read(uri, "use ", "utf-16")
    found = [item.label for item in completion(document, document.places.position(4)).items]
    assert [name for name in found if not name.startswith("stdlib.")] == ["ops.f", "ops.g"]


def test_tests() -> None:
    assert offered(WHOLE + "test ‸") == ["f"]
    assert offered(WHOLE + "test f { ‸")[:4] == CLAIMS
    found = offered(WHOLE + "test f { equals ‸")
    assert found[0] == "f" and {*FUNCTIONS, "stdlib.conv2d"} <= set(found)
    assert offered(WHOLE + "test f { equals torch.nn.functional.‸")[0] == "adaptive_avg_pool1d"
    assert offered(WHOLE + "test f { equals torch.sum(‸")[:5] == ["x", "w", "N", "C", "k"] or set(
        offered(WHOLE + "test f { equals torch.sum(‸")[:5]
    ) == {"x", "w", "N", "C", "k"}
    assert offered(WHOLE + "test f { equals g for ‸") == [*SIZES, "x", "w"]
    assert {"N", "C", "k"} <= set(offered(WHOLE + "test f { flops N*‸"))


@pytest.mark.parametrize("text", ["# a comment ‸", WHOLE.replace("{\n", "{ # sum[r: ‸\n")])
def test_comments_are_left_alone(text: str) -> None:
    assert offered(text) == []


def test_every_word_has_a_meaning() -> None:
    assert set(PRIMITIVES) == set(USAGE)
    assert set(REDUCERS) == set(ALL_REDUCERS)
    assert set(ALLOWANCES) == set(ALLOWABLE)
    assert set(KEYWORDS) <= grammar_words()
