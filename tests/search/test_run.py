"""Runs: the same whatever the workers, never twice the same operator, failures as rows, limits and bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from syno_lang import SynoError
from syno_lang.api import parse
from syno_lang.search.cost import cost_at
from syno_lang.search.local import LocalExecutor
from syno_lang.search.outcome import Job, Outcome
from syno_lang.search.run import Search
from syno_lang.search.settings import Bounds
from syno_lang.search.standing import Standing, front
from syno_lang.search.store import Store
from syno_lang.search.strategy import STRATEGIES
from tests.search.support import InProcess, problem, run, settings, worth
from tests.search.toy import LAYERS, MEMBERS, Toy

WORTH = "python:tests.search.evaluators.worth"


def test_all_is_evaluated_and_kept(tmp_path: Path) -> None:
    executor = InProcess()
    found = run(tmp_path / "s.db", executor)
    assert [row.number for row in found.rows] == list(range(MEMBERS))
    assert sorted(executor.done) == sorted(row.digest for row in found.rows)
    assert found.search.standing.exhausted and executor.closed
    for row in found.rows:
        operator = parse(row.text)
        assert operator.digest == row.digest
        assert row.outcome.metrics == {"accuracy": worth(row.digest), **cost_at(operator.definition, LAYERS)}
        assert row.reward == pytest.approx(worth(row.digest) ** 2)


@pytest.mark.parametrize("name", STRATEGIES)
def test_workers_do_not_change_the_rows(name: str, tmp_path: Path) -> None:
    ran = [
        run(tmp_path / f"{workers}.db", lambda n=workers: LocalExecutor(WORTH, n), Bounds(budget=12),
            evaluator=WORTH, strategy=name)
        for workers in (1, 2)
    ]  # fmt: skip
    assert ran[0].history == ran[1].history
    assert ran[0].statistics == ran[1].statistics


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_order_of_the_outcomes_does_not_change_the_rows(name: str, tmp_path: Path) -> None:
    forth = run(tmp_path / "a.db", InProcess(), Bounds(budget=30), strategy=name)
    back = run(tmp_path / "b.db", InProcess(reverse=True), Bounds(budget=30), strategy=name)
    assert forth.history == back.history and forth.statistics == back.statistics


def test_known_operators_are_not_evaluated_again(tmp_path: Path) -> None:
    first = run(tmp_path / "s.db", InProcess(), Bounds(budget=30), seed=1)
    executor = InProcess()
    second = run(tmp_path / "s.db", executor, seed=2)
    assert len(second.rows) == MEMBERS and len(executor.done) == MEMBERS - 30
    assert not {row.digest for row in first.rows} & set(executor.done)
    alone = run(tmp_path / "alone.db", InProcess(), seed=2)
    assert alone.history == second.history


def test_another_evaluator_is_another_task(tmp_path: Path) -> None:
    run(tmp_path / "s.db", InProcess(), Bounds(budget=5), strategy="exhaustive")
    executor = InProcess()
    run(tmp_path / "s.db", executor, Bounds(budget=5), strategy="exhaustive", evaluator="flops")
    assert len(executor.done) == 5


def test_equal_operators_of_different_states(tmp_path: Path) -> None:
    class Twice(Toy):
        """`scale` leads to the operator without it."""

        def result(self, state: Any) -> Any:
            known = super().result(state)
            return known and Toy().result(type(state)(state.taken - {"scale"}, True))

    executor = InProcess()
    found = run(tmp_path / "s.db", executor, toy=Twice(broken=()))
    assert len(found.rows) == len(executor.done) == len(set(executor.done)) == 2**5
    assert found.statistics[""]["visits"] == 2**6


def test_failures_are_rows(tmp_path: Path) -> None:
    def value(job: Job) -> Outcome:
        if int(job.digest[-1], 16) % 2:
            return Outcome("raised", error="RuntimeError: odd")
        return Outcome("ok", {"accuracy": worth(job.digest)})

    found = run(tmp_path / "s.db", InProcess(value=value))
    assert len(found.rows) == MEMBERS
    for row in found.rows:
        assert (row.reward is None) == (not row.outcome.is_ok) == bool(int(row.digest[-1], 16) % 2)
        assert "flops" in row.outcome.metrics
    assert found.search.standing.failed == sum(row.reward is None for row in found.rows) > 0


def test_limits_are_kept_without_evaluating(tmp_path: Path) -> None:
    executor = InProcess()
    everything = run(tmp_path / "all.db", InProcess())
    limit = 20_000.0
    found = run(tmp_path / "s.db", executor, limits={"flops": limit})
    fitting = {row.digest for row in everything.rows if row.outcome.metrics["flops"] <= limit}
    assert {row.digest for row in found.rows} == set(executor.done) == fitting
    assert found.search.standing.rejected == MEMBERS - len(fitting) > 0


def test_nothing_within_the_limits(tmp_path: Path) -> None:
    with pytest.raises(SynoError) as caught:
        run(tmp_path / "s.db", limits={"flops": 1.0})
    (found,) = caught.value.diagnostics
    assert found.code == "E1205" and f"all {MEMBERS} operators need more than 1 flops" in found.message


def test_an_empty_space(tmp_path: Path) -> None:
    with pytest.raises(SynoError, match="holds no operator"):
        run(tmp_path / "s.db", toy=Toy(broken=(frozenset(),)))


def test_operators_that_do_not_fit_the_layers(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db", write=True) as store:
        odd = problem()
        odd = type(odd)(odd.name, odd.fingerprint, odd.walk, ({"N": 4, "C": 8},))
        search = Search(odd, settings(), store, InProcess)
        found = search.run(Bounds(budget=3))
        rows = store.rows(found)
    assert [row.outcome.status for row in rows] == ["unfit"] * 3
    assert "E0601" in rows[0].outcome.error


def test_a_reward_that_the_evaluator_does_not_give(tmp_path: Path) -> None:
    with pytest.raises(SynoError) as caught:
        run(tmp_path / "s.db", reward="loss")
    assert caught.value.diagnostics[0].code == "E1206"


def test_minutes_end_a_run(tmp_path: Path) -> None:
    found = run(tmp_path / "s.db", bounds=Bounds(minutes=1e-9))
    assert found.rows == []
    assert len(run(tmp_path / "s.db", bounds=Bounds(budget=5)).rows) == 5
    # What is recorded is met again, however little time there is.
    assert len(run(tmp_path / "s.db", bounds=Bounds(minutes=1e-9)).search.strategy.statistics()) > 0


def test_the_watcher_sees_every_operator(tmp_path: Path) -> None:
    seen: list[int] = []
    found = run(tmp_path / "s.db", watch=lambda standing: seen.append(standing.met))
    assert sorted(set(seen)) == list(range(1, MEMBERS + 1))
    standing = found.search.standing
    assert standing.best is not None
    assert standing.best.reward == max(row.reward for row in found.rows if row.reward is not None)


@hypothesis_settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), min_size=1))
def test_the_front_is_what_nothing_beats(pairs: list[tuple[int, int]]) -> None:
    from syno_lang.search.standing import Met

    several = [
        Met(number, "op", f"{number:032x}", reward / 5, Outcome("ok", {"flops": float(flops)}))
        for number, (flops, reward) in enumerate(pairs)
    ]

    def beaten(met: Met) -> bool:
        return any(
            other.outcome.metrics["flops"] <= met.outcome.metrics["flops"]
            and (other.reward or 0) >= (met.reward or 0)
            and (other.outcome.metrics["flops"], other.reward) != (met.outcome.metrics["flops"], met.reward)
            for other in several
        )

    kept = front(several)
    points = {(met.outcome.metrics["flops"], met.reward) for met in kept}
    assert len(points) == len(kept)
    expected = {(met.outcome.metrics["flops"], met.reward) for met in several if not beaten(met)}
    assert points == expected
    standing = Standing()
    for met in several:
        standing.add(met)
    assert {(met.outcome.metrics["flops"], met.reward) for met in standing.front} == points
