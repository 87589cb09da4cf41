"""Jobs enter on standard input, a line of JSON each; outcomes leave on standard output.

Run as `python -m syno_lang.search.server EVALUATOR`.  The server loads the evaluator once and forks for
every job, so that each evaluation is bounded in time and memory and leaves nothing behind.  When its input
ends, the server kills what runs and ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from syno_lang.api import parse
from syno_lang.diagnostics import SynoError
from syno_lang.search.evaluators import Evaluator, evaluator
from syno_lang.search.outcome import MAX_ERROR, Job, Outcome, checked

#: How much longer than its time an evaluation lives if nobody is left to end it.
GRACE_SECONDS: Final = 5

_ANY: Final = "operator any<N>(x: [N]) -> [N] { out[n] = x[n] }"


@dataclass
class Lines:
    """The lines of a file descriptor, read without blocking other things."""

    descriptor: int
    buffer: bytes = b""
    ended: bool = False

    def read(self) -> None:
        """Take what is there; call when the descriptor is readable."""
        found = os.read(self.descriptor, 1 << 16)
        self.buffer += found
        self.ended = not found

    def take(self) -> bytes | None:
        """The next whole line, if there is one."""
        line, end, rest = self.buffer.partition(b"\n")
        if not end:
            return None
        self.buffer = rest
        return line


def main(name: str) -> None:
    """Serve the evaluator `name` until the input ends."""
    answers = os.dup(1)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # Loads the grammar, which every evaluation would have to load otherwise.
        parse(_ANY)
        evaluate = evaluator(name)
    except SynoError as error:
        found = error.diagnostics[0]
        _answer(answers, {"code": found.code, "message": found.message, "hint": found.hint})
        return
    except BaseException as error:
        _answer(answers, {"code": "E1201", "message": f"{name} cannot be loaded: {_said(error)}", "hint": ""})
        return
    _answer(answers, {"ready": True})
    questions = Lines(0)
    while True:
        line = questions.take()
        if line is not None:
            outcome = _bounded(evaluate, Job(**json.loads(line)), questions, answers)
            _answer(answers, vars(outcome))
        elif questions.ended:
            return
        else:
            questions.read()


def _answer(descriptor: int, value: dict[str, Any]) -> None:
    text = json.dumps(value).encode() + b"\n"
    while text:
        text = text[os.write(descriptor, text) :]


def _bounded(evaluate: Evaluator, job: Job, questions: Lines, answers: int) -> Outcome:
    """Evaluate in a process of its own."""
    started = time.monotonic()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Otherwise it would outlive the server unseen, and could speak in its name.
        os.close(reading)
        os.close(answers)
        _child(evaluate, job, writing)
    os.close(writing)
    with contextlib.suppress(OSError):
        os.setpgid(child, child)
    answer = Lines(reading)
    try:
        in_time = _wait(answer, questions, started + job.seconds)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        os.close(reading)
        _, code = os.waitpid(child, 0)
    seconds = round(time.monotonic() - started, 4)
    if not in_time:
        return Outcome("timeout", error=f"not done within {job.seconds:g} seconds", seconds=seconds)
    line = answer.take()
    if line is None:
        return Outcome("died", error=_death(code), seconds=seconds)
    found = json.loads(line)
    return Outcome(found["status"], found["metrics"], found["error"], seconds)


def _wait(answer: Lines, questions: Lines, end: float) -> bool:
    """Read until the child has answered or ended; false when the time is over."""
    watched = [answer.descriptor, questions.descriptor]
    while not answer.ended and b"\n" not in answer.buffer:
        left = end - time.monotonic()
        if left <= 0:
            return False
        ready, _, _ = select.select(watched, [], [], left)
        if answer.descriptor in ready:
            answer.read()
        if questions.descriptor in ready:
            questions.read()
            if questions.ended:
                raise SystemExit
    return True


def _child(evaluate: Evaluator, job: Job, writing: int) -> NoReturn:
    """Evaluate, write the outcome, and leave without ever returning."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.alarm(int(job.seconds) + GRACE_SECONDS)
        _quiet()
        bound_memory(job.memory)
        outcome = _measure(evaluate, job)
        _answer(writing, vars(outcome))
    finally:
        os._exit(0)


def _quiet() -> None:
    """Let what evaluators print go nowhere, unless someone is looking for a mistake."""
    if os.environ.get("SYNO_DEBUG") != "1":
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)


def bound_memory(size: int) -> None:
    """Let this process take at most `size` bytes (of data on Linux, of addresses elsewhere)."""
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(kind)
        most = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(kind, (most, hard))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _measure(evaluate: Evaluator, job: Job) -> Outcome:
    try:
        return checked(evaluate(parse(job.text), [dict(layer) for layer in job.layers]))
    except MemoryError:
        return Outcome("memory", error=f"more than {job.memory:,} bytes of memory")
    except BaseException as error:
        said = _said(error)
        # PyTorch has no exception of its own for this.
        if "can't allocate memory" in said or "not enough memory" in said:
            return Outcome("memory", error=f"more than {job.memory:,} bytes of memory: {said}"[:MAX_ERROR])
        return Outcome("raised", error=said)


def _said(error: BaseException) -> str:
    """An exception in one line, with the place that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"[:MAX_ERROR]


def _death(code: int) -> str:
    if os.WIFSIGNALED(code):
        number = os.WTERMSIG(code)
        hint = ", perhaps for lack of memory" if number in (signal.SIGKILL, signal.SIGABRT) else ""
        return f"the process ended by {signal.Signals(number).name}{hint}"
    return "the process ended without an answer"


if __name__ == "__main__":
    # Who asked may be gone.
    with contextlib.suppress(BrokenPipeError):
        main(sys.argv[1])
