"""A coordinate and sizes enter; every way in which weights read it, and digits of it are used, leaves."""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise, product as every

from syno_lang.sizes import ONE, Size
from syno_lang.sizes.monomial import product
from syno_lang.synth.layers import Layers
from syno_lang.synth.ranges import sizes_within
from syno_lang.synth.space import Space


@dataclass(frozen=True)
class Cut:
    """A coordinate in digits, from the lowest: which weights read each, and which place of the data does.

    `readers` are masks of weights.  `places` has a number per digit: 0 where the data does not read it;
    equal numbers are one interval of digits, read as one.
    """

    digits: tuple[Size, ...]
    readers: tuple[int, ...]
    places: tuple[int, ...]

    def __hash__(self) -> int:
        return hash((self.readers, self.places, len(self.digits)))

    @cached_property
    def intervals(self) -> list[tuple[int, int]]:
        """The first and last digit of each place of the data, in the order of their numbers."""
        numbers = sorted({place for place in self.places if place})
        return [(self.places.index(n), len(self.places) - 1 - self.places[::-1].index(n)) for n in numbers]

    def runs(self, weight: int) -> list[tuple[int, int]]:
        """The intervals of digits that a weight reads: neighbours are one axis."""
        found: list[tuple[int, int]] = []
        for place, mask in enumerate(self.readers):
            if mask >> weight & 1:
                if found and found[-1][1] == place - 1:
                    found[-1] = (found[-1][0], place)
                else:
                    found.append((place, place))
        return found

    def size(self, interval: tuple[int, int]) -> Size:
        """The domain of an interval."""
        return product(self.digits[interval[0] : interval[1] + 1])

    def low(self, interval: tuple[int, int]) -> Size:
        """The unit at which an interval starts."""
        return product(self.digits[: interval[0]])

    @property
    def steps(self) -> int:
        """The MERGEs and EXPANDs that it takes."""
        return len(self.digits) - 1 + len(self.gaps)

    @cached_property
    def gaps(self) -> list[int]:
        """The digits that nothing reads."""
        return [place for place, mask in enumerate(self.readers) if not mask and not self.places[place]]


