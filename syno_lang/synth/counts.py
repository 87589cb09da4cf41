"""A graph in normal form enters; how many primitives of each kind it holds leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce, Shift, Split, Stride, Unfold, walk
from syno_lang.ir.pgraph import PGraph, Read
from syno_lang.synth.digits import gaps, uses
from syno_lang.synth.layers import Layers


@dataclass(frozen=True)
class Counts:
    """Primitives by kind.  `merge` counts where coordinates are cut, `expand` the digits that nothing reads,
    `contraction` the weights, `share` their axes; SHARE is part of a contraction and not counted again.
    """

    reduce: int = 0
    merge: int = 0
    split: int = 0
    shift: int = 0
    unfold: int = 0
    stride: int = 0
    expand: int = 0
    contraction: int = 0
    share: int = 0

    @property
    def primitives(self) -> int:
        """All of them."""
        numbers: list[int] = [getattr(self, field.name) for field in fields(self)]
        return sum(numbers) - self.share


def weights_of(graph: PGraph) -> list[Read]:
    """The reads of weights, in order."""
    return [read for read in graph.reads if graph.tensors[read.tensor].role == "weight"]


def counts(graph: PGraph, layers: Layers) -> Counts:
    """Count the primitives of `graph`."""
    nodes = list(walk(*graph.tops))
    used = uses(graph.tops, layers)
    weights = weights_of(graph)

    def number(kind: type[Coordinate]) -> int:
        return sum(isinstance(node, kind) for node in nodes)

    return Counts(
        reduce=number(Reduce),
        merge=sum(len(used.cuts(base)) for base in used.digits),
        split=number(Split),
        shift=number(Shift),
        unfold=number(Unfold),
        stride=number(Stride),
        expand=len(graph.expanded) + sum(len(gaps(base, used, layers)) for base in used.digits),
        contraction=len(weights),
        share=sum(len(read.index) for read in weights),
    )


def chain(tops: Iterable[Coordinate]) -> int:
    """The most primitives on the way from a leaf to one of `tops`."""
    known: dict[Coordinate, int] = {}
    for node in walk(*tops):
        first = 0 if isinstance(node, Iterator) else 1
        known[node] = first + max((known[item] for item in node.operands), default=0)
    return max(known.values(), default=0)
