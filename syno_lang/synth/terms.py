"""A size, the leaves to use and a number of primitives enter; all coordinates that they make leave, counted.

A coordinate of the data is read from the top: it is a leaf, or a primitive of smaller ones, so every one has
one derivation.  Those with the same label and the same amount are one entry of a forest.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from itertools import combinations
from typing import Any

from syno_lang.ir.coordinates import Reduce, Stride
from syno_lang.sizes import Size
from syno_lang.synth.budget import NOTHING, Amount
from syno_lang.synth.check_bounds import steep
from syno_lang.synth.cuts import Cut
from syno_lang.synth.entries import Leaves, put
from syno_lang.synth.forest import Entry, Way
from syno_lang.synth.labels import Label
from syno_lang.synth.space import Space
from syno_lang.synth.term_views import TermViews

#: Coordinates by label and amount.
Table = dict[Label, dict[Amount, Entry]]


class Terms(TermViews):
    """The coordinates of a space whose operators have a number of weights."""

    def __init__(self, space: Space, weights: int) -> None:
        super().__init__(space, weights)
        self._tables: dict[tuple[Size, Leaves, int], Table] = {}
        self._raw: dict[tuple[Size, Leaves, int], Table] = {}
        self._consumed: dict[tuple[Label, Cut], Any] = {}

    # Coordinates as they are made, before anything reads them.

    def raw(self, size: Size, leaves: Leaves, steps: int) -> Table:
        """Coordinates of `size` of exactly these leaves and as many primitives, not yet read."""
        key = (size, leaves, steps)
        if key not in self._raw:
            table: Table = {}
            self._raw[key] = table
            if steps == 0 and len(leaves) == 1:
                self._leaf(table, size, next(iter(leaves)))
            elif steps == 1 and not leaves and self.is_sum(size):
                self._sum(table, size)
            if steps and self.least(size, leaves) <= steps <= self.most:
                self._splits(table, size, leaves, steps)
                self._unfolds(table, size, leaves, steps)
                self._shifts(table, size, leaves, steps)
                self._strides(table, size, leaves, steps)
        return self._raw[key]

    def _leaf(self, table: Table, size: Size, place: int) -> None:
        if place in self.waiting:
            return
        if self.space.outputs[place].size == size:
            add(
                table,
                Label("iterator", size, detail=place, sample=self.iterator(place)),
                NOTHING,
                ("iterator", place),
            )

    def _sum(self, table: Table, size: Size) -> None:
        uses = self.budget.uses(size)
        assert uses is not None
        taken = self.budget.count("reduce") + uses + self.budget.product("summed", size)
        if self.budget.fits(taken):
            label = Label("reduce", size, height=1, summed=True, unread=size, sample=Reduce(0, size))
            add(table, label, (taken, 0), ("reduce", size))

    def _splits(self, table: Table, size: Size, leaves: Leaves, steps: int) -> None:
        for major, minor in self.parts(size):
            for left, right in self.pairs(major, minor, leaves, steps - 1):
                for one, ones in left.items():
                    if one.kind != "split":
                        for other, others in right.items():
                            made = self.split(one, other)
                            if made is not None:
                                self.join(table, made, ones, others, ("split",), "split")

    def _unfolds(self, table: Table, size: Size, leaves: Leaves, steps: int) -> None:
        for window in self.windows(size):
            for left, right in self.pairs(size, window, leaves, steps - 1):
                for one, ones in left.items():
                    if not one.summed:
                        for other, others in right.items():
                            made = self.unfold(one, other)
                            if made is not None:
                                self.join(table, made, ones, others, ("unfold",), "unfold")

    def _shifts(self, table: Table, size: Size, leaves: Leaves, steps: int) -> None:
        for one, ones in self.table(size, leaves, steps - 1).items():
            if one.kind not in ("reduce", "shift"):
                made = self.shift(one)
                if made is not None:
                    self.join(table, made, ones, None, ("shift",), "shift")

    def _strides(self, table: Table, size: Size, leaves: Leaves, steps: int) -> None:
        if self.limits.stride == 0 or (
            self.limits.strided is not None and self.layers.high(size) > self.limits.strided
        ):
            return
        for inner, factor in self.parts(size):
            uses = self.budget.uses(factor)
            if uses is None or steep(factor, self.limits.power, self.layers.primary):
                continue
            for one, ones in self.table(inner, leaves, steps - 1).items():
                made = self.view("stride", Stride(one.node, factor), (one,), skips=True)
                if made is not None:
                    self.join(table, made, ones, None, ("stride", factor), "stride", uses)

    # Coordinates together with the weights that read them.

    def table(self, size: Size, leaves: Leaves, steps: int) -> Table:
        """Coordinates of `size` that the data consumes, of exactly these leaves and as many primitives."""
        key = (size, leaves, steps)
        if key not in self._tables:
            table: Table = {}
            self._tables[key] = table
            if steps == 0 and len(leaves) == 1:
                self._digit(table, size, next(iter(leaves)))
            if self._possible(size, leaves, steps):
                self._whole(table, size, leaves, steps)
                self._digits(table, size, leaves, steps)
        return self._tables[key]

    def _digit(self, table: Table, size: Size, place: int) -> None:
        """A digit of a coordinate that is read at several places."""
        label = self.waiting.get(place)
        if label is not None and label.size == size:
            add(table, label, NOTHING, ("digit", place))

    def _possible(self, size: Size, leaves: Leaves, steps: int) -> bool:
        if not self.least(size, leaves) <= steps <= self.most:
            return False
        return all(self.waiting[leaf].size in self.reach(size) for leaf in leaves if leaf in self.waiting)

    def _whole(self, table: Table, size: Size, leaves: Leaves, steps: int) -> None:
        """Consumed whole; weights may read it, or digits of it."""
        for merges in range(steps + 1):
            self._read(table, size, leaves, steps - merges, merges, size)

    def _digits(self, table: Table, size: Size, leaves: Leaves, steps: int) -> None:
        """A part of a larger coordinate is consumed; the rest is read by weights alone, or repeated."""
        for whole in self.wholes(size, leaves):
            for merges in range(1, steps - self.least(whole, leaves) + 1):
                self._read(table, whole, leaves, steps - merges, merges, size)

    def _read(self, table: Table, whole: Size, leaves: Leaves, steps: int, extra: int, size: Size) -> None:
        if extra > self.most_extra:
            return
        for label, entries in self.raw(whole, leaves, steps).items():
            if extra and label.kind in ("reduce", "split"):
                continue
            for cut in self.cutting.at(label.size, extra, size, self.is_unordered(label)):
                self.consume(table, label, entries, cut)

    def consume(self, table: Table, label: Label, entries: dict[Amount, Entry], cut: Cut) -> None:
        """Add what is consumed of coordinates at the one place of `cut`."""
        known = self._consumed.get((label, cut))
        if known is None:
            amount = self.amount(label, cut)
            part = None if amount is None else self.part(label, cut, cut.intervals[0])
            known = self._consumed[label, cut] = (
                None if part is None or amount is None else (amount, part),
                None,
            )
        if known[0] is not None:
            (more, facts), made = known[0]
            for (taken, holds), entry in entries.items():
                total = taken + more
                if self.budget.fits(total):
                    add(table, made, (total, holds | facts), ("use", cut), entry)

    def pairs(self, major: Size, minor: Size, leaves: Leaves, steps: int) -> Iterate[tuple[Table, Table]]:
        """Tables of two sizes whose leaves and primitives add up."""
        several = sorted(leaves)
        for count in range(len(several) + 1):
            for chosen in combinations(several, count):
                one = frozenset(chosen)
                other = leaves - one
                for first in range(self.least(major, one), steps - self.least(minor, other) + 1):
                    left = self.table(major, one, first)
                    if left:
                        right = self.table(minor, other, steps - first)
                        if right:
                            yield left, right

    def join(
        self,
        table: Table,
        label: Label,
        ones: dict[Amount, Entry],
        others: dict[Amount, Entry] | None,
        rule: tuple[Any, ...],
        kind: str,
        more: int = 0,
    ) -> None:
        """Add all combinations of two tables under one label."""
        budget = self.budget
        own = budget.count(kind) + more
        bias, guard = budget.bias, budget.guard
        found = table.setdefault(label, {})
        for (taken, holds), entry in ones.items():
            first = taken + own
            if (first + bias) & guard:
                continue
            if others is None:
                put(found, (first, holds), Way(rule, entry))
                continue
            for (second, also), other in others.items():
                total = first + second
                if not (total + bias) & guard:
                    put(found, (total, holds | also), Way(rule, entry, other))
        if not found:
            del table[label]


def add(table: Table, label: Label, amount: Amount, rule: object, left: Entry | None = None) -> None:
    """One more way to a coordinate with this label and amount."""
    put(table.setdefault(label, {}), amount, Way(rule, left))
