"""An operator in normal form enters; what the checks of a space ask about it leaves, each found once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from syno_lang.ir.pgraph import PGraph, Read
from syno_lang.synth.counts import Counts, counts, weights_of
from syno_lang.synth.digits import Uses, uses
from syno_lang.synth.layers import Layers, layers_of
from syno_lang.synth.space import Space


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an operator is no member: a fixed `name`, and the text for a person."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@dataclass(frozen=True)
class Candidate:
    """An operator in normal form together with the space that it may be a member of."""

    space: Space
    graph: PGraph

    @cached_property
    def layers(self) -> Layers:
        """The layers of the space."""
        return layers_of(self.space)

    @cached_property
    def data(self) -> Read:
        """The read of the data input."""
        return next(read for read in self.graph.reads if self.graph.tensors[read.tensor].role == "input")

    @cached_property
    def weights(self) -> list[Read]:
        """The reads of the weights."""
        return weights_of(self.graph)

    @cached_property
    def uses(self) -> Uses:
        """What all reads consume."""
        return uses(self.graph.tops, self.layers)

    @cached_property
    def data_uses(self) -> Uses:
        """What the read of the data consumes."""
        return uses(self.data.index, self.layers)

    @cached_property
    def counts(self) -> Counts:
        """How many primitives there are."""
        return counts(self.graph, self.layers)


Check = Callable[[Candidate], Iterable[Reason]]
