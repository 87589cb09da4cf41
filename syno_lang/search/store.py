"""Evaluations and runs enter, each committed before anything else happens; they leave as rows.

A store is one SQLite file.  An operator, by its digest, has at most one evaluation for each task: an
evaluator at the concrete sizes of the layers.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from syno_lang.diagnostics import fail
from syno_lang.search.outcome import Outcome, outcome_from_json
from syno_lang.search.schema import explained, prepare

Made = TypeVar("Made")

_NEW_RUN: Final = "INSERT OR IGNORE INTO runs (settings, task, source, started) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True)
class Task:
    """What is measured: an evaluator, at the concrete sizes of some layers."""

    evaluator: str
    layers: tuple[Mapping[str, int], ...]

    @property
    def id(self) -> str:
        """32 hexadecimal digits, the same on every machine."""
        return blake2b(f"{self.evaluator}\n{self.layers_text}".encode(), digest_size=16).hexdigest()

    @property
    def layers_text(self) -> str:
        """The layers as JSON."""
        return json.dumps([dict(sorted(layer.items())) for layer in self.layers])


@dataclass(frozen=True)
class Run:
    """What a strategy did: all that decided it, and when it began (seconds since 1970).

    `source` is where its space was read: a path, and the name of the space in it.
    """

    id: int
    settings: Mapping[str, Any]
    task: Task
    source: tuple[str, str]
    started: float


@dataclass(frozen=True)
class Row:
    """An operator of a run, as it was met: what it was worth, what was measured, and the operator itself."""

    number: int
    digest: str
    reward: float | None
    outcome: Outcome
    finished: float
    text: str


class Store:
    """An open store; use it in a `with` statement.

    `write=True` makes the file where there is none, and keeps other writers away until it is closed.
    Everything raises `SynoError`: E1202 where the file cannot be read, E1203 where it cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], *, write: bool = False) -> None:
        self.path = os.fspath(path)
        if not write and not Path(self.path).is_file():
            raise fail("E1202", f"there is no store {self.path}", hint="`syno search` makes stores")
        self._lock = _locked(self.path) if write else None
        try:
            with explained(self.path):
                # Readers open for writing as well: a reader of a WAL file may have to recover it.
                mode = "rwc" if write else "rw" if os.access(self.path, os.W_OK) else "ro"
                address = f"{Path(os.path.abspath(self.path)).as_uri()}?mode={mode}"
                self._database = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)
                self._database.execute("PRAGMA synchronous = FULL")
                prepare(self._database, self.path, create=write)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if hasattr(self, "_database"):
            self._database.close()
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with explained(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _all(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with explained(self.path):
            return self._database.execute(query, values).fetchall()

    def _made(self, make: Callable[..., Made], query: str, values: Sequence[object] = ()) -> list[Made]:
        """`make` called with the columns of each row."""
        with explained(self.path):
            return [make(*row) for row in self._database.execute(query, values)]

    def begin(self, task: Task, settings: Mapping[str, Any], source: tuple[str, str]) -> Run:
        """The run with these settings: a new one, or the one that the store has."""
        text = json.dumps(settings, sort_keys=True)
        with self._transaction() as database:
            _add_task(database, task)
            database.execute(_NEW_RUN, (text, task.id, json.dumps(source), time.time()))
        return next(run for run in self.runs() if run.settings == json.loads(text))

    def runs(self) -> list[Run]:
        """All runs, the oldest first."""
        query = (
            "SELECT runs.id, settings, evaluator, layers, source, started FROM runs"
            " JOIN tasks ON tasks.id = runs.task ORDER BY started, runs.id"
        )
        return self._made(_run, query)

    def evaluation(self, task: Task, digest: str) -> Outcome | None:
        """What came of an operator, if it was evaluated."""
        query = "SELECT status, metrics, error, seconds FROM evaluations WHERE task = ? AND digest = ?"
        return next(iter(self._made(_outcome, query, (task.id, digest))), None)

    def evaluations(self, task: Task) -> dict[str, Outcome]:
        """Every evaluation of a task by the digest of the operator."""
        query = "SELECT digest, status, metrics, error, seconds FROM evaluations WHERE task = ?"
        return dict(self._made(lambda digest, *rest: (digest, _outcome(*rest)), query, (task.id,)))

    def add(self, task: Task, digest: str, text: str, outcome: Outcome) -> None:
        """Commit an evaluation; the first one of an operator stays."""
        with self._transaction() as database:
            database.execute("INSERT OR IGNORE INTO operators VALUES (?, ?)", (digest, text))
            metrics = json.dumps(dict(outcome.metrics), sort_keys=True)
            database.execute(
                "INSERT OR IGNORE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?)",
                (task.id, digest, outcome.status, metrics, outcome.error, outcome.seconds, time.time()),
            )

    def add_trial(self, run: Run, number: int, digest: str, reward: float | None) -> None:
        """Commit that a strategy was told of an operator, as its `number`-th."""
        with self._transaction() as database:
            database.execute("INSERT INTO trials VALUES (?, ?, ?, ?)", (run.id, number, digest, reward))

    def trials(self, run: Run) -> list[tuple[str, float | None]]:
        """The digests and rewards of a run, in order."""
        query = "SELECT digest, reward FROM trials WHERE run = ? ORDER BY number"
        return [(digest, reward) for digest, reward in self._all(query, (run.id,))]

    def rows(self, run: Run) -> list[Row]:
        """The trials of a run with all that is known of their operators, in order."""
        query = (
            "SELECT trials.number, trials.digest, reward, finished, text, status, metrics, error, seconds"
            " FROM trials JOIN runs ON runs.id = trials.run"
            " JOIN evaluations ON evaluations.task = runs.task AND evaluations.digest = trials.digest"
            " JOIN operators ON operators.digest = trials.digest WHERE run = ? ORDER BY trials.number"
        )
        return self._made(_row, query, (run.id,))

    def merge(self, other: Store) -> int:
        """Take over what another store has and this one has not; return how many evaluations that was."""
        with self._transaction() as database:
            added = 0
            for table, width in (("tasks", 3), ("operators", 2), ("evaluations", 7)):
                before = database.total_changes
                command = f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * width)})"
                database.executemany(command, other._all(f"SELECT * FROM {table}"))
                added = database.total_changes - before
            for run, *values in other._all("SELECT id, settings, task, source, started FROM runs"):
                query = "SELECT number, digest, reward FROM trials WHERE run = ? ORDER BY number"
                _merge_run(database, values, other._all(query, (run,)))
        return added


