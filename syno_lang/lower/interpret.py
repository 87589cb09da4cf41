"""A stage program, arrays and sizes enter; the value of the output leaves, in float64 by NumPy.

It follows the meaning of a stage point by point and is there to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Mapping
from itertools import product as every
from math import prod
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold, walk
from syno_lang.lower.fold import Fold
from syno_lang.lower.stages import Apply, Axis, BufferRead, Expression, Extent, Inside, Stage, StageProgram

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]
Values = dict[Coordinate, Indices]

#: How many points are held at once; reductions beyond that are summed one by one.
POINTS: Final = 1 << 20


def interpret_stages(
    program: StageProgram, arrays: Mapping[str, ArrayLike], sizes: Mapping[str, int]
) -> Numbers:
    """Run `program` on `arrays`, one per input and weight by name, and return the output.

    `sizes` has a value for every size variable.  Raises `KeyError` where an array or a size is missing.
    """
    buffers = {
        buffer.name: np.asarray(arrays[buffer.name], dtype=np.float64)
        for buffer in program.with_role("input", "weight")
    }
    for stage in program.stages:
        buffers[stage.buffer] = _run(stage, buffers, sizes)
    return buffers[program.stages[-1].buffer]


def _run(stage: Stage, buffers: Mapping[str, Numbers], sizes: Mapping[str, int]) -> Numbers:
    shape = tuple(axis.domain.value(sizes) for axis in stage.axes)
    total = np.zeros(shape)
    for values in _points(stage, sizes):
        terms = _evaluate(stage.value, values, buffers, sizes)
        shaped = np.broadcast_to(terms, (*shape, *(values[axis].size for axis in stage.reductions)))
        total += shaped.sum(axis=tuple(range(len(shape), shaped.ndim)))
    means = [axis.domain.value(sizes) for axis in stage.reductions if axis.reducer == "mean"]
    return total / prod(means)


def _points(stage: Stage, sizes: Mapping[str, int]) -> Iterate[Values]:
    """The axes as an open mesh over all points, reductions last; in blocks where the nest is large."""
    loops = (*stage.axes, *stage.reductions)
    lengths = [axis.domain.value(sizes) for axis in loops]
    first = len(stage.axes)
    while first < len(loops) and prod(lengths[: len(stage.axes)]) * prod(lengths[first:]) > POINTS:
        first += 1
    rank = len(loops)
    mesh = [np.arange(length).reshape(-1, *[1] * (rank - 1 - place)) for place, length in enumerate(lengths)]
    for chosen in every(*(range(length) for length in lengths[len(stage.axes) : first])):
        values: Values = dict(zip(loops, mesh, strict=True))
        for axis, position in zip(stage.reductions, chosen, strict=False):
            values[axis] = np.full([1] * rank, position)
        yield values


def _evaluate(
    value: Expression, values: Values, buffers: Mapping[str, Numbers], sizes: Mapping[str, int]
) -> Numbers:
    match value:
        case BufferRead(name, index):
            places, inside = _locate(index, values, sizes)
            # Outside, any place will do.
            safe = tuple(np.where(inside, place, 0) for place in places)
            return np.where(inside, buffers[name][safe], 0.0)
        case Inside(coordinate):
            return _locate((coordinate,), values, sizes)[1].astype(np.float64)
        case Extent(size):
            return np.asarray(float(size.evaluate(sizes)))
        case Apply("multiply", arguments):
            return np.asarray(prod(_evaluate(item, values, buffers, sizes) for item in arguments))
    raise TypeError(f"{value!r} is not an expression of a stage")


def _locate(
    tops: tuple[Coordinate, ...], values: Values, sizes: Mapping[str, int]
) -> tuple[list[Indices], NDArray[np.bool_]]:
    """The values of `tops` at every point, and where every UNFOLD below them stays inside."""
    known = dict(values)
    inside = np.asarray(True)
    for node in walk(*tops):
        if node not in known:
            known[node] = _apply(node, [known[operand] for operand in node.operands], sizes)
        if isinstance(node, Unfold):
            inside = inside & (known[node] >= 0) & (known[node] < node.domain.value(sizes))
    return [known[top] for top in tops], inside


def _apply(node: Coordinate, below: list[Indices], sizes: Mapping[str, int]) -> Indices:
    match node:
        case Split():
            return below[0] * node.operands[1].domain.value(sizes) + below[1]
        case Quotient():
            return below[0] // node.block.value(sizes)
        case Remainder():
            return below[0] % node.block.value(sizes)
        case Shift():
            return (below[0] + node.amount) % node.domain.value(sizes)
        case Fold():
            return below[0] - below[1] + node.size.value(sizes) // 2
        case Unfold():
            return below[0] + below[1] - node.window.domain.value(sizes) // 2
        case Stride():
            return below[0] * node.factor.value(sizes)
        case Axis():
            raise KeyError(f"the loop {node.name} does not belong to the stage")
    raise TypeError(f"{node!r} is not a coordinate of a stage")
