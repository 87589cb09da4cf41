"""What runs evaluations: jobs enter in any number, outcomes leave in the order in which they are done."""

from __future__ import annotations

from typing import Protocol

from syno_lang.search.outcome import Job, Outcome


class Executor(Protocol):
    """Runs jobs elsewhere; a job is known by its digest, and is submitted once."""

    def submit(self, job: Job) -> None:
        """Let the job run as soon as there is a free place."""

    def next(self, seconds: float) -> tuple[str, Outcome] | None:
        """The digest of a job that is done, and its outcome; `None` when none was within `seconds`.

        A freed place is not given to the next job before the next call, so what this returns can be
        committed first.
        """

    def close(self) -> None:
        """End everything that runs."""
