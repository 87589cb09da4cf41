"""A text that parses enters; the same tree in another spelling leaves, with comments between its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from random import Random
from typing import Any, get_args

from syno_lang.diagnostics import Source
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse, scan
from syno_lang.syntax.trivia import Word, words

#: Fields that hold expressions, which may stand in brackets.
WRAPPABLE = {
    "operand",
    "left",
    "right",
    "base",
    "value",
    "values",
    "arguments",
    "indices",
    "shape",
    "output",
    "domain",
    "items",
}


def respelt(text: str, random: Random, comments: int = 3) -> str:
    """Another spelling: other white space, more brackets and commas, and about `comments` comments."""
    return spaced(bracketed(text, random), random, comments)


def spaced(text: str, random: Random, comments: int) -> str:
    """The same tokens with other white space and with comments."""
    tokens = [str(token) for token in scan(Source("<text>", text))[0]]
    chance = min(comments / (len(tokens) + 1), 0.6)
    pieces = [gap(random, chance)]
    for token in tokens:
        pieces += [token, gap(random, chance)]
    return "".join(pieces)


def gap(random: Random, chance: float) -> str:
    blank = random.choice([" ", "  ", "\t", "\n", "\n\n", "\n \n\n", "\r\n", "\r\n\r\n"])
    while random.random() < chance:
        comment = random.choice(
            ["#", "# a", "#  b # c", "# operator x() { }", "#\u00e9\u4e2d", "# [(", "# d \t"]
        )
        blank += comment + random.choice(["\n", "\r\n", "\n\n", "\n  \n\n"]) + random.choice(["", " "])
    return blank


def bracketed(text: str, random: Random) -> str:
    """The same tree with brackets around some expressions, and with commas at the end of some lists."""
    source = Source("<text>", text)
    commas = [(place, ",") for place in list_ends(source) if random.random() < 0.2]
    # The sort keeps the order at one place, and what is put in later comes before: a bracket before a comma.
    for place, edit in sorted([*commas, *brackets(source, random)], key=lambda edit: edit[0], reverse=True):
        text = text[:place] + edit + text[place:]
    return text


def list_ends(source: Source) -> Iterator[int]:
    """Where a comma may be put: at the end of the lists in brackets that have none there yet."""
    openers: list[str] = []
    for before, word in pairwise([Word("", 0, 0), *words(source)]):
        if word.text in ("[", "("):
            openers.append(before.text)
        elif word.text in ("]", ")"):
            bare = source.text[: word.start].rstrip().endswith(("[", "(", ","))
            if openers.pop() != "approximate" and not bare:
                yield word.start


def brackets(source: Source, random: Random) -> Iterator[tuple[int, str]]:
    starts = [0]
    for line in source.text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for node in expressions(parse(source)):
        if random.random() < 0.2:
            span = node.span
            yield starts[span.line - 1] + span.column - 1, "("
            yield starts[span.end_line - 1] + span.end_column - 1, ")"


def expressions(node: Any) -> Iterator[Any]:
    """Every node below `node` that may stand in brackets."""
    for field in fields(node):
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if not isinstance(item, ast.Node):
                continue
            yield from expressions(item)
            if field.name in WRAPPABLE and isinstance(item, get_args(ast.Expression)):
                yield item
