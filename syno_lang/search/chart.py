"""Rows of a run enter; the Pareto plot and the curve of the best reward leave, as SVG or as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment

from syno_lang.backends.html import pages
from syno_lang.search.progress import quantity
from syno_lang.search.standing import Met, front

WIDTH: Final = 640.0
HEIGHT: Final = 320.0

#: The space around the field of a chart: left, top, right, bottom.
MARGINS: Final = (58.0, 14.0, 14.0, 44.0)

#: FLOPs that differ by more than this factor are drawn on a logarithmic axis.
LOGARITHMIC_FROM: Final = 20.0


@dataclass(frozen=True)
class Axis:
    """A range of values along `start .. end` in the picture."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Where a value lies."""
        low, high, value = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.is_log
            else (self.low, self.high, value)
        )
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self) -> list[tuple[float, str]]:
        """Places and labels."""
        return [(self.place(value), quantity(value).strip()) for value in _round_values(self)]


@dataclass(frozen=True)
class Point:
    """A dot, with what is said when pointed at; `href` leads to its operator."""

    x: float
    y: float
    title: str
    href: str
    is_front: bool


@dataclass(frozen=True)
class Chart:
    """All that is drawn, in the coordinates of the picture."""

    title: str
    x_label: str
    y_label: str
    x: Axis
    y: Axis
    points: tuple[Point, ...]
    line: tuple[tuple[float, float], ...]


def pareto(items: Sequence[Met]) -> Chart | None:
    """Reward over FLOPs, the front as steps; `None` where there is nothing to draw."""
    shown = [item for item in items if item.reward is not None and item.outcome.metrics.get("flops", 0) > 0]
    if not shown:
        return None
    flops = [item.outcome.metrics["flops"] for item in shown]
    is_log = max(flops) > LOGARITHMIC_FROM * min(flops)
    x = _axis(flops, MARGINS[0], WIDTH - MARGINS[2], is_log)
    y = _axis([item.reward or 0.0 for item in shown], HEIGHT - MARGINS[3], MARGINS[1])
    kept = front(shown)
    digests = {item.digest for item in kept}
    points = tuple(
        _point(item, x.place(item.outcome.metrics["flops"]), y, item.digest in digests) for item in shown
    )
    steps: list[tuple[float, float]] = []
    for item in kept:
        place = x.place(item.outcome.metrics["flops"])
        steps += [(place, steps[-1][1] if steps else y.start), (place, y.place(item.reward or 0.0))]
    steps.append((x.end, steps[-1][1]))
    return Chart("Pareto front", "FLOPs of all layers", "reward", x, y, points, tuple(steps))


def progress(items: Sequence[Met]) -> Chart | None:
    """Rewards in the order in which operators were met, and the best so far."""
    shown = [item for item in items if item.reward is not None]
    if not shown:
        return None
    x = _axis([1.0, float(max(item.number for item in items) + 1)], MARGINS[0], WIDTH - MARGINS[2])
    y = _axis([item.reward or 0.0 for item in shown], HEIGHT - MARGINS[3], MARGINS[1])
    best = -math.inf
    points: list[Point] = []
    steps: list[tuple[float, float]] = []
    for item in shown:
        place, reward = x.place(item.number + 1), item.reward or 0.0
        is_better = reward > best
        points.append(_point(item, place, y, is_better))
        if is_better:
            steps += [(place, y.place(best) if steps else y.place(reward)), (place, y.place(reward))]
            best = reward
    steps.append((x.end, steps[-1][1]))
    return Chart("Best so far", "operators met", "reward", x, y, tuple(points), tuple(steps))


def svg(chart: Chart) -> str:
    """The picture; its lines are grey, so it reads on white and on black."""
    template = environment().get_template("chart.svg.j2")
    return template.render(chart=chart, width=WIDTH, height=HEIGHT)


def text(chart: Chart, columns: int = 64, rows: int = 16) -> str:
    """The dots as characters: `o` on the line, `.` elsewhere."""
    grid = [[" "] * columns for _ in range(rows)]
    for point in sorted(chart.points, key=lambda point: point.is_front):
        column = round((point.x - chart.x.start) / (chart.x.end - chart.x.start) * (columns - 1))
        row = round((point.y - chart.y.end) / (chart.y.start - chart.y.end) * (rows - 1))
        grid[row][column] = "o" if point.is_front else "."
    labels = {0: f"{chart.y.high:.3g}", rows - 1: f"{chart.y.low:.3g}"}
    lines = [f"{labels.get(row, ''):>8} |{''.join(cells).rstrip()}" for row, cells in enumerate(grid)]
    low, high = quantity(chart.x.low).strip(), quantity(chart.x.high).strip()
    lines += [f"{'':8} +{'-' * columns}", f"{'':9}{low}{high:>{columns - len(low)}}"]
    return "\n".join([f"{chart.y_label} over {chart.x_label}", *lines])


def environment() -> Environment:
    """The templates of this part."""
    return pages.environment(Path(__file__).parent / "templates")


def _point(item: Met, x: float, y: Axis, is_front: bool) -> Point:
    flops = quantity(item.outcome.metrics.get("flops", 0.0))
    title = f"{item.digest[:12]}: reward {item.reward:.4f}, {flops}FLOPs"
    return Point(x, y.place(item.reward or 0.0), title, f"#{item.digest}", is_front)


def _axis(values: Sequence[float], start: float, end: float, is_log: bool = False) -> Axis:
    low, high = min(values), max(values)
    if is_log:
        return Axis(low / 1.15, high * 1.15, start, end, True)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 0.05
    return Axis(low - room, high + room, start, end)


def _round_values(axis: Axis) -> list[float]:
    if axis.is_log:
        exponents = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
        found = [digit * 10.0**exponent for exponent in exponents for digit in (1, 2, 5)]
    else:
        step = _round_step((axis.high - axis.low) / 5)
        first = math.ceil(axis.low / step)
        found = [round(number * step, 12) for number in range(first, math.floor(axis.high / step) + 1)]
    return [value for value in found if axis.low <= value <= axis.high]


def _round_step(least: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least * (1 - 1e-9))
