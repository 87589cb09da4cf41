"""A space and a source of chance enter; an operator leaves that is built without a thought for normal forms."""

from __future__ import annotations

from random import Random

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
    replace,
    walk,
)
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.sizes import ONE, Size
from syno_lang.synth.space import Space


class Rough:
    """Operators of a space, most of them no members."""

    def __init__(self, space: Space, random: Random) -> None:
        self.space, self.random = space, random
        names = [size.declaration.name for size in space.sizes]
        plain = [Size.variable(name) for name in names]
        domains = {one * other for one in (ONE, *plain) for other in plain}
        domains |= {one / other for one in plain for other in plain if one != other}
        self.sizes = sorted((size for size in domains if self.legal(size)), key=str)

    def legal(self, size: Size) -> bool:
        """Whether a size is whole and more than 1."""
        value = size.evaluate(self.space.layers[0])
        return value.denominator == 1 and value > 1

    def graph(self) -> PGraph | None:
        """One operator, or `None` where none came about."""
        outputs = [Iterator(place, axis.size) for place, axis in enumerate(self.space.outputs)]
        number = self.random.randrange(3)
        live: list[Coordinate] = [
            *outputs,
            *(Reduce(n, self.random.choice(self.sizes)) for n in range(number)),
        ]
        seen: list[Coordinate] = [*live]
        for _ in range(self.random.randrange(5)):
            self.view(live, seen)
        return self.finish(live, seen)

    def view(self, live: list[Coordinate], seen: list[Coordinate]) -> None:
        """One view of what the data has."""
        kind = self.random.choice([Split, Split, Quotient, Quotient, Shift, Unfold, Stride])
        self.random.shuffle(live)
        if kind in (Split, Unfold) and len(live) > 1:
            made: list[Coordinate] = [kind(live.pop(), live.pop())]
        elif not live:
            return
        else:
            made = self.single(kind, live.pop())
        live += made
        seen += made

    def single(self, kind: type[Coordinate], node: Coordinate) -> list[Coordinate]:
        """A view of one coordinate; the coordinate itself where there is none."""
        if kind is Shift:
            return [Shift(node, 1)]
        if kind is Stride:
            return [Stride(node, self.random.choice(self.sizes))]
        blocks = [size for size in self.sizes if self.legal(node.domain / size)]
        if kind is not Quotient or not blocks:
            return [node]
        block = self.random.choice(blocks)
        return [Quotient(node, block), Remainder(node, block)]

    def finish(self, live: list[Coordinate], seen: list[Coordinate]) -> PGraph | None:
        """Read the data and the weights."""
        index = []
        for axis in self.space.inputs:
            fitting = [node for node in live if node.domain == axis.size]
            if not fitting:
                return None
            index.append(self.random.choice(fitting))
            live.remove(index[-1])
        several = self.random.randrange(self.space.limits.tensors)
        pool = list(dict.fromkeys([*seen, *walk(*index)]))
        pool += [half for node in self.random.sample(pool, 1) for half in self.single(Quotient, node)]
        weights: list[set[Coordinate]] = [set() for _ in range(several)]
        for node in live:
            if not weights and self.space.limits.expand == 0:
                return None
            if weights:
                self.random.choice(weights).add(node)
        for weight in weights:
            for node in self.random.sample(pool, min(len(pool), self.random.randrange(4))):
                weight.add(node)
        if not all(weights):
            return None
        return self.made(tuple(index), [tuple(weight) for weight in weights])

    def made(self, index: tuple[Coordinate, ...], weights: list[tuple[Coordinate, ...]]) -> PGraph | None:
        """The graph, where everything that is put out or summed is read."""
        indices = [index, *weights]
        tensors = [
            Tensor("weight" if n else "input", tuple(node.domain for node in item))
            for n, item in enumerate(indices)
        ]
        output = [axis.size for axis in self.space.outputs]
        used = {leaf for item in indices for node in item for leaf in node.leaves}
        if not all(Iterator(place, size) in used for place, size in enumerate(output)):
            return None
        return PGraph.make(output, tensors, [Read(n, item) for n, item in enumerate(indices)])

    def mutated(self, graph: PGraph) -> PGraph | None:
        """The operator with one thing changed: an axis of a weight, a view, or the order of the data's axes."""
        index, *weights = [read.index for read in graph.reads]
        nodes = list(walk(*graph.tops))
        kind, node = self.random.randrange(6), self.random.choice(nodes)
        if kind == 0 and weights:
            place = self.random.randrange(len(weights))
            added = self.random.choice(self.single(Quotient, node))
            weights[place] = tuple(dict.fromkeys((*weights[place], added)))
        elif kind == 1 and weights:
            place = self.random.randrange(len(weights))
            weights[place] = tuple(item for item in weights[place] if item is not node)
        elif kind == 2:
            index = tuple(replace(top, {node: Shift(node, 1)}.get) for top in index)
        elif kind == 3:
            index = tuple(self.random.sample(index, len(index)))
        elif kind == 4:
            return self._exchanged(graph, index, weights)
        elif self.space.limits.tensors > 1 + len(weights):
            weights.append((node, *self.random.sample(nodes, min(2, len(nodes)))))
        return self._checked(index, weights)

    def _exchanged(
        self, graph: PGraph, index: tuple[Coordinate, ...], weights: list[tuple[Coordinate, ...]]
    ) -> PGraph | None:
        """Two coordinates of one domain in the place of each other."""
        nodes = [item for item in walk(*graph.tops) if not item.operands]
        one, other = self.random.choice(nodes), self.random.choice(nodes)
        if one.domain != other.domain:
            return None
        both = {one: other, other: one}
        return self._checked(
            tuple(replace(top, both.get) for top in index),
            [tuple(replace(top, both.get) for top in weight) for weight in weights],
        )

    def _checked(self, index: tuple[Coordinate, ...], weights: list[tuple[Coordinate, ...]]) -> PGraph | None:
        shape = tuple(node.domain for node in index)
        if not all(weights) or shape != tuple(axis.size for axis in self.space.inputs):
            return None
        return self.made(index, [tuple(dict.fromkeys(weight)) for weight in weights])
