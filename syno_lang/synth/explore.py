"""A space enters; it leaves as a graph of decisions that a search can walk."""

from __future__ import annotations

from typing import Any

from syno_lang.synth.space import Space
from syno_lang.synth.walk import Walk


def walk_of(space: Space) -> Walk[Any]:
    """The space as a walk whose counts are exact, and of which no step leads to a dead end."""
    from syno_lang.synth.forest_walk import ForestWalk

    walk: Any = ForestWalk(space)
    return walk  # type: ignore[no-any-return]