def _merge_run(database: sqlite3.Connection, run: list[Any], trials: list[tuple[Any, ...]]) -> None:
    """Add a run, or what it has more than ours: runs with the same settings begin with the same trials."""
    database.execute(_NEW_RUN, run)
    (own,) = database.execute("SELECT id FROM runs WHERE settings = ?", run[:1]).fetchone()
    query = "SELECT number, digest, reward FROM trials WHERE run = ? ORDER BY number"
    known = database.execute(query, (own,)).fetchall()
    # An evaluator that is not deterministic may have led the two runs apart; then ours stays as it is.
    if known == trials[: len(known)]:
        more = [(own, *trial) for trial in trials[len(known) :]]
        database.executemany("INSERT INTO trials VALUES (?, ?, ?, ?)", more)


def _add_task(database: sqlite3.Connection, task: Task) -> None:
    database.execute(
        "INSERT OR IGNORE INTO tasks VALUES (?, ?, ?)", (task.id, task.evaluator, task.layers_text)
    )


def _run(number: int, settings: str, evaluator: str, layers: str, source: str, started: float) -> Run:
    path, name = json.loads(source)
    return Run(
        number, json.loads(settings), Task(evaluator, tuple(json.loads(layers))), (path, name), started
    )


def _row(number: int, digest: str, reward: float | None, finished: float, text: str, *rest: Any) -> Row:
    return Row(number, digest, reward, _outcome(*rest), finished, text)


def _outcome(status: str, metrics: str, error: str, seconds: float) -> Outcome:
    return outcome_from_json(
        {"status": status, "metrics": json.loads(metrics), "error": error, "seconds": seconds}
    )


def _locked(path: str) -> IO[bytes]:
    """An open file beside the store that keeps other writers away.  Raises `SynoError` (E1203)."""
    import fcntl

    try:
        file = open(f"{path}-lock", "ab")  # noqa: SIM115, it is held open
    except OSError as error:
        hint = "check the folder and its permissions"
        raise fail("E1203", f"{path} cannot be written: {error.strerror}", hint=hint) from error
    try:
        # The system lets go of the lock when the process ends, however it ends.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        hint = "wait for it, or use a store of your own and `syno results STORE --merge OTHER` afterwards"
        raise fail("E1203", f"another search is writing to {path}", hint=hint) from error
    return file
