"""Which name means what: in formulas, graphs and tests, and in every file of the repository."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from syno_lang.diagnostics import Source, SynoError
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import elaborate
from syno_lang.ir.print import formula, graph
from syno_lang.lsp.domains import find_domains
from syno_lang.lsp.symbols import Mention, find_symbols
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse
from syno_lang.testing import definitions

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for part in ("stdlib", "examples") for path in (ROOT / part).rglob("*.syno"))

#: Words that are no names: of the grammar, `d` of `shift(i, d = 1)`, and keywords of functions in tests.
WORDS = {"operator", "weight", "allow", "where", "graph", "d"}

TEXT = """\
use stdlib.conv2d, ops.matmul as product
operator f<N; k = 3>(x: [N], weight w: [k]) -> [N] where (odd(k)) {
    y = unfold(i, r)
    out[i] = sum[r: k] x[y] * w[r]
}
operator g<N; k = 3>(x: [N], weight w: [k]) -> [N] graph {
    i = output
    r = reduce(k)
    r, r' = share(r)
    i = unfold(i, r)
    x[i]
    w[r']
}
test f { equals g for N = 4  equals product  equals stdlib.conv1d  flops N*k  equals torch.sum(x, dim = 0) for N = k }
"""


def mentions(text: str) -> list[Mention]:
    return find_symbols(parse(Source("<text>", text))).mentions


def written(text: str, mention: Mention) -> str:
    line = text.split("\n")[mention.span.line - 1]
    return line[mention.span.column - 1 : mention.span.end_column - 1]


def places(text: str, name: str, kind: str, line: int) -> list[list[int]]:
    """The lines of each symbol of a name that is defined at or below `line`."""
    symbols = dict.fromkeys(item.symbol for item in mentions(text) if item.symbol.name == name)
    return [
        [item.span.line for item in symbol.mentions]
        for symbol in symbols
        if symbol.kind == kind and (symbol.definition is None or symbol.definition.line >= line)
    ]


def test_a_name_is_known_in_the_whole_formula() -> None:
    assert places(TEXT, "i", "coordinate", 1)[0] == [4, 3]
    assert places(TEXT, "y", "coordinate", 1) == [[3, 4]]
    assert places(TEXT, "r", "coordinate", 1)[0] == [4, 3, 4]


def test_a_name_of_a_graph_means_the_last_thing_so_called() -> None:
    assert places(TEXT, "i", "coordinate", 6) == [[7, 10], [10, 11]]
    assert places(TEXT, "r", "coordinate", 6) == [[8, 9], [9, 10]]
    assert places(TEXT, "r'", "coordinate", 6) == [[9, 12]]


def test_a_test_speaks_of_its_operator() -> None:
    assert places(TEXT, "f", "operator", 1) == [[2, 14]]
    assert places(TEXT, "g", "operator", 1) == [[6, 14]]
    assert places(TEXT, "product", "used", 1) == [[1, 14]]
    assert places(TEXT, "k", "size", 1) == [[2, 2, 2, 4, 14, 14], [6, 6, 8]]
    assert places(TEXT, "x", "input", 1) == [[2, 4, 14], [6, 11]]
    assert places(TEXT, "stdlib.conv1d", "path", 1) == [[14]]
    assert places(TEXT, "torch.sum", "function", 1) == [[14]]


def test_what_stands_at_a_place() -> None:
    symbols = find_symbols(parse(Source("<text>", TEXT)))
    row = TEXT.split("\n")[2]
    for column in range(row.index("unfold") + 1, row.index("unfold") + 8):
        found = symbols.at(3, column)
        assert found is not None and found.symbol.name == "unfold"
    found = symbols.at(3, row.index("(i") + 2)
    assert found is not None and found.symbol.name == "i"
    assert symbols.at(3, 1) is None
    assert symbols.at(99, 1) is None


def test_the_first_of_two_definitions_counts() -> None:
    text = "operator f<N, N>(x: [N], x: [N]) -> [N] { out[i] = sum[i: N] x[i] }"
    found = [item for item in mentions(text) if item.symbol.name == "i"]
    first = found[0].symbol
    assert [item.symbol is first for item in found] == [True, False, True]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_name_of_the_repository_is_known(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    module = parse(Source(str(path), text))
    found = find_symbols(module).mentions
    assert all(written(text, item) == item.symbol.name for item in found)
    starts = {(item.span.line, item.span.column) for item in found}
    for node in module.operators:
        rows = text.split("\n")
        for number in range(node.span.line, node.span.end_line + 1):
            row = rows[number - 1].partition("#")[0]
            row = row[: node.span.end_column - 1] if number == node.span.end_line else row
            for word in re.finditer(r"[A-Za-z_]\w*'*", row):
                known = (number, word.start() + 1) in starts
                assert known or word[0] in WORDS, f"{word[0]} in line {number}"


def agree(text: str) -> None:
    """The domains are those of the elaborator."""
    source = Source("<text>", text)
    module = parse(source)
    definitions_ = elaborate(module, source)
    for node in module.operators:
        definition = definitions_[node.name.text]
        domains = find_domains(node)
        assert tuple(domains.tensors.values()) == definition.tensors
        assert tuple(domains.sizes.values()) == definition.sizes
        assert domains.output == definition.graph.output
        shapes = {tensor.name: tensor.shape for tensor in definition.tensors}
        read = [item for item in find_symbols(module).mentions if item.axis and item.symbol.owner is node]
        whole = [item for item in read if item.axis and domains.at(item.span)]
        for item in whole:
            tensor, number = item.axis or ("", 0)
            coordinate = domains.at(item.span)
            access = next(_index(node, tensor, number, item))
            if access.span == item.span:
                assert coordinate is not None and coordinate.domain == shapes[tensor][number]


def _index(node: ast.Operator, tensor: str, number: int, item: Mention):  # type: ignore[no-untyped-def]
    stack: list[object] = list(node.statements)
    while stack:
        match stack.pop():
            case ast.Access(tensor=name, indices=indices) if name.text == tensor:
                inside = indices[number].span
                if (inside.line, inside.column) <= (item.span.line, item.span.column) < (inside.end_line, inside.end_column):
                    yield indices[number]
            case ast.Binary(left=left, right=right):
                stack += [left, right]
            case ast.Equation(value=value):
                stack.append(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_domains_of_the_repository(path: Path) -> None:
    agree(path.read_text(encoding="utf-8"))


@settings(max_examples=40)
@given(definitions())
def test_domains_of_any_operator(case: tuple[Definition, dict[str, int]]) -> None:
    definition = dataclasses.replace(case[0], allowed=frozenset({"diagonal", "large_window"}))
    for text in (formula(definition), graph(definition)):
        agree(text)


def test_domains_of_an_operator_with_mistakes() -> None:
    text = "operator f<N; k>(x: [N, N]) -> [N, k] { out[i, j] = sum[r: nothing, q: k] x[unfold(i, j), unfold(i, z)] }"
    module = parse(Source("<text>", text))
    with pytest.raises(SynoError):
        elaborate(module, Source("<text>", text))
    domains = find_domains(module.operators[0])
    found = {
        item.symbol.name: str(node.domain)
        for item in find_symbols(module).mentions
        if item.symbol.kind == "coordinate" and (node := domains.at(item.span)) is not None
    }
    assert found == {"i": "N", "j": "k", "r": "?", "q": "k"}
    assert sorted(map(domains.term, domains.coordinates.values())) == ["i", "i", "i", "j", "j", "q", "r", "unfold(i, j)"]
