"""Nothing is lost: a run that ended anywhere continues as if it had not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from syno_lang import SynoError
from syno_lang.search.local import LocalExecutor
from syno_lang.search.outcome import Outcome
from syno_lang.search.resume import check_new, check_space, run_to_continue, settings_of
from syno_lang.search.settings import Bounds, Problem
from syno_lang.search.store import Store
from syno_lang.search.strategy import STRATEGIES
from tests.search.support import ROOT, InProcess, problem, run, settings

WORTH = "python:tests.search.evaluators.worth"

SCRIPT = """
import sys
from pathlib import Path
from syno_lang.search.local import LocalExecutor
from tests.search.support import run
run(Path(sys.argv[1]), lambda: LocalExecutor(sys.argv[2], 2), evaluator=sys.argv[2])
"""


@pytest.mark.parametrize("name", STRATEGIES)
@hypothesis_settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, 8), max_size=3), reverse=st.booleans(), ahead=st.integers(1, 5))
def test_a_run_may_be_cut_anywhere(name: str, cuts: list[int], reverse: bool, ahead: int) -> None:
    bounds = Bounds(budget=14)
    with tempfile.TemporaryDirectory() as folder:
        whole = run(Path(folder) / "whole.db", InProcess(), bounds, strategy=name, ahead=ahead)
        done: list[str] = []
        for cut in [*cuts, 1 << 30]:
            executor = InProcess(cut, reverse)
            with suppress(KeyboardInterrupt):
                found = run(Path(folder) / "cut.db", executor, bounds, strategy=name, ahead=ahead)
            done += executor.done
        assert found.history == whole.history
        assert found.statistics == whole.statistics
        assert len(done) == len(set(done)) == bounds.budget


def kill(path: Path, seconds: float) -> int:
    """Start a search in a process of its own and kill it after a while; return what it ended with."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SYNO_TEST_SLEEP": "0.02"}
    command = [sys.executable, "-c", SCRIPT, str(path), WORTH]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait()


def test_killed_at_random_moments(tmp_path: Path) -> None:
    draw = random.Random(7)
    killed = 0
    path = tmp_path / "killed.db"
    for _ in range(6):
        killed += kill(path, draw.uniform(1.0, 2.5)) == -signal.SIGKILL
    assert killed
    with Store(path) as store:
        before = [store.trials(found) for found in store.runs()]
    found = run(path, lambda: LocalExecutor(WORTH, 2), evaluator=WORTH)
    whole = run(tmp_path / "whole.db", InProcess(), evaluator=WORTH)
    assert found.history == whole.history
    assert found.statistics == whole.statistics
    # What was there stays, as the beginning.
    for trials in before:
        assert [(digest, reward) for _, digest, reward in found.history][: len(trials)] == trials


def test_the_evaluation_ends_with_the_search(tmp_path: Path) -> None:
    """A killed coordinator leaves nothing running."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "s.db"), "python:tests.search.evaluators.hangs"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        children: list[int] = []
        deadline = time.monotonic() + 60
        while len(children) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
            children = descendants(process.pid)
        assert len(children) >= 4
        process.kill()
    deadline = time.monotonic() + 30
    while any(is_alive(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [child for child in children if is_alive(child)]


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_larger_budget_continues(tmp_path: Path) -> None:
    run(tmp_path / "s.db", InProcess(), Bounds(budget=10))
    executor = InProcess()
    found = run(tmp_path / "s.db", executor, Bounds(budget=25))
    assert len(executor.done) == 15
    assert found.history == run(tmp_path / "whole.db", InProcess(), Bounds(budget=25)).history
    assert found.search.standing.recorded == 10 and found.search.standing.evaluated == 15


def test_failures_are_remembered(tmp_path: Path) -> None:
    def failing(job: object) -> Outcome:
        return Outcome("timeout", error="not done")

    run(tmp_path / "s.db", InProcess(value=failing), Bounds(budget=6))
    executor = InProcess()
    found = run(tmp_path / "s.db", executor, Bounds(budget=9))
    assert [row.outcome.status for row in found.rows] == ["timeout"] * 6 + ["ok"] * 3
    assert len(executor.done) == 3


def test_a_run_that_went_another_way(tmp_path: Path) -> None:
    run(tmp_path / "s.db", InProcess(), Bounds(budget=8))
    with Store(tmp_path / "s.db", write=True) as store:
        store._database.execute("UPDATE trials SET digest = 'other' WHERE number = 4")
    with pytest.raises(SynoError) as caught:
        run(tmp_path / "s.db", InProcess(), Bounds(budget=8))
    (found,) = caught.value.diagnostics
    assert found.code == "E1204" and "number 5" in found.message


def test_which_run_is_continued(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db", write=True) as store, pytest.raises(SynoError, match="no run yet"):
        run_to_continue(store, {})
    for seed in (1, 2):
        run(tmp_path / "s.db", InProcess(), Bounds(budget=2), seed=seed)
    with Store(tmp_path / "s.db") as store:
        assert run_to_continue(store, {}).settings["seed"] == 2
        first = run_to_continue(store, {"seed": 1})
        assert settings_of(first) == settings(seed=1)
        with pytest.raises(SynoError, match="has no run with seed 3"):
            run_to_continue(store, {"seed": 3})
        check_space(first, problem())
        changed = Problem("toy", "another", problem().walk, problem().layers)
        with pytest.raises(SynoError, match="has changed"):
            check_space(first, changed)
        with pytest.raises(SynoError, match="already, with 2 operators"):
            check_new(store, settings(seed=1).to_json(problem()))
        check_new(store, settings(seed=3).to_json(problem()))
