"""A stage and its operands enter, one dimension per axis; the lines that multiply and reduce them leave."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from syno_lang.backends.torch.forms import Form
from syno_lang.backends.torch.lines import Labels, Lines
from syno_lang.backends.torch.native import native
from syno_lang.backends.torch.operand import Axes, Operand
from syno_lang.backends.torch.operations import Einsum, Expand, Mean, Operation, Permute, Reshape, Scale, Sum
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.stages import Axis, Extent, Stage
from syno_lang.sizes import Size, product

#: What `torch.einsum` can tell apart.
LETTERS: Final = string.ascii_letters


def contract(
    stage: Stage, form: Form, operands: Sequence[Operand], lines: Lines, *, ordered: bool = True
) -> Axes:
    """Fill the variable of `lines` with the product of `operands`, reduced, a dimension per axis.

    Returns the order of the axes: that of the stage where it is to be `ordered`, else what is cheapest.
    """
    written = len(lines.statements)
    met = {axis for operand in operands for label in operand.axes for axis in label.leaves}
    kept = tuple(axis for axis in stage.axes if axis in met)
    if form.kind != "einsum":
        result = native(form, kept, operands, lines)
    else:
        result = _reduce(kept, operands, lines) if operands else Operand(lines.ones(()), ())
    if not ordered and len(kept) == len(stage.axes):
        kept = tuple(axis for axis in result.axes if isinstance(axis, Axis))
        stage = replace(stage, axes=kept)
    result = _permute(kept, result, lines)
    averaged = any(isinstance(line.operation, Mean) for line in lines.statements[written:])
    factor = _factor(stage, met, averaged or form.kind == "pooling")
    if not factor.is_one:
        result = _line(lines, Scale(factor), [result], kept)
    if kept != stage.axes:
        new = tuple(place for place, axis in enumerate(stage.axes) if axis not in met)
        _line(lines, Expand(new, tuple(axis.domain for axis in stage.axes)), [result], stage.axes)
    if len(lines.statements) == written:
        lines.settle(result.name)
    return stage.axes


def _line(
    lines: Lines, operation: Operation, operands: Iterable[Operand], axes: Labels, target: str = ""
) -> Operand:
    return Operand(lines.add(operation, (operand.name for operand in operands), axes, target), axes)


def _factor(stage: Stage, met: set[Coordinate], averaged: bool) -> Size:
    """What the product must be multiplied by: extents, sums over nothing, the division of means."""
    extents = [item.size for item in stage.factors if isinstance(item, Extent)]
    idle = [axis.domain for axis in stage.reductions if axis not in met and axis.reducer == "sum"]
    means = [axis.domain for axis in stage.reductions if axis in met and axis.reducer == "mean"]
    return product((*extents, *idle)) / product(() if averaged else means)


def _reduce(kept: Axes, operands: Sequence[Operand], lines: Lines) -> Operand:
    """Multiply the operands and sum what is not in `kept`."""
    if len(operands) == 1:
        return _reduce_one(kept, operands[0], lines)
    if len({axis for operand in operands for axis in operand.axes}) > len(LETTERS):
        return _reduce_grouped(kept, operands, lines)
    return _einsum(kept, operands, lines)


def _reduce_one(kept: Axes, operand: Operand, lines: Lines) -> Operand:
    dims = tuple(place for place, axis in enumerate(operand.axes) if axis not in kept)
    if dims:
        reducers = {axis.reducer for axis in operand.axes if axis not in kept and isinstance(axis, Axis)}
        left = tuple(axis for axis in operand.axes if axis in kept)
        operand = _line(lines, Mean(dims) if reducers == {"mean"} else Sum(dims), [operand], left)
    return _permute(kept, operand, lines)


def _permute(axes: Labels, operand: Operand, lines: Lines, target: str = "") -> Operand:
    if operand.axes == axes:
        return operand
    return _line(lines, Permute(tuple(operand.axes.index(axis) for axis in axes)), [operand], axes, target)


def _einsum(kept: Axes, operands: Sequence[Operand], lines: Lines) -> Operand:
    letters = _letters((*kept, *(axis for operand in operands for axis in operand.axes)))
    inputs = tuple("".join(letters[axis] for axis in operand.axes) for operand in operands)
    output = "".join(letters[axis] for axis in kept)
    return _line(lines, Einsum(inputs, output), operands, kept)


def _letters(axes: Iterable[Coordinate]) -> dict[Coordinate, str]:
    """A letter per axis, out of its name where one is free."""
    chosen: dict[Coordinate, str] = {}
    for axis in dict.fromkeys(axes):
        wanted = [letter for letter in str(axis.arguments[0]) if letter in LETTERS]
        candidates = (*wanted, *(letter.swapcase() for letter in wanted), *LETTERS)
        chosen[axis] = next(letter for letter in candidates if letter not in chosen.values())
    return chosen


def _reduce_grouped(kept: Axes, operands: Sequence[Operand], lines: Lines) -> Operand:
    """As `_einsum` for more axes than there are letters: axes that always occur together become one."""
    groups: dict[tuple[bool, ...], list[Coordinate]] = {}
    for axis in dict.fromkeys(axis for operand in operands for axis in operand.axes):
        place = (axis in kept, *(axis in operand.axes for operand in operands))
        groups.setdefault(place, []).append(axis)
    joint = {
        members[0]: Axis(f"group{number}", product(axis.domain for axis in members))
        for number, members in enumerate(groups.values())
    }
    flat = []
    for operand in operands:
        inside = [members for members in groups.values() if members[0] in operand.axes]
        name = lines.fresh("flat")
        moved = _permute(tuple(axis for members in inside for axis in members), operand, lines, name)
        fused = tuple(joint[members[0]] for members in inside)
        flat.append(_line(lines, Reshape(tuple(axis.domain for axis in fused)), [moved], fused, name))
    outer = [members for members in groups.values() if members[0] in kept]
    result = _einsum(tuple(joint[members[0]] for members in outer), flat, lines)
    axes: Labels = tuple(axis for members in outer for axis in members)
    result = _line(lines, Reshape(tuple(axis.domain for axis in axes)), [result], axes)
    return _permute(kept, result, lines)
