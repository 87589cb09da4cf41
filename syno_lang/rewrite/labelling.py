"""Reads enter some of whose tensors have no order of axes; one order of those axes and tensors leaves.

Everything is given a colour by what it is made of and by what is made of it, again and again, as in the usual
refinement of graphs. What has the same colour then is tried in every order, up to a bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, permutations, product
from typing import Any, Final

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce, walk
from syno_lang.ir.key import appearances
from syno_lang.ir.order import fingerprint
from syno_lang.ir.tensors import Read
from syno_lang.rewrite.layout import Axis, axes_of
from syno_lang.rewrite.reads import Free, Reads
from syno_lang.sizes import Size

#: How many orders of what looks the same are tried at most.
MAX_ORDERS: Final = 120

#: The free tensors in their order, each with the order of its axes.
Order = tuple[tuple[int, tuple[int, ...]], ...]


def orders(reads: Reads, fixed: Sequence[Sequence[Size]]) -> Iterate[Order]:
    """The orders of the free tensors of `reads` that have to be tried; `fixed` are the other shapes."""
    colours = _Colours(reads, fixed)
    weights = [free.tensor for free in reads.free if not free.is_whole]
    groups = _tied(weights, lambda tensor: colours.tensors[tensor])
    whole = [free.tensor for free in reads.free if free.is_whole]
    axes = {free.tensor: list(_axis_orders(reads, free, colours)) for free in reads.free}
    every = (
        tuple(zip(chosen, places, strict=True))
        for several in product(*(permutations(group) for group in groups))
        for chosen in [(*whole, *(tensor for group in several for tensor in group))]
        for places in product(*(axes[tensor] for tensor in chosen))
    )
    return islice(every, MAX_ORDERS)


def _axis_orders(reads: Reads, free: Free, colours: _Colours) -> Iterate[tuple[int, ...]]:
    """Orders of the axes of each group; groups follow one another as their numbers do."""
    axes = axes_of(reads, free.tensor)
    ties = _tied(range(len(axes)), lambda place: (abs(free.groups[place]), colours.of_axis(axes[place])))
    for several in product(*(permutations(tie) for tie in ties)):
        yield tuple(place for tie in several for place in tie)


def _tied(items: Iterable[int], key: Any) -> list[list[int]]:
    return [list(group) for _, group in groupby(sorted(items, key=key), key)]


@dataclass
class _Colours:
    """Colours of coordinates, of size variables and of free tensors, which do not depend on any order."""

    reads: Reads
    fixed: Sequence[Sequence[Size]]

    def __post_init__(self) -> None:
        self.free = {free.tensor: free for free in self.reads.free}
        self.nodes = list(walk(*self.reads.tops))
        places = appearances(size for shape in self.fixed for size in shape)
        names = {name for node in self.nodes for size in _sizes(node) for name in size.variables}
        self.variables = {name: fingerprint(*places.get(name, ())) for name in names}
        self.tensors = {item.tensor: str(item.tensor) if item.is_whole else "" for item in self.reads.free}
        self.met = self._met()
        self.coordinates = {node: fingerprint(type(node).__name__, *_plain(node)) for node in self.nodes}
        before = 0
        while before < (now := self._distinct()):
            self._refine()
            before = now

    def _distinct(self) -> int:
        return (
            len({*self.coordinates.values()})
            + len({*self.variables.values()})
            + len({*self.tensors.values()})
        )

    def of_axis(self, axis: Axis) -> tuple[int, int, list[str]]:
        """By which axes are sorted: leaves as they are met, anything else by colour."""
        number = self.met.get(axis[0], -1) if len(set(axis)) == 1 else -1
        return (number < 0, number, sorted(self.coordinates[item] for item in axis))

    def _met(self) -> dict[Coordinate, int]:
        """The iterators, then the sums as the other tensors have them, unless those have no order either."""
        fixed = [read for read in self.reads.reads if read.tensor not in self.free]
        found: dict[Coordinate, int] = {
            node: node.position for node in self.nodes if isinstance(node, Iterator)
        }
        if len({read.tensor for read in fixed}) < len(fixed):
            return found
        tops = [item for read in sorted(fixed, key=lambda read: read.tensor) for item in read.index]
        sums = [node for node in walk(*tops) if isinstance(node, Reduce)]
        return {**found, **{node: number for number, node in enumerate(sums, len(self.fixed[0]))}}

    def _refine(self) -> None:
        users: dict[Coordinate, list[str]] = {node: [] for node in self.nodes}
        read_by: dict[int, list[str]] = {tensor: [] for tensor in self.free}
        for node in self.nodes:
            for place, operand in enumerate(node.operands):
                users[operand].append(fingerprint(place, self.coordinates[node]))
        for read in self.reads.reads:
            groups = self._groups(read)
            colours = [
                fingerprint(group, self.coordinates[item])
                for group, item in zip(groups, read.index, strict=True)
            ]
            look = fingerprint(*sorted(colours), self.tensors.get(read.tensor, read.tensor))
            read_by.get(read.tensor, []).append(look)
            for group, item in zip(groups, read.index, strict=True):
                users[item].append(fingerprint(look, group))
        for item in self.reads.expanded:
            users[item].append("expand")
        self.variables = {name: fingerprint(old, *self._uses(name)) for name, old in self.variables.items()}
        self.tensors = {
            tensor: fingerprint(self.tensors[tensor], *sorted(found)) for tensor, found in read_by.items()
        }
        self.coordinates = {node: self._again(node, users[node]) for node in self.nodes}

    def _groups(self, read: Read) -> tuple[int, ...]:
        """What tells the axes of a read apart: groups, or places."""
        free = self.free.get(read.tensor)
        return tuple(range(len(read.index))) if free is None else free.groups

    def _uses(self, name: str) -> list[tuple[str, int, int]]:
        return sorted(
            (self.coordinates[node], place, dict(size.powers)[name])
            for node in self.nodes
            for place, size in enumerate(_sizes(node))
            if name in size.variables
        )

    def _again(self, node: Coordinate, users: list[str]) -> str:
        sizes = [
            (
                size.numerator,
                size.denominator,
                sorted((self.variables[name], power) for name, power in size.powers),
            )
            for size in _sizes(node)
        ]
        below = [self.coordinates[operand] for operand in node.operands]
        return fingerprint(self.coordinates[node], *sizes, *below, *sorted(users))


def _sizes(node: Coordinate) -> list[Size]:
    return [node.domain, *(item for item in node.arguments if isinstance(item, Size))]


def _plain(node: Coordinate) -> list[object]:
    """What a coordinate says without sizes, operands and labels."""
    if isinstance(node, Reduce):
        return [node.reducer]
    return [item for item in node.arguments if not isinstance(item, (Size, Coordinate))]
