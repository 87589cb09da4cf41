"""A tensor in a variable, with what each of its dimensions runs over."""

from __future__ import annotations

from dataclasses import dataclass

from syno_lang.backends.torch.lines import Labels, Lines
from syno_lang.backends.torch.operations import Operation, Permute
from syno_lang.lower.stages import Axis

Axes = tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    """A variable (or an attribute) and the coordinate that each of its dimensions runs over.

    `view` is the variable that views of it go to; one that is already a view is overwritten.
    """

    name: str
    axes: Labels
    view: str = ""

    def line(self, lines: Lines, operation: Operation, axes: Labels, view: str = "") -> Operand:
        """The operand after one more line, which leaves dimensions over `axes`."""
        target = view or (self.name if self.name == self.view else lines.fresh(self.view))
        return Operand(lines.add(operation, (self.name,), axes, target), axes, target)


def permuted(operand: Operand, axes: Labels, lines: Lines) -> Operand:
    """The operand with its dimensions in the order of `axes`."""
    if operand.axes == axes:
        return operand
    order = tuple(operand.axes.index(axis) for axis in axes)
    return operand.line(lines, Permute(order), axes)
