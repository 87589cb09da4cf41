"""A stage program and the values of its sizes enter; it leaves with its intermediates laid out anew.

The axes of an intermediate are ours to order: those that move with the vectors of the stage that reads it
come last, so that this stage reads memory in its order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from syno_lang.backends.tvm.access import NO_LOOPS, access
from syno_lang.backends.tvm.tiles import Work, vector_of
from syno_lang.lower.stages import Apply, BufferRead, Expression, Stage, StageProgram

T = TypeVar("T")


def arrange(program: StageProgram, sizes: Mapping[str, int]) -> StageProgram:
    """Permute the axes of the intermediates of `program`, from the last stage to the first."""
    free = frozenset(buffer.name for buffer in program.with_role("stage"))
    stages = {stage.buffer: stage for stage in program.stages}
    shapes = {buffer.name: buffer.shape for buffer in program.buffers}
    for name in reversed([stage.buffer for stage in program.stages]):
        vector = vector_of(work_of(stages[name], sizes, free))
        for read in stages[name].reads:
            if read.buffer not in free or vector is None:
                continue
            moves = [any(leaf.arguments[0] == vector for leaf in item.leaves) for item in read.index]
            if not any(moves):
                # The reader does not mind: the stage that fills it may choose.
                inner = vector_of(work_of(stages[read.buffer], sizes, free, free_output=True))
                moves = [axis.name == inner for axis in stages[read.buffer].axes]
            order = sorted(range(len(moves)), key=moves.__getitem__)
            shapes[read.buffer] = _permuted(shapes[read.buffer], order)
            stages = {key: _reordered(stage, read.buffer, order) for key, stage in stages.items()}
            free -= {read.buffer}
    buffers = tuple(replace(buffer, shape=shapes[buffer.name]) for buffer in program.buffers)
    return replace(program, buffers=buffers, stages=tuple(stages.values()))


def work_of(
    stage: Stage,
    sizes: Mapping[str, int],
    free: frozenset[str] = frozenset(),
    *,
    free_output: bool = False,
    rounded: Mapping[str, int] = NO_LOOPS,
) -> Work:
    """What `stage` does at `sizes`; reads that are outside at every point are left out."""
    found = (access(stage, read, sizes, rounded) for read in stage.reads)
    return Work(
        {axis.name: rounded.get(axis.name, axis.domain.value(sizes)) for axis in stage.axes},
        {axis.name: axis.domain.value(sizes) for axis in stage.reductions},
        tuple(item for item in found if item is not None),
        free,
        free_output,
    )


def _reordered(stage: Stage, buffer: str, order: Sequence[int]) -> Stage:
    """`stage` with the axes of `buffer` permuted, where it fills and where it reads it."""
    axes = _permuted(stage.axes, order) if stage.buffer == buffer else stage.axes
    return replace(stage, axes=axes, value=_reread(stage.value, buffer, order))


def _reread(value: Expression, buffer: str, order: Sequence[int]) -> Expression:
    if isinstance(value, BufferRead) and value.buffer == buffer:
        return replace(value, index=_permuted(value.index, order))
    if isinstance(value, Apply):
        return replace(value, arguments=tuple(_reread(item, buffer, order) for item in value.arguments))
    return value


def _permuted(items: tuple[T, ...], order: Sequence[int]) -> tuple[T, ...]:
    return tuple(items[position] for position in order)
