"""A stage program enters; the statements of a forward pass leave, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator as Iterate, Mapping
from dataclasses import dataclass, replace
from typing import cast

from syno_lang.backends.torch.contract import Axes, Operand, contract
from syno_lang.backends.torch.halves import Halved, halved
from syno_lang.backends.torch.lines import Labels, Lines, Statement
from syno_lang.backends.torch.operations import Flatten
from syno_lang.backends.torch.views import views_of
from syno_lang.ir.coordinates import replace as map_coordinate
from syno_lang.lower.stages import BufferRead, Expression, Extent, Inside, Stage, StageProgram
from syno_lang.sizes import Size


@dataclass(frozen=True, slots=True)
class StageLines:
    """A stage, the statements that compute it, and the variable that holds it afterwards."""

    stage: Stage
    statements: tuple[Statement, ...]
    target: str

    @property
    def sizes(self) -> Iterate[Size]:
        """Every size that a statement refers to."""
        return (size for line in self.statements for size in line.operation.sizes)


def forward(
    program: StageProgram, tensors: Mapping[str, str], fresh: Callable[[str], str]
) -> tuple[StageLines, ...]:
    """The statements of every stage; `tensors` says how to write each input and weight.

    `fresh` makes a variable from the name that it should have.
    """
    variables = dict(tensors)
    sample = next(iter(tensors.values()), None)
    stages = []
    for stage in program.stages:
        variables[stage.buffer] = target = fresh(stage.buffer)
        lines = Lines(target, fresh, sample)
        found = halved(stage)
        factors = (factor for factor in found.stage.factors if not isinstance(factor, Extent))
        contract(found.stage, [_operand(factor, variables, lines) for factor in factors], lines)
        _join(found, lines)
        stages.append(StageLines(stage, tuple(_named(line, found) for line in lines.statements), target))
    return tuple(stages)


def _join(found: Halved, lines: Lines) -> None:
    """Make one dimension of the axes that one axis of the stage has become."""
    for dim, count in enumerate(found.widths):
        if count > 1:
            lines.add(Flatten(dim, count), (lines.target,), ())


def _named(line: Statement, found: Halved) -> Statement:
    """The statement with the axes of the stage as it was."""
    return replace(line, axes=tuple(map_coordinate(axis, found.origins.get) for axis in line.axes))


def _operand(factor: Expression, variables: Mapping[str, str], lines: Lines) -> Operand:
    """Write the views after which `factor` has one dimension per axis of the stage."""
    match factor:
        case BufferRead(buffer, index):
            return _views(variables[buffer], buffer, index, lines)
        case Inside(coordinate):
            # Reading ones where the coordinate points gives one inside and, like every read, zero outside.
            ones = lines.fresh("inside")
            lines.ones((coordinate.domain,), (coordinate,), ones)
            return _views(ones, "inside", (coordinate,), lines)
    raise TypeError(f"{factor!r} is not a factor of a stage")


def _views(name: str, stem: str, index: Labels, lines: Lines) -> Operand:
    view = ""
    for operation, labels in views_of(index):
        view = view or lines.fresh(f"{stem}_view")
        name = lines.add(operation, (name,), labels, view)
        index = labels
    return Operand(name, cast(Axes, index))
