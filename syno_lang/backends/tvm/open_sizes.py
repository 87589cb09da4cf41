"""A stage program and names of sizes enter; numbers that print as those names leave, for sizes left open.

A size can be left open where it is the whole length of axes that nothing but plain reads walk along: a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate

from syno_lang.diagnostics import fail
from syno_lang.ir.coordinates import Coordinate, walk
from syno_lang.lower.stages import Apply, BufferRead, Expression, Extent, Inside, StageProgram
from syno_lang.sizes import Size


class Open(int):
    """1, for whoever computes with it; in a text it is the name of a size."""

    name: str

    def __new__(cls, name: str) -> Open:
        """The open size `name`."""
        made = super().__new__(cls, 1)
        made.name = name
        return made

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


def check_open(program: StageProgram, names: Iterable[str]) -> None:
    """Raise `SynoError` (E1306) unless each of the sizes `names` is no more than the length of plain axes."""
    for name in names:
        reason = next(_reasons(program, name), None)
        if reason is not None:
            hint = "only a size that no view and no window walks along can be left open, such as a batch"
            raise fail("E1306", f"{name} cannot be left open: {reason}", hint=hint)


def _reasons(program: StageProgram, name: str) -> Iterate[str]:
    size = Size.variable(name)
    if name not in {declared.name for declared in program.sizes}:
        yield f"{program.name} has no such size"
    for buffer in program.buffers:
        yield from (
            f"it is part of {item}" for item in buffer.shape if name in item.variables and item != size
        )
    for stage in program.stages:
        axes = (*stage.axes, *stage.reductions)
        yield from (
            f"{axis.name} has {axis.domain} steps" for axis in axes if name in _mixed(axis.domain, size)
        )
        yield from (
            f"the mean over {axis.name} divides by it"
            for axis in axes
            if axis.reducer == "mean" and name in axis.domain.variables
        )
        yield from _values(stage.value, name)


def _mixed(domain: Size, size: Size) -> tuple[str, ...]:
    return () if domain == size else domain.variables


def _values(value: Expression, name: str) -> Iterate[str]:
    match value:
        case Apply(_, arguments):
            for item in arguments:
                yield from _values(item, name)
        case Extent(size) if name in size.variables:
            yield f"values are multiplied by {size}"
        case BufferRead(_, index):
            yield from _views(index, name)
        case Inside(coordinate):
            yield from _views((coordinate,), name)


def _views(tops: tuple[Coordinate, ...], name: str) -> Iterate[str]:
    for node in walk(*tops):
        sizes = [item for item in node.arguments if isinstance(item, Size)]
        below = [leaf for leaf in node.leaves if name in leaf.domain.variables]
        if node.operands and (below or any(name in size.variables for size in sizes)):
            yield "an index is computed from it"
