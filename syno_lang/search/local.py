"""Jobs enter; outcomes leave from evaluator servers that run on this machine."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from syno_lang.diagnostics import SynoError, fail
from syno_lang.search.outcome import Job, Outcome, outcome_from_json

#: How long loading an evaluator may take.
READY_SECONDS: Final = 300.0


@dataclass
class _Server:
    """A process of `syno_lang.search.server`, and the job that it works on."""

    process: subprocess.Popen[bytes]
    buffer: bytes = b""
    job: Job | None = None

    @property
    def output(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def ask(self, job: Job) -> None:
        assert self.process.stdin is not None
        self.job = job
        value = {**vars(job), "layers": [dict(layer) for layer in job.layers]}
        try:
            self.process.stdin.write(json.dumps(value).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            # That the server is gone is seen where its answer is read.
            return

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """The next line of the server within `seconds`.  Raises EOFError where it is gone."""
        end = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.output], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return None
            found = os.read(self.output, 1 << 16)
            if not found:
                raise EOFError
            self.buffer += found
        line, _, self.buffer = self.buffer.partition(b"\n")
        value: dict[str, Any] = json.loads(line)
        return value

    def end(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class LocalExecutor:
    """Up to `workers` evaluations at a time, each bounded by its job.

    Making it loads the evaluator.  Raises `SynoError` (E1201, E0701) where that is impossible.
    """

    evaluator: str
    workers: int = 1
    folder: str | None = None
    _servers: list[_Server] = field(default_factory=list)
    _waiting: deque[Job] = field(default_factory=deque)

    def __post_init__(self) -> None:
        if not hasattr(os, "fork"):
            hint = "use Linux, macOS or the Windows Subsystem for Linux, or evaluate on a Ray cluster"
            raise fail("E1201", "evaluators are bounded by means that this system does not have", hint=hint)
        try:
            started = [self._start() for _ in range(self.workers)]
            self._servers = started
            for server in started:
                self._ready(server)
        except BaseException:
            self.close()
            raise

    def submit(self, job: Job) -> None:
        """See `Executor`."""
        self._waiting.append(job)
        self._assign()

    def next(self, seconds: float) -> tuple[str, Outcome] | None:
        """See `Executor`."""
        self._assign()
        busy = {server.output: server for server in self._servers if server.job is not None}
        ready, _, _ = select.select(list(busy), [], [], max(0.0, seconds))
        for output in ready:
            server = busy[output]
            assert server.job is not None
            digest = server.job.digest
            try:
                found = server.answer(5.0)
            except EOFError:
                found = None
            if found is None:
                self._replace(server)
                return digest, Outcome("died", error="the process that runs evaluations ended")
            server.job = None
            return digest, outcome_from_json(found)
        return None

    def close(self) -> None:
        """See `Executor`."""
        for server in self._servers:
            server.end()
        self._servers = []

    def _assign(self) -> None:
        for server in self._servers:
            if server.job is None and self._waiting:
                server.ask(self._waiting.popleft())

    def _replace(self, server: _Server) -> None:
        server.end()
        self._servers.remove(server)
        fresh = self._start()
        self._servers.append(fresh)
        self._ready(fresh)

    def _start(self) -> _Server:
        command = [sys.executable, "-m", "syno_lang.search.server", self.evaluator]
        package = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), package)))
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": ""},
            start_new_session=True,
        )
        return _Server(process)

    def _ready(self, server: _Server) -> None:
        try:
            found = server.answer(READY_SECONDS)
        except EOFError:
            found = {"code": "E1201", "message": f"loading {self.evaluator} ended its process", "hint": ""}
        if found is None:
            raise fail("E1201", f"{self.evaluator} was not loaded within {READY_SECONDS:g} seconds")
        if "ready" not in found:
            raise _told(found)


def _told(found: dict[str, Any]) -> SynoError:
    return fail(found["code"], found["message"], hint=found["hint"])
