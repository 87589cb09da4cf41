"""Leaves by their sizes enter; which sizes can be made of which of them, in how many steps at least, leaves.

All rules but those of sizes are left out, so nothing that can be made is missed.  A size is a number here:
the powers of its variables, packed, so that a product is a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from syno_lang.sizes import Size

#: Bits for each power.
_BITS = 10


class Reach:
    """The fewest primitives for a coordinate of a size from exactly some of the leaves, which are bits."""

    def __init__(
        self,
        names: Sequence[str],
        wanted: Iterable[Size],
        sums: Iterable[Size],
        windows: Callable[[Size], Iterable[Size]],
        digits: Callable[[Size], Iterable[Size]],
        most: int,
    ) -> None:
        self.place = {name: _BITS * number for number, name in enumerate(names)}
        self.most = most
        self.sizes = {self.pack(size): size for size in wanted}
        self.sums = [packed for size in sums if (packed := self.pack(size)) in self.sizes]
        self._windows: dict[int, frozenset[int]] = {}
        self._digits: dict[int, list[int]] = {}
        self.make_windows, self.make_digits = windows, digits

    def pack(self, size: Size) -> int:
        """A size as a number."""
        return sum(power << self.place[name] for name, power in size.powers)

    def windows(self, size: int) -> frozenset[int]:
        """The windows on a size."""
        if size not in self._windows:
            self._windows[size] = frozenset(map(self.pack, self.make_windows(self.sizes[size])))
        return self._windows[size]

    def digits(self, size: int) -> list[int]:
        """The digits of a size that are wanted."""
        if size not in self._digits:
            several = (self.pack(digit) for digit in self.make_digits(self.sizes[size]))
            self._digits[size] = [digit for digit in several if digit in self.sizes]
        return self._digits[size]

    def least(self, leaves: Sequence[Size], fixed: int = 0) -> dict[tuple[int, int], int]:
        """The fewest steps for each size and set of leaves; the last `fixed` leaves are digits."""
        found: dict[tuple[int, int], int] = {}
        queue: list[tuple[int, int, int]] = [(1, size, 0) for size in self.sums]
        queue += [(0, self.pack(size), 1 << place) for place, size in enumerate(leaves)]
        queue.sort()
        done: list[tuple[int, int, int]] = []
        while queue:
            steps, size, used = heappop(queue)
            if (size, used) in found:
                continue
            found[size, used] = steps
            done.append((steps, size, used))
            self._views(queue, found, steps, size, used)
            for other_steps, other, others in done:
                total = steps + other_steps + 1
                if total > self.most:
                    break
                if not used & others:
                    self._joins(queue, found, total, size, other, used | others)
        return found

    def _views(
        self, queue: list[tuple[int, int, int]], found: object, steps: int, size: int, used: int
    ) -> None:
        if steps < self.most and used and size in self.sizes:
            for digit in self.digits(size):
                heappush(queue, (steps + 1, digit, used))

    def _joins(
        self,
        queue: list[tuple[int, int, int]],
        found: dict[tuple[int, int], int],
        steps: int,
        size: int,
        other: int,
        used: int,
    ) -> None:
        if size + other in self.sizes and (size + other, used) not in found:
            heappush(queue, (steps, size + other, used))
        if used:
            for one, window in ((size, other), (other, size)):
                if (one, used) not in found and one in self.sizes and window in self.windows(one):
                    heappush(queue, (steps, one, used))
