"""A pGraph enters; the factors of its product, as the planner joins them, leave.

Besides the reads there is a factor for every UNFOLD that only EXPAND consumes: no tensor is read
there, but the product is still zero outside its domain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from syno_lang.ir.coordinates import Coordinate, Reduce, Unfold, walk
from syno_lang.ir.pgraph import PGraph


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a product: `index` is what its value depends on.

    `members` are the numbers of the original factors in it; `guard` is the UNFOLD of a factor that
    only asks whether it stays inside.  Factors are equal where the rest of the work cannot tell them apart.
    """

    members: tuple[int, ...]
    index: tuple[Coordinate, ...]
    guard: Unfold | None = None
    leaves: frozenset[Coordinate] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "leaves", frozenset[Coordinate]().union(*(item.leaves for item in self.index))
        )


def factors_of(graph: PGraph) -> tuple[Factor, ...]:
    """The reads of `graph` in order, then its lone guards."""
    reads = [Factor((number,), read.index) for number, read in enumerate(graph.reads)]
    guards = [
        Factor((number,), guard.operands, guard)
        for number, guard in enumerate(_lone_guards(graph), start=len(reads))
    ]
    return (*reads, *guards)


def _lone_guards(graph: PGraph) -> list[Unfold]:
    """The highest UNFOLDs that no read sees; a guard takes those below it along."""
    seen = set(walk(*(item for read in graph.reads for item in read.index)))
    lone = [node for node in walk(*graph.expanded) if isinstance(node, Unfold) and node not in seen]
    return [node for node in lone if not any(node is not other and node in walk(other) for other in lone)]


def repeated(graph: PGraph) -> tuple[Reduce, ...]:
    """The sums over terms that do not depend on them: each multiplies by its domain."""
    used = frozenset[Coordinate]().union(*(factor.leaves for factor in factors_of(graph)))
    return tuple(node for node in graph.reductions if node not in used and node.reducer == "sum")
