"""The HTML of an operator: well-formed, complete, and nothing of a file can break out of it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

import syno_lang
from syno_lang.api import Operator
from syno_lang.ir.definition import Definition
from syno_lang.resources import folder
from syno_lang.testing import definitions

SVG = "{http://www.w3.org/2000/svg}"
STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))


def parsed(operator: Operator) -> ElementTree.Element:
    """The HTML as a tree: it keeps to what XML can read, but for the `open` of `details`."""
    text = operator._repr_html_()
    assert text.count("<details open>") == 1
    return ElementTree.fromstring(text.replace("<details open>", "<details>"))


def rows(tree: ElementTree.Element, head: str) -> list[list[str]]:
    tables = [table for table in tree.iter("table") if next(table.iter("th")).text == head]
    return [["".join(cell.itertext()) for cell in row] for table in tables for row in table.find("tbody") or ()]


def test_op1() -> None:
    operator = syno_lang.load("stdlib:op1")
    tree = parsed(operator)
    assert "".join(tree.find("pre").itertext()) == operator.show("formula").rstrip()  # type: ignore[union-attr]
    assert rows(tree, "tensor") == [
        ["x", "input", "[N, C_in, H, H]"],
        ["u", "weight", "[g, k, k, C_out, C_out/(g*s)]"],
        ["v", "weight", "[C_in, k, C_out/(g*s)]"],
        ["out", "output", "[N, C_out, H, H]"],
    ]
    assert rows(tree, "size")[3:5] == [["H", "primary", "–"], ["g", "coefficient", "32"]]
    written, compiled = rows(tree, "cost")
    assert compiled[0] == "as compiled, 2 loop nests"
    assert compiled[1:] == [str(operator.cost().flops), str(operator.cost().parameters), str(operator.cost().bytes)]
    assert written[1] != compiled[1]
    assert [str(item) for item in operator.definition.divisions] == [
        item.text for item in tree.find("p") or () if item.tag == "code"
    ]
    assert tree.find(f".//{SVG}svg") is not None


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.stem)
def test_stdlib_is_well_formed(path: object) -> None:
    for operator in syno_lang.load_all(str(path)).values():
        assert rows(parsed(operator), "cost")


@settings(max_examples=25)
@given(definitions())
def test_every_operator_is_well_formed(case: tuple[Definition, dict[str, int]]) -> None:
    definition, _ = case
    tree = parsed(Operator(definition))
    assert len(rows(tree, "tensor")) == len(definition.tensors) + 1
    assert len(rows(tree, "size")) == len(definition.sizes)


def test_nothing_but_text_comes_from_a_file() -> None:
    """A comment is no part of an operator, and signs of HTML in the formula are text."""
    text = "# <script>alert(1)</script>\noperator f<N; k = 3>(x: [N]) -> [N] { out[i] = sum[r: k] x[i + r - k/2] }"
    html = syno_lang.parse(text)._repr_html_()
    assert "script" not in html
    assert "operator f&lt;N; k = 3&gt;(" in html
