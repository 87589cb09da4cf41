"""Functions enter; their times, measured in turn in one process, and the memory that they take leave.

All functions are called in every round, one after the other, so what else the machine does falls on
all of them alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp, log
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import torch

#: The most calls that one time is the mean of.
MAX_CALLS: Final = 1000


@dataclass(frozen=True)
class Times:
    """Seconds per call: the least and the quartiles of several rounds."""

    least: float
    lower: float
    median: float
    upper: float


def interleaved(
    functions: Mapping[str, Callable[[], object]],
    *,
    rounds: int = 21,
    seconds: float = 0.002,
    wait: Callable[[], object] = lambda: None,
    clock: Callable[[], float] | None = None,
) -> dict[str, Times]:
    """Time every function once per round; a time is the mean of as many calls as fill `seconds`.

    `wait` returns when the device is done with what it was given.  The `clock` is that on the wall; with one
    thread `time.process_time` leaves out what other programs take.
    """
    clock = clock or time.perf_counter
    counts = {name: _count(function, seconds, wait, clock) for name, function in functions.items()}
    found: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            found[name].append(_seconds(function, counts[name], wait, clock))
    return {name: _times(values) for name, values in found.items()}


def _count(
    function: Callable[[], object], seconds: float, wait: Callable[[], object], clock: Callable[[], float]
) -> int:
    _seconds(function, 1, wait, clock)
    return max(1, min(MAX_CALLS, round(seconds / _seconds(function, 1, wait, clock))))


def _seconds(
    function: Callable[[], object], count: int, wait: Callable[[], object], clock: Callable[[], float]
) -> float:
    wait()
    start = clock()
    for _ in range(count):
        function()
    wait()
    return max(clock() - start, 1e-9) / count


def _times(values: list[float]) -> Times:
    if len(values) < 2:
        return Times(values[0], values[0], values[0], values[0])
    lower, _, upper = quantiles(values, n=4, method="inclusive")
    return Times(min(values), lower, median(values), upper)


def geometric_mean(values: Iterable[float]) -> float:
    """The geometric mean; 1 of nothing."""
    logs = [log(value) for value in values]
    return exp(sum(logs) / len(logs)) if logs else 1.0


def wait_for(device: str) -> Callable[[], object]:
    """What returns when `device` has done what it was given."""
    import torch

    if torch.device(device).type == "cpu":
        return lambda: None
    return lambda: torch.accelerator.synchronize(torch.device(device))


def peak_bytes(function: Callable[[], object], device: str) -> int:
    """The most bytes that torch holds at once on `device` during a call, beyond those held before."""
    import torch

    if torch.device(device).type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        function()
        return torch.cuda.max_memory_allocated(device) - before
    activities = [torch.profiler.ProfilerActivity.CPU]
    with _quiet(), torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        kept = function()
    del kept
    held = most = 0
    events: Any = profile.profiler.kineto_results.events()
    for event in sorted((one for one in events if one.name() == "[memory]"), key=lambda one: one.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most


@contextmanager
def _quiet() -> Iterator[None]:
    """Without standard error: the profiler may write lines of its own there."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def saved_bytes(function: Callable[[], object], parameters: Iterable[torch.Tensor]) -> int:
    """The bytes that a call keeps for its gradients, beyond `parameters`; a storage counts once."""
    import torch

    known = {tensor.untyped_storage().data_ptr() for tensor in parameters}
    sizes: dict[int, int] = {}
    alive = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            sizes[storage.data_ptr()] = storage.nbytes()
            # An address is not used twice while its storage lives.
            alive.append(storage)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        function()
    return sum(sizes.values())
