"""How a search stands enters; lines for a terminal or a log leave."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Final

from syno_lang.search.standing import Met, Standing

#: How long a log is silent when nothing better is found, in seconds.
SILENCE: Final = 30.0


class Progress:
    """Called with the standing of a search.

    On a terminal (`live`) one line is written over and over; a log gets a line for every operator that is
    better than those before, and one now and then.  `write` takes text as it is.
    """

    def __init__(self, write: Callable[[str], None], live: bool, silence: float = SILENCE) -> None:
        self._write = write
        self._live = live
        self._silence = silence
        self._spoken = time.monotonic()
        self._best: Met | None = None
        self._width = 0

    def __call__(self, standing: Standing) -> None:
        """Say how it stands, if it is time to."""
        if self._live:
            self._show(line(standing))
            return
        is_better = standing.best is not self._best
        if is_better or time.monotonic() - self._spoken >= self._silence:
            self._best = standing.best
            self._spoken = time.monotonic()
            self._write(f"{line(standing)}\n")

    def end(self) -> None:
        """Leave the terminal at the beginning of a line."""
        if self._live and self._width:
            self._write("\n")

    def _show(self, text: str) -> None:
        # A line that wraps would not be written over.
        text = text[: shutil.get_terminal_size().columns - 1]
        self._write(f"\r{text.ljust(self._width)}")
        self._width = len(text)


def line(standing: Standing) -> str:
    """Everything in one line: how many, the best, the front, failures, rate, time left."""
    of = f"/{standing.bounds.budget}" if standing.bounds.budget is not None else ""
    parts = [f"{standing.met}{of} operators"]
    if standing.best is not None:
        parts.append(f"best {said(standing.best)}")
    parts.append(f"front {len(standing.front)}")
    if standing.failed:
        parts.append(f"failed {standing.failed}")
    if standing.rejected:
        parts.append(f"over the limit {standing.rejected}")
    if standing.evaluated and standing.elapsed > 0:
        parts.append(f"{60 * standing.evaluated / standing.elapsed:.1f} evaluations/min")
    if standing.left is not None:
        parts.append(f"left {clock(standing.left)}")
    return " · ".join(parts)


def said(met: Met) -> str:
    """An operator in a few words."""
    flops = met.outcome.metrics.get("flops")
    cost = f", {quantity(flops)}FLOPs" if flops is not None else ""
    return f"{met.reward:.4f} ({met.digest[:8]}{cost})" if met.reward is not None else met.digest[:8]


def quantity(value: float) -> str:
    """A number with a prefix: `1.23 M`."""
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {prefix}"
    return f"{value:g} "


def clock(seconds: float) -> str:
    """Seconds as `1:02:03` or `2:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
