"""A space enters; how many operators it holds, all of them, or uniform samples of them leave.

Counts are those of the tables and take no operator in hand; what the tables do not derive (two coordinates
that are each cut for several places of the data) is neither counted nor drawn.  Costs (FLOPs, parameters,
memory) are not in the tables: an operator that was drawn is judged, and drawn again where it is too dear, so
samples stay uniform.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass, field
from functools import cached_property
from math import factorial
from random import Random

from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.synth.build import Builder
from syno_lang.synth.candidate import Candidate
from syno_lang.synth.check_bounds import costs
from syno_lang.synth.define import definition_of
from syno_lang.synth.forest import Derivation, Entry
from syno_lang.synth.roots import Roots
from syno_lang.synth.space import Space


@dataclass
class Draws:
    """What samples took: walks in all, those that were within the costs, and those that were new."""

    walks: int = 0
    kept: int = 0
    new: int = 0


@dataclass
class Sampler:
    """The operators of a space by number.  Tables are built at the first use, and kept.

    sampler = Sampler(space)
    sampler.count()                  # 88
    sampler.sample(3, seed=1)        # three different operators
    """

    space: Space
    draws: Draws = field(default_factory=Draws)

    @cached_property
    def forests(self) -> dict[tuple[int, int], Entry]:
        """By the numbers of weights and of primitives, operators with their weights numbered in every way."""
        return {
            (weights, steps): entry
            for weights in range(self.space.limits.tensors)
            for steps, entry in Roots(self.space, weights).forest().items()
        }

    def counts(self) -> dict[int, int]:
        """How many operators there are of each number of primitives, whatever they cost."""
        found: dict[int, int] = {}
        for (weights, steps), entry in sorted(self.forests.items(), key=lambda item: item[0][1]):
            found[steps] = found.get(steps, 0) + entry.count // factorial(weights)
        return found

    def count(self) -> int:
        """How many operators the space holds.

        Where the space has limits on costs every operator is looked at.
        """
        limits = self.space.limits
        if limits.flops == limits.params == (None, None) and limits.memory is None:
            return sum(self.counts().values())
        return sum(1 for _ in self.enumerate())

    def enumerate(self) -> Iterate[Definition]:
        """Every operator once, in an order that is the same on every machine: by number of primitives."""
        for (weights, _), entry in sorted(self.forests.items(), key=lambda item: (item[0][1], item[0][0])):
            seen: set[str] = set()
            for derivation in entry:
                graph = self.graph(weights, derivation)
                # Two numberings of the weights are one operator.
                if name(graph) not in seen and self.affordable(graph):
                    if weights > 1:
                        seen.add(name(graph))
                    yield definition_of(self.space, graph)

    def graph(self, weights: int, derivation: Derivation) -> PGraph:
        """The pGraph of a derivation with so many weights."""
        return Builder(self.space, weights).graph(derivation)

    def draw(self, random: Random) -> PGraph:
        """One uniform operator, whatever it costs.  Raises `LookupError` where there is none."""
        weighed = [
            (weights, entry, entry.count // factorial(weights))
            for (weights, _), entry in self.forests.items()
        ]
        number = random.randrange(sum(share for _, _, share in weighed) or _none(self.space))
        for weights, entry, share in weighed:
            if number < share:
                # Every operator stands for as many numberings of its weights.
                return self.graph(weights, entry.at(random.randrange(entry.count)))
            number -= share
        raise AssertionError("the shares add up")

    def walks(self, seed: int = 0) -> Iterate[PGraph]:
        """Uniform operators that are within the costs, without end, with repetition."""
        random = Random(seed)
        while True:
            graph = self.draw(random)
            self.draws.walks += 1
            if self.affordable(graph):
                self.draws.kept += 1
                yield graph

    def sample(self, number: int, seed: int = 0, patience: int = 1000) -> list[Definition]:
        """`number` different operators; fewer where `patience` walks in a row bring none that is new."""
        found: dict[str, PGraph] = {}
        random, idle = Random(seed), 0
        while len(found) < number and idle < patience and any(self.counts().values()):
            graph = self.draw(random)
            self.draws.walks += 1
            idle += 1
            if name(graph) not in found and self.affordable(graph):
                self.draws.new += 1
                found[name(graph)] = graph
                idle = 0
        return [definition_of(self.space, graph) for graph in found.values()]

    def affordable(self, graph: PGraph) -> bool:
        """Whether an operator is within the limits on costs."""
        return next(iter(costs(Candidate(self.space, graph))), None) is None


def name(graph: PGraph) -> str:
    """A text that two operators of one space share when they are the same, the names of sizes included."""
    return repr((graph.output, graph.reads, graph.expanded))


def _none(space: Space) -> int:
    raise LookupError(f"the space {space.name} holds no operator")
