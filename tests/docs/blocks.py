"""The text of a page enters, its fenced blocks leave, each with its place.

A fence is written as three backticks, a language, and words that say how the block is run:

    ```syno row_conv.syno           the text of a file, which must be without a mistake
    ```syno fails=E0201,E0301       a text that must have exactly these mistakes
    ```python                       run after the earlier ones of the page, in one namespace
    ```output                       what the python block before it prints
    ```console                      `$ command` lines and what each of them prints
    ```lark                         rules of the grammar as they are

Blocks of other languages are only shown.  Longer fences are fences of directives; those within count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[A-Za-z][^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its text lies at `start .. end` of the page."""

    language: str
    words: tuple[str, ...]
    text: str
    start: int
    end: int
    line: int

    @property
    def file(self) -> str | None:
        """The name of the file that the block is."""
        return next((word for word in self.words if "=" not in word), None)

    @property
    def fails(self) -> set[str]:
        """The codes of the mistakes that the block must have."""
        options = dict(word.split("=", 1) for word in self.words if "=" in word)
        assert options.keys() <= {"fails"}, f"line {self.line}: unknown option in {self.words}"
        return set(options["fails"].split(",")) if options else set()


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks with a language, in order."""
    for found in _FENCE.finditer(page):
        language, *words = found["info"].split()
        line = page.count("\n", 0, found.start()) + 1
        yield Block(language, tuple(words), found["text"], found.start("text"), found.end("text"), line)
