"""A run and its rows enter; one HTML page leaves that needs nothing else.

The page has the Pareto plot, the curve of the best reward, and for the best operators the formula, the
picture of the pGraph, the loops and the cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from markupsafe import Markup

from syno_lang.api import Operator, parse
from syno_lang.search import chart
from syno_lang.search.outcome import Outcome
from syno_lang.search.results import met
from syno_lang.search.standing import Met, front
from syno_lang.search.store import Row, Run

#: How many operators are shown in full, beside those on the front.
SHOWN: Final = 30

#: The settings that a reader wants to see.
SETTINGS: Final = ("space", "evaluator", "strategy", "reward", "seed", "limits", "ahead")


@dataclass(frozen=True)
class Entry:
    """An operator of the page."""

    rank: int
    met: Met
    text: str
    svg: Markup
    loops: str
    stages: str
    costs: tuple[tuple[str, str], ...]
    is_front: bool

    @property
    def outcome(self) -> Outcome:
        """What was measured."""
        return self.met.outcome


def report(run: Run, rows: Sequence[Row], shown: int = SHOWN) -> str:
    """The page of a run: its best `shown` operators and all of the Pareto front, the best first."""
    items = [met(row) for row in rows]
    good = sorted((item for item in items if item.reward is not None), key=_by_reward)
    kept = {item.digest for item in front(good)}
    texts = {row.digest: row.text for row in rows}
    entries = [
        _entry(rank, item, texts[item.digest], item.digest in kept)
        for rank, item in enumerate(good, 1)
        if rank <= shown or item.digest in kept
    ]
    charts = [found for found in (chart.pareto(items), chart.progress(items)) if found is not None]
    full = {entry.met.digest for entry in entries}
    return chart.environment().get_template("report.html.j2").render(
        run=run,
        settings=[(name, _said(run.settings[name])) for name in SETTINGS if run.settings[name] != {}],
        layers=_layers(run.task.layers),
        started=datetime.fromtimestamp(run.started, timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        items=items,
        good=good,
        failures=[item for item in items if item.reward is None],
        entries=entries,
        charts=[(found.title, Markup(chart.svg(_linked(found, full)))) for found in charts],
        seconds=sum(item.outcome.seconds for item in items),
    )  # fmt: skip


def _by_reward(item: Met) -> tuple[float, int]:
    return -(item.reward or 0.0), item.number


def _linked(found: chart.Chart, full: set[str]) -> chart.Chart:
    """The chart without links to operators that the page does not have."""
    points = tuple(
        point if point.href[1:] in full else chart.Point(point.x, point.y, point.title, "#", point.is_front)
        for point in found.points
    )
    return chart.Chart(**{**vars(found), "points": points})


def _entry(rank: int, item: Met, text: str, is_front: bool) -> Entry:
    operator = parse(text)
    return Entry(
        rank,
        item,
        text.rstrip(),
        Markup(operator.show("svg")),
        operator.show("loops").rstrip(),
        operator.show("stages").rstrip(),
        _costs(operator),
        is_front,
    )


def _costs(operator: Operator) -> tuple[tuple[str, str], ...]:
    found = operator.cost()
    return (
        ("FLOPs", str(found.flops)),
        ("parameters", str(found.parameters)),
        ("bytes", str(found.bytes)),
        ("loop nests", str(found.stages)),
    )


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} ≤ {limit:g}" for name, limit in value.items())
    return value if isinstance(value, str) else json.dumps(value)


def _layers(layers: Sequence[Mapping[str, int]]) -> list[tuple[str, int]]:
    """Each different layer in words, and how often there is one."""
    counted: dict[str, int] = {}
    for layer in layers:
        said = ", ".join(f"{name} = {value}" for name, value in layer.items())
        counted[said] = counted.get(said, 0) + 1
    return list(counted.items())


def metric(value: Any) -> str:
    """A number as the page shows it."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


chart.environment().filters["metric"] = metric
