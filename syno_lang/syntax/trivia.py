"""A source enters, its words leave, each with the comments before it; they move on to the tokens of a layout.

A word is what the tree says too: brackets that only group, a comma at the end of a list and an empty
list of sizes are left out, and their comments go to the next word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from lark import Tree

from syno_lang.diagnostics import Source
from syno_lang.syntax.layout import Comment, Token
from syno_lang.syntax.parse import scan

_COMMENT: Final = re.compile(r"#[^\n]*")

#: Before these a comma only ends a list.
_CLOSING: Final = frozenset(")]>};")


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a source from `start` to `end`, and what stood in the white space before it."""

    text: str
    start: int
    end: int
    comments: tuple[Comment, ...] = ()
    blank: bool = False

    def after(self, *earlier: Word) -> Word:
        """This word with the comments of the `earlier` ones, which are left out, before its own."""
        comments = tuple(comment for word in (*earlier, self) for comment in word.comments)
        return Word(self.text, self.start, self.end, comments, self.blank)


def words(source: Source) -> list[Word]:
    """The words of a text that parses; the last one is empty and stands at its end."""
    tokens, tree = scan(source)
    grouping = set(_grouping(tree, source.text))
    kept: list[Word] = []
    loose: list[Word] = []
    for word in _spelt(source.text, tokens):
        if word.start in grouping:
            loose.append(word)
            continue
        if kept and kept[-1].text == "," and word.text in _CLOSING:
            loose.insert(0, kept.pop())
        if (kept and kept[-1].text) == "<" and word.text == ">":
            loose = [kept.pop(), *loose, word]
            continue
        kept.append(word.after(*loose))
        loose = []
    return kept


def comments_of(source: Source) -> list[str]:
    """The comments of a text that parses, in its order."""
    return [comment.text for word in words(source) for comment in word.comments]


def attach(tokens: Iterable[Token], source: Sequence[Word]) -> None:
    """Give the tokens of a layout the comments and blank lines of the source that they lay out.

    Raises `ValueError` where the tokens say anything else than the source.
    """
    row = list(tokens)
    needed = [token for token in row if not token.optional]
    if [token.text for token in needed] != [word.text for word in source]:
        raise ValueError("this layout is none of this source")
    for token, word in zip(needed, source, strict=True):
        token.comments = list(word.comments)
        token.blank = word.blank and word.text != "}"
    for left, right in pairwise(needed):
        if left.shy == "forward":
            right.comments = left.comments + right.comments
            left.comments = []
    for left, right in reversed(list(pairwise(row))):
        if left.shy == "backward" or (left.optional and left.text == "("):
            left.comments = left.comments + right.comments
            right.comments = []


def _spelt(text: str, tokens: Iterable[Any]) -> Iterator[Word]:
    before = 0
    for token in tokens:
        spelling = str(int(token)) if token.type in ("INTEGER", "WHOLE") else str(token)
        yield _word(text, before, Word(spelling, token.start_pos, token.end_pos))
        before = token.end_pos
    yield _word(text, before, Word("", len(text), len(text)))


def _word(text: str, before: int, word: Word) -> Word:
    """`word` with the comments that stand between `before` and it."""
    comments: list[Comment] = []
    for found in _COMMENT.finditer(text, before, word.start):
        lines = text.count("\n", before, found.start())
        # The first line of a text follows no word, so nothing trails there.
        comments.append(Comment(found.group().rstrip(), before > 0 and lines == 0, lines > 1))
        before = found.end()
    blank = text.count("\n", before, word.start) > 1
    return Word(word.text, word.start, word.end, tuple(comments), blank)


def _grouping(tree: Tree[Any], text: str) -> Iterator[int]:
    """Where the brackets stand that only group."""
    for part in tree.iter_subtrees():
        meta = part.meta
        if part.data in {"group", "negative_exponent"} and text[meta.start_pos] == "(":
            yield from (meta.start_pos, meta.end_pos - 1)
