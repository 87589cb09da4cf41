"""How a search stands: what it has met, what is best, what time is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from syno_lang.search.outcome import Outcome
from syno_lang.search.settings import Bounds


@dataclass(frozen=True)
class Met:
    """An operator that the strategy was told of, as its `number`-th from 0."""

    number: int
    name: str
    digest: str
    reward: float | None
    outcome: Outcome


@dataclass
class Standing:
    """Counts for a progress display; it is the same object during a run.

    `met` operators were reported, `recorded` of them by an earlier run of the same settings; `evaluated` were
    evaluated now, `failed` failed (now or before), `rejected` were over a limit and count nowhere else.
    """

    met: int = 0
    recorded: int = 0
    evaluated: int = 0
    failed: int = 0
    rejected: int = 0
    running: int = 0
    exhausted: bool = False
    last: Met | None = None
    best: Met | None = None
    front: list[Met] = field(default_factory=list)
    bounds: Bounds = field(default_factory=Bounds)
    started: float = field(default_factory=time.monotonic)

    def begin(self, bounds: Bounds, recorded: int) -> None:
        """Start the clock."""
        self.bounds, self.recorded, self.started = bounds, recorded, time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def is_over(self) -> bool:
        """Whether the time is used up."""
        return self.bounds.minutes is not None and self.elapsed >= 60 * self.bounds.minutes

    @property
    def left(self) -> float | None:
        """An estimate of the seconds left; `None` where there is no bound, or nothing to estimate from."""
        lefts = []
        if self.bounds.minutes is not None:
            lefts.append(max(0.0, 60 * self.bounds.minutes - self.elapsed))
        new = self.met - self.recorded
        if self.bounds.budget is not None and new > 0:
            lefts.append((self.bounds.budget - self.met) * self.elapsed / new)
        return min(lefts, default=None)

    def add(self, met: Met) -> None:
        """Count one more."""
        self.met += 1
        self.last = met
        if met.reward is None:
            self.failed += 1
        elif self.best is None or self.best.reward is None or met.reward > self.best.reward:
            self.best = met
        if met.reward is not None:
            self.front = front([*self.front, met])


Watch = Callable[[Standing], None]


def front(several: list[Met]) -> list[Met]:
    """Those than which no other has a better reward for as few FLOPs: the Pareto front, cheapest first."""

    def by_cost(met: Met) -> tuple[float, float, int]:
        return met.outcome.metrics.get("flops", 0.0), -(met.reward or 0.0), met.number

    kept: list[Met] = []
    for met in sorted(several, key=by_cost):
        if not kept or (met.reward or 0.0) > (kept[-1].reward or 0.0):
            kept.append(met)
    return kept
