"""A space enters; the sizes that coordinates may have, and how far they are from leaves, leave."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from syno_lang.sizes import Size
from syno_lang.synth.budget import Budget
from syno_lang.synth.check_bounds import steep
from syno_lang.synth.cuts import Cutting
from syno_lang.synth.entries import Leaves
from syno_lang.synth.labels import Label
from syno_lang.synth.layers import layers_of
from syno_lang.synth.ranges import sizes_within
from syno_lang.synth.reach import Reach
from syno_lang.synth.space import Space


class TermSizes:
    """The sizes in a space whose operators have a number of weights, each list made once."""

    def __init__(self, space: Space, weights: int) -> None:
        self.space, self.limits, self.weights = space, space.limits, weights
        self.layers = layers_of(space)
        self.budget = Budget(space, self.layers, weights)
        self.cutting = Cutting(space, self.layers, weights)
        self.most = space.limits.primitives - weights
        self._uses = {size.declaration.name: size.uses for size in space.sizes}
        self._reductions: dict[Size, bool] = {}
        self._parts: dict[Size, list[tuple[Size, Size]]] = {}
        self._windows: dict[Size, list[Size]] = {}
        self._wholes: dict[Size, list[Size]] = {}
        self._every: list[Size] | None = None
        self._digits_of: dict[Size, frozenset[Size]] = {}
        self._least: dict[tuple[Size, ...], dict[tuple[int, int], int]] = {}
        self._reach: dict[Size, frozenset[Size]] = {}
        #: Digits that wait, by the number that stands for each among the leaves.
        self.waiting: dict[int, Label] = {}

    def is_sum(self, size: Size) -> bool:
        """Whether there may be a REDUCE over `size`."""
        known = self._reductions.get(size)
        if known is None:
            uses = self.budget.uses(size)
            known = not (
                self.layers.fault(size) or steep(size, self.limits.power, self.layers.primary) or uses is None
            )
            self._reductions[size] = known
        return known

    def every_size(self) -> list[Size]:
        """All sizes that something may be summed over."""
        if self._every is None:
            ranges = []
            for name in self.cutting.names:
                most, uses = self.limits.power, self._uses[name]
                bound = 2 * most if name in self.layers.primary else most
                bound = bound if uses is None else min(bound, uses)
                ranges.append((name, 0 if name in self.layers.primary else -bound, bound))
            self._every = [size for size in sizes_within(ranges, self.layers.variables) if self.is_sum(size)]
        return self._every

    def parts(self, size: Size) -> list[tuple[Size, Size]]:
        """Every pair of domains whose product is `size`, the major one first."""
        if size not in self._parts:
            units = self.cutting.blocks(size, self.limits.power * (1 if self.limits.merge == 1 else 2))
            self._parts[size] = [(size / unit, unit) for unit in units]
        return self._parts[size]

    def windows(self, size: Size) -> list[Size]:
        """The windows that may slide over an axis of `size`."""
        if size not in self._windows:
            self._windows[size] = [window for window in self.cutting_windows() if self._slides(size, window)]
        return self._windows[size]

    def cutting_windows(self) -> list[Size]:
        """All sizes that a window may have."""
        if "_all_windows" not in self.__dict__:
            reach = self.limits.power + 1
            names = self.cutting.names
            ranges = [(name, 0 if name in self.layers.primary else -reach, reach) for name in names]
            found = sizes_within(ranges, self.layers.variables)
            most = self.limits.window
            self._all_windows = [
                size
                for size in found
                if not self.layers.fault(size)
                and (most is None or self.layers.high(size) <= most)
                and not (
                    self.limits.odd_windows and any(size.evaluate(v) % 2 == 0 for v in self.layers.values)
                )
            ]
        return self._all_windows

    def _slides(self, size: Size, window: Size) -> bool:
        least = self.limits.window_ratio
        return least is None or self.layers.low(size / window) >= least

    def wholes(self, size: Size, leaves: Leaves) -> Iterable[Size]:
        """Larger sizes of which `size` may be a digit."""
        if size not in self._wholes:
            legal = self.cutting.legal
            self._wholes[size] = [
                whole
                for whole in self.bases
                if whole != size and legal(whole / size) and size in self.digits_of(whole)
            ]
        return self._wholes[size] if leaves else ()

    @cached_property
    def bases(self) -> list[Size]:
        """The sizes of what may be cut: of outputs and of digits of them."""
        kept = {place for _, place in self.space.keep}
        found: dict[Size, None] = {}
        for place, axis in enumerate(self.space.outputs):
            if place not in kept:
                found[axis.size] = None
                found.update(dict.fromkeys(self.cutting.blocks(axis.size, self.limits.power)))
                found.update(dict.fromkeys(self._products(axis.size)))
        return list(found)

    def _products(self, size: Size) -> list[Size]:
        """An output joined with a sum, if that can be cut into two sizes of which axes are made."""
        # To sum, to join, to change and to cut takes four primitives, a window one more.
        if self.most < 4:
            return []
        kept = {axis for axis, _ in self.space.keep}
        sizes = {axis.size for place, axis in enumerate(self.space.inputs) if place not in kept}
        parts = {part for axis in sizes for part in self.reach_of_axis(axis)}
        products = (size * more for more in self.every_size())
        return [
            one for one in products if self.cutting.legal(one) and any(one / part in parts for part in parts)
        ]

    def reach_of_axis(self, size: Size) -> frozenset[Size]:
        """The sizes of which an axis can be made without what is cut."""
        found, pending = {size}, [size]
        while pending:
            one = pending.pop()
            new = [part for pair in self.parts(one) for part in pair] + self.windows(one)
            new = [part for part in new if part not in found]
            found.update(new)
            pending += new
        return frozenset(found)

    def digits_of(self, whole: Size) -> frozenset[Size]:
        """The sizes that a part of a coordinate may have."""
        if whole not in self._digits_of:
            units = self.cutting.blocks(whole, self.limits.power)
            found = {*units, *(whole / unit for unit in units)}
            if self.most_extra > 1:
                found |= {part / unit for part in units for unit in units if part != unit}
            self._digits_of[whole] = frozenset(filter(self.cutting.legal, found))
        return self._digits_of[whole]

    @cached_property
    def most_extra(self) -> int:
        """How many MERGEs and EXPANDs one coordinate can take."""
        limits = self.limits
        merges = self.most if limits.merge is None else min(limits.merge, self.most)
        repeats = limits.expand != 0 and (limits.repeat is None or limits.repeat > 1)
        return min(self.most, 2 * merges) if repeats else merges

    def least(self, size: Size, leaves: Leaves) -> int:
        """A number of primitives that a coordinate of `size` takes at least."""
        waiting = frozenset(leaf for leaf in leaves if leaf in self.waiting)
        order = [*self._places, *sorted(waiting)]
        sizes = tuple(self._size_of(leaf) for leaf in order)
        if sizes not in self._least:
            self._least[sizes] = self.reaches.least(sizes)
        mask = sum(1 << place for place, leaf in enumerate(order) if leaf in leaves)
        return self._least[sizes].get((self.reaches.pack(size), mask), self.most + 1)

    @cached_property
    def _places(self) -> list[int]:
        kept = {place for _, place in self.space.keep}
        return [place for place in range(len(self.space.outputs)) if place not in kept]

    def _size_of(self, leaf: int) -> Size:
        return self.waiting[leaf].size if leaf in self.waiting else self.space.outputs[leaf].size

    @cached_property
    def reaches(self) -> Reach:
        """What can be made of which sizes, as far as sizes tell."""
        kept = {axis for axis, _ in self.space.keep}
        found = dict.fromkeys(axis.size for place, axis in enumerate(self.space.inputs) if place not in kept)
        found.update(dict.fromkeys(self.bases))
        pending = list(found)
        while pending:
            one = pending.pop()
            new = [part for pair in self.parts(one) for part in pair] + self.windows(one)
            new = [part for part in dict.fromkeys(new) if part not in found]
            found.update(dict.fromkeys(new))
            pending += new
        return Reach(self.cutting.names, found, self.every_size(), self.windows, self.digits_of, self.most)

    def reach(self, size: Size) -> frozenset[Size]:
        """The sizes of which a coordinate of `size` can be made."""
        if size not in self._reach:
            found, pending = {size}, [size]
            while pending:
                one = pending.pop()
                below = [part for pair in self.parts(one) for part in pair] + self.windows(one)
                # What waits is cut already: to cut it again takes another MERGE.
                below += self.wholes(one, frozenset((0,))) if self.limits.merge != 1 else ()
                new = [part for part in below if part not in found]
                found.update(new)
                pending += new
            self._reach[size] = frozenset(found)
        return self._reach[size]
