"""A space enters; the sizes that REDUCE, MERGE and STRIDE may bring in leave, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from functools import lru_cache
from itertools import product as every

from syno_lang.ir.coordinates import Reduce
from syno_lang.sizes import ONE, Size, product
from syno_lang.synth.digits import Digit
from syno_lang.synth.layers import Layers
from syno_lang.synth.space import Space


class SizeMaker:
    """Sizes within the limits of a space, each list made once."""

    def __init__(self, space: Space, layers: Layers) -> None:
        self.space, self.limits, self.layers = space, space.limits, layers
        self.names = [size.declaration.name for size in space.sizes]
        self.most = {size.declaration.name: size.uses for size in space.sizes}
        kept = {axis for axis, _ in space.keep}
        self.elements = product(axis.size for n, axis in enumerate(space.inputs) if n not in kept)
        self.reductions = lru_cache(maxsize=None)(self._reductions)
        self._factors = lru_cache(maxsize=None)(self._some_factors)
        self._units = lru_cache(maxsize=None)(self._some_units)
        self._brought = [size for size in self._powers({}) if not layers.fault(size)]

    def _reductions(self, present: Sequence[Size]) -> list[Size]:
        """Domains that one more REDUCE may have beside those that are there."""
        left = self.left(present)
        before = product(present)
        found = []
        for size in self._brought:
            if all(abs(power) <= left[name] for name, power in size.powers):
                ratio = self.layers.high(before * size / self.elements)
                if self.limits.reduction_ratio is None or ratio <= self.limits.reduction_ratio:
                    found.append(size)
        return found

    def left(self, present: Iterable[Size]) -> dict[str, int]:
        """How often each variable may still be used, at most as often as the powers go."""
        used: dict[str, int] = {}
        for size in present:
            for name, power in size.powers:
                used[name] = used.get(name, 0) + abs(power)
        return {
            name: self.steepest(name) if (most := self.most[name]) is None
            else max(min(most - used.get(name, 0), self.steepest(name)), 0)
            for name in self.names
        }  # fmt: skip

    def steepest(self, name: str) -> int:
        """The largest power of a variable."""
        return self.limits.power * (2 if name in self.layers.primary else 1)

    def _powers(self, ranges: dict[str, tuple[int, int]]) -> Iterate[Size]:
        """Every size whose powers lie in the ranges, or in what the space allows at all."""
        allowed = self.left(())
        spans = []
        for name in self.names:
            most = allowed[name]
            low, high = ranges.get(name, (0 if name in self.layers.primary else -most, most))
            spans.append(range(low, high + 1))
        for powers in every(*spans):
            yield Size.make(1, 1, dict(zip(self.names, powers, strict=True)))

    def factors(self, domain: Size, reductions: Iterable[Reduce]) -> list[Size]:
        """Factors of a STRIDE of `domain`."""
        return self._factors(domain, tuple(sorted((node.domain for node in reductions), key=str)))

    def _some_factors(self, domain: Size, present: Sequence[Size]) -> list[Size]:
        left = self.left(present)
        return [
            size
            for size in self._brought
            if all(abs(power) <= left[name] for name, power in size.powers)
            and not self.layers.fault(domain * size)
            and (self.limits.strided is None or self.layers.high(domain * size) <= self.limits.strided)
        ]

    def units(self, whole: Digit, reductions: Iterable[Reduce]) -> list[Size]:
        """The units strictly within a digit at which it may be cut."""
        end = whole.base.domain
        present = tuple(sorted((node.domain for node in reductions), key=str))
        return self._units(whole.low, whole.high, end, present)

    def _some_units(self, low: Size, high: Size, end: Size, present: Sequence[Size]) -> list[Size]:
        left = self.left(present)
        powers = dict(high.powers)
        ranges = {}
        for name in self.names:
            given = powers.get(name, 0)
            spare = 0 if name in self.layers.primary else min(self.limits.power, left[name])
            ranges[name] = (min(0, given) - spare, max(0, given) + spare)
        constants = {ONE, Size.make(end.numerator, end.denominator, {})}
        found = []
        for size in self._powers(ranges):
            for constant in sorted(constants, key=str):
                unit = size * constant
                parts = (unit / low, high / unit)
                faults = [self.layers.fault(part) for part in (unit, high / unit, *parts)]
                if unit not in (low, high) and not any(faults):
                    found.append(unit)
        return list(dict.fromkeys(found))
