"""An operator in its source enters; who owns the comments of its body leaves, in words of both notations."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from syno_lang.diagnostics import Span
from syno_lang.syntax import ast
from syno_lang.syntax.format_body import factors
from syno_lang.syntax.layout import Comment
from syno_lang.syntax.trivia import Word

#: The bracket that opens or closes the body, `out` for the output coordinates, `sum` with a number, `read`
#: with a tensor and a number, `expand`, or `name` with the coordinates that a statement names.
Owner = tuple[str | int, ...]

OPEN: Owner = ("{",)
END: Owner = ("}",)
OUT: Owner = ("out",)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an owner stands in the text."""

    owner: Owner
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Body:
    """A body from `graph` or `{` to `}`: its operator, its words, and the owners in it from left to right.

    The first place is that of `{`, the last one that of `}`.
    """

    operator: ast.Operator
    words: Sequence[Word]
    places: Sequence[Place]

    @property
    def start(self) -> int:
        """Where `graph` or `{` stands."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where the text after `}` begins."""
        return self.words[-1].end

    def comments(self) -> Iterator[tuple[Owner, Comment]]:
        """Every comment of the body with its owner: what it trails, or what it stands before."""
        for number, word in enumerate(self.words[1:]):
            for comment in word.comments:
                if comment.trailing:
                    yield self._trailed(self.words[number]), comment
                else:
                    yield self._next(word), comment

    def _trailed(self, word: Word) -> Owner:
        return next((place.owner for place in reversed(self.places) if place.start <= word.start), OPEN)

    def _next(self, word: Word) -> Owner:
        return next(place.owner for place in self.places[1:] if place.end > word.start)


class Reader:
    """Finds the bodies of the operators of one text."""

    def __init__(self, text: str, spelt: Sequence[Word]) -> None:
        self.spelt = spelt
        self.starts = [word.start for word in spelt]
        self.lines = [0]
        for line in text.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def body(self, operator: ast.Operator) -> Body:
        """The body of an operator of the text."""
        start, end = self._offsets(operator.span)
        inside = self.spelt[bisect_left(self.starts, start) : bisect_left(self.starts, end)]
        opening = next(number for number, word in enumerate(inside) if word.text == "{")
        first, last = inside[opening], inside[-1]
        places = [Place(owner, *self._offsets(node.span)) for node, owner in _owners(operator)]
        places = [Place(OPEN, first.start, first.end), *places, Place(END, last.start, last.end)]
        return Body(operator, inside[opening - operator.is_graph :], places)

    def _offsets(self, span: Span) -> tuple[int, int]:
        start = self.lines[span.line - 1] + span.column - 1
        return start, self.lines[span.end_line - 1] + span.end_column - 1


def _owners(operator: ast.Operator) -> Iterator[tuple[ast.Node, Owner]]:
    sums, reads = count(), Counter[str]()
    for statement in operator.statements:
        if not isinstance(statement, ast.Equation):
            yield statement, _owner(statement, sums, reads)
            continue
        yield statement.target, OUT
        for reduction in statement.reductions:
            yield reduction, ("sum", next(sums))
        for factor in factors(statement.value):
            yield factor, _owner(factor, sums, reads)


def _owner(node: ast.Node, sums: Iterator[int], reads: Counter[str]) -> Owner:
    match node:
        case ast.Access(tensor=tensor):
            reads[tensor.text] += 1
            return ("read", tensor.text, reads[tensor.text])
        case ast.Binding(values=(ast.Name(text="output"),)):
            return OUT
        case ast.Binding(values=(ast.Call(function=ast.Name(text="reduce" | "mean")),)):
            return ("sum", next(sums))
        case ast.Binding(targets=targets):
            return ("name", *(name.text for name in targets))
    return ("expand",)
