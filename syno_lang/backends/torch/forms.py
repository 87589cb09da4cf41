"""A stage enters; the equal forms in which torch can compute it leave, each as plain data.

A window is native to a convolution where it walks along an axis of the result that nothing else reads,
and its own coordinate is summed and read by nothing else of the data: an UNFOLD, perhaps with STRIDEs
below it, or a SPLIT, which is a window that moves by its own length.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

from syno_lang.ir.coordinates import Coordinate, Split, Stride, Unfold, replace, walk
from syno_lang.lower.stages import Axis, BufferRead, Extent, Stage
from syno_lang.sizes import ONE, Size

Kind = Literal["einsum", "matmul", "linear", "pointwise", "convolution", "slices", "pooling"]

KINDS: Final[tuple[Kind, ...]] = (
    "einsum",
    "matmul",
    "linear",
    "pointwise",
    "convolution",
    "slices",
    "pooling",
)

#: The most dimensions of a convolution in torch.
MAX_RANK: Final = 3


@dataclass(frozen=True, slots=True)
class Form:
    """How to compute a stage: read number `data` is the data, whose windows in `native` stay windows.

    A `matmul` is weight times data, `linear` data times weight with channels last, and `pointwise` the same
    product as a convolution one place wide.  With `slices` the windows are taken late: a matrix product
    computes every term of the window for the whole axis, of which shifted slices are then summed.
    """

    kind: Kind = "einsum"
    data: int = 0
    native: frozenset[Coordinate] = frozenset()

    def __str__(self) -> str:
        offsets = sorted(axis.name for axis in map(_offset, self.native) if axis)
        return f"{self.kind}({', '.join(offsets)})" if offsets else self.kind


@dataclass(frozen=True, slots=True)
class Window:
    """`stride * place + dilation * offset - before`, where `offset` runs over the window.

    `tiled` says that it comes from a SPLIT: it never leaves the axis.
    """

    place: Axis
    offset: Axis
    stride: Size = ONE
    dilation: Size = ONE
    tiled: bool = False


def window_of(node: Coordinate) -> Window | None:
    """The window that `node` is, or none."""
    match node:
        case Split():
            place, offset = node.operands
            if isinstance(place, Axis) and isinstance(offset, Axis):
                return Window(place, offset, stride=offset.domain, tiled=True)
        case Unfold():
            (place, stride), (offset, dilation) = _strided(node.operand), _strided(node.window)
            if isinstance(place, Axis) and isinstance(offset, Axis):
                return Window(place, offset, stride, dilation)
    return None


def _strided(node: Coordinate) -> tuple[Coordinate, Size]:
    return (node.operands[0], node.factor) if isinstance(node, Stride) else (node, ONE)


def forms_of(stage: Stage) -> Iterate[Form]:
    """Every form that `stage` has; the first one always applies."""
    yield Form()
    if not all(isinstance(factor, (BufferRead, Extent)) for factor in stage.factors):
        return
    reads = stage.reads
    if len(reads) == 1:
        reducers = {axis.reducer for axis in stage.reductions}
        for native in _choices(stage, reads[0], None):
            if len(reducers) == 1 and {_offset(node) for node in native} == set(stage.reductions):
                yield Form("pooling", 0, native)
    if len(reads) == 2:
        for data in (0, 1):
            both = _summed(stage, reads[data]) & _summed(stage, reads[1 - data])
            if both:
                yield Form("matmul", data)
                if not _kept(stage, reads):
                    yield Form("linear", data)
                    yield Form("pointwise", data)
            for native in _choices(stage, reads[data], reads[1 - data]):
                inner = both.difference(node for node in map(_offset, native) if node)
                yield Form("convolution", data, native)
                if inner and all(isinstance(node, Unfold) for node in native):
                    yield Form("slices", data, native)


def _choices(stage: Stage, data: BufferRead, weight: BufferRead | None) -> Iterate[frozenset[Coordinate]]:
    """The sets of windows that may be native together: all SPLITs or all UNFOLDs."""
    found = [node for node in dict.fromkeys(walk(*data.index)) if _is_native(node, stage, data, weight)]
    for tiled in (False, True):
        fitting = [node for node in found if isinstance(node, Split) is tiled]
        for count in range(1, min(len(fitting), MAX_RANK) + 1):
            yield from map(frozenset, combinations(fitting, count))


def _is_native(node: Coordinate, stage: Stage, data: BufferRead, weight: BufferRead | None) -> bool:
    window = window_of(node)
    if window is None or window.place not in stage.axes or window.offset not in stage.reductions:
        return False
    if weight is None:
        fits = window.dilation.is_one
    else:
        leaves = _leaves(weight)
        fits = window.offset in leaves and window.place not in leaves
    # Something else in its place must leave no other use of its axes.
    other = Axis("other", node.domain)
    left = BufferRead(data.buffer, tuple(replace(item, {node: other}.get) for item in data.index))
    return fits and not {window.place, window.offset} & _leaves(left)


def _offset(node: Coordinate) -> Axis | None:
    window = window_of(node)
    return window.offset if window else None


def _leaves(read: BufferRead) -> frozenset[Coordinate]:
    return frozenset[Coordinate]().union(*(item.leaves for item in read.index))


def _kept(stage: Stage, reads: Sequence[BufferRead]) -> frozenset[Coordinate]:
    """The axes of the result that both of `reads` have."""
    return _leaves(reads[0]) & _leaves(reads[1]) & frozenset[Coordinate](stage.axes)


def _summed(stage: Stage, read: BufferRead) -> frozenset[Coordinate]:
    return _leaves(read) & frozenset[Coordinate](stage.reductions)
