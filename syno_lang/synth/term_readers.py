"""A coordinate and how it is cut enter; whether weights may read it so, and what that takes, leave."""

from __future__ import annotations

from syno_lang.ir.coordinates import Coordinate, Iterator
from syno_lang.rewrite.local import Local, matcher
from syno_lang.rewrite.read import exact_rules
from syno_lang.sizes import ONE, Size
from syno_lang.synth.budget import Amount
from syno_lang.synth.cuts import Cut
from syno_lang.synth.digits import Digit, coordinate
from syno_lang.synth.labels import Label
from syno_lang.synth.space import Space
from syno_lang.synth.term_sizes import TermSizes


class TermReaders(TermSizes):
    """What may be read, and what of it."""

    def __init__(self, space: Space, weights: int) -> None:
        super().__init__(space, weights)
        self.exact = Local(exact_rules())
        self.approximate = matcher(space.rules, self.layers.values) if space.rules else None

    def iterator(self, place: int) -> Iterator:
        """Output coordinate number `place`."""
        return Iterator(place, self.space.outputs[place].size)

    def is_unordered(self, label: Label) -> bool:
        """Whether the order of the values of a coordinate says nothing."""
        return label.kind == "iterator" and self.space.outputs[label.detail].unordered

    def refused(self, sample: Coordinate) -> bool:
        """Whether a rule rewrites a coordinate."""
        if self.exact.rule_for(sample):
            return True
        return self.approximate is not None and bool(self.approximate.rule_for(sample))

    def amount(self, label: Label, cut: Cut) -> Amount | None:
        """What reading a coordinate as `cut` says takes; `None` where it may not be read so."""
        readers = 0
        for mask in cut.readers:
            readers |= mask
        if not self._may_be_read(label, cut, readers):
            return None
        taken = self._cut_amount(label, cut)
        return None if taken is None else self._axes(label, cut, taken)

    def _may_be_read(self, label: Label, cut: Cut, readers: int) -> bool:
        if readers & label.below or (readers and label.skips):
            return False
        whole = len(cut.digits) == 1
        if label.kind in ("reduce", "split") and not whole:
            return False
        if label.kind in ("split", "shift", "stride") and readers:
            if whole or label.kind == "stride":
                return False
            # A weight reads the parts of these, or what is shifted, in their place.
            runs = [run for weight in range(self.weights) for run in cut.runs(weight)]
            lower = [run for run in runs if run[0] == 0 and run not in cut.intervals]
            if any(run == (0, len(cut.digits) - 1) for run in runs) or (label.kind == "shift" and lower):
                return False
        last = len(cut.digits) - 1
        return not (label.kind == "shift" and not whole and not cut.readers[last] and not cut.places[last])

    def _cut_amount(self, label: Label, cut: Cut) -> Amount | None:
        budget = self.budget
        merges, gaps = len(cut.digits) - 1, cut.gaps
        taken = budget.count("merge", merges) + budget.count("expand", len(gaps))
        holds, unit = 0, ONE
        for gap in gaps:
            taken += budget.product("repeated", cut.digits[gap])
        for digit in cut.digits[:-1]:
            unit = unit * digit
            powers = dict(unit.powers)
            whole = dict(label.size.powers)
            for name in budget.variables:
                power, bound = powers.get(name, 0), whole.get(name, 0)
                beyond = max(min(0, bound) - power, power - max(0, bound), 0)
                holds |= budget.spare(name, beyond) if beyond else 0
        return (taken, holds) if budget.fits(taken) else None

    def _next_to_shift(self, label: Label, unit: Size) -> bool:
        most = self.limits.shift_pattern
        return unit != ONE and label.kind == "shift" and most is not None and self.layers.high(unit) > most

    def _axes(self, label: Label, cut: Cut, amount: Amount) -> Amount | None:
        """The amount with the axes that weights have of it, each judged by what rules say of its digit."""
        budget, (taken, holds) = self.budget, amount
        inside = cut.intervals
        runs = {weight: cut.runs(weight) for weight in range(self.weights)}
        gone: dict[tuple[int, int], Size] = {}
        for weight, intervals in runs.items():
            for run in intervals:
                size = cut.size(run)
                node = coordinate(Digit(label.node, cut.low(run), cut.low(run) * size))
                if self._next_to_shift(label, cut.low(run)) or not self._is_normal_digit(label, node):
                    return None
                uses = budget.uses(size, primary_only=True)
                if uses is None:
                    return None
                taken += uses + budget.share(1) + budget.product(f"weight:{weight}", size)
                if not budget.fits(taken):
                    return None
                if not any(_meet(run, place) for place in inside):
                    gone[run] = size
                for other in runs:
                    if other != weight and run not in runs[other]:
                        holds |= budget.lacks(weight, other)
        for mask, read in zip(cut.readers, cut.places, strict=True):
            for weight in range(self.weights):
                if mask >> weight & 1:
                    holds |= budget.inner(weight) if read else budget.gone(weight, mask & ~(1 << weight))
        for place in inside:
            node = coordinate(Digit(label.node, cut.low(place), cut.low(place) * cut.size(place)))
            if self._next_to_shift(label, cut.low(place)) or not self._is_normal_digit(label, node):
                return None
        return self._eliminated(label, gone, taken, holds)

    def _is_normal_digit(self, label: Label, node: Coordinate) -> bool:
        height = label.height + _digit_height(label.node, node)
        if self.limits.chain is not None and height > self.limits.chain:
            return False
        while node is not label.node:
            if self.refused(node) or self.layers.fault(node.domain):
                return False
            node = node.operands[0]
        return True

    def _eliminated(
        self, label: Label, gone: dict[tuple[int, int], Size], taken: int, holds: int
    ) -> Amount | None:
        budget = self.budget
        for size in gone.values():
            if label.kind == "iterator":
                taken += budget.product("outer", size)
            elif label.kind == "reduce":
                bounds = self.limits.shared_between_weights
                if bounds is not None and not bounds[0] <= self.layers.high(size) <= bounds[1]:
                    return None
            else:
                return None
        return taken, holds

    def part(self, label: Label, cut: Cut, interval: tuple[int, int]) -> Label | None:
        """The label of an interval of digits of a coordinate that weights read as `cut` says."""
        low, high = interval
        everyone = 0
        for mask in cut.readers:
            everyone |= mask
        below = label.below
        for mask in cut.readers[low : high + 1]:
            below |= mask
        unread, raw = (ONE, False) if everyone else (label.unread, label.raw_window)
        if len(cut.digits) == 1:
            # Only of a sum, and of an unordered axis, it matters who reads it as it is.
            told = everyone if label.kind in ("reduce", "iterator") else 0
            return Label(
                label.kind, label.size, told, below, label.height, label.summed, label.skips, unread, raw,
                label.detail, label.sample,
            )  # fmt: skip
        if cut.size(interval) == label.size:
            return Label(
                label.kind, label.size, 0, below, label.height, label.summed, label.skips, unread, raw,
                label.detail, label.sample,
            )  # fmt: skip
        sample = coordinate(Digit(label.node, cut.low(interval), cut.low(interval) * cut.size(interval)))
        height = label.height + _digit_height(label.node, sample)
        if self.limits.chain is not None and height > self.limits.chain:
            return None
        return Label(
            "digit", sample.domain, 0, below, height, label.summed, label.skips, unread, raw, None, sample
        )


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _digit_height(base: Coordinate, node: Coordinate) -> int:
    height = 0
    while node is not base:
        height, node = height + 1, node.operands[0]
    return height
