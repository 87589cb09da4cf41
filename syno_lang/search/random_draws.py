"""A walk and a seed enter; operators leave, drawn uniformly and each state once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

from syno_lang.search.explored import Explored, by_count
from syno_lang.search.strategy import Proposal, State
from syno_lang.synth.walk import Walk

#: How often a draw that was drawn before is drawn anew, before the draw avoids what was drawn.
REDRAWS: Final = 64


class RandomDraws:
    """The baseline that learns nothing.

    Draws are uniform where the walk counts exactly and has one way to each operator.  When almost everything
    was drawn, the rest is drawn on ways that avoid what is done, no longer uniformly.
    """

    def __init__(self, walk: Walk[State], seed: int) -> None:
        self._explored = Explored(walk)
        self._draw = random.Random(seed)
        self._proposals = 0

    def propose(self) -> Proposal | None:
        """See `Strategy`."""
        choose = by_count(self._explored, self._draw)
        for _ in range(REDRAWS):
            trail = self._explored.start()
            while arrows := self._explored.arrows(trail.states[-1]):
                trail.extend(choose(trail.states[-1], arrows))
            if trail.keys[-1] not in self._explored.done:
                break
        else:
            trail = self._explored.start()
        found = self._explored.down(trail, choose)
        if found is None:
            found = self._explored.down(self._explored.start(), choose)
        self._proposals += found is not None
        return found

    def report(self, proposal: Proposal, reward: float | None) -> None:
        """Nothing is learnt."""

    def statistics(self) -> Mapping[str, Any]:
        """How far the draws have come."""
        return {"proposals": self._proposals, "done": sorted(self._explored.done)}
