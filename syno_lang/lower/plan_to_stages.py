"""A plan enters; the stage program that carries it out leaves, with readable names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syno_lang.ir.coordinates import Coordinate, Reduce, Unfold, replace
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
    expressions: dict[Factor, Expression] = {
        Factor((number,), read.index): BufferRead(tensors[read.tensor].name, read.index)
        for number, read in enumerate(definition.graph.reads)
    }
    stages: list[Stage] = []
    for step in steps:
        last = step is steps[-1]
        name = names.output if last else names.intermediate()
        extra = [Extent(node.domain) for node in repeated(definition.graph)] if last else []
        stage = _stage(name, step, expressions, extra, names)
        role: BufferRole = "output" if last else "stage"
        buffers.append(Buffer(name, tuple(axis.domain for axis in stage.axes), role))
        stages.append(stage)
        expressions[step.result] = BufferRead(name, step.cut)
    return StageProgram(definition.name, definition.sizes, tuple(buffers), tuple(stages))


def _stage(
    name: str, step: Step, expressions: Mapping[Factor, Expression], extra: Iterable[Expression], names: Names
) -> Stage:
    loops = (*step.cut, *step.summed)
    axes: dict[Coordinate, Axis] = {
        node: Axis(called, node.domain, node.reducer if isinstance(node, Reduce) and node in step.summed else "")
        for node, called in zip(loops, names.axes(loops))
    }
    moved = (_moved(expressions.get(item, item.guard), axes) for item in step.operands)
    factors = (*(item for item in moved if item is not None), *extra)
    value = factors[0] if len(factors) == 1 else Apply("multiply", factors)
    return Stage(name, tuple(axes[node] for node in step.cut), tuple(axes[node] for node in step.summed), value)


def _moved(factor: Expression | Unfold | None, axes: Mapping[Coordinate, Axis]) -> Expression | None:
    """`factor` over the axes of its stage."""
    match factor:
        case BufferRead(buffer, index):
            return BufferRead(buffer, tuple(replace(item, axes.get) for item in index))
        case Unfold():
            return Inside(replace(factor, axes.get))
    raise TypeError(f"{factor!r} is not a factor of a plan")
