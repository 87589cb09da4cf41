"""A space enters; all of its operators leave, by a look at every state: the oracle of what is faster."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence

from syno_lang.ir.coordinates import Reduce
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.synth.counts import counts
from syno_lang.synth.define import definition_of
from syno_lang.synth.digits import uses
from syno_lang.synth.extend import Decision, Extend
from syno_lang.synth.finish import graph_of_state
from syno_lang.synth.member import violations_of_normal
from syno_lang.synth.normal import normal_form, ordered
from syno_lang.synth.space import Space
from syno_lang.synth.state import State


class Enumerate:
    """A space as a walk whose counts are exact.

    Many ways lead to one operator, so the members below a state are counted as a set: one bit for each.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.extend = Extend(space)
        self._below: dict[State, int] = {}
        self._numbers: dict[str, int] = {}
        self._steps: dict[State, list[Decision]] = {}
        self._results: dict[State, PGraph | None] = {}

    def root(self) -> State:
        """The state in which nothing is decided."""
        return self.extend.root

    def steps(self, state: State) -> Sequence[Decision]:
        """The decisions from which an operator can be completed."""
        found = self._steps.get(state)
        if found is None:
            several = self.extend.decisions(state)
            found = self._steps[state] = [item for item in several if self.count(item.state)]
        return found

    def after(self, state: State, step: Decision) -> State:
        """The state that a decision leads to."""
        return step.state

    def result(self, state: State) -> Definition | None:
        """The operator of a finished state, if it is a member."""
        graph = self.graph(state)
        return None if graph is None else definition_of(self.space, graph)

    def graph(self, state: State) -> PGraph | None:
        """The pGraph of a finished state, if it is a member that has no other spelling in the space."""
        if not state.finished:
            return None
        if state not in self._results:
            self._results[state] = member_of_state(self.space, self.extend, state)
        return self._results[state]

    def count(self, state: State) -> int:
        """How many operators complete a state; 0 is a dead end."""
        return self._members(state).bit_count()

    def _members(self, state: State) -> int:
        """The members below a state, a bit for each by its number."""
        found = self._below.get(state)
        if found is None:
            found = 0
            if state.finished:
                graph = self.graph(state)
                if graph is not None:
                    found = 1 << self._numbers.setdefault(graph.digest, len(self._numbers))
            else:
                for item in self.extend.decisions(state):
                    found |= self._members(item.state)
            self._below[state] = found
        return found

    def key(self, state: State) -> str:
        """A text that equal states share on every machine."""
        return state.key


def member_of_state(space: Space, extend: Extend, state: State) -> PGraph | None:
    """The operator of a finished state: `None` where it is no member, or is reached in another way."""
    graph = ordered(graph_of_state(space, state))
    if counts(graph, extend.layers).primitives != state.steps:
        return None
    used = uses(graph.tops, extend.layers)
    if any(unit not in used.cuts(base) for base, unit in state.cuts if not isinstance(base, Reduce)):
        return None
    # What is cheap comes first: a graph that is not its own normal form is no member anyway.
    return None if violations_of_normal(space, graph) or normal_form(space, graph) != graph else graph


def states(space: Space) -> Iterate[State]:
    """Every state that can be reached, each once."""
    extend = Extend(space)
    seen = {extend.root}
    pending = [extend.root]
    while pending:
        state = pending.pop()
        yield state
        for item in extend.decisions(state):
            if item.state not in seen:
                seen.add(item.state)
                pending.append(item.state)


def enumerate_space(space: Space) -> dict[str, PGraph]:
    """Every operator of `space` by its digest.  For small spaces: it looks at every state."""
    extend = Extend(space)
    finished = (state for state in states(space) if state.finished)
    found = (member_of_state(space, extend, state) for state in finished)
    return {graph.digest: graph for graph in found if graph is not None}
