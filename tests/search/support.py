"""What tests of the search share: a problem, an executor without processes, and a whole run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syno_lang.search.outcome import Job, Outcome
from syno_lang.search.run import Search
from syno_lang.search.settings import Bounds, Problem, Settings
from syno_lang.search.standing import Watch
from syno_lang.search.store import Row, Store
from tests.search.toy import LAYERS, Toy

ROOT = Path(__file__).resolve().parents[2]


def problem(toy: Toy | None = None) -> Problem:
    return Problem("toy", "fingerprint", toy or Toy(), LAYERS, ("toy.syno", ""))


def worth(digest: str) -> float:
    """The accuracy that `tests.search.evaluators.worth` finds."""
    return int(digest[:4], 16) / 65535


@dataclass
class InProcess:
    """An executor that answers at once, or in the opposite order; `left` outcomes, then it is interrupted."""

    left: int = 1 << 30
    reverse: bool = False
    value: Callable[[Job], Outcome] = field(
        default=lambda job: Outcome("ok", {"accuracy": worth(job.digest)}, seconds=0.5)
    )
    done: list[str] = field(default_factory=list)
    closed: bool = False
    _waiting: deque[Job] = field(default_factory=deque)

    def submit(self, job: Job) -> None:
        self._waiting.append(job)

    def next(self, seconds: float) -> tuple[str, Outcome] | None:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        job = self._waiting.pop() if self.reverse else self._waiting.popleft()
        self.done.append(job.digest)
        return job.digest, self.value(job)

    def close(self) -> None:
        self.closed = True


@dataclass
class Ran:
    """What a run left behind."""

    rows: list[Row]
    statistics: Mapping[str, Any]
    search: Search

    @property
    def history(self) -> list[tuple[int, str, float | None]]:
        return [(row.number, row.digest, row.reward) for row in self.rows]


def settings(**changes: Any) -> Settings:
    return Settings(**{"evaluator": "random", "seed": 3, "reward": "accuracy", **changes})


def run(
    path: Path,
    executor: Any = None,
    bounds: Bounds | None = None,
    toy: Toy | None = None,
    watch: Watch = lambda standing: None,
    **changes: Any,
) -> Ran:
    """Search the toy space; `executor` is one, or makes one."""
    start = executor if callable(executor) else lambda: executor or InProcess()
    with Store(path, write=True) as store:
        search = Search(problem(toy), settings(**changes), store, start, watch)
        found = search.run(bounds or Bounds())
        return Ran(store.rows(found), search.strategy.statistics(), search)
