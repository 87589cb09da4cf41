"""A partial operator enters; every next primitive that its space allows leaves, with what it leads to.

Decisions come in stages, each a set without an order: REDUCE; the views of the data, and the MERGEs that
weights alone see; the coordinates at which the data is read; one contraction per weight; the end.  Every
operator in normal form has one set of decisions, so it is reached through one state of each stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator as Iterate
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import permutations

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.local import Local, matcher
from syno_lang.rewrite.read import exact_rules
from syno_lang.sizes import ONE, product
from syno_lang.synth.blocks import SizeMaker
from syno_lang.synth.check_views import view_fault
from syno_lang.synth.digits import Digit, coordinate, digit, uses
from syno_lang.synth.distance import Distance, Have, Means
from syno_lang.synth.finish import assignments, contractions, unread
from syno_lang.synth.layers import Layers, layers_of
from syno_lang.synth.needed import primitives_needed
from syno_lang.synth.space import Space
from syno_lang.synth.state import State, numbered, text, with_reduction


@dataclass(frozen=True)
class Decision:
    """One step from a state: the name of its primitive, a text that tells it from the others, and its end."""

    kind: str
    key: str
    state: State


class Extend:
    """The next decisions in a space; `guided` leaves out what the shape distance shows to lead nowhere."""

    def __init__(self, space: Space, guided: bool = True) -> None:
        self.space, self.limits = space, space.limits
        self.layers: Layers = layers_of(space)
        exact = exact_rules()
        self.local = Local(exact, Facts(), sums=True)
        self.approximate = matcher(space.rules, self.layers.values)
        self.sizes = SizeMaker(space, self.layers)
        self.distance = Distance(self.layers.primary, tuple(self.layers.values)) if guided else None
        passing = {axis for axis, _ in space.keep}
        self.wanted = [
            axis.size for axis_number, axis in enumerate(space.inputs) if axis_number not in passing
        ]
        self._allowed: dict[Coordinate, bool] = {}
        self.kept = {Iterator(place, space.outputs[place].size) for _, place in space.keep}

    @cached_property
    def root(self) -> State:
        """Nothing but the coordinates of the output."""
        return State(frozenset(Iterator(n, axis.size) for n, axis in enumerate(self.space.outputs)))

    def decisions(self, state: State) -> list[Decision]:
        """All next decisions, each once, in a fixed order."""
        if state.finished:
            return []
        makers: list[Callable[[State], Iterable[tuple[str, str, State]]]] = []
        if state.index is not None:
            makers = [self._contractions, self._end]
        else:
            if state.steps == len(state.reductions):
                makers.append(self._reductions)
            makers += [self._splits, self._merges, self._shifts, self._unfolds, self._strides]
            makers += [self._expansions, self._cuts, self._reads]
        found: dict[State, Decision] = {}
        for maker in makers:
            for kind, key, following in maker(state):
                made = numbered(following)
                if made not in found and (kind in ("read", "end") or self.room(made)):
                    found[made] = Decision(kind, key, made)
        return sorted(found.values(), key=lambda item: (item.kind, item.key))

    def room(self, state: State) -> bool:
        """Whether the primitives that are left can do what is still to be done, as far as bounds tell."""
        left = self.limits.primitives - state.steps
        return primitives_needed(self, state) <= left and (
            self.distance is None or state.index is not None or self._distance(state) <= left
        )

    def _distance(self, state: State) -> int:
        assert self.distance is not None
        have = [Have(node.domain) for node in state.live - self.kept]
        means = Means(contractions=self.limits.tensors - 1 - len(state.weights))
        return self.distance(have, self.wanted, means)

    # REDUCE.

    def _reductions(self, state: State) -> Iterate[tuple[str, str, State]]:
        if _full(len(state.reductions), self.limits.reduce):
            return
        present = [node.domain for node in state.reductions]
        for size in self.sizes.reductions(tuple(sorted(present, key=str))):
            yield "reduce", str(size), with_reduction(state, size)

    # Views of the data.

    def movable(self, state: State) -> list[Coordinate]:
        """The live coordinates that may be changed, in a fixed order."""
        most = self.limits.chain
        return [
            node for node in sorted(state.live - self.kept, key=text) if most is None or height(node) < most
        ]

    def _view(
        self, state: State, kind: str, gone: Iterable[Coordinate], made: Iterable[Coordinate]
    ) -> Iterate[tuple[str, str, State]]:
        """The state in which `made` has taken the place of `gone`, if every new coordinate is allowed."""
        new = []
        for node in made:
            normal = self.commuted(node)
            if normal is None or not self.allowed(normal):
                return
            new.append(normal)
        old = set(gone)
        live = (state.live - old) | set(new)
        if len(live) == len(state.live) - len(old) + len(new):
            key = ", ".join(map(text, new))
            yield kind, key, replace(state, live=live, steps=state.steps + 1)

    def commuted(self, node: Coordinate) -> Coordinate | None:
        """`node` in normal form where that has the same primitives in another order, else `None`."""
        inner = node.operands[0]
        if isinstance(node, Shift) and isinstance(inner, Remainder) and digit(inner).low == ONE:
            node = Remainder(Shift(inner.operands[0], node.amount), inner.block)
        for part in (node, *node.operands):
            if self.local.rule_for(part) or self.approximate.rule_for(part):
                return None
        return node

    def allowed(self, node: Coordinate) -> bool:
        """Whether a coordinate may be in a member."""
        known = self._allowed.get(node)
        if known is None:
            known = not any(view_fault(part, self.space, self.layers) for part in fresh(node))
            self._allowed[node] = known
        return known

    def _splits(self, state: State) -> Iterate[tuple[str, str, State]]:
        if not self.full(state, Split, self.limits.split):
            for major, minor in permutations(self.movable(state), 2):
                yield from self._view(state, "split", (major, minor), (Split(major, minor),))

    def _unfolds(self, state: State) -> Iterate[tuple[str, str, State]]:
        if not self.full(state, Unfold, self.limits.unfold):
            for node, window in permutations(self.movable(state), 2):
                yield from self._view(state, "unfold", (node, window), (Unfold(node, window),))

    def _shifts(self, state: State) -> Iterate[tuple[str, str, State]]:
        if not self.full(state, Shift, self.limits.shift):
            for node in self.movable(state):
                yield from self._view(state, "shift", (node,), (Shift(node, 1),))

    def _strides(self, state: State) -> Iterate[tuple[str, str, State]]:
        if not self.full(state, Stride, self.limits.stride):
            for node in self.movable(state):
                for factor in self.sizes.factors(node.domain, state.reductions):
                    yield from self._view(state, "stride", (node,), (Stride(node, factor),))

    def _merges(self, state: State) -> Iterate[tuple[str, str, State]]:
        if self.merged_enough(state):
            return
        for node in self.movable(state):
            one = digit(node)
            if isinstance(one.base, (Reduce, Split)):
                continue
            for unit in self.sizes.units(one, state.reductions):
                halves = (
                    coordinate(Digit(one.base, unit, one.high)),
                    coordinate(Digit(one.base, one.low, unit)),
                )
                yield from self._view(state, "merge", (node,), halves)

    def _expansions(self, state: State) -> Iterate[tuple[str, str, State]]:
        if _full(len(state.expanded), self.limits.expand) or (self.limits.repeat or 2) <= 1:
            return
        for node in self.movable(state):
            one = digit(node)
            whole = one.low == ONE and one.is_major
            if not whole and (self.limits.tile or not one.is_major) and not isinstance(node, Reduce):
                expanded = state.expanded | {node}
                size = product(item.domain for item in expanded)
                if self.limits.repeat is None or self.layers.high(size) <= self.limits.repeat:
                    live = state.live - {node}
                    yield (
                        "expand",
                        text(node),
                        replace(state, live=live, expanded=expanded, steps=state.steps + 1),
                    )

    def _cuts(self, state: State) -> Iterate[tuple[str, str, State]]:
        """MERGE of a coordinate that the data keeps, for weights to read a half of."""
        if self.merged_enough(state) or self.limits.tensors < 2:
            return
        own = uses([*state.live, *state.expanded], self.layers)
        for base in sorted(self.bases(state), key=text):
            if isinstance(base, Reduce):
                continue
            end = own.ends.get(base, base.domain)
            taken = {*own.cuts(base), *(unit for node, unit in state.cuts if node is base)}
            for unit in self.sizes.units(Digit(base, ONE, end), state.reductions):
                if unit not in taken:
                    cuts = state.cuts | {(base, unit)}
                    yield (
                        "merge",
                        f"aside {text(base)} / {unit}",
                        replace(state, cuts=cuts, steps=state.steps + 1),
                    )

    def bases(self, state: State) -> set[Coordinate]:
        """The coordinates that weights may read or digits of: those that are no digits and no plain views."""
        return {
            node
            for node in state.nodes - self.kept
            if not isinstance(node, (Quotient, Remainder, Split, Stride))
        }

    # The data, and the weights.

    def _reads(self, state: State) -> Iterate[tuple[str, str, State]]:
        for index in assignments(self, state):
            key = ", ".join(map(text, index))
            yield "read", key, replace(state, index=index, live=state.live - set(index))

    def _contractions(self, state: State) -> Iterate[tuple[str, str, State]]:
        for index in contractions(self, state):
            key = ", ".join(sorted(map(text, index)))
            live = unread(state, index, self.layers)
            weights = state.weights | {index}
            yield "contraction", key, replace(state, live=live, weights=weights, steps=state.steps + 1)

    def _end(self, state: State) -> Iterate[tuple[str, str, State]]:
        if not state.live:
            yield "end", "", replace(state, finished=True)

    # How much there is already.

    def full(self, state: State, kind: type[Coordinate], most: int | None) -> bool:
        """Whether there may be no more primitives of a kind."""
        return most is not None and sum(isinstance(node, kind) for node in state.nodes) >= most

    def merged_enough(self, state: State) -> bool:
        """Whether there may be no more MERGEs."""
        if self.limits.merge is None:
            return False
        found = uses([*state.live, *state.expanded], self.layers)
        number = len(state.cuts) + sum(len(found.cuts(base)) for base in found.digits)
        return number >= self.limits.merge


def _full(number: int, most: int | None) -> bool:
    return most is not None and number >= most


def fresh(node: Coordinate) -> Iterate[Coordinate]:
    """A new coordinate, with what lies between it and the coordinates that it was made of."""
    yield node
    if isinstance(node, Remainder) and isinstance(node.operands[0], (Shift, Quotient)):
        yield node.operands[0]


@lru_cache(maxsize=1 << 18)
def height(node: Coordinate) -> int:
    """Primitives on the way from a leaf."""
    first = 0 if isinstance(node, Iterator) else 1
    return first + max((height(item) for item in node.operands), default=0)
