"""A walk, a seed and rewards enter; operators leave that vary the better of those known.

Regularized evolution: the parent wins a tournament in a population from which the oldest leave.  A child
repeats the steps of its parent up to a random one, decides that one anew, and follows the rest of the
parent's steps as far as they are possible.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syno_lang.search.explored import Arrow, Explored, Trail, by_count
from syno_lang.search.random_draws import REDRAWS
from syno_lang.search.strategy import Proposal, State
from syno_lang.synth.walk import Step, Walk

#: How many operators live, how many of them a tournament compares.
POPULATION: Final = 32
TOURNAMENT: Final = 6


@dataclass(frozen=True)
class Member:
    """An operator that lives: its steps and its reward."""

    steps: tuple[Step, ...]
    reward: float


class Evolution:
    """What is over a limit does not enter the population."""

    def __init__(
        self, walk: Walk[State], seed: int, population: int = POPULATION, tournament: int = TOURNAMENT
    ) -> None:
        self._explored = Explored(walk)
        self._draw = random.Random(seed)
        self._tournament = tournament
        self._members: deque[Member] = deque(maxlen=population)

    def propose(self) -> Proposal | None:
        """See `Strategy`."""
        full = len(self._members) == self._members.maxlen
        for _ in range(REDRAWS if full else 0):
            trail = self._child(self._parent())
            if trail is not None and (found := self._explored.down(trail, self._any)) is not None:
                return found
        return self._explored.down(self._explored.start(), self._any)

    def report(self, proposal: Proposal, reward: float | None) -> None:
        """See `Strategy`."""
        if reward is not None:
            self._members.append(Member(proposal.steps, reward))

    def statistics(self) -> Mapping[str, Any]:
        """The population, the oldest first."""
        members = [
            {"steps": [step.key for step in item.steps], "reward": item.reward} for item in self._members
        ]
        return {"population": members, "done": sorted(self._explored.done)}

    def _any(self, state: State, arrows: Sequence[Arrow]) -> Arrow:
        return by_count(self._explored, self._draw)(state, arrows)

    def _parent(self) -> Member:
        entrants = self._draw.sample(list(self._members), min(self._tournament, len(self._members)))
        return max(entrants, key=lambda member: member.reward)

    def _child(self, parent: Member) -> Trail | None:
        """The way of a varied parent, perhaps not to its end; `None` where there is nothing to vary."""
        if not parent.steps:
            return None
        change = self._draw.randrange(len(parent.steps))
        trail = self._explored.start()
        for number, wanted in enumerate(parent.steps):
            arrows = self._explored.arrows(trail.states[-1])
            if number == change:
                others = [arrow for arrow in arrows if arrow.step.key != wanted.key]
                found = self._any(trail.states[-1], others) if others else None
            else:
                found = next((arrow for arrow in arrows if arrow.step.key == wanted.key), None)
            if found is None:
                break
            trail.extend(found)
        return trail
