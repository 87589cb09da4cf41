"""What an evaluation is asked for and what comes of it, as values that travel as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

#: How an evaluation ended: it measured, or it raised, ran out of time or memory, died of a signal, returned
#: what is no number, or the operator does not fit the layers.
Status = Literal["ok", "raised", "timeout", "memory", "died", "invalid", "unfit"]

MAX_METRICS: Final = 64
MAX_ERROR: Final = 2000


@dataclass(frozen=True)
class Job:
    """An operator as `.syno` text, the concrete sizes of the layers, and how long and large it may be.

    `seconds` is wall time; `memory` is in bytes, for each process of the evaluation.
    """

    digest: str
    text: str
    layers: tuple[Mapping[str, int], ...]
    seconds: float
    memory: int


@dataclass(frozen=True)
class Outcome:
    """The metrics of an evaluation by name, or why there are none."""

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        """Whether there are metrics."""
        return self.status == "ok"


def outcome_from_json(value: Mapping[str, Any]) -> Outcome:
    """The outcome that `vars(outcome)` was."""
    status = value["status"] if value["status"] in get_args(Status) else "died"
    return Outcome(
        cast(Status, status),
        {str(name): float(number) for name, number in value.get("metrics", {}).items()},
        str(value.get("error", ""))[:MAX_ERROR],
        float(value.get("seconds", 0.0)),
    )


def checked(value: object) -> Outcome:
    """What an evaluator returned, as an outcome: a number is an accuracy; a mapping holds metrics by name."""
    if not isinstance(value, Mapping):
        value = {"accuracy": value}
    if not value or len(value) > MAX_METRICS:
        error = f"the evaluator returned {len(value)} metrics, not 1 to {MAX_METRICS}"
        return Outcome("invalid", error=error)
    metrics = {}
    for name, number in value.items():
        try:
            metrics[str(name)[:64]] = float(cast(Any, number))
        except (TypeError, ValueError, OverflowError):
            kind = type(number).__name__
            return Outcome("invalid", error=f"the evaluator returned a {kind} for {name}, not a number")
        if not math.isfinite(metrics[str(name)[:64]]):
            return Outcome("invalid", error=f"the evaluator returned {number} for {name}")
    return Outcome("ok", metrics)
