"""A Ray cluster of two nodes on this machine, one of which is lost in the middle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syno_lang import SynoError
from syno_lang.search.cluster import RayExecutor
from syno_lang.search.settings import Bounds
from syno_lang.search.standing import Standing
from tests.search.support import ROOT, InProcess, run

WORTH = "python:tests.search.evaluators.worth"
FAILS = "python:tests.search.evaluators.half_fails"


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("ray", reason="needs ray")
    from ray.cluster_utils import Cluster

    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SYNO_TEST_SLEEP", "0.3")
    monkeypatch.setenv("SYNO_TEST_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        yield made
    finally:
        made.shutdown()


@pytest.mark.heavy
def test_a_lost_node_loses_nothing(cluster: Any, tmp_path: Path) -> None:
    lost = cluster.add_node(num_cpus=1)

    def watch(standing: Standing) -> None:
        nonlocal lost
        if standing.met == 8 and lost is not None:
            cluster.remove_node(lost, allow_graceful=False)
            lost = None

    found = run(
        tmp_path / "s.db", lambda: RayExecutor(WORTH, 2, cluster.address), Bounds(budget=24),
        watch=watch, evaluator=WORTH,
    )  # fmt: skip
    assert lost is None
    whole = run(tmp_path / "whole.db", InProcess(), Bounds(budget=24), evaluator=WORTH)
    assert found.history == whole.history and found.statistics == whole.statistics
    # Both nodes took part; at most what ran on the lost one ran twice, and nothing is counted twice.
    assert len({row.outcome.metrics["pid"] for row in found.rows}) >= 2
    begun = Counter((tmp_path / "log").read_text().split())
    assert set(begun) == {row.digest for row in found.rows}
    assert sum(begun.values()) <= 24 + 1
    assert found.search.standing.evaluated == 24


@pytest.mark.heavy
def test_failures_on_the_cluster_are_rows(cluster: Any, tmp_path: Path) -> None:
    start = lambda: RayExecutor(FAILS, 1, cluster.address)  # noqa: E731
    found = run(tmp_path / "s.db", start, Bounds(budget=6), evaluator=FAILS)
    assert {row.outcome.status for row in found.rows} == {"ok", "raised"}


@pytest.mark.heavy
def test_an_evaluator_that_the_cluster_cannot_load(cluster: Any, tmp_path: Path) -> None:
    name = "python:no_such_module_at_all.f"
    start = lambda: RayExecutor(name, 1, cluster.address)  # noqa: E731
    with pytest.raises(SynoError) as caught:
        run(tmp_path / "s.db", start, Bounds(budget=2), evaluator=name)
    assert caught.value.diagnostics[0].code == "E1201"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:99999"])
def test_no_cluster(address: str) -> None:
    with pytest.raises(SynoError) as caught:
        RayExecutor(WORTH, 1, address)
    assert caught.value.diagnostics[0].code == "E1207"


def test_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(SynoError) as caught:
        RayExecutor(WORTH, 1, "auto")
    assert caught.value.diagnostics[0].code == "E0701"
