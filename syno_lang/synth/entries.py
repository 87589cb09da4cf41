"""Tables of entries by what they take: the few things that everything which fills them needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate
from itertools import combinations

from syno_lang.synth.budget import NOTHING, Amount
from syno_lang.synth.forest import Entry, Way

Entries = dict[Amount, Entry]

#: Output coordinates by position, and digits that wait by their numbers.
Leaves = frozenset[int]

#: Parts of operators by the leaves that they use and the primitives that they take.
Parts = dict[tuple[Leaves, int], Entries]


def put(found: Entries, amount: Amount, way: Way) -> None:
    """One more way to something that takes `amount`."""
    entry = found.get(amount)
    if entry is None:
        entry = found[amount] = Entry()
    entry.add(way)


def single(way: Way) -> Entry:
    """What is made in one way."""
    entry = Entry()
    entry.add(way)
    return entry


def nothing() -> Parts:
    """The part that is none."""
    return {(frozenset(), 0): {NOTHING: single(Way(("nothing",)))}}


def subsets(leaves: Iterable[int]) -> Iterate[Leaves]:
    """All sets of some of `leaves`."""
    several = sorted(leaves)
    for count in range(len(several) + 1):
        yield from map(frozenset, combinations(several, count))
