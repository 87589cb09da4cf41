"""Spaces that nobody means: whatever stands in a text, it is a space or there are findings about it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings, strategies as st

import syno_lang
from syno_lang.diagnostics import Source, SynoError
from syno_lang.modules.load import Loader
from syno_lang.syntax.format import format_text
from syno_lang.synth.ast_to_space import read_spaces
from syno_lang.synth.options import OPTIONS
from tests.syntax.trees import SPACE

ROOT = Path(__file__).parents[2]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "stdlib" / "spaces").glob("*.syno"))]
WORDS = sorted({word for text in TEXTS for word in re.findall(r"\w+(?:\.\w+)?|\S", text)})
WORDS += [option.word for option in OPTIONS] + [
    "0",
    "1e30",
    "999999999999",
    "1e-9",
    "0.5",
    "-",
    "operator",
    "'",
]


def read(text: str) -> None:
    """Read a text as a file; anything else than findings is a bug."""
    loader = Loader()
    with contextlib.suppress(SynoError):
        spaces = read_spaces(loader.text(Source("fuzz", text)), loader)
        assert all(item.limits for item in spaces.values())


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A preset in which a few words were dropped, doubled or exchanged."""
    words = re.findall(r"\w+(?:\.\w+)?|\s+|\S", draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(words) - 1))
        what = draw(st.sampled_from(["drop", "double", "exchange", "insert"]))
        if what == "drop":
            del words[place]
        elif what == "double":
            words.insert(place, f" {words[place]} ")
        else:
            words[place : place + (what == "exchange")] = [f" {draw(st.sampled_from(WORDS))} "]
    return "".join(words)


@settings(max_examples=150)
@given(mutants())
def test_mutants_of_presets(text: str) -> None:
    read(text)


@given(SPACE)
def test_trees_of_no_sense(tree: object) -> None:
    from syno_lang.syntax import ast, make
    from syno_lang.syntax.format import format_module

    assert isinstance(tree, ast.Space)
    read(format_module(ast.Module(make.NOWHERE, (tree,))))


@given(st.sampled_from(TEXTS), st.data())
def test_comments_anywhere_stay(text: str, data: st.DataObject) -> None:
    places = [
        found.end()
        for found in re.finditer(r"[\w,{}\[\]]\s", text)
        if "#" not in text[: found.end()].splitlines()[-1]
    ]
    place = data.draw(st.sampled_from(places))
    laid_out = format_text(Source("fuzz", f"{text[:place]} # kept\n{text[place:]}"))
    assert laid_out.count("# kept") == 1
    assert format_text(Source("fuzz", laid_out)) == laid_out


def test_many_layers_are_read() -> None:
    space = syno_lang.load_space("stdlib:plane")
    many = replace(space, layers=space.layers * 1000)
    from syno_lang.synth.space_to_ast import space_text

    text = space_text(many)
    loader = Loader()
    assert read_spaces(loader.text(Source("many", text)), loader)["plane"] == many
