"""A stage program enters; nothing leaves, or `BrokenProgram` says what a pass of ours got wrong."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Mapping

from syno_lang.ir.coordinates import Coordinate, walk
from syno_lang.lower.stages import Apply, Buffer, BufferRead, Expression, Extent, Inside, Stage, StageProgram

REDUCERS = ("sum", "mean")


class BrokenProgram(AssertionError):
    """A stage program that no pass may produce: a mistake in this package, not in a user's text."""


def verify(program: StageProgram) -> None:
    """Check that names, ranks, domains and the order of the stages of `program` fit together.

    Raises `BrokenProgram` with everything that does not.
    """
    broken = [*_buffers(program)]
    filled = {buffer.name: buffer for buffer in program.with_role("input", "weight")}
    sizes = {size.name for size in program.sizes}
    for stage in program.stages:
        where = f"stage {stage.buffer}: "
        reasons = (
            *_loops(stage, sizes | {buffer.name for buffer in program.buffers}),
            *_value(stage.value, stage, filled),
        )
        broken += [where + reason for reason in reasons]
        filled[stage.buffer] = Buffer(stage.buffer, tuple(axis.domain for axis in stage.axes), "stage")
    if broken:
        raise BrokenProgram(f"{program.name}: {'; '.join(broken)}")


def _buffers(program: StageProgram) -> Iterate[str]:
    """Every buffer has a name of its own and is filled by one stage, the output by the last."""
    names = [buffer.name for buffer in program.buffers]
    if len(set(names)) < len(names):
        yield f"two buffers of {names} have one name"
    written = [buffer for buffer in program.buffers if buffer.role in ("stage", "output")]
    if [buffer.role for buffer in written] != ["stage"] * (len(written) - 1) + ["output"]:
        yield "the last buffer and no other is the output"
    shapes = {stage.buffer: tuple(axis.domain for axis in stage.axes) for stage in program.stages}
    if [stage.buffer for stage in program.stages] != [buffer.name for buffer in written]:
        yield "the stages do not fill the buffers in their order"
    for buffer in written:
        if shapes.get(buffer.name, buffer.shape) != buffer.shape:
            yield f"the axes of stage {buffer.name} have other domains than its buffer"


def _loops(stage: Stage, taken: set[str]) -> Iterate[str]:
    """Loops are told apart by identifiers that nothing else has."""
    names = [axis.name for axis in (*stage.axes, *stage.reductions)]
    if len(set(names)) < len(names):
        yield f"two loops of {names} have one name"
    yield from (f"the loop {name} has a name that is taken" for name in names if name in taken)
    yield from (f"the loop {name!r} is no identifier" for name in names if not name.isidentifier())
    yield from (f"the axis {axis.name} of the buffer is reduced" for axis in stage.axes if axis.reducer)
    for axis in stage.reductions:
        if axis.reducer not in REDUCERS:
            yield f"the reduction {axis.name} has the reducer {axis.reducer!r}"


def _value(value: Expression, stage: Stage, filled: Mapping[str, Buffer]) -> Iterate[str]:
    match value:
        case BufferRead(name, index):
            if name not in filled:
                yield f"{name} is read before it is filled"
            elif tuple(item.domain for item in index) != filled[name].shape:
                yield f"{name} is read over other domains than its shape"
            yield from _strangers(stage, *index)
        case Inside(coordinate):
            yield from _strangers(stage, coordinate)
        case Apply(_, arguments):
            for item in arguments:
                yield from _value(item, stage, filled)
        case Extent():
            pass


def _strangers(stage: Stage, *tops: Coordinate) -> Iterate[str]:
    loops = {*stage.axes, *stage.reductions}
    for leaf in walk(*tops):
        if not leaf.operands and leaf not in loops:
            yield f"{leaf} is no loop of it"
