"""A definition enters as reads of tensors that may be laid out anew; such reads leave as a graph again.

An axis of the output whose entries may be permuted is a sum of a kind of its own while rules are applied:
what rules do to sums, they do to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder, Split, replace as put
from syno_lang.ir.definition import Definition, TensorDeclaration
from syno_lang.ir.pgraph import PGraph, Read
from syno_lang.ir.tensors import Tensor
from syno_lang.rewrite.labelling import Order
from syno_lang.rewrite.layout import over
from syno_lang.rewrite.reads import Free, Reads
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.monomial import product

#: The name of the output among the tensors, and its number.
OUT: Final = "out"
_OUTPUT: Final = -1

#: Coordinates that are read.
_Index = tuple[Coordinate, ...]


def axes(shape: Sequence[Size]) -> tuple[Coordinate, ...]:
    """A coordinate for each axis."""
    return tuple(Iterator(place, size) for place, size in enumerate(shape))


def freed(definition: Definition, weights: bool, unordered: Mapping[str, Collection[int]]) -> Reads:
    """What is read, with which tensors may be laid out anew and how far."""
    graph = definition.graph
    free = []
    for place, tensor in enumerate(definition.tensors):
        if tensor.role == "weight" and weights:
            free.append(Free(place, axes(tensor.shape), (0,) * len(tensor.shape)))
        elif unordered.get(tensor.name):
            groups = tuple(
                axis + 1 if axis in unordered[tensor.name] else -axis - 1 for axis in range(len(tensor.shape))
            )
            free.append(Free(place, axes(tensor.shape), groups, is_whole=True))
    reads = Reads(graph.reads, graph.expanded, tuple(free))
    turned = [
        leaf for leaf in graph.iterators if leaf.position in unordered.get(OUT, ()) and not leaf.domain.is_one
    ]
    return _with_output(reads, turned) if turned else reads


def _with_output(reads: Reads, turned: Sequence[Iterator]) -> Reads:
    """With unordered axes of the output as sums, all of which the output itself has."""
    first = max((item.label for item in reads.sums), default=0) + 1
    sums: dict[Coordinate, Coordinate] = {
        leaf: Reduce(first + number, leaf.domain, f"{OUT}{leaf.position}")
        for number, leaf in enumerate(turned)
    }
    index = tuple(sums[leaf] for leaf in turned)
    found = reads.map({top: put(top, sums.get) for top in reads.tops})
    free = Free(
        _OUTPUT, axes([leaf.domain for leaf in turned]), tuple(leaf.position + 1 for leaf in turned), True
    )
    return replace(found, reads=(*found.reads, Read(_OUTPUT, index)), free=(*found.free, free))


@dataclass(frozen=True)
class Assembled:
    """Reads put together again, with the weights that may be laid out anew last."""

    graph: PGraph
    numbers: Mapping[Coordinate, Reduce]
    tensors: tuple[TensorDeclaration, ...]
    views: Mapping[str, _Index]


def assembled(definition: Definition, reads: Reads, order: Order) -> Assembled:
    """The graph of reads whose free tensors, and their axes, come in `order`."""
    graph = definition.graph
    packed = _packed(reads, dict(order))
    output, digits = _output(packed, reads, graph)
    weights = [place for place, _ in order if not packed[place].free.is_whole]
    others = [place for place in range(len(definition.tensors)) if place not in weights]
    number = {old: new for new, old in enumerate((*others, *weights))}
    made = []
    for read in reads.reads:
        if read.tensor != _OUTPUT:
            index = packed[read.tensor].index(read.index) if read.tensor in packed else read.index
            made.append(Read(number[read.tensor], tuple(put(item, digits.get) for item in index)))
    shapes = {read.tensor: tuple(item.domain for item in read.index) for read in made}
    tensors = tuple(
        replace(definition.tensors[old], shape=shapes[new]) if new in shapes else definition.tensors[old]
        for old, new in number.items()
    )
    expanded = [put(item, digits.get) for item in reads.expanded]
    used = {leaf for top in (*(top for read in made for top in read.index), *expanded) for leaf in top.leaves}
    expanded += [leaf for leaf in graph.iterators if leaf not in used]
    plain = [Tensor(item.role, item.shape) for item in tensors]
    views = {
        tensors[number[place]].name: item.view(axes(tensors[number[place]].shape))
        for place, item in packed.items()
        if place != _OUTPUT
    }
    found, numbers = PGraph.numbered(graph.output, plain, made, expanded)
    return Assembled(found, numbers, tensors, views | ({OUT: output} if digits else {}))


def _packed(reads: Reads, order: Mapping[int, tuple[int, ...]]) -> dict[int, _Packed]:
    found = {}
    for free in reads.free:
        index = next(read.index for read in reads.reads if read.tensor == free.tensor)
        found[free.tensor] = _Packed(free, order[free.tensor], tuple(item.domain for item in index))
    return found


def _output(
    packed: Mapping[int, _Packed], reads: Reads, graph: PGraph
) -> tuple[_Index, dict[Coordinate, Coordinate]]:
    """The axes that the output had over those that it has, and what the sums are that stand for its axes."""
    if _OUTPUT not in packed:
        return graph.iterators, {}
    (index,) = (read.index for read in reads.reads if read.tensor == _OUTPUT)
    free = packed[_OUTPUT].free
    turned = [graph.iterators[number - 1] for number in sorted(set(free.groups))]
    view = dict(zip(turned, packed[_OUTPUT].view(turned), strict=True))
    digits = dict(zip(index, packed[_OUTPUT].places(turned), strict=True))
    return tuple(view.get(leaf, leaf) for leaf in graph.iterators), digits


@dataclass(frozen=True)
class _Packed:
    """How axes of a free tensor are put together: in an order, those of a group as one but in weights."""

    free: Free
    order: tuple[int, ...]
    domains: tuple[Size, ...]

    def _groups(self) -> list[list[int]]:
        """The places that make up each axis."""
        if not self.free.is_whole:
            return [[place] for place in self.order]
        numbers = dict.fromkeys(self.free.groups[place] for place in self.order)
        return [[place for place in self.order if self.free.groups[place] == number] for number in numbers]

    def index(self, index: _Index) -> _Index:
        """What each axis is read at."""
        several = ([index[place] for place in group] for group in self._groups())
        return tuple(reduce(lambda low, high: Split(high, low), reversed(group)) for group in several)

    def places(self, leaves: Sequence[Coordinate]) -> _Index:
        """What every place is, over the axes."""
        found: dict[int, Coordinate] = {}
        for group, leaf in zip(self._groups(), leaves, strict=True):
            for number, place in enumerate(group):
                below = product(self.domains[later] for later in group[number + 1 :])
                digit = leaf if below == ONE else Quotient(leaf, below)
                found[place] = Remainder(digit, self.domains[place]) if number else digit
        return tuple(found[place] for place in range(len(found)))

    def view(self, leaves: Sequence[Coordinate]) -> _Index:
        """The axes that the tensor had, over those that it has."""
        return over(self.free.view, self.places(leaves))
