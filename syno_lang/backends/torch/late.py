"""A stage program enters; an equal one leaves in which halves of a computed coordinate are halves of an axis.

Where one read takes `z / B` and another one `z % B` of `z = (B*h + a + 1) % (B*H)`, neither can be a view:
each would be repeated for every value of the other half.  But the product can be computed for every `z`
first, which is an axis then, and be read at `z` afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Mapping
from dataclasses import replace

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Split, replace as map_coordinate, walk
from syno_lang.lower.stages import Apply, Axis, Buffer, BufferRead, Expression, Extent, Stage, StageProgram


def late(program: StageProgram) -> StageProgram:
    """Split every stage of which some read takes half of a computed coordinate alone."""
    taken = {name for stage in program.stages for name in (stage.buffer, *_names(stage))}
    taken |= {buffer.name for buffer in program.buffers} | {size.name for size in program.sizes}
    stages = tuple(part for stage in program.stages for part in _parts(stage, taken))
    known = {buffer.name for buffer in program.buffers}
    made = (
        Buffer(stage.buffer, tuple(axis.domain for axis in stage.axes), "stage")
        for stage in stages
        if stage.buffer not in known
    )
    return replace(program, stages=stages, buffers=(*made, *program.buffers))


def _names(stage: Stage) -> Iterate[str]:
    return (axis.name for axis in (*stage.axes, *stage.reductions))


def _parts(stage: Stage, taken: set[str]) -> tuple[Stage, ...]:
    whole = _whole(stage)
    if whole is None:
        return (stage,)
    images, name = _axes(whole, stage, taken), _fresh(f"{stage.buffer}_z", taken)
    inner = tuple(item for item in stage.reductions if item in whole.leaves)
    new = {axis: node for node, axis in images.items() if isinstance(axis, Axis)}
    kept = tuple(item for item in stage.axes if item not in whole.leaves)
    early = tuple(item for item in stage.reductions if item not in inner)
    first = Stage(name, (*kept, *new), early, _replaced(stage.value, images))
    return first, Stage(stage.buffer, stage.axes, inner, BufferRead(name, (*kept, *new.values())))


def _axes(whole: Coordinate, stage: Stage, taken: set[str]) -> dict[Coordinate, Coordinate]:
    """What becomes of `whole` and of its halves: two axes where all halves have one block, else one."""
    name = _fresh("z", taken)
    nodes = [node for read in stage.reads for node in walk(*read.index)]
    halves = [node for node in nodes if isinstance(node, (Quotient, Remainder)) and node.operands[0] is whole]
    if len({half.block for half in halves}) > 1:
        return {whole: Axis(name, whole.domain)}
    block = halves[0].block
    major = Axis(name, whole.domain / block)
    minor = Axis(_fresh(f"{name}_minor", taken), block)
    return {Quotient(whole, block): major, Remainder(whole, block): minor, whole: Split(major, minor)}


def _whole(stage: Stage) -> Coordinate | None:
    """A computed coordinate half of which is read alone, and whose axes nothing else needs."""
    if not all(isinstance(factor, (BufferRead, Extent)) for factor in stage.factors):
        return None
    for read in stage.reads:
        halves = [node for node in walk(*read.index) if isinstance(node, (Quotient, Remainder))]
        for half in halves:
            whole, other = half.operands[0], _other(half)
            if not isinstance(whole, Axis) and other not in halves and _is_alone(whole, stage):
                return whole
    return None


def _other(half: Quotient | Remainder) -> Coordinate:
    kind = Remainder if isinstance(half, Quotient) else Quotient
    return kind(half.operands[0], half.block)


def _is_alone(whole: Coordinate, stage: Stage) -> bool:
    axis = Axis("z", whole.domain)
    left = [item for read in stage.reads for item in read.index]
    used = (map_coordinate(item, {whole: axis}.get).leaves for item in left)
    return not whole.leaves & frozenset[Coordinate]().union(*used)


def _replaced(value: Expression, images: Mapping[Coordinate, Coordinate]) -> Expression:
    match value:
        case BufferRead(buffer, index):
            return BufferRead(buffer, tuple(map_coordinate(item, images.get) for item in index))
        case Apply(function, arguments):
            return Apply(function, tuple(_replaced(item, images) for item in arguments))
    return value


def _fresh(wanted: str, taken: set[str]) -> str:
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted
