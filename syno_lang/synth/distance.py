"""Sizes that there are and sizes that are wanted enter; how many primitives that takes at least leaves.

The shape distance of the paper (appendix), as a true lower bound.  A way from the sizes of the coordinates
to those of the input axes falls into groups that share no primitive.  In a group of `c` coordinates that
feeds `a` axes, `c - 1` primitives join and `a - 1` part: fewer would not connect it.  A factor that is left
over has to be parted from the rest, unless whole coordinates make it up, and to vanish: each by an UNFOLD
or EXPAND of its own, or all of them together in one contraction.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from syno_lang.sizes import ONE, Size
from syno_lang.sizes.monomial import product

#: What no number of primitives reaches.
UNREACHABLE: Final = 1_000_000


@dataclass(frozen=True)
class Means:
    """How many primitives of each kind are left; `contractions` counts weights that may still come."""

    split: int = UNREACHABLE
    merge: int = UNREACHABLE
    #: UNFOLD and EXPAND together: each makes one coordinate vanish.
    vanish: int = UNREACHABLE
    contractions: int = 0


@dataclass(frozen=True)
class Have:
    """A coordinate by its size; a `final` one is at the end of its chain: read as it is, or by a weight."""

    size: Size
    final: bool = False


@dataclass
class Distance:
    """The distance in a space whose sizes are over `primary` and other variables, at each of its `layers`."""

    primary: frozenset[str]
    layers: tuple[Mapping[str, int], ...] = ()
    _known: dict[tuple[tuple[Have, ...], tuple[Size, ...], Means], int] = field(default_factory=dict)
    _whole: dict[Size, bool] = field(default_factory=dict)

    def __call__(self, have: Sequence[Have], want: Sequence[Size], means: Means) -> int:
        """The primitives that are needed at least to read axes of sizes `want` at coordinates `have`.

        `UNREACHABLE` when no number of them does.  Never above the truth.
        """
        ordered = tuple(sorted(have, key=lambda item: (item.size.powers, item.size.numerator, item.final)))
        key = (ordered, tuple(want), means)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._least(ordered, tuple(want), means)
        return found

    def could_vanish(self, size: Size) -> bool:
        """Whether a size could be a product of domains, at each layer a whole number."""
        found = self._whole.get(size)
        if found is None:
            below = any(name in self.primary for name in size.lower.variables)
            fraction = size.lower != ONE and not any(name in self.primary for name in size.upper.variables)
            whole = all(size.evaluate(values).denominator == 1 for values in self.layers)
            found = self._whole[size] = whole and not below and not fraction
        return found

    def _least(self, have: tuple[Have, ...], want: tuple[Size, ...], means: Means) -> int:
        if not self.could_vanish(product(item.size for item in have) / product(want)):
            return UNREACHABLE
        return min(
            (_rest(rest, cost, means) for cost, rest in self._groups(have, want, _Cost())),
            default=UNREACHABLE,
        )

    def _groups(
        self, have: tuple[Have, ...], want: tuple[Size, ...], cost: _Cost
    ) -> Iterate[tuple[_Cost, tuple[Have, ...]]]:
        """Ways to give every wanted size a group, with the coordinates that no group uses."""
        if not want:
            yield cost, have
            return
        first, others = want[0], want[1:]
        for axes in _subsets(len(others)):
            chosen = (first, *(others[place] for place in axes))
            left = tuple(size for place, size in enumerate(others) if place not in axes)
            for places in _subsets(len(have)):
                added = self._group([have[place] for place in places], chosen)
                if added is not None:
                    rest = tuple(item for place, item in enumerate(have) if place not in places)
                    yield from self._groups(rest, left, cost.plus(added))

    def _group(self, group: Sequence[Have], axes: Sequence[Size]) -> _Cost | None:
        """What one group costs; `None` where it cannot be."""
        if not group:
            return None
        excess = product(item.size for item in group) / product(axes)
        if excess == ONE and len(group) == len(axes) == 1:
            return _Cost()
        if any(item.final for item in group) or not self.could_vanish(excess):
            return None
        factors = int(excess != ONE)
        return _Cost(len(group) - 1, len(axes) - 1 + factors, factors)


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of the groups so far: what joins, what parts, and how many factors are left over."""

    joins: int = 0
    parts: int = 0
    factors: int = 0

    def plus(self, other: _Cost) -> _Cost:
        return _Cost(self.joins + other.joins, self.parts + other.parts, self.factors + other.factors)


def _rest(rest: Sequence[Have], cost: _Cost, means: Means) -> int:
    """The steps in all, where the coordinates `rest` and the factors have to vanish."""
    steps, vanishing = cost.joins + cost.parts, len(rest) + cost.factors
    if cost.parts > means.merge or cost.joins > means.split:
        return UNREACHABLE
    if not vanishing:
        return steps
    if means.contractions:
        return steps + 1
    # A coordinate vanishes by itself or joins another one that does.
    room = means.vanish + means.split - cost.joins
    if not means.vanish or vanishing > room or any(item.final for item in rest):
        return UNREACHABLE
    return steps + vanishing


def _subsets(count: int) -> Iterate[tuple[int, ...]]:
    for size in range(count + 1):
        yield from combinations(range(count), size)
