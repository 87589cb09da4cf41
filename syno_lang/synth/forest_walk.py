"""A space enters; a walk without dead ends leaves: what the tables know, one choice at a time.

A state is what has been derived and what is still open, the leftmost first.  It has as many completions as
what is open has things: their product.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from syno_lang.ir.definition import Definition
from syno_lang.synth.define import definition_of
from syno_lang.synth.forest import Derivation, Entry
from syno_lang.synth.sample import Sampler
from syno_lang.synth.space import Space


@dataclass(frozen=True)
class Choice:
    """The way that is taken for what is open first."""

    kind: str
    key: str
    number: int


@dataclass(frozen=True)
class Open:
    """Choices made so far, as the numbers of ways, and the entries that are open, the next one last."""

    taken: tuple[int, ...]
    entries: tuple[Entry, ...]

    def __hash__(self) -> int:
        return hash(self.taken)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Open) and self.taken == other.taken


class ForestWalk:
    """The operators of a space as a tree of choices, with exact counts."""

    def __init__(self, space: Space, sampler: Sampler | None = None) -> None:
        self.space = space
        self.sampler = sampler or Sampler(space)
        self.order = sorted(self.sampler.forests)

    def root(self) -> Open:
        """Nothing is chosen."""
        return Open((), ())

    def steps(self, state: Open) -> Sequence[Choice]:
        """The ways from which something follows; none where nothing is open."""
        if not state.taken:
            return [
                Choice("contraction", f"{w} weights, {n} primitives", place)
                for place, (w, n) in enumerate(self.order)
            ]
        if not state.entries:
            return []
        ways = state.entries[-1].ways
        return [
            Choice(_kind(way.rule), f"{number}: {way.rule!r}", number)
            for number, way in enumerate(ways)
            if way.things
        ]

    def after(self, state: Open, step: Choice) -> Open:
        """The state with one more choice; where there is but one way it is taken at once."""
        taken = [*state.taken, step.number]
        entries = list(state.entries)
        if not state.taken:
            entries = [self.sampler.forests[self.order[step.number]]]
        else:
            _open(entries, step.number)
        while entries and len(entries[-1].ways) == 1:
            taken.append(0)
            _open(entries, 0)
        return Open(tuple(taken), tuple(entries))

    def result(self, state: Open) -> Definition | None:
        """The operator of a complete state, if it is within the costs."""
        if not state.taken or state.entries:
            return None
        weights, _ = self.order[state.taken[0]]
        ways = iter(state.taken[1:])
        derivation = _derive(self.sampler.forests[self.order[state.taken[0]]], ways)
        graph = self.sampler.graph(weights, derivation)
        return definition_of(self.space, graph) if self.sampler.affordable(graph) else None

    def count(self, state: Open) -> int:
        """How many complete states follow: one for each numbering of the weights of an operator."""
        if not state.taken:
            return sum(entry.count for entry in self.sampler.forests.values())
        return prod(entry.count for entry in state.entries)

    def key(self, state: Open) -> str:
        """A text that equal states share on every machine."""
        return hashlib.blake2b(repr(state.taken).encode(), digest_size=16).hexdigest()


def _open(entries: list[Entry], number: int) -> None:
    """Take a way of the last entry: its parts are open in its place, the left one first."""
    way = entries.pop().ways[number]
    entries += [part for part in (way.right, way.left) if part is not None]


def _derive(entry: Entry, ways: object) -> Derivation:
    """What a sequence of choices derives."""
    way = entry.ways[next(ways)]  # type: ignore[call-overload]
    left = None if way.left is None else _derive(way.left, ways)
    right = None if way.right is None else _derive(way.right, ways)
    return Derivation(way.rule, left, right)


def _kind(rule: tuple[object, ...]) -> str:
    """The primitive of a rule, for priors."""
    kinds = {
        "use": "contraction",
        "both": "read",
        "axis": "read",
        "root": "read",
        "same": "read",
        "wait": "merge",
    }
    return kinds.get(str(rule[0]), str(rule[0]))
