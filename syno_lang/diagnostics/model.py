"""What was found wrong with an input, as values.

A `Diagnostic` is a value: code, title, place, label, notes and hint.  How it looks on a terminal or
in JSON is the business of `syno_lang.diagnostics.render`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from syno_lang.diagnostics.codes import CODES

#: How many findings of one text are reported.
MAX_FINDINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name under which a user knows it (a path, or `<text>`)."""

    name: str
    text: str = field(repr=False)

    def line(self, number: int) -> str:
        """Return line `number` (from 1), without its end."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 1 <= number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: lines and columns count from 1, the end column is exclusive."""

    source: Source = field(repr=False, compare=False)
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Label:
    """A remark on a second place that helps to understand the first."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.  `code` is a key of `CODES`; `span` is absent where no text is at fault."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(f"unregistered diagnostic code {self.code}")

    @property
    def title(self) -> str:
        """The short title of the code, the same for every occurrence."""
        return CODES[self.code]

    def __str__(self) -> str:
        place = f"{self.span}: " if self.span else ""
        return f"{place}error[{self.code}]: {self.message}"


def in_text_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort by place; findings without a place come last, in the order in which they were found."""

    def place(diagnostic: Diagnostic) -> tuple[int, int, int]:
        span = diagnostic.span
        return (0, span.line, span.column) if span else (1, 0, 0)

    return sorted(dict.fromkeys(diagnostics), key=place)
