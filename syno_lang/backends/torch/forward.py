"""A stage program enters; the statements of a forward pass leave, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator as Iterate, Mapping
from dataclasses import dataclass, field, replace

from syno_lang.backends.torch.contract import contract
from syno_lang.backends.torch.forms import Form
from syno_lang.backends.torch.halves import Halved, halved
from syno_lang.backends.torch.lines import Labels, Lines, Statement
from syno_lang.backends.torch.operand import Operand
from syno_lang.backends.torch.operations import Flatten
from syno_lang.backends.torch.tidy import tidied
from syno_lang.backends.torch.views import views_of
from syno_lang.ir.coordinates import Coordinate, replace as map_coordinate
from syno_lang.lower.stages import Apply, BufferRead, Expression, Extent, Inside, Stage, StageProgram
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


@dataclass(frozen=True, slots=True)
class Way:
    """A form for each stage of `program`, and the seconds that they take, roughly.

    `orders` says how the dimensions of the buffers then stand.
    """

    program: StageProgram
    seconds: float = 0.0
    forms: tuple[Form, ...] = ()
    orders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(map(str, self.forms))


def forward(way: Way, tensors: Mapping[str, str], fresh: Callable[[str], str]) -> tuple[StageLines, ...]:
    """The statements of every stage; `tensors` says how to write each input and weight.

    `fresh` makes a variable from the name that it should have.
    """
    variables = dict(tensors)
    stages = []
    for stage, form in zip(way.program.stages, way.forms, strict=True):
        variables[stage.buffer] = target = fresh(stage.buffer)
        lines = Lines(target, fresh, next(iter(tensors.values()), None))
        found = halved(reordered(stage, way.orders))
        stages.append(write_stage(found, form, variables, lines, stage is way.program.stages[-1]))
    return tuple(stages)


def reordered(stage: Stage, orders: Mapping[str, tuple[int, ...]]) -> Stage:
    """The stage that reads buffers whose dimensions stand in other `orders`."""

    def read(value: Expression) -> Expression:
        match value:
            case BufferRead(buffer, index) if buffer in orders:
                return BufferRead(buffer, tuple(index[place] for place in orders[buffer]))
            case Apply(function, arguments):
                return Apply(function, tuple(read(item) for item in arguments))
        return value

    return replace(stage, value=read(stage.value))


def write_stage(
    found: Halved, form: Form, variables: Mapping[str, str], lines: Lines, last: bool
) -> StageLines:
    """The lines of one stage in one form.  Its axes stand as they come, unless they must be joined."""
    stage, whole = found.stage, all(count == 1 for count in found.widths)
    factors = (factor for factor in stage.factors if not isinstance(factor, Extent))
    operands = [_operand(factor, variables, lines, form.native) for factor in factors]
    axes = contract(stage, form, operands, lines, ordered=last or not whole)
    _join(found, lines)
    original = replace(found.original, axes=axes) if whole else found.original
    statements = tidied(lines.statements, sources(stage, variables))
    return StageLines(original, tuple(_named(line, found) for line in statements), lines.target)


def sources(stage: Stage, variables: Mapping[str, str]) -> dict[str, Labels]:
    """What the dimensions of the variables that `stage` reads run over."""
    return {variables[read.buffer]: read.index for read in stage.reads}


def _join(found: Halved, lines: Lines) -> None:
    """Make one dimension of the axes that one axis of the stage has become."""
    axes: Labels = found.stage.axes
    for dim, width in enumerate(found.widths):
        if width > 1:
            axes = (*axes[:dim], found.original.axes[dim], *axes[dim + width :])
            lines.add(Flatten(dim, width), (lines.target,), axes)


def _named(line: Statement, found: Halved) -> Statement:
    """The statement with the axes of the stage as it was."""
    return replace(line, axes=tuple(map_coordinate(axis, found.origins.get) for axis in line.axes))


def _operand(
    factor: Expression, variables: Mapping[str, str], lines: Lines, kept: frozenset[Coordinate]
) -> Operand:
    """Write the views after which `factor` has a dimension per axis, or per window that is `kept`."""
    match factor:
        case BufferRead(buffer, index):
            return _views(variables[buffer], buffer, index, lines, kept)
        case Inside(coordinate):
            # Reading ones where the coordinate points gives one inside and, like every read, zero outside.
            ones = lines.fresh("inside")
            lines.ones((coordinate.domain,), (coordinate,), ones)
            return _views(ones, "inside", (coordinate,), lines, kept)
    raise TypeError(f"{factor!r} is not a factor of a stage")


def _views(name: str, stem: str, index: Labels, lines: Lines, kept: frozenset[Coordinate]) -> Operand:
    operand = Operand(name, index, f"{stem}_view")
    for operation, labels in views_of(index, kept):
        operand = operand.line(lines, operation, labels)
    return operand
