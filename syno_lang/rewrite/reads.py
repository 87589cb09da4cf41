"""What the product of an operator is made of: the value that rules over a whole operator take and give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from syno_lang.ir.coordinates import Coordinate, Reduce, walk
from syno_lang.ir.tensors import Read


@dataclass(frozen=True)
class Free:
    """A tensor that may be laid out anew; `view` has the axes that it had over those that it has.

    Axes of one group may be exchanged for others of the group, but those of a group below 0 stay.  Where
    `is_whole` every entry stays, else entries that are never read may go.
    """

    tensor: int
    view: tuple[Coordinate, ...]
    groups: tuple[int, ...]
    is_whole: bool = False


@dataclass(frozen=True)
class Reads:
    """What the product of an operator is made of, without an order of its own.

    `free` tensors may be laid out anew.
    """

    reads: tuple[Read, ...]
    expanded: tuple[Coordinate, ...]
    free: tuple[Free, ...] = ()

    @property
    def tops(self) -> tuple[Coordinate, ...]:
        """Every coordinate that is read or expanded."""
        return (*(item for read in self.reads for item in read.index), *self.expanded)

    @property
    def sums(self) -> list[Reduce]:
        """The reductions in the order in which they are met."""
        return [node for node in walk(*self.tops) if isinstance(node, Reduce)]

    def map(self, image: dict[Coordinate, Coordinate]) -> Reads:
        """The same with `image` of every top."""
        reads = tuple(Read(read.tensor, tuple(image[item] for item in read.index)) for read in self.reads)
        return replace(self, reads=reads, expanded=tuple(image[item] for item in self.expanded))

    def also(self, expanded: Iterable[Coordinate]) -> Reads:
        """The same with more that is expanded."""
        return replace(self, expanded=tuple(dict.fromkeys((*self.expanded, *expanded))))

    def without(self, *expanded: Coordinate) -> Reads:
        """The same with less that is expanded."""
        return replace(self, expanded=tuple(item for item in self.expanded if item not in expanded))
