"""The pGraph: coordinates enter, an immutable value with equality and a digest leaves.

A pGraph states `out[iterators] = reduce over all REDUCE of the product of its reads`, where a read
is a tensor at a tuple of coordinates.  Equality does not see names, neither of coordinates nor of
tensors nor of sizes, nor the order in which independent primitives were added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce, Remainder, replace, walk
from syno_lang.ir.key import key_of
from syno_lang.ir.order import orders
from syno_lang.ir.tensors import Read, Role, Tensor
from syno_lang.sizes import Size

__all__ = ["PGraph", "Read", "Role", "Tensor"]


@dataclass(frozen=True, eq=False)
class PGraph:
    """A whole operator without its names.  Build one with `PGraph.make`.

    `output` has a domain per output axis; `reads` are sorted by tensor; `expanded` are the coordinates
    that EXPAND consumes.  Reductions are numbered by their first use, reading left to right.
    """

    output: tuple[Size, ...]
    tensors: tuple[Tensor, ...]
    reads: tuple[Read, ...]
    expanded: tuple[Coordinate, ...] = ()

    @staticmethod
    def make(
        output: Sequence[Size],
        tensors: Sequence[Tensor],
        reads: Iterable[Read],
        expanded: Iterable[Coordinate] = (),
    ) -> PGraph:
        """Number the reductions, order the reads and return the graph."""
        return PGraph.numbered(output, tensors, reads, expanded)[0]

    @staticmethod
    def numbered(
        output: Sequence[Size],
        tensors: Sequence[Tensor],
        reads: Iterable[Read],
        expanded: Iterable[Coordinate] = (),
    ) -> tuple[PGraph, dict[Coordinate, Reduce]]:
        """As `make`, together with the new reduction for each one that was put in."""
        shapes = [output, *(tensor.shape for tensor in tensors)]
        several = orders(shapes, len(tensors), tuple(reads), tuple(dict.fromkeys(expanded)))
        candidates = [_normal(tuple(output), tuple(tensors), *order) for order in several]
        return candidates[0] if len(candidates) == 1 else min(candidates, key=lambda made: made[0].key)

    @cached_property
    def key(self) -> str:
        """A text that two graphs share exactly when they are equal."""
        return key_of(self.output, self.tensors, self.reads, self.expanded)

    @cached_property
    def digest(self) -> str:
        """128 bits of the key as 32 hexadecimal digits, the same on every machine and version."""
        return hashlib.blake2b(self.key.encode(), digest_size=16).hexdigest()

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if isinstance(other, PGraph) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def tops(self) -> tuple[Coordinate, ...]:
        """Every coordinate that a tensor or an EXPAND consumes, with repetition."""
        return (*(item for read in self.reads for item in read.index), *self.expanded)

    @cached_property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """Every coordinate of the graph once, bottom-up."""
        return tuple(walk(*self.iterators, *self.tops))

    @cached_property
    def iterators(self) -> tuple[Iterator, ...]:
        """The output coordinates in the order of the output axes."""
        return tuple(Iterator(position, domain) for position, domain in enumerate(self.output))

    @cached_property
    def reductions(self) -> tuple[Reduce, ...]:
        """The reductions by label."""
        found = (node for node in walk(*self.tops) if isinstance(node, Reduce))
        return tuple(sorted(found, key=lambda node: node.label))

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """Every size that must be a positive whole number: all domains, blocks and factors, once each."""
        domains = [node.domain for node in self.coordinates]
        arguments = [item for node in self.coordinates for item in node.arguments if isinstance(item, Size)]
        shapes = [size for tensor in self.tensors for size in tensor.shape]
        # A MERGE divides its operand, whichever of its halves are used.
        merges = (node for node in self.coordinates if isinstance(node, Remainder))
        groups = [node.operands[0].domain / node.block for node in merges]
        return tuple(dict.fromkeys((*self.output, *shapes, *domains, *arguments, *groups)))

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of all size variables, sorted."""
        return tuple(sorted({name for size in self.sizes for name in size.variables}))


def _normal(
    output: tuple[Size, ...],
    tensors: tuple[Tensor, ...],
    reads: tuple[Read, ...],
    expanded: tuple[Coordinate, ...],
) -> tuple[PGraph, dict[Coordinate, Reduce]]:
    """Renumber the reductions by first use."""
    images: dict[Coordinate, Reduce] = {}

    def number(top: Coordinate) -> Coordinate:
        for node in walk(top):
            if isinstance(node, Reduce) and node not in images:
                images[node] = Reduce(len(images), node.domain, node.reducer)
        return replace(top, images.get)

    renumbered = tuple(Read(read.tensor, tuple(number(item) for item in read.index)) for read in reads)
    return PGraph(output, tensors, renumbered, tuple(number(item) for item in expanded)), images
