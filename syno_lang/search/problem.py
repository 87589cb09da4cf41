"""A file enters, one of its spaces leaves as the problem of a search."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from syno_lang.api import load_space
from syno_lang.search.settings import Problem
from syno_lang.synth.explore import walk_of
from syno_lang.synth.space import Space


def read_problem(path: str, name: str | None = None, search: Iterable[str] | None = None) -> Problem:
    """The space of a file, ready to be searched; `name` picks one of several.  Raises `SynoError`."""
    space = load_space(path, name, search=search)
    return problem_of(space, (path, name or ""))


def problem_of(space: Space, source: tuple[str, str] = ("", "")) -> Problem:
    """A space that is already read."""
    fingerprint = blake2b(repr(space).encode(), digest_size=16).hexdigest()
    return Problem(space.name, fingerprint, walk_of(space), space.layers, source)
