"""Stores: refused when they are none, damaged, newer or in use; kept when the disk is full; merged without loss."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from syno_lang import SynoError
from syno_lang.search.outcome import Outcome
from syno_lang.search.settings import Bounds
from syno_lang.search.store import Store, Task
from tests.search.support import ROOT, InProcess, run

TASK = Task("random", ({"N": 1},))


def code(error: SynoError) -> tuple[str, str]:
    (found,) = error.diagnostics
    return found.code, found.message


def test_what_is_added_is_there(tmp_path: Path) -> None:
    outcome = Outcome("ok", {"accuracy": 0.1, "flops": 10.0**30}, seconds=2.5)
    with Store(tmp_path / "s.db", write=True) as store:
        begun = store.begin(TASK, {"seed": 1}, ("a.syno", "b"))
        store.add(TASK, "d", "operator", outcome)
        store.add(TASK, "d", "operator", Outcome("died"))
        store.add_trial(begun, 0, "d", 0.25)
    with Store(tmp_path / "s.db") as store:
        assert store.runs() == [begun]
        assert store.begin is not None and store.evaluation(TASK, "d") == outcome
        assert store.evaluation(Task("flops", TASK.layers), "d") is None
        assert store.trials(begun) == [("d", 0.25)]
        (row,) = store.rows(begun)
        assert (row.digest, row.reward, row.outcome, row.text) == ("d", 0.25, outcome, "operator")


def test_tasks_differ_by_evaluator_and_layers() -> None:
    tasks = [
        TASK,
        Task("flops", TASK.layers),
        Task("random", ({"N": 2},)),
        Task("random", ({"N": 1}, {"N": 1})),
    ]
    assert len({task.id for task in tasks}) == 4
    assert Task("random", ({"a": 1, "b": 2},)).id == Task("random", ({"b": 2, "a": 1},)).id


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(SynoError) as caught:
        Store(tmp_path / "none.db")
    assert code(caught.value)[0] == "E1202"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [b"no database, but a longer text " * 9, b"SQLite format 3\0" + b"\7" * 4096]
)
def test_a_file_that_is_no_store(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(content)
    for write in (False, True):
        with pytest.raises(SynoError) as caught:
            Store(path, write=write)
        assert code(caught.value)[0] == "E1202"
    assert path.read_bytes() == content


def test_a_database_of_something_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as database:
        database.execute("CREATE TABLE mine (a)")
    database.close()
    with pytest.raises(SynoError, match="is not a store of syno"):
        Store(tmp_path / "s.db", write=True)


def test_a_store_of_another_version(tmp_path: Path) -> None:
    Store(tmp_path / "s.db", write=True).close()
    with sqlite3.connect(tmp_path / "s.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(SynoError, match="version 99") as caught:
        Store(tmp_path / "s.db")
    assert "newer syno" in caught.value.diagnostics[0].hint


@cache
def filled() -> bytes:
    """The file of a store with sixty evaluations."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        with Store(path, write=True) as store:
            begun = store.begin(TASK, {"seed": 1}, ("", ""))
            for number in range(60):
                store.add(TASK, f"d{number}", "operator " * 20, Outcome("ok", {"accuracy": 0.5}))
                store.add_trial(begun, number, f"d{number}", 0.25)
        return path.read_bytes()


@hypothesis_settings(max_examples=60)
@given(place=st.floats(0, 0.999), byte=st.integers(0, 255), length=st.integers(1, 3000))
def test_a_damaged_store_never_ends_in_a_traceback(place: float, byte: int, length: int) -> None:
    content = bytearray(filled())
    start = int(place * len(content))
    content[start : start + length] = bytes([byte]) * len(content[start : start + length])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        path.write_bytes(content)
        try:
            with Store(path, write=True) as store:
                for found in store.runs():
                    store.rows(found)
                    store.evaluations(found.task)
        except SynoError as error:
            assert code(error)[0] == "E1202"


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path, write=True) as store:
        with pytest.raises(SynoError) as caught:
            Store(path, write=True)
        assert code(caught.value) == ("E1203", f"another search is writing to {path}")
        store.begin(TASK, {}, ("", ""))
        with Store(path) as reader:
            assert len(reader.runs()) == 1
    Store(path, write=True).close()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = f"import os; from syno_lang.search.store import Store; Store({str(tmp_path / 's.db')!r}, write=True); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == -9
    Store(tmp_path / "s.db", write=True).close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SynoError) as caught:
        Store(tmp_path / "s.db", write=True)
    assert code(caught.value)[0] == "E1203"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SynoError) as caught:
        Store(tmp_path / "none" / "s.db", write=True)
    assert code(caught.value)[0] == "E1203"


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was evaluated before is kept, and the run continues once there is room."""
    connect = sqlite3.connect

    def small(*arguments: object, **options: object) -> sqlite3.Connection:
        database = connect(*arguments, **options)  # type: ignore[call-overload]
        database.execute("PRAGMA max_page_count = 12")
        return database  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", small)
    executor = InProcess()
    with pytest.raises(SynoError) as caught:
        run(tmp_path / "s.db", executor)
    assert code(caught.value)[0] == "E1203"
    assert "--resume" in caught.value.diagnostics[0].hint
    assert executor.closed
    monkeypatch.undo()
    with Store(tmp_path / "s.db") as store:
        (begun,) = store.runs()
        kept = store.evaluations(begun.task)
    # The last outcome found no room.
    assert set(kept) == set(executor.done[:-1]) and len(kept) > 3
    whole = run(tmp_path / "whole.db", InProcess())
    assert run(tmp_path / "s.db", InProcess()).history == whole.history


def test_merging(tmp_path: Path) -> None:
    run(tmp_path / "a.db", InProcess(), Bounds(budget=12), seed=1)
    run(tmp_path / "b.db", InProcess(), Bounds(budget=20), seed=1)
    run(tmp_path / "b.db", InProcess(), Bounds(budget=15), seed=2)
    with Store(tmp_path / "b.db") as other, Store(tmp_path / "a.db", write=True) as store:
        everything = {digest for found in other.runs() for digest, _ in other.trials(found)}
        assert store.merge(other) == len(everything) - 12
        assert store.merge(other) == 0
        assert [found.settings for found in store.runs()] == [found.settings for found in other.runs()]
        ours, theirs = store.rows(store.runs()[1]), other.rows(other.runs()[1])
        assert [(row.digest, row.outcome) for row in ours] == [(row.digest, row.outcome) for row in theirs]
        assert [len(store.trials(found)) for found in store.runs()] == [20, 15]
    executor = InProcess()
    found = run(tmp_path / "a.db", executor, Bounds(budget=25), seed=1)
    assert found.history == run(tmp_path / "whole.db", InProcess(), Bounds(budget=25), seed=1).history
    assert not everything & set(executor.done)


def test_merging_runs_that_differ(tmp_path: Path) -> None:
    run(tmp_path / "a.db", InProcess(), Bounds(budget=6))
    other = InProcess(value=lambda job: Outcome("ok", {"accuracy": 1 - int(job.digest[:4], 16) / 65535}))
    run(tmp_path / "b.db", other, Bounds(budget=12))
    with Store(tmp_path / "b.db") as theirs, Store(tmp_path / "a.db", write=True) as store:
        before = store.trials(store.runs()[0])
        store.merge(theirs)
        assert store.trials(store.runs()[0]) == before
