"""What a tree search knows of a state and of the steps from it, as plain mutable values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from syno_lang.search.strategy import State
from syno_lang.synth.walk import Step


@dataclass(slots=True)
class Mean:
    """A sum of rewards and how many there were."""

    count: int = 0
    total: float = 0.0

    @property
    def value(self) -> float:
        """The mean, 0 of nothing."""
        return self.total / self.count if self.count else 0.0

    def add(self, reward: float) -> None:
        """Count one more."""
        self.count += 1
        self.total += reward


@dataclass(slots=True)
class Edge:
    """A step from a node; `waiting` counts the proposals through it that are being evaluated."""

    step: Step
    state: State
    key: str
    prior: float
    mean: Mean = field(default_factory=Mean)
    waiting: int = 0

    @property
    def visits(self) -> int:
        """With those under way."""
        return self.mean.count + self.waiting


@dataclass(slots=True)
class Node:
    """A state: its own mean, those of the steps taken anywhere below (AMAF), and its edges.

    `shown` are the edges that may be chosen, `hidden` those that widening adds later.
    """

    state: State
    key: str
    mean: Mean = field(default_factory=Mean)
    waiting: int = 0
    amaf: dict[str, Mean] = field(default_factory=dict)
    kinds: dict[str, Mean] = field(default_factory=dict)
    expanded: bool = False
    shown: list[Edge] = field(default_factory=list)
    hidden: list[Edge] = field(default_factory=list)

    @property
    def visits(self) -> int:
        """With those under way."""
        return self.mean.count + self.waiting

    def learn(self, steps: Sequence[Step], reward: float) -> None:
        """Credit every step below this node, whatever the order in which they were taken."""
        for key in {step.key: None for step in steps}:
            self.amaf.setdefault(key, Mean()).add(reward)
        for kind in {step.kind: None for step in steps}:
            self.kinds.setdefault(kind, Mean()).add(reward)

    def statistics(self) -> dict[str, Any]:
        """Visits, rewards, edges and AMAF, as JSON."""
        edges = {edge.step.key: [edge.mean.count, edge.mean.total] for edge in self.shown}
        amaf = {key: [mean.count, mean.total] for key, mean in sorted(self.amaf.items())}
        return {
            "visits": self.mean.count,
            "waiting": self.waiting,
            "reward": self.mean.total,
            "edges": edges,
            "amaf": amaf,
        }
