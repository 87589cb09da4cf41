"""A walk enters; all of its operators leave, each once, in the order of its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syno_lang.search.explored import Arrow, Explored, Trail
from syno_lang.search.strategy import Proposal, State
from syno_lang.synth.walk import Walk


class Exhaustive:
    """Depth first, without a seed; states that are reached twice are entered once."""

    def __init__(self, walk: Walk[State], seed: int = 0) -> None:
        self._explored = Explored(walk)
        self._trail: Trail = self._explored.start()
        self._proposals = 0

    def propose(self) -> Proposal | None:
        """See `Strategy`."""
        while True:
            found = self._explored.down(self._trail, _first)
            if found is not None:
                self._proposals += 1
                return found
            if len(self._trail.states) == 1:
                return None
            self._trail.retreat()

    def report(self, proposal: Proposal, reward: float | None) -> None:
        """Nothing is learnt."""

    def statistics(self) -> Mapping[str, Any]:
        """How far the enumeration has come."""
        return {"proposals": self._proposals, "done": len(self._explored.done)}


def _first(_: State, arrows: Sequence[Arrow]) -> Arrow:
    return arrows[0]
