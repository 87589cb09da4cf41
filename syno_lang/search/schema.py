"""The tables of a store, and how a file becomes one or is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from syno_lang.diagnostics import SynoError, fail

#: "Syno" in ASCII: the file is one of ours, whatever its name.
APPLICATION: Final = 0x53796E6F

#: Counts up with every change of the tables.
VERSION: Final = 1

TABLES: Final = (
    # What was measured: an evaluator and the layers that it measures at.
    "CREATE TABLE tasks (id TEXT PRIMARY KEY, evaluator TEXT NOT NULL, layers TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE operators (digest TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
    # `finished` is in seconds since 1970.
    """CREATE TABLE evaluations (
        task TEXT NOT NULL REFERENCES tasks, digest TEXT NOT NULL REFERENCES operators,
        status TEXT NOT NULL, metrics TEXT NOT NULL, error TEXT NOT NULL,
        seconds REAL NOT NULL, finished REAL NOT NULL, PRIMARY KEY (task, digest)) WITHOUT ROWID""",
    # What a strategy did, in its order; `settings` is all that decides it, `source` where its space was read.
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY, settings TEXT NOT NULL UNIQUE, task TEXT NOT NULL REFERENCES tasks,
        source TEXT NOT NULL, started REAL NOT NULL)""",
    """CREATE TABLE trials (
        run INTEGER NOT NULL REFERENCES runs, number INTEGER NOT NULL, digest TEXT NOT NULL,
        reward REAL, PRIMARY KEY (run, number), UNIQUE (run, digest)) WITHOUT ROWID""",
)


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn errors of SQLite, and of what it holds, into E1203 where writing failed and E1202 otherwise."""
    try:
        yield
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise _problem(path, error) from error


def _problem(path: str, error: Exception) -> SynoError:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        hint = "make room; everything evaluated before is in the store, and --resume continues from there"
        return fail("E1203", f"{path} cannot grow: {text}", hint=hint)
    if "readonly" in text or "locked" in text:
        hint = "check who uses the file and its folder, and whether they can be written"
        return fail("E1203", f"{path} cannot be written: {text}", hint=hint)
    if "unable to open" in text:
        return fail("E1202", f"{path} cannot be opened", hint="check the path and its permissions")
    hint = "name another file, or put back a copy of the store; this file is left as it is"
    return fail("E1202", f"{path} is damaged, or no store: {text}", hint=hint)


def prepare(connection: sqlite3.Connection, path: str, create: bool) -> None:
    """Check that the file is a store of this version, or make it one where it is empty and `create`."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == 0 and version == 0 and tables == 0 and create:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    elif application != APPLICATION:
        raise fail("E1202", f"{path} is not a store of syno", hint="stores are made by `syno search`")
    elif version != VERSION:
        hint = "use a newer syno" if version > VERSION else "use the syno that made it"
        raise fail("E1202", f"{path} is a store of version {version}, not {VERSION}", hint=hint)
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise _problem(path, sqlite3.DatabaseError(str(found)))
