"""The harness sees when a page is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.docs.blocks import blocks
from tests.docs.run import run


def fenced(info: str, text: str) -> str:
    return f"```{info}\n{text}\n```\n"


GOOD = fenced("syno good.syno", "operator good<N>(x: [N]) -> [N] { out[i] = x[i] }")
BAD = "operator bad<N>(x: [N]) -> [N] { out[i] = x[j] }"


def test_blocks() -> None:
    page = f"words\n{fenced('syno a.syno fails=E0201,E0301', 'text')}\n````{{note}}\n{fenced('python', 'x')}````\n"
    first, second = blocks(page)
    assert (first.language, first.file, first.fails) == ("syno", "a.syno", {"E0201", "E0301"})
    assert (page[first.start : first.end], first.line) == ("text\n", 2)
    assert (second.language, second.text) == ("python", "x\n")


def test_a_page_shows_what_happens(tmp_path: Path) -> None:
    shown = "$ syno check good.syno\ngood.syno: good is fine\n$ echo $?\n0\n$ echo one | tr o O\nOne"
    page = (
        GOOD
        + fenced("console", shown)
        + fenced("python", "x = 1")
        + fenced("python", "print(x)")
        + fenced("output", "1")
    )
    assert run(page, tmp_path) == page
    assert run(page.replace("fine", "bad").replace("\n1\n", "\n2\n").replace("\n0\n", "\n"), tmp_path) == page


def test_findings_are_shown(tmp_path: Path) -> None:
    page = fenced("syno bad.syno fails=E0201", BAD) + fenced("console", "$ syno check bad.syno\n$ echo $?")
    found = run(page, tmp_path)
    assert "error[E0201]" in found
    assert "$ echo $?\n1\n" in found


@pytest.mark.parametrize(
    "page",
    [
        fenced("syno", BAD),
        fenced("syno fails=E0301", BAD),
        GOOD.replace(".syno", ".syno fails=E0201"),
        fenced("syno option=1", BAD),
        GOOD.replace("}\n", "}\ntest good { params 1 }\n"),
        fenced("python", "print(1)"),
        fenced("python", "print(1)") + fenced("python", "x = 1"),
        fenced("output", "1"),
        fenced("console", "no command"),
        fenced("lark", "no_such_rule"),
    ],
)
def test_what_is_wrong(page: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, KeyError)):
        run(page, tmp_path)


def test_nothing_stays(tmp_path: Path) -> None:
    before = Path.cwd(), list(sys.path)
    (tmp_path / "left_behind.py").write_text("x = 1\n", encoding="utf-8")
    run(fenced("python", "import left_behind"), tmp_path)
    assert before == (Path.cwd(), sys.path)
    assert not {"left_behind", "page"} & sys.modules.keys()
