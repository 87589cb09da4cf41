"""Names and numbers enter, the words for a finding leave."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

#: So many names are compared: a text with more of them is not typed by hand.
MAX_CANDIDATES = 300


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?`, or nothing where no known name is near."""
    # Names of very different lengths are never near, and comparing long ones takes long.
    candidates = list(islice((item for item in known if abs(len(item) - len(name)) <= 8), MAX_CANDIDATES))
    near = get_close_matches(name[:100], candidates, n=1, cutoff=0.6)
    if not near:
        near = [item for item in candidates if item.lower() == name.lower()][:1]
    return f"did you mean `{near[0]}`?" if near else ""


def counted(number: int, noun: str) -> str:
    """`no name`, `1 name`, `2 names`, `2 axes`."""
    if number < 2:
        return f"{number or 'no'} {noun}"
    return f"{number} {noun.removesuffix('is')}es" if noun.endswith("is") else f"{number} {noun}s"
