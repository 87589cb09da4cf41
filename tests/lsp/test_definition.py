"""Where names are defined, and every place where they stand."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from lsprotocol.types import DocumentHighlightKind

from syno_lang.lsp.definition import definition, highlights, references
from syno_lang.lsp.documents import Documents
from syno_lang.resources import folder
from tests.lsp.marked import URI, cut, marked

TEXT = """\
operator f<N; k = 3>(x: [N], weight w: [k]) -> [N] {
    y = unfold(i, r)
    out[i] = sum[r: k] x[y] * w[r]
}
operator g<N>(x: [N]) -> [N] graph { i = output  i = shift(i, 1)  x[i] }
test f { equals g for N = 2 }
"""


def at(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "character"),
    [
        (at("w[r]", "w[‸r]"), 2, 17),
        (at("(i, r)", "(‸i, r)"), 2, 8),
        (at("x[y]", "x[‸y]"), 1, 4),
        (at("* w[r]", "* ‸w[r]"), 0, 36),
        (at("[r: k]", "[r: ‸k]"), 0, 14),
        (at("shift(i, 1)", "shift(‸i, 1)"), 4, 37),
        (at("x[i]", "x[‸i]"), 4, 49),
        (at("test f", "test ‸f"), 0, 9),
        (at("equals g", "equals ‸g"), 4, 9),
        (at("for N", "for ‸N"), 0, 11),
    ],
)
def test_definition(text: str, line: int, character: int) -> None:
    document, position = marked(text)
    found = definition(document, position)
    assert found is not None and found.uri == URI
    assert (found.range.start.line, found.range.start.character) == (line, character)


@pytest.mark.parametrize("text", [at("= unfold", "= ‸unfold"), at("= sum", "= ‸sum"), "# ‸comment\n"])
def test_the_words_of_the_language_are_defined_nowhere(text: str) -> None:
    document, position = marked(text)
    assert definition(document, position) is None
    assert references(document, position, with_definition=True) == []


@pytest.mark.parametrize(("with_definition", "count"), [(True, 3), (False, 2)])
def test_references(with_definition: bool, count: int) -> None:
    document, position = marked(at("w[r]", "w[‸r]"))
    found = references(document, position, with_definition=with_definition)
    assert len(found) == count
    assert {cut(document, item.range) for item in found} == {"r"}


def test_highlights() -> None:
    document, position = marked(at("w[r]", "w[‸r]"))
    kinds = [item.kind for item in highlights(document, position)]
    assert sorted(kinds, key=str).count(DocumentHighlightKind.Write) == 1


def test_the_definition_of_what_the_stdlib_has() -> None:
    document, position = marked("use stdlib.con‸v2d\n")
    found = definition(document, position)
    assert found is not None
    path = Path(unquote(urlparse(found.uri).path))
    assert path == folder("stdlib") / "operators" / "conv2d.syno"
    line = path.read_text(encoding="utf-8").split("\n")[found.range.start.line]
    assert line[found.range.start.character : found.range.end.character] == "conv2d"


def test_the_definition_in_a_neighbouring_file(tmp_path: Path) -> None:
    (tmp_path / "my ops").mkdir()
    main = tmp_path / "my ops" / "main.syno"
    other = tmp_path / "my ops" / "ops.syno"
    other.write_text("# é\noperator f<N>(x: [N]) -> [N] { out[i] = x[i] }\n", encoding="utf-8")
    text = "use ops.f as g\ntest g { equals g }\n"
    document = Documents().read(main.as_uri(), text, "utf-16")
    for offset in (text.index("f as"), text.index("g\n"), text.index("equals g") + 7):
        found = definition(document, document.places.position(offset))
        assert found is not None and found.uri == other.as_uri()
        assert (found.range.start.line, found.range.start.character) == (1, 9)


def test_what_is_not_found_is_defined_nowhere() -> None:
    document, position = marked("use nothing.fo‸und\n")
    assert definition(document, position) is None


def test_a_broken_text() -> None:
    broken = TEXT.replace("x[y] * w[r]", "x[‸y] * w[")
    document, position = marked(broken, TEXT)
    found = definition(document, position)
    assert found is not None and found.range.start.line == 1
    assert len(references(document, position, with_definition=True)) == 2
