"""What comes out: the progress of a search, tables, files, plots and the page."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from syno_lang import load
from syno_lang.search.chart import Axis, pareto, progress, svg, text
from syno_lang.search.outcome import Job, Outcome
from syno_lang.search.progress import Progress, clock, line, quantity
from syno_lang.search.report import report
from syno_lang.search.results import export, met, summary, table
from syno_lang.search.settings import Bounds
from syno_lang.search.standing import Met, Standing, front
from syno_lang.search.store import Row, Run, Store
from tests.search.support import InProcess, run, worth


def value(job: Job) -> Outcome:
    if int(job.digest[-1], 16) % 4 == 0:
        return Outcome("raised", error="ValueError: <b>& 'quoted'</b>")
    return Outcome("ok", {"accuracy": worth(job.digest)}, seconds=1.0)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[Row]]:
    path = tmp_path_factory.mktemp("search") / "s.db"
    run(path, InProcess(value=value))
    with Store(path) as store:
        (begun,) = store.runs()
        return begun, store.rows(begun)


def test_numbers() -> None:
    assert [quantity(number) for number in (0, 12, 1234, 5.678e6, 9e9, 1e13)] == [
        "0 ", "12 ", "1.23 k", "5.68 M", "9 G", "10 T"
    ]  # fmt: skip
    assert [clock(seconds) for seconds in (0, 61.9, 3600, 36061)] == ["0:00", "1:01", "1:00:00", "10:01:01"]


def test_a_log_has_a_line_for_all_that_is_better(tmp_path: Path) -> None:
    written: list[str] = []
    ran = run(
        tmp_path / "s.db", InProcess(value=value), Bounds(budget=30), watch=Progress(written.append, False)
    )
    best, betters = -1.0, 0
    for row in ran.rows:
        if row.reward is not None and row.reward > best:
            best, betters = row.reward, betters + 1
    assert len(written) == betters
    assert all(text.endswith("\n") and "\r" not in text for text in written)
    assert re.fullmatch(
        r"\d+/30 operators · best 0\.\d{4} \([0-9a-f]{8}, \d.*FLOPs\) · front \d+.* evaluations/min · left 0:\d\d\n",
        written[-1],
    )


def test_a_log_is_not_silent_for_long() -> None:
    written: list[str] = []
    watch = Progress(written.append, False, silence=0.0)
    for _ in range(3):
        watch(Standing())
    assert written == ["0 operators · front 0\n"] * 3


def test_a_terminal_has_one_line(tmp_path: Path) -> None:
    written: list[str] = []
    watch = Progress(written.append, True)
    run(tmp_path / "s.db", InProcess(), Bounds(budget=9), watch=watch)
    watch.end()
    assert written.pop() == "\n"
    assert all(text.startswith("\r") and "\n" not in text for text in written)
    # Each covers what the one before it left.
    assert all(len(after) >= len(before.rstrip()) for before, after in pairwise(written))


def test_failures_and_limits_are_counted() -> None:
    standing = Standing(rejected=7, failed=2, met=2)
    standing.begin(Bounds(budget=4, minutes=1.0), 0)
    assert "failed 2 · over the limit 7" in line(standing)
    assert standing.left is not None and standing.left <= 60


def test_the_summary(found: tuple[Run, list[Row]], tmp_path: Path) -> None:
    ran = run(tmp_path / "s.db", InProcess(value=value))
    said = summary(ran.search.standing, "my.db")
    failed = sum(row.reward is None for row in ran.rows)
    assert said.startswith(f"48 operators, 48 evaluated now, {failed} failed\nthese are all operators")
    assert said.endswith("more: syno results my.db")
    for item in front([met(row) for row in ran.rows if row.reward is not None]):
        assert item.digest[:12] in said


def test_the_table(found: tuple[Run, list[Row]]) -> None:
    items = [met(row) for row in found[1]]
    head, *lines = table(items).splitlines()
    assert head.split() == ["number", "operator", "reward", "accuracy", "FLOPs", "params"]
    assert len(lines) == len(items)
    for item, shown in zip(items, lines, strict=True):
        assert shown.split()[:2] == [str(item.number + 1), item.digest[:12]]
        assert ("raised: ValueError" in shown) == (item.reward is None)


def test_exported_operators_are_what_was_found(found: tuple[Run, list[Row]], tmp_path: Path) -> None:
    rows = found[1]
    assert export(rows, str(tmp_path / "a" / "b")) == len(rows)
    facts = json.loads((tmp_path / "a" / "b" / "results.json").read_text(encoding="utf-8"))
    assert [item["digest"] for item in facts] == [row.digest for row in rows]
    for item, row in zip(facts, rows, strict=True):
        assert load(tmp_path / "a" / "b" / item["file"]).digest == row.digest
        assert (item["reward"], item["metrics"]) == (row.reward, row.outcome.metrics)
    kept = {item.digest for item in front([met(row) for row in rows if row.reward is not None])}
    assert {item["digest"] for item in facts if item["front"]} == kept


def test_axes() -> None:
    axis = Axis(0.0, 1.0, 100.0, 0.0)
    assert [axis.place(number) for number in (0, 0.5, 1)] == [100, 50, 0]
    assert [label for _, label in axis.ticks()] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    log = Axis(1e3, 1e6, 0.0, 300.0, True)
    assert [log.place(number) for number in (1e3, 1e4, 1e5, 1e6)] == [0, 100, 200, 300]
    assert {"1 k", "20 k", "1 M"} <= {label for _, label in log.ticks()}
    assert Axis(5.0, 5.0, 0.0, 10.0).place(5.0) == 5.0


def test_plots(found: tuple[Run, list[Row]]) -> None:
    items = [met(row) for row in found[1]]
    good = [item for item in items if item.reward is not None]
    for made in (pareto(items), progress(items)):
        assert made is not None and len(made.points) == len(good)
        picture = ElementTree.fromstring(svg(made))
        circles = picture.findall(".//{http://www.w3.org/2000/svg}circle")
        assert len(circles) == len(good)
        for circle in circles:
            assert 0 <= float(circle.attrib["cx"]) <= 640 and 0 <= float(circle.attrib["cy"]) <= 320
    drawn = pareto(items)
    assert drawn is not None
    assert sum(point.is_front for point in drawn.points) == len(front(good))
    characters = text(drawn)
    assert characters.count("o") >= 1 and "." in characters.split("\n", 1)[1]


def test_nothing_to_plot() -> None:
    failed = Met(0, "op", "0" * 32, None, Outcome("died"))
    assert pareto([failed]) is None and progress([failed]) is None


def test_one_point() -> None:
    only = Met(0, "op", "0" * 32, 0.0, Outcome("ok", {"flops": 7.0}))
    for made in (pareto([only]), progress([only])):
        assert made is not None
        ElementTree.fromstring(svg(made))
        text(made)


class Page(HTMLParser):
    """What a page is made of: open elements, identifiers, links, text."""

    VOID = frozenset({"meta", "br", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.add(tag)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [value for key in ("href", "src") if (value := given.get(key))]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page(found: tuple[Run, list[Row]]) -> None:
    begun, rows = found
    page = Page(report(begun, rows))
    good = sorted((row for row in rows if row.reward is not None), key=lambda row: -(row.reward or 0))
    kept = {item.digest for item in front([met(row) for row in good])}
    assert {row.digest for row in good[:30]} | kept == set(page.ids)
    # It needs nothing else, and runs nothing.
    assert all(link == "#" or link[1:] in page.ids for link in page.links)
    assert "script" not in page.tags and "link" not in page.tags
    assert {"svg", "details", "table"} <= page.tags
    assert "<b>& 'quoted'</b>" in page.words and "b" not in page.tags
    for row in good[:3]:
        assert row.text.rstrip() in page.words
    assert page.words.count("loops of the definition") == len(page.ids)


def test_the_page_of_failures_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    run(path, InProcess(value=lambda job: Outcome("timeout", error="late")), Bounds(budget=3))
    with Store(path) as store:
        (begun,) = store.runs()
        page = Page(report(begun, store.rows(begun)))
    assert page.ids == [] and page.words.count("late") == 3
