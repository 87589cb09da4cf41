"""A space enters; the coordinates of which the data reads several digits leave, and what waits of them."""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import replace

from syno_lang.ir.coordinates import Coordinate, Iterator, Shift
from syno_lang.sizes import ONE, Size
from syno_lang.synth.cuts import Cut
from syno_lang.synth.digits import Digit, coordinate
from syno_lang.synth.entries import Entries, Leaves, Parts, nothing, put, subsets
from syno_lang.synth.forest import Way
from syno_lang.synth.labels import Label
from syno_lang.synth.terms import Terms


class Waiting:
    """Coordinates of which the data reads digits at two places or more: these wait until they are used.

    What waits has a number among the leaves; the negative of it stands for what it is a digit of.
    """

    def __init__(self, terms: Terms, leaves: Leaves, axes: list[int]) -> None:
        self.terms, self.leaves, self.axes = terms, leaves, axes
        #: The sets of digits that can wait in one operator.
        self.groups: list[Leaves] = [frozenset()]
        #: For each of them the leaves and primitives of what it is digits of.
        self.providers: dict[Leaves, list[tuple[Leaves, int]]] = {}
        self._rooms: dict[tuple[Size, ...], dict[Leaves, int]] = {}
        self._rests: dict[tuple[tuple[int, ...], Leaves], int] = {}
        self.table: Parts = {}
        self.made: dict[tuple[Label, ...], list[Leaves]] = {}
        self.levels = self._most_bases()

    def _most_bases(self) -> int:
        limits = self.terms.limits
        most = self.terms.most // 2
        return most if limits.merge is None else min(most, limits.merge)

    def is_complete(self, leaves: Leaves) -> bool:
        """Whether every output coordinate is used once, and so is every digit that waits."""
        waiting = {leaf for leaf in leaves if leaf in self.terms.waiting}
        provided = {-leaf for leaf in leaves if -leaf in self.terms.waiting}
        return waiting == provided and self.leaves <= leaves

    def parts(self) -> Parts:
        """All choices of such coordinates, none among them."""
        if self.levels:
            reach = frozenset().union(
                *(self.terms.reach(self.terms.space.inputs[axis].size) for axis in self.axes)
            )
            for size in self.terms.bases:
                if not self._can_be(size):
                    continue
                for unordered in (False, True):
                    cuts = [
                        cut
                        for cut in self._cuts(size, unordered)
                        if all(cut.size(i) in reach for i in cut.intervals)
                    ]
                    rooms = {cut: self._left(cut) for cut in cuts}
                    for leaves in subsets(self.leaves) if cuts else ():
                        most = max(room.get(leaves, -1) for room in rooms.values()) if leaves else -1
                        for steps in range(self.terms.least(size, leaves), most + 1):
                            fitting = [cut for cut in cuts if rooms[cut].get(leaves, -1) >= steps]
                            self._base(size, leaves, steps, unordered, fitting)
            self.groups += [group for several in self.made.values() for group in several]
        return nothing() | self.table

    def choices(self) -> Iterate[Leaves]:
        """The sets of leaves that one axis may be made of."""
        several = list(subsets(self.leaves))
        for waiting in dict.fromkeys(waiting for group in self.groups for waiting in subsets(group)):
            yield from (leaves | waiting for leaves in several)

    def room(self, axis: int, leaves: Leaves) -> int:
        """The most primitives that one axis may take of these leaves, so that the others can be made."""
        waiting = frozenset(leaf for leaf in leaves if leaf in self.terms.waiting)
        others = [other for other in self.axes if other != axis]
        least = self.terms.most + 1
        for group in self.groups:
            if waiting <= group and (waiting or not group):
                for used, steps in self.providers.get(group, [(frozenset(), 0)]):
                    if not used & leaves:
                        left = (self.leaves - leaves - used) | (group - waiting)
                        least = min(least, steps + self._rest(others, left))
        return self.terms.most - least

    def _rest(self, axes: list[int], leaves: Leaves) -> int:
        """The fewest primitives for some axes, all leaves used by them or by weights alone."""
        key = (tuple(axes), leaves)
        if key not in self._rests:
            if axes:
                size = self.terms.space.inputs[axes[0]].size
                several = ((self.terms.least(size, some), leaves - some) for some in subsets(leaves))
                costs = [one + self._rest(axes[1:], left) for one, left in several if one <= self.terms.most]
                self._rests[key] = min(costs, default=self.terms.most + 1)
            else:
                self._rests[key] = 0 if all(map(self._may_vanish, leaves)) else self.terms.most + 1
        return self._rests[key]

    def _may_vanish(self, leaf: int) -> bool:
        """Whether weights alone can read an output coordinate."""
        if leaf in self.terms.waiting or not self.terms.weights:
            return False
        return self.terms.budget.uses(self.terms.space.outputs[leaf].size, primary_only=True) is not None

    def may_join(self, leaves: Leaves) -> bool:
        """Whether what waits in `leaves` is of one operator."""
        used = {abs(leaf) for leaf in leaves if abs(leaf) in self.terms.waiting}
        return any(used <= group for group in self.groups)

    def _can_be(self, size: Size) -> bool:
        """Whether the primitives suffice for a coordinate of a size that no output has to be cut."""
        leaves = [frozenset((place,)) for place in self.leaves]
        if any(not self.terms.least(size, leaf) for leaf in leaves):
            return True
        # Only a leaf, an UNFOLD or a SHIFT may be cut, and each half is used at another place.
        return any(self.terms.least(size, leaf) + 2 <= self.terms.most for leaf in leaves)

    def _cuts(self, size: Size, unordered: bool) -> list[Cut]:
        most = self.terms.most_extra
        several = (self.terms.cutting.cuts(size, most + 1, data, unordered) for data in range(2, most + 2))
        return [cut for cuts in several for cut in cuts if cut.steps <= most]

    def _left(self, cut: Cut) -> dict[Leaves, int]:
        """For what `cut` cuts the most primitives, by its leaves, so that the rest can be made."""
        sizes = tuple(map(cut.size, cut.intervals))
        if sizes not in self._rooms:
            # Stand-ins for the digits, known by their sizes alone.
            start = 1000 + len(self.terms.waiting)
            digits = dict(enumerate((Label("digit", size) for size in sizes), start))
            self.terms.waiting.update(digits)
            self._rooms[sizes] = {
                leaves: self.terms.most - self._rest(self.axes, (self.leaves - leaves) | frozenset(digits))
                for leaves in subsets(self.leaves)
            }
        return {leaves: most - cut.steps for leaves, most in self._rooms[sizes].items()}

    def _base(self, size: Size, leaves: Leaves, steps: int, unordered: bool, cuts: list[Cut]) -> None:
        for label, entries in self.terms.raw(size, leaves, steps).items():
            if self.terms.is_unordered(label) is unordered and label.kind not in ("reduce", "split"):
                for cut in cuts:
                    if steps + cut.steps <= self.terms.most:
                        self._provide(label, entries, cut, leaves, steps + cut.steps)

    def _provide(self, label: Label, entries: Entries, cut: Cut, leaves: Leaves, steps: int) -> None:
        amount = self.terms.amount(label, cut)
        parts = [self.terms.part(label, cut, interval) for interval in cut.intervals]
        if amount is None or any(part is None for part in parts):
            return
        group = self._group(label, cut, [part for part in parts if part is not None])
        providers = self.providers.setdefault(group, [])
        if (leaves, steps) not in providers:
            providers.append((leaves, steps))
        table = self.table.setdefault((leaves | frozenset(-leaf for leaf in group), steps), {})
        for (taken, holds), entry in entries.items():
            total = taken + amount[0]
            if self.terms.budget.fits(total):
                put(table, (total, holds | amount[1]), Way(("wait", cut, tuple(sorted(group))), entry))

    def _group(self, label: Label, cut: Cut, parts: list[Label]) -> Leaves:
        """The numbers of the digits that wait: those of earlier ones with the same labels, if there are."""
        opaque: Coordinate = Iterator(1000, label.size)
        opaque = Shift(opaque) if label.kind == "shift" else opaque
        key = (*parts, *(replace(parts[0], detail=(cut.low(i), label.kind)) for i in cut.intervals))
        if key not in self.made:
            start = 1000 + len(self.terms.waiting)
            for place, (part, interval) in enumerate(zip(parts, cut.intervals, strict=True)):
                low = cut.low(interval)
                sample = coordinate(Digit(opaque, low, low * cut.size(interval)))
                # What no weight reads of the whole is counted once, with the lowest digit.
                part = replace(part, unread=ONE, raw_window=False) if place else part
                self.terms.waiting[start + place] = replace(part, detail=start + place, sample=sample)
            self.made[key] = [frozenset(range(start, start + len(parts)))]
        return self.made[key][0]
