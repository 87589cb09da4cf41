"""A program, its sizes, a dtype and a target enter; the best of the schedules that are measured leaves.

The first schedule is our own; what is found is never slower than it.  Whatever was measured is on disk after
each round, and another call goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from syno_lang.backends.tvm.devices import Here, Remote
from syno_lang.backends.tvm.emit import render
from syno_lang.backends.tvm.load import require_tvm, to_ir_module
from syno_lang.backends.tvm.nests import Module
from syno_lang.backends.tvm.records import records_of
from syno_lang.backends.tvm.schedule import schedule
from syno_lang.backends.tvm.targets import describe
from syno_lang.diagnostics import fail
from syno_lang.diagnostics.error import SynoError
from syno_lang.lower.stages import StageProgram

#: How often the best schedule and our own are measured in turn at the end.
ROUNDS: Final = 3


@dataclass(frozen=True)
class Progress:
    """Where a tuning is: `done` of `trials` measured, seconds `left` for the rest, and times in seconds."""

    done: int
    trials: int
    left: float
    best: float
    untuned: float


Report = Callable[[Progress], None]


def tune(
    program: StageProgram,
    sizes: Mapping[str, int],
    dtype: str,
    target: Any,
    database: str,
    trials: int,
    *,
    device: Here | Remote | None = None,
    report: Report = lambda progress: None,
    seed: int = 1,
) -> Progress:
    """Measure schedules until `trials` of them are in the folder `database`, with those that are there.

    Raises `SynoError`: E0701 without TVM, E1302 where the folder cannot be used, E1303 where the device goes
    away; the best so far is kept then, and on an interrupt.
    """
    require_tvm()
    run = _Run(program, sizes, dtype, target, database, trials, device or Here(), report)
    run.start()
    if run.done < trials:
        run.search(seed)
        run.confirm()
    return run.progress


class _Run:
    """One call of `tune`."""

    def __init__(
        self,
        program: StageProgram,
        sizes: Mapping[str, int],
        dtype: str,
        target: Any,
        database: str,
        trials: int,
        device: Here | Remote,
        report: Report,
    ) -> None:
        self.records = records_of(program, sizes, dtype, target, database)
        self.nests = Module(program, sizes, dtype)
        self.arguments = tuple(self.nests.arguments.values())
        self.module = to_ir_module(render(self.nests))
        self.target, self.trials, self.device, self.report = target, trials, device, report
        self.about = {
            "operator": program.name,
            "sizes": dict(sizes),
            "dtype": dtype,
            "target": describe(target),
        }
        self.done = self.earlier = self.records.trials()
        self.started = time.monotonic()
        self.best = self.untuned = 0.0

    @property
    def progress(self) -> Progress:
        """Where it is."""
        passed, measured = time.monotonic() - self.started, self.done - self.earlier
        left = passed / measured * (self.trials - self.done) if measured else float("inf")
        return Progress(self.done, self.trials, left, self.best, self.untuned)

    def start(self) -> None:
        """Measure our own schedule, and take the best of it and an earlier call."""
        self.device.check(self.target)
        self.records.make()
        ours = self.ours = schedule(self.module, self.nests, self.target)
        try:
            self.untuned = self.device.measure(ours, self.target, self.arguments)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:300]
            raise fail("E1304", f"the kernel cannot be measured: {reason}") from error
        known = self.records.seconds()
        if known is None or self.untuned < known:
            self.records.keep(ours, self.untuned, 0, self.about)
            known = self.untuned
        self.best = known
        self.report(self.progress)

    def search(self, seed: int) -> None:
        """Let MetaSchedule draw what is left to be measured."""
        from syno_lang.backends.tvm.metaschedule import search

        self.started = time.monotonic()
        try:
            # Another call draws others.
            search(
                self.module,
                self.target,
                self.records.folder,
                self.trials - self.done,
                self.measure,
                seed + self.earlier,
            )
        except SynoError:
            raise
        except RuntimeError as error:
            if self.earlier:
                raise self.records.broken(self.records.folder, error) from error
            reason = " ".join(str(error).split())[:300]
            raise fail("E1304", f"TVM draws no schedules of the kernel: {reason}") from error
        self.done = max(self.done, self.records.trials())

    def confirm(self) -> None:
        """Measure the best once more beside our own: what else the machine did may have made it look good."""
        best = self.records.module()
        times: dict[str, list[float]] = {"ours": [], "best": []}
        try:
            for _ in range(ROUNDS):
                for name, module in (("ours", self.ours), ("best", best)):
                    times[name].append(self.device.measure(module, self.target, self.arguments))
        except RuntimeError:
            return  # a schedule that ran before: there is no reason to doubt it
        self.untuned, self.best = min(times["ours"]), min(times["best"])
        if self.untuned < self.best:
            best, self.best = self.ours, self.untuned
        self.records.keep(best, self.best, self.done, self.about)

    def measure(self, module: Any) -> float:
        """Time one schedule, and keep it if it is the best."""
        try:
            seconds = self.device.measure(module, self.target, self.arguments)
            if seconds < self.best:
                self.best = seconds
                self.records.keep(module, seconds, self.done + 1, self.about)
            return seconds
        finally:
            self.done += 1
            self.report(self.progress)
