"""The index of a read enters; view operations leave that give the tensor one dimension per loop axis.

This reads a coordinate top-down: a dimension that runs over a SPLIT is unflattened, one over a SHIFT is
rolled, and so on, until every dimension runs over an axis of the stage, or over a window that is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator as Iterate, Sequence

from syno_lang.backends.torch.lines import Labels
from syno_lang.backends.torch.operations import (
    Carry,
    Diagonal,
    Every,
    Join,
    Operation,
    Repeat,
    Roll,
    Shear,
    Tile,
    Unflatten,
    Windows,
)
from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold, walk
from syno_lang.lower.stages import Axis


def views_of(
    index: Sequence[Coordinate], kept: Collection[Coordinate] = ()
) -> Iterate[tuple[Operation, Labels]]:
    """Yield operations, each with what the dimensions run over after it.

    In the end they run over axes and over what is `kept`, all different.
    """
    labels = tuple(index)
    while (step := _step(labels, kept)) is not None:
        yield step
        labels = step[1]


def _step(labels: Labels, kept: Collection[Coordinate]) -> tuple[Operation, Labels] | None:
    """The next operation for dimensions that run over `labels`; none where they are distinct axes or kept."""
    for second, label in enumerate(labels):
        first = labels.index(label)
        if first < second:
            rest = [item for place, item in enumerate(labels) if place not in (first, second)]
            return Diagonal(first, second), (*rest, label)
    # The highest first: then a half of a MERGE meets its other half if that comes up at all.
    dims = [dim for dim, label in enumerate(labels) if not isinstance(label, Axis) and label not in kept]
    if not dims:
        return None
    dim = max(dims, key=lambda place: _height(labels[place]))
    return _unfold(labels, kept) if isinstance(labels[dim], Unfold) else _undo(labels, dim, kept)


def _unfold(labels: Labels, kept: Collection[Coordinate]) -> tuple[Operation, Labels]:
    """Undo every UNFOLD that no other label needs; together, for padding a window copies it."""
    needed = {node for label in labels for node in walk(*label.operands)}
    needed |= set(kept)
    found = {dim: node for dim, node in enumerate(labels) if isinstance(node, Unfold) and node not in needed}
    for dim, node in found.items():
        if node.window in labels:
            # The window is a dimension already, so of every window one place is read.
            by = labels.index(node.window)
            return Shear(dim, by, node.window.domain), (*labels[:dim], node.operand, *labels[dim + 1 :])
    moved = (found[dim].operand if dim in found else label for dim, label in enumerate(labels))
    windows = tuple(node.window for node in found.values())
    return Windows(tuple(found), tuple(window.domain for window in windows)), (*moved, *windows)


def _undo(labels: Labels, dim: int, kept: Collection[Coordinate]) -> tuple[Operation, Labels]:
    """The operation after which dimension `dim` runs over the operands of its coordinate."""
    node = labels[dim]
    before, after = labels[:dim], labels[dim + 1 :]
    match node:
        case Split():
            major, minor = node.operands
            return Unflatten(dim, major.domain, minor.domain), (*before, major, minor, *after)
        case Shift():
            return Roll(dim, node.amount), (*before, *node.operands, *after)
        case Stride():
            return Every(dim, node.factor), (*before, *node.operands, *after)
        case Quotient() | Remainder():
            return _merge(labels, dim, node, kept)
    raise TypeError(f"{node!r} is not a coordinate of a stage")


def _merge(
    labels: Labels, dim: int, node: Quotient | Remainder, kept: Collection[Coordinate]
) -> tuple[Operation, Labels]:
    """Undo one half of a MERGE, together with the other half where that is here."""
    whole = node.operands[0]
    halves = Quotient(whole, node.block), Remainder(whole, node.block)
    if all(half in labels for half in halves):
        if isinstance(whole, Shift) and isinstance(split := whole.operands[0], Split):
            major, minor = split.operands
            if minor.domain == node.block and split not in kept:
                # No digit meets the other one, so the two need not become one dimension.
                carry = Carry(labels.index(halves[0]), labels.index(halves[1]), whole.amount)
                digits = dict(zip(halves, (major, minor), strict=True))
                return carry, tuple(digits.get(label, label) for label in labels)
        join = Join(labels.index(halves[0]), labels.index(halves[1]))
        rest = [item for item in labels if item not in halves]
        return join, (*rest[: join.dim], whole, *rest[join.dim :])
    view = (
        Repeat(dim, node.block)
        if isinstance(node, Quotient)
        else Tile(dim, len(labels), whole.domain / node.block)
    )
    return view, (*labels[:dim], whole, *labels[dim + 1 :])


def _height(node: Coordinate) -> int:
    return 1 + max((_height(operand) for operand in node.operands), default=0)
