"""Coordinates enter; which digits of which coordinate they are, and how a graph cuts it, leave.

Every chain of quotients and remainders is a digit of the coordinate below it: the places from one unit to
another, as in `(i / C) % (B/C)`, the digit of `i` between the units `C` and `B`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, walk
from syno_lang.sizes import ONE, Size
from syno_lang.synth.layers import Layers


@dataclass(frozen=True, slots=True)
class Digit:
    """The places of `base` from the unit `low` to the unit `high`, both counted in elements."""

    base: Coordinate
    low: Size
    high: Size

    @property
    def domain(self) -> Size:
        """How many values it has."""
        return self.high / self.low

    @property
    def is_major(self) -> bool:
        """Whether no digit stands before it."""
        return self.high == self.base.domain


def digit(node: Coordinate) -> Digit:
    """What `node` is a digit of; a coordinate that is none is the whole of itself."""
    if isinstance(node, Quotient):
        below = digit(node.operands[0])
        return Digit(below.base, below.low * node.block, below.high)
    if isinstance(node, Remainder):
        below = digit(node.operands[0])
        return Digit(below.base, below.low, below.low * node.block)
    return Digit(node, ONE, node.domain)


def coordinate(wanted: Digit) -> Coordinate:
    """The coordinate of a digit in normal form: the quotient first, then the remainder."""
    node = wanted.base
    if wanted.low != ONE:
        node = Quotient(node, wanted.low)
    return node if wanted.is_major else Remainder(node, wanted.domain)


@dataclass(frozen=True)
class Uses:
    """How coordinates are consumed: the digits of each, as often as they are, and where the highest ends.

    The lower digits of a SHIFT are a SHIFT of lower digits (`shift_of_remainder`), so a SHIFT of which only
    the digits below a unit are read uses no more of what it shifts, and ends at that unit.
    """

    digits: dict[Coordinate, list[Digit]]
    ends: dict[Coordinate, Size]

    def cuts(self, base: Coordinate) -> frozenset[Size]:
        """The units at which `base` is cut: each is a MERGE."""
        found = {unit for item in self.digits.get(base, ()) for unit in (item.low, item.high)}
        return frozenset(found - {ONE, self.ends.get(base, base.domain)})


def uses(tops: Iterable[Coordinate], layers: Layers) -> Uses:
    """What is consumed below `tops`, which are consumed themselves."""
    several = list(tops)
    digits: dict[Coordinate, list[Digit]] = {}
    ends: dict[Coordinate, Size] = {}

    def add(one: Digit) -> None:
        digits.setdefault(one.base, []).append(one)

    for top in several:
        add(digit(top))
    # Users come before what they use, so the uses of a SHIFT are all known when it is met.
    for node in reversed(list(walk(*dict.fromkeys(several)))):
        if isinstance(node, (Quotient, Remainder)):
            continue
        below = [digit(item) for item in node.operands]
        if isinstance(node, Shift) and node in digits:
            end = max((item.high for item in digits[node]), key=layers.rank)
            ends[node] = end
            below = [Digit(item.base, item.low, item.low * end) for item in below]
        for one in below:
            add(one)
    return Uses(digits, ends)


def overlaps(one: Digit, others: Iterable[Digit], layers: Layers) -> bool:
    """Whether a digit has places in common with one of `others` of the same coordinate."""
    return any(one.base is item.base and not _apart(one, item, layers) for item in others)


def _apart(one: Digit, other: Digit, layers: Layers) -> bool:
    """Whether one ends where the other starts, or before it, at every layer."""
    return layers.low(other.low / one.high) >= 1 or layers.low(one.low / other.high) >= 1


def gaps(base: Coordinate, used: Uses, layers: Layers) -> list[Digit]:
    """The digits of `base` that nothing reads, from the lowest; each is an EXPAND."""
    found: list[Digit] = []
    reached = ONE
    for item in sorted(used.digits.get(base, ()), key=lambda item: layers.rank(item.low)):
        if item.low != reached and layers.low(item.low / reached) >= 1:
            found.append(Digit(base, reached, item.low))
        if layers.low(item.high / reached) >= 1:
            reached = item.high
    end = used.ends.get(base, base.domain)
    return found if reached == end else [*found, Digit(base, reached, end)]


def covered(one: Digit, others: Iterable[Digit], layers: Layers) -> bool:
    """Whether every place of a digit is a place of one of `others`."""
    reached = one.low
    mine = (item for item in others if item.base is one.base)
    for item in sorted(mine, key=lambda item: layers.rank(item.low)):
        if layers.low(reached / item.low) >= 1 and layers.low(item.high / reached) >= 1:
            reached = item.high
    return layers.low(reached / one.high) >= 1


def pieces(digits: Iterable[Digit], layers: Layers) -> list[Digit]:
    """The digits of one coordinate cut at all their units."""
    several = list(digits)
    units = sorted({unit for item in several for unit in (item.low, item.high)}, key=layers.rank)
    parts = [Digit(several[0].base, low, high) for low, high in pairwise(units)]
    return [part for part in parts if overlaps(part, several, layers)]
