"""Ways to derive something enter; how many things that makes, and each of them by its number, leave.

A forest shares what derivations have in common: an `Entry` is whatever one of its ways gives, a way puts
together at most two entries.  If every thing has one derivation, counts are exact, and a number below the
count stands for one thing: a random number is a uniform sample, all numbers are an enumeration.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator as Iterate
from itertools import accumulate
from typing import Any, NamedTuple


class Way(NamedTuple):
    """One way to make a thing: by `rule`, of a thing of `left` and one of `right` where there are such."""

    rule: Any
    left: Entry | None = None
    right: Entry | None = None

    @property
    def things(self) -> int:
        """How many things it makes."""
        first = 1 if self.left is None else self.left.count
        return first if self.right is None else first * self.right.count


class Derivation(NamedTuple):
    """One thing: the rule at its top, and what the rule puts together."""

    rule: Any
    left: Derivation | None = None
    right: Derivation | None = None


class Entry:
    """All things that one of `ways` makes; complete once it has been counted."""

    __slots__ = ("_sums", "count", "ways")

    def __init__(self) -> None:
        self.ways: list[Way] = []
        self.count = 0
        self._sums: list[int] | None = None

    def add(self, way: Way) -> None:
        """Another way.  What it puts together must be complete."""
        self.ways.append(way)
        self.count += way.things

    def sums(self) -> list[int]:
        """How many things the ways before each make, and all of them."""
        if self._sums is None:
            self._sums = list(accumulate((way.things for way in self.ways), initial=0))
        return self._sums

    def at(self, number: int) -> Derivation:
        """The thing of a number from 0 to `count - 1`.  Raises `IndexError` for any other."""
        if not 0 <= number < self.count:
            raise IndexError(f"there are {self.count} things, none with the number {number}")
        place = bisect_right(self.sums(), number) - 1
        rule, left, right = self.ways[place]
        number -= self.sums()[place]
        if left is None:
            return Derivation(rule)
        if right is None:
            return Derivation(rule, left.at(number))
        first, second = divmod(number, right.count)
        return Derivation(rule, left.at(first), right.at(second))

    def __iter__(self) -> Iterate[Derivation]:
        """All things in the order of their numbers."""
        return map(self.at, range(self.count))
