"""Jobs enter; outcomes leave from evaluator servers on the machines of a Ray cluster.

A task of the cluster runs one job on a server of its own process, so an evaluation is bounded there as it
is here.  When a machine is lost, the jobs that ran on it are begun again elsewhere; the coordinator
takes the first outcome of a job and no other.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from syno_lang.diagnostics import SynoError, fail
from syno_lang.search.local import LocalExecutor
from syno_lang.search.outcome import Job, Outcome, outcome_from_json

#: How often a job is begun before it is given up.
MAX_ATTEMPTS: Final = 8

#: How long the head of a cluster may take to answer.
REACH_SECONDS: Final = 10.0

#: The servers of this process of the cluster, by evaluator and folder.
_servers: dict[tuple[str, str | None], LocalExecutor] = {}


def evaluate_here(name: str, folder: str, job: dict[str, Any]) -> dict[str, Any]:
    """What runs on the cluster: one job, on a server that stays for those that follow.

    Returns an outcome, or `code`, `message` and `hint` where the evaluator cannot be used there.
    """
    place = folder if os.path.isdir(folder) else None
    if (name, place) not in _servers:
        try:
            _servers[name, place] = LocalExecutor(name, 1, place)
        except SynoError as error:
            (said,) = error.diagnostics
            return {"code": said.code, "message": said.message, "hint": said.hint}
    executor = _servers[name, place]
    executor.submit(Job(**job))
    while True:
        found = executor.next(60.0)
        if found is not None:
            return vars(found[1])


@dataclass
class RayExecutor:
    """Up to `workers` evaluations at a time on the cluster at `address` (`auto`, or `host:port`).

    Raises `SynoError`: E0701 without Ray, E1207 where the cluster cannot be reached.
    """

    evaluator: str
    workers: int
    address: str
    _waiting: deque[Job] = field(default_factory=deque)
    _running: dict[Any, Job] = field(default_factory=dict)
    _attempts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ray = _connected(self.address)
        # A lost machine is seen here, so that each attempt is counted.
        self._remote = self._ray.remote(num_cpus=1, max_retries=0)(evaluate_here)

    def submit(self, job: Job) -> None:
        """See `Executor`."""
        self._waiting.append(job)
        self._assign()

    def next(self, seconds: float) -> tuple[str, Outcome] | None:
        """See `Executor`."""
        self._assign()
        done, _ = self._ray.wait(list(self._running), num_returns=1, timeout=seconds)
        for reference in done:
            job = self._running.pop(reference)
            outcome = self._outcome(reference)
            if outcome is not None:
                return job.digest, outcome
            self._attempts[job.digest] = self._attempts.get(job.digest, 0) + 1
            if self._attempts[job.digest] >= MAX_ATTEMPTS:
                error = f"the machines that it ran on were lost, {MAX_ATTEMPTS} times"
                return job.digest, Outcome("died", error=error)
            self._waiting.appendleft(job)
            self._assign()
        return None

    def close(self) -> None:
        """See `Executor`."""
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._running.clear()
        self._ray.shutdown()

    def _assign(self) -> None:
        while self._waiting and len(self._running) < self.workers:
            job = self._waiting.popleft()
            value = {**vars(job), "layers": tuple(dict(layer) for layer in job.layers)}
            self._running[self._remote.remote(self.evaluator, os.getcwd(), value)] = job

    def _outcome(self, reference: Any) -> Outcome | None:
        """What a finished task brought; `None` where its process or its machine was lost."""
        exceptions = self._ray.exceptions
        try:
            found = self._ray.get(reference)
        except exceptions.RayTaskError as error:
            said = " ".join(str(error.cause).split())
            raise fail("E1201", f"{self.evaluator} cannot be run on the cluster: {said}") from error
        except exceptions.RayError:
            return None
        if "code" in found:
            raise fail(found["code"], f"on the cluster: {found['message']}", hint=found["hint"])
        return outcome_from_json(found)


def _connected(address: str) -> Any:
    _reached(address)
    try:
        import ray
    except ImportError:
        raise fail("E0701", "ray is not installed", hint="run pip install 'syno_lang[ray]'") from None
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), package)))
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": {"PYTHONPATH": path}},
        )
    except Exception as error:
        raise _unreachable(address, error) from error
    return ray


def _reached(address: str) -> None:
    """Raise `SynoError` where nobody listens: Ray itself would try for many minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str, error: Exception) -> SynoError:
    said = " ".join(str(error).split())[:300]
    hint = "start one with `ray start --head`, and give its address as host:port"
    return fail("E1207", f"there is no Ray cluster at {address}: {said}", hint=hint)
