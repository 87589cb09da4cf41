"""Findings as an editor shows them: places, codes with their pages, related places, other files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

from lsprotocol.types import Diagnostic, DiagnosticSeverity, Position, Range

from syno_lang.lsp.diagnostics import findings, page
from syno_lang.resources import folder
from tests.lsp.marked import cut, opened


def found(text: str, uri: str = "file:///nowhere/a.syno") -> list[Diagnostic]:
    return findings(opened(text, uri))


def test_no_mistake() -> None:
    assert found("operator f<N>(x: [N]) -> [N] { out[i] = x[i] }") == []


def test_a_mistake() -> None:
    text = "# 😀\noperator f<N>(x: [N]) -> [N] { out[i] = /*😀*/ x[j] }".replace("/*😀*/", "")
    (item,) = found(text)
    assert (item.code, item.severity, item.source) == ("E0201", DiagnosticSeverity.Error, "syno")
    assert cut(opened(text), item.range) == "j"
    assert item.range.start == Position(1, text.split("\n")[1].index("j"))
    first, *others = item.message.split("\n")
    assert first == "there is no coordinate `j`"
    assert [line.partition(":")[0] for line in others] == ["hint"]


def test_columns_are_units_of_utf_16() -> None:
    text = "operator f<N>(x: [N]) -> [N] { out[i] = x[i] } # 😀😀\noperator g<😀"
    (item,) = found(text)
    assert item.range.start == Position(1, 11)
    assert item.range.end == Position(1, 13)


def test_related_places() -> None:
    text = "operator f<N>(x: [N, N]) -> [N] {\n    out[i] = x[i]\n}"
    (item,) = found(text)
    assert item.code == "E0301"
    assert item.related_information is not None
    (related,) = item.related_information
    assert related.location.uri == "file:///nowhere/a.syno"
    assert cut(opened(text), related.location.range).startswith("x")
    assert related.message == "`x` is declared here"


def test_a_code_has_its_page() -> None:
    (item,) = found("operator f<N>(x: [N]) -> [N] { out[i] = x[j] }")
    path = folder("errors") / "E0201.md"
    if path.is_file():
        assert item.code_description is not None
        assert item.code_description.href == path.as_uri()
    assert page("E9999") is None


def test_the_end_of_a_text_has_a_place() -> None:
    for text in ("operator", "operator f<N>(x: [N]) -> [N] {", "x\n", "operator f\n\n"):
        for item in found(text):
            assert item.range.start != item.range.end
            assert item.range.start.line < text.count("\n") + 1


def test_every_mistake_at_once() -> None:
    wrong = "".join(f"operator f{number}<N>(x: [N]) -> [N] {{ out[i] = x[j] }}\n" for number in range(5))
    assert [item.range.start.line for item in found(wrong)] == [0, 1, 2, 3, 4]


def test_a_mistake_in_a_used_file_is_shown_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "ops one.syno").write_text("", encoding="utf-8")
    wrong = tmp_path / "ops.syno"
    wrong.write_text("operator f<N>(x: [N]) -> [N] { out[i] = x[j] }", encoding="utf-8")
    text = "use ops.f\noperator g<N>(x: [N]) -> [N] { out[i] = x[i] }\n"
    (item,) = found(text, (tmp_path / "main.syno").as_uri())
    assert item.range == Range(Position(0, 4), Position(0, 9))
    assert item.related_information is not None
    (related,) = item.related_information
    assert Path(urlparse(related.location.uri).path) == wrong
    assert related.location.range.start == Position(0, 42)


def test_tests_are_checked_too() -> None:
    text = "operator f<N>(x: [N]) -> [N] { out[i] = x[i] }\ntest f { equals nothing }\n"
    (item,) = found(text)
    assert cut(opened(text), item.range) == "nothing"
