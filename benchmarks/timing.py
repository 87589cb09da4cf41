"""Functions enter; their times leave, measured in turn in one process, so that all see the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, log
from statistics import median, quantiles


@dataclass(frozen=True)
class Times:
    """Seconds per call: the least and the quartiles of several rounds."""

    least: float
    lower: float
    median: float
    upper: float

    def __str__(self) -> str:
        return (
            f"{self.least * 1e3:.3f} / {self.lower * 1e3:.3f} {self.median * 1e3:.3f} {self.upper * 1e3:.3f}"
        )


def interleaved(
    functions: Mapping[str, Callable[[], object]], *, rounds: int = 21, seconds: float = 0.002
) -> dict[str, Times]:
    """Time every function once per round; a time is the mean of as many calls as fill `seconds`."""
    counts = {name: _count(function, seconds) for name, function in functions.items()}
    found: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(counts[name]):
                function()
            found[name].append((time.perf_counter() - start) / counts[name])
    return {name: _times(values) for name, values in found.items()}


def _count(function: Callable[[], object], seconds: float) -> int:
    function()
    start = time.perf_counter()
    function()
    return max(1, min(1000, round(seconds / (time.perf_counter() - start + 1e-9))))


def _times(values: list[float]) -> Times:
    if len(values) < 2:
        return Times(values[0], values[0], values[0], values[0])
    lower, _, upper = quantiles(values, n=4)
    return Times(min(values), lower, median(values), upper)


def geometric_mean(values: Iterable[float]) -> float:
    """The geometric mean; 1 of nothing."""
    logs = [log(value) for value in values]
    return exp(sum(logs) / len(logs)) if logs else 1.0
