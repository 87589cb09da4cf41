"""What is known of a text while it is being written: the whole ones, the broken ones, and what was before."""

from __future__ import annotations

from pathlib import Path

import pytest

from syno_lang.diagnostics import Source
from syno_lang.lsp.reading import Reading, read_text

FINE = "operator f<N; k = 3>(x: [N]) -> [N] { out[i] = mean[r: k] x[unfold(i, r)] }\n"
WRONG = "operator g<N>(x: [N]) -> [N] { out[i] = x[j] }\n"
BROKEN = "operator h<N; k = 3>(\n    x: [N], # {\n) -> [N] {\n    out[i] = mean[r: k] x[unfold(i, \n}\n"


def reading(text: str, before: Reading | None = None) -> Reading:
    return read_text(Source("ops.syno", text), None, before)


def codes(found: Reading) -> list[tuple[str, int]]:
    return [(item.code, item.span.line if item.span else 0) for item in found.findings]


def test_a_right_text() -> None:
    found = reading(FINE)
    assert found.is_whole and found.findings == ()
    assert list(found.definitions) == list(found.views) == ["f"]


def test_every_mistake_is_found_where_the_text_is_whole() -> None:
    assert codes(reading(WRONG + FINE + WRONG.replace("g", "g2"))) == [("E0201", 1), ("E0201", 3)]


def test_mistakes_beside_a_broken_operator_are_found() -> None:
    found = reading(WRONG + BROKEN + FINE)
    assert {code for code, _ in codes(found)} == {"E0101", "E0201"}
    assert ("E0201", 1) in codes(found)
    assert not found.is_whole
    assert [chunk.name for chunk in found.broken] == ["h"]


def test_the_signature_of_a_broken_operator_is_known() -> None:
    found = reading(FINE + BROKEN)
    assert list(found.views) == ["f", "h"]
    assert sorted(found.symbols.scopes["h"]) == ["N", "k", "x"]
    (chunk,) = found.broken
    assert sorted(found.known(chunk)) == ["N", "k", "x"]
    assert {item.span.line for item in found.symbols.mentions if item.symbol.owner} == {1, 2, 3, 4}


def test_what_was_known_before_is_known_still() -> None:
    before = reading(FINE.replace("f", "h", 1))
    found = reading(BROKEN, before)
    (chunk,) = found.broken
    known = found.known(chunk)
    assert known["r"].kind == "coordinate"
    view = found.view(known["r"])
    assert view is not None and known["r"].definition is not None
    assert str(view.domains.at(known["r"].definition).domain) == "k"  # type: ignore[union-attr]


def test_memory_lasts_while_the_operator_is_broken_and_no_longer() -> None:
    found = reading(FINE.replace("f", "h", 1))
    for _ in range(3):
        found = reading(BROKEN, found)
        assert "r" in found.known(found.broken[0])
    found = reading(FINE, found)
    assert found.earlier == {}
    assert "r" not in reading(BROKEN, found).known(reading(BROKEN, found).broken[0])


def test_a_broken_signature() -> None:
    found = reading("operator f<N(x: [N]) -> [N] { out[i] = x[i] }\n", reading(FINE))
    assert found.views == {} and list(found.earlier) == ["f"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("operator f<N, C; k", []),
        ("operator f<N, C; k>(x: [N/(k", ["C", "N", "k"]),
        ("operator f<N, C; k>(x: [N/(k)], y: [C/(k*k)])", ["C", "N", "k", "x", "y"]),
        ("operator f(x: [3]) -> [3] where (", ["x"]),
        ("operator f<N>(x: [N]) -> [N] # {\n{ out[", ["N", "x"]),
        ("operator f<N>(x: [N]) -> [N] where (N >= 3) {", ["N", "x"]),
    ],
)
def test_as_much_of_a_signature_as_there_is(text: str, known: list[str]) -> None:
    found = reading(text)
    assert sorted(found.known(found.broken[0])) == known


def test_a_text_without_definitions() -> None:
    assert reading("").is_whole
    found = reading("nothing of the language")
    assert not found.is_whole and codes(found) == [("E0101", 1)]


def test_used_files_are_looked_for_beside_the_text(tmp_path: Path) -> None:
    (tmp_path / "ops.syno").write_text(FINE, encoding="utf-8")
    source = Source(str(tmp_path / "main.syno"), "use ops.f\ntest f { equals ops.f  equals nothing }\n")
    assert [item.code for item in read_text(source, str(tmp_path)).findings] == ["E0904"]
    assert [item.code for item in read_text(source, None).findings] == ["E0901"]


def test_a_long_broken_text_is_read_in_bounded_time() -> None:
    found = reading("operator f<N>(\n" * 5000)
    assert len(found.broken) <= 300
