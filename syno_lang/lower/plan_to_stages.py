"""A plan enters; the stage program that carries it out leaves, with readable names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syno_lang.ir.coordinates import Coordinate, Unfold, replace
from syno_lang.ir.definition import Definition
from syno_lang.lower.factors import Factor, repeated
from syno_lang.lower.names import Names
from syno_lang.lower.plan import Step
from syno_lang.lower.stages import (
    Apply,
    Axis,
    Buffer,
    BufferRead,
    BufferRole,
    Expression,
    Extent,
    Inside,
    Stage,
    StageProgram,
)


def stages_of(definition: Definition, steps: tuple[Step, ...]) -> StageProgram:
    """Build the program whose stages are `steps`, the last of which fills the output."""
    names = Names(definition)
    tensors = definition.tensors
    buffers = [Buffer(tensor.name, tensor.shape, tensor.role) for tensor in tensors]
    reads: dict[Factor, BufferRead] = {
        Factor((number,), read.index): BufferRead(tensors[read.tensor].name, read.index)
        for number, read in enumerate(definition.graph.reads)
    }
    stages: list[Stage] = []
    for step in steps:
        last = step is steps[-1]
        name = names.output if last else names.intermediate()
        extra = [Extent(node.domain) for node in repeated(definition.graph)] if last else []
        stage = _stage(name, step, reads, extra, names)
        role: BufferRole = "output" if last else "stage"
        buffers.append(Buffer(name, tuple(axis.domain for axis in stage.axes), role))
        stages.append(stage)
        reads[step.result] = BufferRead(name, step.cut)
    return StageProgram(definition.name, definition.sizes, tuple(buffers), tuple(stages))


def _stage(
    buffer: str, step: Step, reads: Mapping[Factor, BufferRead], extra: Iterable[Extent], names: Names
) -> Stage:
    called = names.axes((*step.cut, *step.summed))
    free = [Axis(name, node.domain) for name, node in zip(called, step.cut, strict=False)]
    bound = [
        Axis(name, node.domain, node.reducer)
        for name, node in zip(called[len(free) :], step.summed, strict=True)
    ]
    axes = dict[Coordinate, Coordinate](zip((*step.cut, *step.summed), (*free, *bound), strict=True))
    factors = (*(_over(axes, reads.get(item), item.guard) for item in step.operands), *extra)
    value = factors[0] if len(factors) == 1 else Apply("multiply", factors)
    return Stage(buffer, tuple(free), tuple(bound), value)


def _over(axes: Mapping[Coordinate, Coordinate], read: BufferRead | None, guard: Unfold | None) -> Expression:
    """A factor over the axes of its stage: a read, or else a guard."""
    if read is not None:
        return BufferRead(read.buffer, tuple(replace(item, axes.get) for item in read.index))
    assert guard is not None
    return Inside(replace(guard, axes.get))
