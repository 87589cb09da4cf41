"""What decides a run, and what only bounds it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from syno_lang.search.strategy import State
from syno_lang.synth.walk import Walk

#: How many proposals are under way unless told otherwise.
AHEAD: Final = 4


@dataclass(frozen=True)
class Problem:
    """What is searched: a space as a walk, and the concrete sizes of its layers.

    `fingerprint` differs for spaces that differ; `source` is where the space was read, a path and a name.
    """

    name: str
    fingerprint: str
    walk: Walk[State]
    layers: tuple[Mapping[str, int], ...]
    source: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Settings:
    """All that decides which operators a run meets, and in which order; part of the store.

    A proposal is made when all but the last `ahead - 1` before it are reported, whatever the number of
    workers: so it decides, and workers do not.  An empty `reward` is the one that fits the evaluator.
    """

    evaluator: str
    strategy: str = "mcts"
    seed: int = 0
    reward: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    ahead: int = AHEAD

    def to_json(self, problem: Problem) -> dict[str, Any]:
        """The settings together with the space."""
        return {
            **vars(self),
            "limits": dict(self.limits),
            "space": problem.name,
            "fingerprint": problem.fingerprint,
        }


@dataclass(frozen=True)
class Bounds:
    """What bounds a run without deciding it.

    `budget` counts the operators that the run meets, new or known from the store; `minutes` is wall time.
    An evaluation may take `seconds` and `memory` bytes.
    """

    budget: int | None = None
    minutes: float | None = None
    seconds: float = 300.0
    memory: int = 4 << 30
