"""What a space offers to a search: states, the steps from them, and the operators that they complete.

A search (random, evolutionary, tree) sees nothing else of a space.  Equal states are one node, whatever
the order of the steps that led to them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Protocol, TypeVar

from syno_lang.ir.definition import Definition

State = TypeVar("State", bound=Hashable)


class Step(Protocol):
    """One decision of a walk."""

    @property
    def key(self) -> str:
        """A text that is the same on every machine."""

    @property
    def kind(self) -> str:
        """The name of its primitive (for AMAF and priors)."""


class Walk(Protocol[State]):
    """A space as a directed graph without circles, its leaves complete operators."""

    def root(self) -> State:
        """The state in which nothing is decided."""

    def steps(self, state: State) -> Sequence[Step]:
        """The decisions from which something can be completed, in a fixed order; none at a complete state."""

    def after(self, state: State, step: Step) -> State:
        """The state that a decision leads to."""

    def result(self, state: State) -> Definition | None:
        """The operator, in normal form, when the state is complete and a member of the space."""

    def count(self, state: State) -> int | None:
        """How many operators complete the state, exactly; `None` where not known.  0 is a dead end."""

    def key(self, state: State) -> str:
        """A text that is the same for equal states on every machine (for a store)."""
