"""Evaluations are bounded: whatever an evaluator does, there is an outcome that says so, and the next one runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syno_lang import SynoError
from syno_lang.api import parse
from syno_lang.search.evaluators import default_reward, evaluator
from syno_lang.search.local import LocalExecutor
from syno_lang.search.outcome import Job, Outcome, checked
from syno_lang.search.settings import Bounds
from tests.search import evaluators
from tests.search.support import ROOT, run
from tests.search.toy import LAYERS, text

TEXT = text(frozenset({"mix"}))
DIGEST = parse(TEXT).digest


def job(number: int = 0, seconds: float = 60.0, memory: int = 1 << 30) -> Job:
    return Job(f"{DIGEST[:-1]}{number}", TEXT, LAYERS, seconds, memory)


@contextmanager
def executor(name: str, workers: int = 1) -> Iterator[LocalExecutor]:
    made = LocalExecutor(
        name if name in ("flops", "random") else f"python:tests.search.evaluators.{name}", workers, str(ROOT)
    )
    try:
        yield made
    finally:
        made.close()


def outcome(running: LocalExecutor, asked: Job) -> Outcome:
    running.submit(asked)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = running.next(1.0)
        if found is not None:
            assert found[0] == asked.digest
            return found[1]
    raise AssertionError("there is no outcome")


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("raises", "raised", "ValueError: no <b>good</b> (evaluators.py:"),
        ("nan", "invalid", "nan for accuracy"),
        ("nothing", "invalid", "a NoneType for accuracy"),
        ("text", "invalid", "a str for accuracy"),
        ("exhausts", "memory", "more than 1,073,741,824 bytes"),
        ("grows", "memory", "more than 1,073,741,824 bytes"),
        ("dies", "died", "ended by SIGABRT"),
        ("leaves", "raised", "SystemExit: 3"),
        ("vanishes", "died", "without an answer"),
        ("kills_its_server", "died", "the process that runs evaluations ended"),
        ("chatters", "ok", ""),
    ],
)
def test_what_evaluators_do(name: str, status: str, words: str) -> None:
    with executor(name) as running:
        for number in range(2):
            found = outcome(running, job(number))
            assert (found.status, words in found.error) == (status, True), found


def test_hanging_evaluators_are_ended() -> None:
    with executor("hangs") as running:
        started = time.monotonic()
        found = outcome(running, job(seconds=0.5))
        assert found == Outcome("timeout", error="not done within 0.5 seconds", seconds=found.seconds)
        assert 0.5 <= found.seconds <= time.monotonic() - started


def test_jobs_wait_for_a_free_worker() -> None:
    with executor("worth", 2) as running:
        for number in range(7):
            running.submit(job(number))
        found = set()
        while len(found) < 7:
            answer = running.next(60.0)
            assert answer is not None and answer[1].is_ok
            found.add(answer[0])
        assert running.next(0.0) is None


def test_the_built_in_ones() -> None:
    operator = parse(TEXT)
    with executor("flops") as running:
        assert outcome(running, job()).metrics == {"flops": 4 * 64 * 64 + 4 * 16 * 256, "params": 64 + 256}
    with executor("random") as running:
        assert outcome(running, job()).metrics == {"accuracy": evaluator("random")(operator, LAYERS)}
    assert [default_reward(name) for name in ("flops", "random", "digits", "python:a.b")] == [
        "flops", "accuracy", "accuracy", "accuracy"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("digit", "there is no evaluator digit"),
        ("python:", "there is no evaluator python:"),
        ("python:one", "there is no evaluator python:one"),
        ("python:os.path", "os.path is no function"),
        ("python:math.nothing", "math has no nothing"),
        ("python:no_such_module_at_all.f", "cannot be imported: ModuleNotFoundError"),
        ("python:tests.search.broken_evaluator.f", "cannot be imported: ZeroDivisionError"),
        ("python:tests.search.ending_evaluator.f", "cannot be loaded: SystemExit"),
    ],
)
def test_evaluators_that_cannot_be_used(name: str, words: str) -> None:
    with pytest.raises(SynoError) as caught:
        LocalExecutor(name, 1, str(ROOT))
    (found,) = caught.value.diagnostics
    assert found.code == "E1201" and words in found.message


def test_the_search_goes_on_past_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    name = "python:tests.search.evaluators.half_fails"
    found = run(tmp_path / "s.db", lambda: LocalExecutor(name, 2), Bounds(budget=10), evaluator=name)
    assert {row.outcome.status for row in found.rows} == {"ok", "raised"}
    for row in found.rows:
        expected = int(row.digest[-1], 16) % 2
        assert (row.outcome.status == "raised") == bool(expected)
        assert row.outcome.error.startswith("RuntimeError: odd" if expected else "")


def test_modules_are_looked_for_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def f(operator, layers):\n    return len(layers) / 4\n", encoding="utf-8"
    )
    running = LocalExecutor("python:mine.f", 1, str(tmp_path))
    try:
        assert outcome(running, job()).metrics == {"accuracy": 0.5}
    finally:
        running.close()


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (0.5, "ok"),
        (True, "ok"),
        ({"loss": 1, "accuracy": 0.25}, "ok"),
        ({}, "invalid"),
        ({str(n): n for n in range(65)}, "invalid"),
        (float("inf"), "invalid"),
        (10**400, "invalid"),
        ([0.5], "invalid"),
    ],
)
def test_what_may_be_returned(value: object, status: str) -> None:
    assert checked(value).status == status


def test_servers_end_when_their_input_does() -> None:
    with executor("hangs") as running:
        (server,) = running._servers
        running.submit(job())
        time.sleep(0.3)
    assert server.process.poll() is not None


def test_the_test_evaluators_say_where_they_run() -> None:
    found = evaluators.worth(parse(TEXT), LAYERS)
    assert found["pid"] == os.getppid()
