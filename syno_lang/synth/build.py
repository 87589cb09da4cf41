"""A derivation enters; the pGraph that it derives leaves."""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass, field

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
    walk,
)
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.synth.cuts import Cut
from syno_lang.synth.digits import Digit, coordinate
from syno_lang.synth.forest import Derivation
from syno_lang.synth.space import Space


@dataclass
class Builder:
    """What is built so far of one operator: the coordinates of the data by axis, and those of each weight."""

    space: Space
    weights: int
    sums: int = 0
    waiting: dict[int, Coordinate] = field(default_factory=dict)
    axes: dict[int, Coordinate] = field(default_factory=dict)
    axes_of_weights: list[list[Coordinate]] = field(default_factory=list)

    def graph(self, derivation: Derivation) -> PGraph:
        """The pGraph of a whole operator; its weights, and their axes, have a fixed order."""
        self.axes_of_weights = [[] for _ in range(self.weights)]
        for axis, place in self.space.keep:
            self.axes[axis] = Iterator(place, self.space.outputs[place].size)
        pending = list(_parts(derivation))
        # A coordinate has to be there before its digits are used.
        pending.sort(key=lambda part: part.rule[0] != "wait")
        for part in pending:
            self._part(part)
        data = tuple(self.axes[axis] for axis in range(len(self.space.inputs)))
        consumed = set(walk(*data))
        for index in self.axes_of_weights:
            index[:] = [in_data(node, consumed) for node in index]
        several = sorted((tuple(sorted(index, key=repr)) for index in self.axes_of_weights), key=repr)
        tensors = [Tensor("input", tuple(axis.size for axis in self.space.inputs))]
        tensors += [Tensor("weight", tuple(node.domain for node in index)) for index in several]
        reads = [Read(place, index) for place, index in enumerate((data, *several))]
        return PGraph.make(tuple(axis.size for axis in self.space.outputs), tensors, reads)

    def _part(self, derivation: Derivation) -> None:
        kind = derivation.rule[0]
        if kind == "axis":
            assert derivation.left is not None
            self.axes[derivation.rule[1]] = self._coordinate(derivation.left)
        elif kind == "use":
            assert derivation.left is not None
            self._use(self._coordinate(derivation.left), derivation.rule[1])
        elif kind == "wait":
            self._wait(derivation)

    def _wait(self, derivation: Derivation) -> None:
        assert derivation.left is not None
        _, cut, numbers = derivation.rule
        base = self._coordinate(derivation.left)
        self._use(base, cut)
        for number, interval in zip(numbers, cut.intervals, strict=True):
            self.waiting[number] = digit_of(base, cut, interval)

    def _coordinate(self, derivation: Derivation) -> Coordinate:
        rule, left, right = derivation
        kind = rule[0]
        if kind == "iterator":
            return Iterator(rule[1], self.space.outputs[rule[1]].size)
        if kind == "reduce":
            self.sums += 1
            return Reduce(self.sums - 1, rule[1])
        if kind == "digit":
            return self.waiting[rule[1]]
        assert left is not None
        inner = self._coordinate(left)
        if kind == "same":
            return inner
        if kind == "use":
            found = self._use(inner, rule[1])
            assert found is not None
            return found
        if kind == "shift":
            return shifted(inner)
        if kind == "stride":
            return Stride(inner, rule[1])
        assert right is not None
        other = self._coordinate(right)
        return Split(inner, other) if kind == "split" else Unfold(inner, other)

    def _use(self, base: Coordinate, cut: Cut) -> Coordinate | None:
        """Let weights read what they read of `base`; the part that the data consumes, if any, is returned."""
        for weight, index in enumerate(self.axes_of_weights):
            index += [digit_of(base, cut, run) for run in cut.runs(weight)]
        return digit_of(base, cut, cut.intervals[0]) if cut.intervals else None


def _parts(derivation: Derivation) -> Iterate[Derivation]:
    """What an operator is put together of."""
    if derivation.rule[0] in ("axis", "use", "wait"):
        yield derivation
        return
    for part in (derivation.left, derivation.right):
        if part is not None:
            yield from _parts(part)


def digit_of(base: Coordinate, cut: Cut, interval: tuple[int, int]) -> Coordinate:
    """The coordinate of an interval of the digits of `base`."""
    low = cut.low(interval)
    return coordinate(Digit(base, low, low * cut.size(interval)))


def in_data(node: Coordinate, consumed: set[Coordinate]) -> Coordinate:
    """A digit as the data has it: after a shift, if it shifts it."""
    if isinstance(node, Remainder):
        moved = Remainder(Shift(node.operands[0]), node.block)
        return moved if moved in consumed else node
    return node


def shifted(node: Coordinate) -> Coordinate:
    """The SHIFT of a coordinate by 1 in normal form."""
    if isinstance(node, Remainder):
        return Remainder(Shift(node.operands[0]), node.block)
    return Shift(node)
