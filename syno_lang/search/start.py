"""A space and an evaluator enter; the operators that a search met leave: the whole of it as one function."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from syno_lang.diagnostics import fail
from syno_lang.search.evaluators import Evaluator, check_name, default_reward
from syno_lang.search.executor import Executor
from syno_lang.search.local import LocalExecutor
from syno_lang.search.problem import problem_of, read_problem
from syno_lang.search.reward import read_limits, read_reward
from syno_lang.search.run import Search
from syno_lang.search.settings import AHEAD, Bounds, Settings
from syno_lang.search.standing import Watch
from syno_lang.search.store import Row, Store
from syno_lang.synth.space import Space


def search(
    space: str | os.PathLike[str] | Space,
    evaluate: str | Evaluator = "flops",
    *,
    store: str | os.PathLike[str] = "search.db",
    strategy: str = "mcts",
    reward: str = "",
    limits: Mapping[str, float] | None = None,
    seed: int = 0,
    workers: int = 1,
    ahead: int = AHEAD,
    bounds: Bounds | None = None,
    watch: Watch = lambda standing: None,
    start: Callable[[str, int], Executor] = LocalExecutor,
) -> list[Row]:
    """Search `space` and return the operators in the order in which they were met.

    `space` is a path, `stdlib:NAME`, or a `Space`; `evaluate` the name of an evaluator, or a function that
    can be imported: it runs in processes of its own.  A run that the store has is continued.  `start` makes
    what evaluates, from the evaluator and the number of workers.  Raises `SynoError`: E1201 to E1207.

        rows = search("space.syno", "digits", bounds=Bounds(budget=50), workers=2)
        best = max(rows, key=lambda row: row.reward or 0)
        operator = syno_lang.parse(best.text)
    """
    name = evaluate if isinstance(evaluate, str) else importable(evaluate)
    check_name(name)
    problem = problem_of(space) if isinstance(space, Space) else read_problem(os.fspath(space))
    settings = Settings(
        name,
        strategy,
        seed,
        str(read_reward(reward or default_reward(name))),
        read_limits({key: str(value) for key, value in (limits or {}).items()}),
        ahead,
    )
    with Store(store, write=True) as opened:
        made = Search(problem, settings, opened, lambda: start(name, min(workers, ahead)), watch)
        return opened.rows(made.run(bounds or Bounds()))


def importable(function: Callable[..., Any]) -> str:
    """The name under which other processes find a function.  Raises `SynoError` (E1201)."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "")
    if not module or module == "__main__" or not name.isidentifier():
        hint = "put it at the top of a module of its own, next to where Python is started"
        raise fail("E1201", f"other processes cannot import {name or function!r}", hint=hint)
    return f"python:{module}.{name}"
