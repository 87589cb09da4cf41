"""The factors of a product enter; the cheapest orders to join and sum them leave.

A plan is a shortest path.  A state is a set of factors; a step joins two of them, or takes one, and
sums over reductions that no other factor uses, into an intermediate indexed by the smallest cut
(`syno_lang.lower.cuts`); the last step joins what is left in one nest over the output.  Dijkstra's
search is exact: smaller cuts never hurt, and joining three factors at once needs no fewer FLOPs than
two by two.  The single nest and a greedy plan are known before the search begins, so it prunes from
the start and can stop at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heappop, heappush
from itertools import chain, combinations
from math import prod
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce
from syno_lang.lower.cuts import Extent, smallest_cut
from syno_lang.lower.factors import Factor

#: How many steps are weighed; beyond it the best plan met so far is taken.
MAX_STEPS: Final = 20_000

#: Of so many reductions at once every subset is tried; of more only none, one, all but one, and all.
MAX_SUBSETS: Final = 6

Number = int | Fraction
State = frozenset[Factor]


@dataclass(frozen=True, slots=True)
class Step:
    """`operands`, joined and summed over `summed`, fill an intermediate indexed by `cut`."""

    operands: tuple[Factor, ...]
    summed: tuple[Reduce, ...]
    cut: tuple[Coordinate, ...]

    @property
    def result(self) -> Factor:
        """The intermediate as a factor."""
        return Factor(tuple(sorted(chain(*(item.members for item in self.operands)))), self.cut)


@dataclass(frozen=True, order=True, slots=True)
class PlanCost:
    """What plans are compared by: FLOPs, then stages, then elements moved, then an arbitrary fixed order."""

    flops: Number = 0
    stages: int = 0
    elements: Number = 0
    order: tuple[tuple[tuple[int, ...], ...], ...] = ()

    def __add__(self, other: PlanCost) -> PlanCost:
        return PlanCost(
            self.flops + other.flops,
            self.stages + other.stages,
            self.elements + other.elements,
            self.order + other.order,
        )


@dataclass(frozen=True, order=True, slots=True)
class Path:
    """The steps done so far, their cost, and the factors that are left."""

    cost: PlanCost
    steps: tuple[Step, ...] = field(compare=False)
    left: State = field(compare=False)


def best(
    factors: Iterable[Factor], output: tuple[Iterator, ...], extent: Extent, count: int
) -> tuple[tuple[Step, ...], ...]:
    """At most `count` plans that turn `factors` into the output, the one with the fewest FLOPs first.

    The first one is exact where at most `MAX_STEPS` steps need to be weighed, none of which may sum over
    more than `MAX_SUBSETS` reductions.  The others differ in what their last step joins.
    """
    planner = Planner(output, extent)
    start = Path(PlanCost(), (), frozenset(factors))
    ends = sorted({planner.finish(start), planner.greedy(start)})[:count]
    queue, settled = [start], set[State]()
    while queue and planner.weighed < MAX_STEPS:
        path = heappop(queue)
        if path.left in settled or (len(ends) == count and path >= ends[-1]):
            continue
        settled.add(path.left)
        ends = sorted({*ends, planner.finish(path)})[:count]
        for longer in planner.extend(path):
            if (len(ends) < count or longer < ends[-1]) and longer.left not in settled:
                heappush(queue, longer)
    return tuple(path.steps for path in ends)


def single(factors: Iterable[Factor], output: tuple[Iterator, ...]) -> tuple[Step, ...]:
    """The plan of one nest: the definition itself."""
    return (_last(frozenset(factors), output),)


class Planner:
    """Steps and their costs for one output and one assignment of sizes."""

    def __init__(self, output: tuple[Iterator, ...], extent: Extent) -> None:
        self.output = output
        self.extent = extent
        self.weighed = 0
        self._cuts: dict[tuple[tuple[Coordinate, ...], tuple[Reduce, ...]], tuple[Coordinate, ...]] = {}

    def finish(self, path: Path) -> Path:
        """Join everything that is left in one nest over the output."""
        return self._take(path, _last(path.left, self.output))

    def greedy(self, path: Path) -> Path:
        """Always take the step after which finishing at once is cheapest; the best end met on the way."""
        best = self.finish(path)
        while self.weighed < MAX_STEPS:
            ends = [(self.finish(longer), longer) for longer in self.extend(path)]
            if not ends:
                break
            end, path = min(ends)
            best = min(best, end)
        return best

    def extend(self, path: Path) -> Iterate[Path]:
        """Every path that is one step longer."""
        factors = _ordered(path.left)
        for operands in chain(combinations(factors, 1), combinations(factors, 2)):
            others = frozenset[Coordinate]().union(*(item.leaves for item in path.left.difference(operands)))
            for summed in _subsets(_reductions(operands, others)):
                if summed or len(operands) > 1:
                    self.weighed += 1
                    yield self._take(path, Step(operands, summed, self._cut(operands, summed)))

    def _cut(self, operands: tuple[Factor, ...], summed: tuple[Reduce, ...]) -> tuple[Coordinate, ...]:
        tops = tuple(dict.fromkeys(chain(*(item.index for item in operands))))
        if (tops, summed) not in self._cuts:
            self._cuts[tops, summed] = smallest_cut(tops, frozenset(summed), self.extent)
        return self._cuts[tops, summed]

    def _take(self, path: Path, step: Step) -> Path:
        filled = prod(map(self.extent, step.cut))
        reads = [item for item in step.operands if item.guard is None]
        work = max(len(reads) - 1, 1 if step.summed else 0)
        cost = PlanCost(
            filled * prod(map(self.extent, step.summed)) * work,
            1,
            filled + sum(prod(map(self.extent, item.index)) for item in reads),
            ((*(item.members for item in step.operands), tuple(node.label for node in step.summed)),),
        )
        return Path(
            path.cost + cost, (*path.steps, step), path.left.difference(step.operands) | {step.result}
        )


def _last(left: State, output: tuple[Iterator, ...]) -> Step:
    factors = _ordered(left)
    return Step(factors, _reductions(factors, frozenset()), output)


def _ordered(state: State) -> tuple[Factor, ...]:
    return tuple(sorted(state, key=lambda factor: factor.members))


def _reductions(factors: Iterable[Factor], others: frozenset[Coordinate]) -> tuple[Reduce, ...]:
    """The reductions in `factors` and not in `others`, by label."""
    found = frozenset[Coordinate]().union(*(factor.leaves for factor in factors)) - others
    return tuple(sorted((node for node in found if isinstance(node, Reduce)), key=lambda node: node.label))


def _subsets(items: tuple[Reduce, ...]) -> Iterate[tuple[Reduce, ...]]:
    """Every subset of a few items; of many the smallest and the largest ones."""
    many = len(items)
    counts = range(many + 1) if many <= MAX_SUBSETS else (0, 1, many - 1, many)
    return chain(*(combinations(items, count) for count in counts))