@dataclass
class Cutting:
    """The cuts of coordinates in a space with a number of weights."""

    space: Space
    layers: Layers
    weights: int
    _legal: dict[Size, bool] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[str]:
        """The variables that can occur in more than what passes through."""
        kept = {place for _, place in self.space.keep}
        sizes = [axis.size for place, axis in enumerate(self.space.outputs) if place not in kept]
        present = {name for size in sizes for name in size.variables}
        return [
            size.declaration.name
            for size in self.space.sizes
            if size.uses != 0 or size.declaration.kind != "primary" or size.declaration.name in present
        ]

    def blocks(self, whole: Size, spare: int) -> list[Size]:
        """Every size by which `whole` can be divided, with powers at most `spare` beyond those of it."""
        key = (whole, spare)
        known = self.__dict__.setdefault("_blocks", {})
        if key not in known:
            powers = dict(whole.powers)
            ranges = []
            for name in self.names:
                more = 0 if name in self.layers.primary else spare
                power = powers.get(name, 0)
                ranges.append((name, min(0, power) - more, max(0, power) + more))
            several = sizes_within(ranges, self.layers.variables)
            known[key] = [size for size in several if self.legal(size) and self.legal(whole / size)]
        return known[key]  # type: ignore[no-any-return]

    def legal(self, size: Size) -> bool:
        """Whether a size can be a domain."""
        known = self._legal.get(size)
        if known is None:
            known = self._legal[size] = self._is_whole(size) and not self.layers.fault(size)
        return known

    def _is_whole(self, size: Size) -> bool:
        """Whether a size is whole and at least 1 at every layer, in whole numbers."""
        for values in self.layers.values:
            upper, lower = size.numerator, size.denominator
            for name, power in size.powers:
                if power > 0:
                    upper *= values[name] ** power
                else:
                    lower *= values[name] ** -power
            if upper % lower:
                return False
        return True

    def digits(self, whole: Size, most: int) -> list[tuple[Size, ...]]:
        """Every way to write `whole` in 1 to `most` digits, from the lowest."""
        known = self.__dict__.setdefault("_digits", {})
        if (whole, most) not in known:
            known[whole, most] = [(whole,), *self._several(whole, most)]
        return known[whole, most]  # type: ignore[no-any-return]

    def _several(self, whole: Size, most: int) -> Iterate[tuple[Size, ...]]:
        units = self.blocks(whole, self.space.limits.power)

        def go_on(low: Size, digits: tuple[Size, ...]) -> Iterate[tuple[Size, ...]]:
            if digits:
                yield (*digits, whole / low)
            if len(digits) + 1 < most:
                for unit in units:
                    # A digit that nothing reads by itself need not be whole.
                    if unit != low and self.layers.low(unit / low) >= 1:
                        yield from go_on(unit, (*digits, unit / low))

        if most > 1:
            yield from go_on(ONE, ())

    def cuts(self, whole: Size, most: int, data: int, unordered: bool) -> list[Cut]:
        """Every cut into at most `most` digits of which the data reads `data` intervals."""
        known = self.__dict__.setdefault("_cuts", {})
        key = (whole, most, data, unordered)
        if key not in known:
            masks = range(1 << self.weights)
            known[key] = [
                cut
                for digits in self.digits(whole, most)
                for places in _places(len(digits), data)
                for readers in every(masks, repeat=len(digits))
                if self._sensible(cut := Cut(digits, readers, places), unordered)
            ]
        return known[key]  # type: ignore[no-any-return]

    def at(self, whole: Size, steps: int, size: Size, unordered: bool) -> list[Cut]:
        """The cuts that take `steps` primitives, of which the data reads one interval of `size`."""
        known = self.__dict__.setdefault("_at", {})
        key = (whole, steps, unordered)
        if key not in known:
            found: dict[Size, list[Cut]] = {}
            known[key] = found
            for cut in self.cuts(whole, steps + 1, 1, unordered):
                if cut.steps == steps:
                    found.setdefault(cut.size(cut.intervals[0]), []).append(cut)
        return known[key].get(size, [])  # type: ignore[no-any-return]

    def _sensible(self, cut: Cut, unordered: bool) -> bool:
        pairs = list(zip(cut.readers, cut.places, strict=True))
        if any(one == other for one, other in pairwise(pairs)):
            return False
        if not any(any(pair) for pair in pairs) or not self._repeats(cut):
            return False
        return not unordered or len(cut.digits) == 1 or self._first_order(cut)

    def _repeats(self, cut: Cut) -> bool:
        limits = self.space.limits
        gaps = cut.gaps
        if not gaps:
            return True
        if gaps[-1] == len(cut.digits) - 1 and not limits.tile:
            return False
        repeated = product(cut.digits[gap] for gap in gaps)
        return limits.repeat is None or self.layers.high(repeated) <= limits.repeat

    def _first_order(self, cut: Cut) -> bool:
        """Of the orders of the digits of an unordered axis one counts, where no two readers share a place."""
        whole = (0, len(cut.digits) - 1)
        if whole in cut.intervals:
            return True
        runs = {weight: cut.runs(weight) for weight in range(self.weights)}
        parts = {*cut.intervals, *(run for several in runs.values() for run in several)} - {whole}
        if sum(high - low + 1 for low, high in parts) != len(
            {n for low, high in parts for n in range(low, high + 1)}
        ):
            return True
        everywhere = sum(1 << weight for weight, several in runs.items() if whole in several)
        own = [(mask & ~everywhere, bool(place)) for mask, place in zip(cut.readers, cut.places, strict=True)]
        if len(own) > 2:
            # In another order neighbours would be one: those that nothing reads alone, or one weight reads.
            masks = [mask for mask, _ in own]
            if own.count((0, False)) > 1 or any(one & other for one, other in combinations(masks, 2)):
                return False
        keys = [(size.powers, *pair) for size, pair in zip(cut.digits, own, strict=True)]
        return keys == sorted(keys)


def _places(digits: int, data: int) -> Iterate[tuple[int, ...]]:
    """Ways to give intervals of digits to `data` places, numbered from the lowest."""

    def go_on(left: int, before: tuple[int, ...], number: int) -> Iterate[tuple[int, ...]]:
        if not left:
            if number == data:
                yield before
            return
        yield from go_on(left - 1, (*before, 0), number)
        if number and before and before[-1] == number:
            yield from go_on(left - 1, (*before, number), number)
        if number < data:
            yield from go_on(left - 1, (*before, number + 1), number + 1)

    yield from go_on(digits, (), 0)
