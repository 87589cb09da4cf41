"""A walk enters; the same walk without what was proposed and without dead ends leaves.

A state is *done* when nothing below it can be proposed any more.  Only done states are remembered, by
their keys; whether a state is done is found out when a way to it is tried.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from syno_lang.search.strategy import Proposal, State
from syno_lang.synth.walk import Step, Walk


@dataclass(frozen=True)
class Arrow:
    """A step and the state that it leads to."""

    step: Step
    state: State
    key: str


#: Which of the arrows to take; there is at least one.
Choice = Callable[[State, Sequence[Arrow]], Arrow]


@dataclass
class Trail:
    """A way down a walk: the states passed, with their keys, and the steps between them."""

    states: list[State]
    keys: list[str]
    steps: list[Step] = field(default_factory=list)

    def extend(self, arrow: Arrow) -> None:
        """Go one step further."""
        self.states.append(arrow.state)
        self.keys.append(arrow.key)
        self.steps.append(arrow.step)

    def retreat(self) -> None:
        """Take the last step back."""
        del self.states[-1], self.keys[-1], self.steps[-1]


class Explored:
    """A walk and the keys of its states that are done."""

    def __init__(self, walk: Walk[State]) -> None:
        self.walk = walk
        self.done: set[str] = set()

    def start(self) -> Trail:
        """The trail that has not left the root."""
        root = self.walk.root()
        return Trail([root], [self.walk.key(root)])

    def arrows(self, state: State) -> list[Arrow]:
        """All steps from a state, in the order of the walk."""
        found = []
        for step in self.walk.steps(state):
            after = self.walk.after(state, step)
            found.append(Arrow(step, after, self.walk.key(after)))
        return found

    def weights(self, arrows: Sequence[Arrow]) -> list[int]:
        """How many operators each of `arrows` leads to; 1 for each where one of them is not known."""
        counts = [self.walk.count(arrow.state) for arrow in arrows]
        known = [count for count in counts if count is not None]
        return known if len(known) == len(counts) and any(known) else [1] * len(counts)

    def down(self, trail: Trail, choose: Choice) -> Proposal | None:
        """Follow `trail` down to an operator that was not proposed; it is then done.

        `trail` may be left on the way to it, but not above its first length.  `None` where nothing below it
        is left; its end is then done.
        """
        least = len(trail.states)
        while trail.keys[-1] not in self.done:
            arrows = self.arrows(trail.states[-1])
            ahead = [arrow for arrow in arrows if arrow.key not in self.done]
            if ahead:
                trail.extend(choose(trail.states[-1], ahead))
                continue
            self.done.add(trail.keys[-1])
            if not arrows and (definition := self.walk.result(trail.states[-1])) is not None:
                self._close(trail)
                return Proposal(tuple(trail.steps), trail.keys[-1], definition)
            if len(trail.states) > least:
                trail.retreat()
        return None

    def _close(self, trail: Trail) -> None:
        """Mark what lies above the end of `trail` as far as it is done with it."""
        for state, key in zip(trail.states[-2::-1], trail.keys[-2::-1], strict=True):
            if any(arrow.key not in self.done for arrow in self.arrows(state)):
                return
            self.done.add(key)


def by_count(explored: Explored, draw: random.Random) -> Choice:
    """Draw an arrow as often as operators lie behind it."""

    def choose(_: State, arrows: Sequence[Arrow]) -> Arrow:
        weights = explored.weights(arrows)
        left = draw.randrange(sum(weights))
        for arrow, weight in zip(arrows, weights, strict=True):
            left -= weight
            if left < 0:
                return arrow
        raise AssertionError("the weights sum to less than the draw")

    return choose
