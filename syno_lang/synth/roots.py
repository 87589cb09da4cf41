"""A space enters; a forest of all of its operators with a number of weights leaves.

An operator is a coordinate for every axis of the input, and what weights alone read: output coordinates, and
sums that two weights share.  Parts that have no order of their own are put in a fixed one.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate

from syno_lang.sizes import Size
from syno_lang.synth.budget import NOTHING, Amount
from syno_lang.synth.entries import Entries, Leaves, Parts, nothing, put, single, subsets
from syno_lang.synth.forest import Entry, Way
from syno_lang.synth.labels import Label
from syno_lang.synth.space import Space
from syno_lang.synth.terms import Terms
from syno_lang.synth.waiting import Waiting

#: Parts of an unordered axis by the sums that no weight reads, and by the readers of whole sums.
Bag = dict[tuple[Size, frozenset[int]], Entries]


class Roots:
    """The operators of a space that have `weights` weights, each weight with a number of its own."""

    def __init__(self, space: Space, weights: int) -> None:
        self.space, self.weights = space, weights
        self.terms = Terms(space, weights)
        self.budget = self.terms.budget
        kept_inputs = {axis for axis, _ in space.keep}
        kept_outputs = {place for _, place in space.keep}
        self.axes = [place for place in range(len(space.inputs)) if place not in kept_inputs]
        self.leaves: Leaves = frozenset(range(len(space.outputs))) - kept_outputs
        self.waiting = Waiting(self.terms, self.leaves, self.axes)
        self._bags: dict[tuple[Size, Leaves, int], Bag] = {}
        self._sums: dict[tuple[Size, int, int], Bag] = {}

    def forest(self) -> dict[int, Entry]:
        """For each number of primitives all operators, every one once for each numbering of its weights."""
        most = self.terms.most
        found: Parts = nothing()
        parts = [
            self._eliminated_sums(),
            self._eliminated_iterators(),
            self.waiting.parts(),
            *map(self._axis, self.axes),
        ]
        # The axes with few coordinates first, so that tables of pairs stay small.
        parts.sort(key=lambda part: sum(map(len, part.values())))
        for part in parts:
            found = self._joined(found, part, most)
        complete: dict[int, Entries] = {}
        for (leaves, steps), entries in found.items():
            if self.waiting.is_complete(leaves):
                table = complete.setdefault(steps, {})
                for amount, entry in entries.items():
                    put(table, amount, Way(("same",), entry))
        return {
            steps + self.weights: root
            for steps, entries in sorted(complete.items())
            if (root := self._root(entries)).count
        }

    def _root(self, entries: Entries) -> Entry:
        root = Entry()
        for amount, entry in entries.items():
            if self.budget.accepts(amount):
                root.add(Way(("root",), entry))
        return root

    def _joined(self, left: Parts, right: Parts, most: int) -> Parts:
        bias, guard = self.budget.bias, self.budget.guard
        found: Parts = {}
        for (leaves, steps), ones in left.items():
            for (others, more), seconds in right.items():
                if leaves & others or steps + more > most or not self.waiting.may_join(leaves | others):
                    continue
                table = found.setdefault((leaves | others, steps + more), {})
                for (taken, holds), entry in ones.items():
                    for (second, also), other in seconds.items():
                        total = taken + second
                        if not (total + bias) & guard:
                            put(table, (total, holds | also), Way(("both",), entry, other))
        return found

    # What weights alone read.

    def _eliminated_iterators(self) -> Parts:
        found: Parts = nothing()
        for place in sorted(self.leaves):
            alone: Parts = nothing()
            size, unordered = self.space.outputs[place].size, self.space.outputs[place].unordered
            for label, entries in self.terms.raw(size, frozenset((place,)), 0).items():
                for extra in range(self.terms.most_extra + 1):
                    for cut in self.terms.cutting.cuts(size, extra + 1, 0, unordered):
                        if cut.steps == extra:
                            amount = self.terms.amount(label, cut)
                            if amount is not None:
                                table = alone.setdefault((frozenset((place,)), extra), {})
                                for (taken, holds), entry in entries.items():
                                    put(
                                        table,
                                        (taken + amount[0], holds | amount[1]),
                                        Way(("use", cut), entry),
                                    )
            found = self._joined(found, alone, self.terms.most)
        return found

    def _eliminated_sums(self) -> Parts:
        """Sums that two weights share and the data does not have, in the order of size and readers."""
        options: list[tuple[Amount, Way]] = []
        if self.weights > 1:
            for size in self.terms.every_size():
                for label, entries in self.terms.raw(size, frozenset(), 1).items():
                    if label.kind == "reduce":
                        for cut in self.terms.cutting.cuts(size, 1, 0, False):
                            amount = self.terms.amount(label, cut)
                            if amount is not None and cut.readers[0].bit_count() > 1:
                                for (taken, holds), entry in entries.items():
                                    total = (taken + amount[0], holds | amount[1])
                                    options.append((total, Way(("use", cut), entry)))
        found: Parts = nothing()
        for count in range(1, self.terms.most + 1):
            table: Entries = {}
            for amount, chain in self._chains(options, 0, count, NOTHING):
                put(table, amount, Way(("also",), chain))
            if not table:
                break
            found[frozenset(), count] = table
        return found

    def _chains(
        self, options: list[tuple[Amount, Way]], start: int, count: int, amount: Amount
    ) -> Iterate[tuple[Amount, Entry]]:
        """Every multiset of options that fits, as a chain."""
        if not count:
            yield amount, single(Way(("nothing",)))
            return
        for place in range(start, len(options)):
            (taken, holds), way = options[place]
            total = amount[0] + taken
            if self.budget.fits(total):
                for result, rest in self._chains(options, place, count - 1, (total, amount[1] | holds)):
                    entry = Entry()
                    entry.add(way)
                    both = Entry()
                    both.add(Way(("both",), entry, rest))
                    yield result, both

    # The axes of the input.

    def _axis(self, axis: int) -> Parts:
        found: Parts = {}
        size, unordered = self.space.inputs[axis].size, self.space.inputs[axis].unordered
        for leaves in self.waiting.choices():
            for steps in range(self.terms.least(size, leaves), self.waiting.room(axis, leaves) + 1):
                table: Entries = {}
                for (unread, _), entries in (
                    self._bag(size, leaves, steps) if unordered else self._ordered(size, leaves, steps)
                ).items():
                    pooled = self.budget.product("pooled", unread)
                    for (taken, holds), entry in entries.items():
                        put(table, (taken + pooled, holds), Way(("axis", axis), entry))
                if table:
                    found[leaves, steps] = table
        return found

    def _ordered(self, size: Size, leaves: Leaves, steps: int) -> Bag:
        found: Bag = {}
        for label, entries in self.terms.table(size, leaves, steps).items():
            if not label.skips and not label.raw_window:
                table = found.setdefault((label.unread, frozenset()), {})
                for amount, entry in entries.items():
                    put(table, amount, Way(("same",), entry))
        return found

    def _bag(self, size: Size, leaves: Leaves, steps: int) -> Bag:
        """Parts of an unordered axis: neither their order nor a shift of them says anything."""
        key = (size, leaves, steps)
        if key not in self._bags:
            found: Bag = {}
            self._bags[key] = found
            if steps < self.terms.least(size, leaves):
                return found
            if not leaves:
                return self._sum_bag(size, steps, 0)
            first = min(leaves)
            for part in (size, *(major for major, _ in self.terms.parts(size))):
                for others in subsets(leaves - {first}):
                    self._with_part(found, size, part, leaves, leaves - others, steps)
        return self._bags[key]

    def _with_part(
        self,
        found: Bag,
        size: Size,
        part: Size,
        leaves: Leaves,
        own: Leaves,
        steps: int,
    ) -> None:
        left = leaves - own
        if part == size and left:
            return
        for first in range(steps + 1):
            rest = None if part == size else self._bag(size / part, left, steps - first - 1)
            if (rest is None and first != steps) or (rest is not None and not rest):
                continue
            for label, ones in self.terms.table(part, own, first).items():
                if self._may_be_part(label):
                    self._add_part(found, label, ones, rest)

    def _add_part(
        self,
        found: Bag,
        label: Label,
        ones: Entries,
        rest: Bag | None,
    ) -> None:
        own = frozenset((label.readers,)) if label.kind == "reduce" else frozenset()
        if rest is None:
            table = found.setdefault((label.unread, own), {})
            for amount, entry in ones.items():
                put(table, amount, Way(("same",), entry))
            return
        split = self.budget.count("split")
        bias, guard = self.budget.bias, self.budget.guard
        for (unread, free), others in rest.items():
            # Two sums with the same readers are one.
            if own & free:
                continue
            table = found.setdefault((unread * label.unread, own | free), {})
            for (taken, holds), entry in ones.items():
                for (second, also), other in others.items():
                    total = taken + second + split
                    if not (total + bias) & guard:
                        put(table, (total, holds | also), Way(("split",), entry, other))

    def _may_be_part(self, label: Label) -> bool:
        limit = self.space.limits.chain
        return (
            label.kind not in ("split", "shift")
            and not label.skips
            and not label.raw_window
            and (limit is None or label.height <= limit)
        )

    def _sum_bag(self, size: Size, steps: int, start: int) -> Bag:
        """Sums whose product is `size`, in the order of size and readers, from option `start` on."""
        key = (size, steps, start)
        if key not in self._sums:
            found: Bag = {}
            self._sums[key] = found
            options = self._sum_options()
            for place in range(start, len(options)):
                label, amount, entry = options[place]
                if label.size == size and steps == 1:
                    self._add_part(found, label, {amount: entry}, None)
                elif steps > 2 and not self.terms.layers.fault(size / label.size):
                    rest = self._sum_bag(size / label.size, steps - 2, place)
                    if rest:
                        self._add_part(found, label, {amount: entry}, rest)
        return self._sums[key]

    def _sum_options(self) -> list[tuple[Label, Amount, Entry]]:
        if "_options" not in self.__dict__:
            self._options = [
                (label, amount, entry)
                for size in self.terms.every_size()
                for label, entries in self.terms.table(size, frozenset(), 1).items()
                if label.kind == "reduce"
                for amount, entry in entries.items()
            ]
        return self._options
