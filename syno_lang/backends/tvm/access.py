"""A stage and the values of its sizes enter; how each of its reads moves with each of its loops leaves.

The *places* of a read are its highest UNFOLDs and what else its index is made of: all that the value read
depends on.  A copy of a read is an array with a dimension for each place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from syno_lang.backends.tvm.intervals import Linear, Variable, conditions, linear
from syno_lang.ir.coordinates import Coordinate, Unfold, walk
from syno_lang.lower.affine import index_of
from syno_lang.lower.stages import BufferRead, Stage

NO_LOOPS: Final[Mapping[str, int]] = {}


@dataclass(frozen=True)
class Place:
    """A coordinate that a read depends on, and its value over the loops of the stage, by name."""

    coordinate: Coordinate
    value: Linear
    guarded: bool

    @property
    def extent(self) -> int:
        """How many values it has, those outside of its domain included."""
        low, high = self.value.interval
        return high - low + 1


@dataclass(frozen=True)
class Access:
    """A read: its places, and by the name of a loop the distance in memory between two steps of it.

    The distance is `None` where it is not the same everywhere.  `beyond` says that a loop leaves its axis.
    """

    read: BufferRead
    places: tuple[Place, ...]
    strides: Mapping[str, int | None]
    beyond: bool = False

    @property
    def guarded(self) -> bool:
        """Whether a place can lie outside of its domain."""
        return any(place.guarded for place in self.places)

    @property
    def elements(self) -> int:
        """The elements of a copy."""
        return prod(place.extent for place in self.places)

    def copied(self, loop: str) -> int | None:
        """The stride of `loop` in a copy whose last dimensions are the places that move with it."""
        moved = [place for place in self.places if _step(place.value, loop) != 0]
        return None if len(moved) > 1 else _step(moved[0].value, loop) if moved else 0

    def ordered(self, loop: str | None) -> tuple[Place, ...]:
        """The places, those that move with `loop` last."""
        return tuple(
            sorted(self.places, key=lambda place: loop is not None and _step(place.value, loop) != 0)
        )


def access(
    stage: Stage, read: BufferRead, sizes: Mapping[str, int], rounded: Mapping[str, int] = NO_LOOPS
) -> Access | None:
    """Look at `read`; `None` where it is outside at every point.

    `rounded` are loops that go further than their axes: there the read must be a copy, with zeros beyond.
    """
    loops = {
        axis.name: Variable(axis.name, rounded.get(axis.name, axis.domain.value(sizes)))
        for axis in (*stage.axes, *stage.reductions)
    }
    places, beyond = [], False
    for node in dict.fromkeys(_frontier(read.index)):
        value = linear(index_of(node), loops, sizes)
        tests = conditions(value, node.domain.value(sizes))
        if tests is None:
            return None
        places.append(Place(node, value, bool(tests)))
        beyond |= bool(tests) and not isinstance(node, Unfold)
    index = [linear(index_of(item), loops, sizes) for item in read.index]
    shape = [item.domain.value(sizes) for item in read.index]
    return Access(read, tuple(places), {name: distance(index, shape, name) for name in loops}, beyond)


def distance(index: Sequence[Linear], shape: Sequence[int], loop: str) -> int | None:
    """How far apart in an array of `shape` two steps of `loop` are; `None` where that varies."""
    position, elements = Linear(), 1
    for item, extent in zip(reversed(index), reversed(shape), strict=True):
        position += item.scaled(elements)
        elements *= extent
    return _step(position, loop)


def _frontier(index: Iterable[Coordinate]) -> Iterate[Coordinate]:
    for node in index:
        # Above an UNFOLD there is no saying what the index is where the UNFOLD is outside.
        if isinstance(node, Unfold) or not any(isinstance(below, Unfold) for below in walk(node)):
            yield node
        else:
            yield from _frontier(node.operands)


def _step(value: Linear, loop: str) -> int | None:
    """By how much `value` grows with a step of `loop`; `None` where that varies."""
    found: int | None = 0
    for atom, number in value.terms:
        if isinstance(atom, Variable):
            if atom.name == loop and found is not None:
                found += number
        elif _step(atom.operand, loop) != 0:
            found = None
    return found
