"""A stage with its reads enters; which loop is a vector, and which reads are worth a copy, leave.

The estimate counts vector operations of `LANES` lanes and memory accesses of one element.  It knows nothing
of the machine, so that one text serves all; the widths of tiles are chosen for a target, by `tile`.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Mapping
from dataclasses import dataclass
from math import inf, prod
from typing import Final

from syno_lang.backends.tvm.access import Access

#: Lanes of float32 in the widest vectors of today's CPUs.
LANES: Final = 16

#: A copy costs two passes over memory; it must save this many reads for each of its elements.
REUSE: Final = 4

#: A loop whose length has no divisor from here to `LANES` is rounded up to a multiple of it.
ROWS: Final = 4

#: A sum of so many terms pays for the copies that a rounded loop needs.
TERMS: Final = 8

#: An element that is copied against the order of the memory costs as much as this many operations.
SCATTERED: Final = 4

#: An element of the output that is not written in the order of the memory, or is left in parts.
WRITTEN: Final = 2


@dataclass(frozen=True)
class Work:
    """A nest at given sizes: the extents of its loops by name, its reads, and the strides of its output."""

    axes: Mapping[str, int]
    reductions: Mapping[str, int]
    accesses: tuple[Access, ...]
    #: Buffers of the program's own, which may be laid out as their reader likes.
    free: frozenset[str] = frozenset()
    #: Whether the output may be laid out as its writer likes.
    free_output: bool = False

    @property
    def points(self) -> int:
        """How often the innermost statement runs."""
        return prod((*self.axes.values(), *self.reductions.values()))

    @property
    def elements(self) -> int:
        """The elements that the nest fills."""
        return prod(self.axes.values())

    def is_copied(self, item: Access, vector: str | None) -> bool:
        """Whether a read is worth a copy: it is guarded, or does not follow the vector, and is read often."""
        if item.beyond:
            return True
        if not item.places or item.elements * REUSE > self.points:
            return False
        if item.guarded:
            return True
        follows = vector is None or item.strides[vector] in (0, 1) or item.read.buffer in self.free
        return not follows and item.copied(vector or "") == 1


def vector_of(work: Work) -> str | None:
    """The loop to run in vectors: an axis, or a reduction whose partial sums are then added up."""
    if not work.reductions:
        return next((name for name, extent in reversed(list(work.axes.items())) if extent > 1), None)
    candidates = [name for name, extent in (*work.axes.items(), *work.reductions.items()) if extent > 1]
    best = min(reversed(candidates), key=lambda name: _cost(work, name), default=None)
    return best if best is not None and _cost(work, best) < inf else None


def rounded(work: Work, vector: str | None) -> dict[str, int]:
    """The loops that go further than their axes, for their lengths divide badly: the vector and its rows."""
    if vector is None or vector not in work.axes:
        return {}
    found = {vector: rounded_up(work, work.axes[vector])}
    row = _row_of(work, vector)
    if row and work.axes[row] > ROWS and max(_divisors(work.axes[row], LANES)) < ROWS:
        found[row] = -(-work.axes[row] // ROWS) * ROWS
    many = prod(work.reductions.values()) >= TERMS
    return {name: extent for name, extent in found.items() if many and extent > work.axes[name]}


def rounded_up(work: Work, extent: int) -> int:
    """The loop of `extent` with as many steps as vectors of almost `LANES` need, where sums pay for it."""
    if extent < LANES or 2 * lanes_of(extent, LANES) >= LANES or prod(work.reductions.values()) < TERMS:
        return extent
    vectors = -(-extent // LANES)
    return vectors * -(-extent // vectors)


def _cost(work: Work, vector: str) -> float:
    """What the nest costs with this loop as a vector."""
    summed = vector in work.reductions
    extent = work.reductions[vector] if summed else work.axes[vector]
    lanes = lanes_of(extent if summed else rounded_up(work, extent), LANES)
    total = work.points / lanes
    for item in work.accesses:
        copied = work.is_copied(item, vector)
        stride = item.copied(vector) if copied or item.read.buffer in work.free else item.strides[vector]
        if copied:
            in_order = item.read.buffer in work.free or item.strides[vector] in (0, 1)
            total += item.elements * (1 if in_order else SCATTERED)
        if stride not in (0, 1):
            total += work.points
    if summed:
        # Each output is left with a vector of partial sums.
        return total + work.elements * lanes * WRITTEN if lanes == LANES else inf
    last = next(reversed([name for name, extent in work.axes.items() if extent > 1]), vector)
    return total if vector == last or work.free_output else total + work.elements * WRITTEN


def lanes_of(extent: int, lanes: int) -> int:
    """The most lanes, up to `lanes`, that divide a loop of `extent`."""
    return max(width for width in range(1, lanes + 1) if extent % width == 0)


@dataclass(frozen=True)
class Tile:
    """What stays in registers: `rows` of the loop `row` times `vectors` vectors of `lanes`."""

    vector: str
    lanes: int
    vectors: int = 1
    row: str | None = None
    rows: int = 1


def tile(work: Work, vector: str, lanes: int, registers: int) -> Tile:
    """The tile of a nest whose vectors run along `vector`, for a CPU of `lanes` with so many `registers`."""
    extent = {**work.axes, **work.reductions}[vector]
    width = lanes_of(extent, lanes)
    steps = extent // width if vector in work.axes else 1
    best = Tile(vector, width)
    row = _row_of(work, vector)
    for rows in _divisors(work.axes[row] if row else 1):
        for vectors in _divisors(steps):
            if rows * vectors <= registers - vectors - 1 and _gain(rows, vectors) > _gain(
                best.rows, best.vectors
            ):
                best = Tile(vector, width, vectors, row, rows)
    return best


def _gain(rows: int, vectors: int) -> float:
    """Multiplications for each load from memory; of equals the wider."""
    return rows * vectors / (rows + vectors) + vectors / 1000


def _row_of(work: Work, vector: str) -> str | None:
    """The axis along which what moves with the vector stays: its loads serve every row."""
    moving = [item for item in work.accesses if item.strides[vector] != 0]
    names = [name for name, extent in work.axes.items() if name != vector and extent > 1]

    def merit(name: str) -> tuple[int, int]:
        return sum(item.strides[name] == 0 for item in moving), lanes_of(work.axes[name], LANES)

    return max(reversed(names), key=merit, default=None)


def _divisors(number: int, most: int = 64) -> Iterate[int]:
    return (divisor for divisor in range(1, min(number, most) + 1) if number % divisor == 0)
