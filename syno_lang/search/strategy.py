"""What every strategy of a search is: it proposes operators and is told what they were worth.

A strategy sees nothing but a `Walk`, a seed and the rewards, in an order that the coordinator fixes; so
the same calls give the same proposals on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from syno_lang.diagnostics import fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.synth.walk import Step, Walk

#: What a strategy knows of a state; it only passes states back to the walk.
State = Any


@dataclass(frozen=True)
class Proposal:
    """A complete operator and the steps that lead to it; `key` is that of its state in the walk."""

    steps: tuple[Step, ...]
    key: str
    definition: Definition


class Strategy(Protocol):
    """A way to choose operators.  Proposals may be made while earlier ones are still being evaluated."""

    def propose(self) -> Proposal | None:
        """An operator whose state was not proposed before; `None` when the space holds no other."""

    def report(self, proposal: Proposal, reward: float | None) -> None:
        """Learn what an earlier proposal was worth, from 0 (worst, or a failure) up.

        `None` where there is nothing to learn: the operator is over a limit, and cost nothing.
        """

    def statistics(self) -> Mapping[str, Any]:
        """All that was learnt, as JSON: equal for equal histories."""


def strategies() -> Mapping[str, Callable[[Walk[State], int], Strategy]]:
    """The strategies by name; each is made from a walk and a seed."""
    from syno_lang.search.evolution import Evolution
    from syno_lang.search.exhaustive import Exhaustive
    from syno_lang.search.random_draws import RandomDraws
    from syno_lang.search.tree import TreeSearch

    return {
        "mcts": TreeSearch,
        "evolutionary": Evolution,
        "random": RandomDraws,
        "exhaustive": Exhaustive,
    }


#: The names of `strategies()`, known without loading them.
STRATEGIES: Final = ("mcts", "evolutionary", "random", "exhaustive")


def strategy(name: str, walk: Walk[State], seed: int) -> Strategy:
    """The strategy of a name.  Raises `SynoError` (E1206) where there is none."""
    if name not in STRATEGIES:
        hint = did_you_mean(name, STRATEGIES) or f"the strategies are {', '.join(STRATEGIES)}"
        raise fail("E1206", f"there is no strategy {name}", hint=hint)
    return strategies()[name](walk, seed)
