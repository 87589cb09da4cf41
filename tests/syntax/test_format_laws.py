"""Laws of the layout, on random trees in random spellings and on every file of the repository."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, strategies as st

from syno_lang.diagnostics import Source
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_module, format_text
from syno_lang.syntax.layout import WIDTH
from syno_lang.syntax.parse import parse, read
from syno_lang.syntax.trivia import comments_of
from tests.syntax.respell import respelt, spaced
from tests.syntax.trees import MODULES

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for name in ("stdlib", "examples") for path in (ROOT / name).rglob("*.syno"))

RANDOM = st.integers(0, 2**32).map(Random)


def of(text: str) -> Source:
    return Source("<text>", text)


def check_laws(text: str) -> None:
    """What holds for every text that parses."""
    once = format_text(of(text))
    assert parse(of(once)) == parse(of(text)), once
    assert format_text(of(once)) == once
    assert Counter(comments_of(of(once))) == Counter(comments_of(of(text))), once
    ends = "\r\n" if "\r\n" in once else "\n"
    assert once.replace(ends, "").count("\n") == 0
    assert not once or (once.endswith(ends) and not once.startswith(ends))
    assert ends * 3 not in once
    assert all(line == line.rstrip() for line in once.split(ends))


@given(MODULES)
def test_trees_read_back(tree: ast.Module) -> None:
    assert parse(of(format_module(tree))) == tree


@given(MODULES, RANDOM)
def test_laws_of_random_spellings(tree: ast.Module, random: Random) -> None:
    text = respelt(format_module(tree), random)
    assert parse(of(text)) == tree
    check_laws(text)


@given(MODULES, RANDOM)
def test_laws_of_texts_full_of_comments(tree: ast.Module, random: Random) -> None:
    check_laws(respelt(format_module(tree), random, comments=100))


@given(MODULES, RANDOM)
def test_the_layout_depends_on_the_tree_alone(tree: ast.Module, random: Random) -> None:
    """Without comments nothing of the spelling is left but blank lines."""
    laid_out = format_module(tree)
    again = format_text(of(spaced(laid_out, random, comments=0)))
    assert [line for line in again.splitlines() if line] == [line for line in laid_out.splitlines() if line]


@given(st.lists(st.sampled_from(["# a", "#", "", " ", "\t# b  "])), st.sampled_from(["\n", "\r\n"]))
def test_laws_of_files_without_an_operator(lines: list[str], ends: str) -> None:
    check_laws(ends.join(lines))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_laws_of_every_file(path: Path) -> None:
    check_laws(read(path).text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_laid_out(path: Path) -> None:
    """Where this fails, `syno fmt stdlib examples` helps."""
    text = read(path).text
    assert format_text(of(text)) == text
    assert all(len(line) <= WIDTH or '"' in line or "#" in line for line in text.split("\n"))
