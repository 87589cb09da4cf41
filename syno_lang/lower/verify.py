"""A stage program enters; nothing leaves, or `BrokenProgram` says what a pass of ours got wrong."""

from __future__ import annotations

from collections.abc import Mapping

from syno_lang.ir.coordinates import walk
from syno_lang.lower.stages import Apply, Buffer, BufferRead, Expression, Extent, Inside, Stage, StageProgram


class BrokenProgram(AssertionError):
    """A stage program that no pass may produce: a mistake in this package, not in a user's text."""


def verify(program: StageProgram) -> None:
    """Check that names, ranks, domains and the order of the stages of `program` fit together.

    Raises `BrokenProgram` otherwise.
    """
    buffers = {buffer.name: buffer for buffer in program.buffers}
    _check(len(buffers) == len(program.buffers), f"{program.name}: two buffers have one name")
    _check(bool(program.stages), f"{program.name}: there is no stage")
    written = {buffer.name for buffer in program.with_role("input", "weight")}
    for stage in program.stages:
        _check(stage.buffer in buffers, f"stage {stage.buffer}: it fills an unknown buffer")
        _check(stage.buffer not in written, f"stage {stage.buffer}: its buffer is already filled")
        last = stage is program.stages[-1]
        role = buffers[stage.buffer].role
        _check(role == ("output" if last else "stage"), f"stage {stage.buffer}: it fills a buffer of role {role}")
        _check_loops(stage, buffers[stage.buffer])
        _check_expression(stage, stage.value, {name: buffers[name] for name in written})
        written.add(stage.buffer)
    _check(written == set(buffers), f"{program.name}: buffers that no stage fills: {sorted(set(buffers) - written)}")


def _check(fine: bool, reason: str) -> None:
    if not fine:
        raise BrokenProgram(reason)


def _check_loops(stage: Stage, buffer: Buffer) -> None:
    where = f"stage {stage.buffer}"
    names = [axis.name for axis in (*stage.axes, *stage.reductions)]
    _check(len(set(names)) == len(names), f"{where}: two loops have one name in {names}")
    _check(all(name.isidentifier() for name in names), f"{where}: a loop of {names} is not an identifier")
    domains = tuple(axis.domain for axis in stage.axes)
    _check(domains == buffer.shape, f"{where}: the axes do not have the shape of the buffer")
    _check(not any(axis.reducer for axis in stage.axes), f"{where}: an axis of the buffer is reduced")
    known = {"sum", "mean"}
    _check(all(axis.reducer in known for axis in stage.reductions), f"{where}: a reduction has no known reducer")


def _check_expression(stage: Stage, value: Expression, readable: Mapping[str, Buffer]) -> None:
    where = f"stage {stage.buffer}"
    match value:
        case BufferRead(name, index):
            _check(name in readable, f"{where}: it reads {name} before it is filled")
            shape = readable[name].shape
            _check(len(index) == len(shape), f"{where}: it reads {name} with {len(index)} of {len(shape)} indices")
            fits = tuple(item.domain for item in index) == shape
            _check(fits, f"{where}: the domains of an index of {name} are not its shape")
        case Inside(coordinate):
            index = (coordinate,)
        case Extent():
            return
        case Apply(_, arguments):
            for item in arguments:
                _check_expression(stage, item, readable)
            return
    loops = {*stage.axes, *stage.reductions}
    strangers = [leaf for leaf in walk(*index) if not leaf.operands and leaf not in loops]
    _check(not strangers, f"{where}: {strangers} are no loops of it")


