"""A name that is not known enters, a hint with the nearest known name leaves."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?`, or nothing where no known name is near."""
    candidates = list(known)
    near = get_close_matches(name, candidates, n=1, cutoff=0.6)
    if not near:
        near = [item for item in candidates if item.lower() == name.lower()][:1]
    return f"did you mean `{near[0]}`?" if near else ""
