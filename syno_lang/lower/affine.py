"""A coordinate of a stage enters; its quasi-affine index expression and its bounds guards leave.

This is what a backend that writes loops needs.  Operands of `//` and `%` are never negative: an
UNFOLD below one is guarded, and a backend must not evaluate the read where a guard fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold, walk
from syno_lang.lower.fold import Fold
from syno_lang.lower.stages import Axis
from syno_lang.sizes import Size


@dataclass(frozen=True, slots=True)
class Loop:
    """The variable of a loop."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A literal whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class SizeValue:
    """The value of `size`, floored after division by `divisor` (1, or 2 for half a window)."""

    size: Size
    divisor: int = 1


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right` with operator `+`, `-`, `*`, `//` or `%`."""

    operator: str
    left: Index
    right: Index


Index = Loop | Number | SizeValue | Binary


@dataclass(frozen=True, slots=True)
class Guard:
    """The condition `0 <= index < size`."""

    index: Index
    size: Size


def index_of(coordinate: Coordinate) -> Index:
    """The value of `coordinate` as an expression over the loops of its stage."""
    match coordinate:
        case Axis():
            return Loop(coordinate.name)
        case Split():
            major, minor = (index_of(operand) for operand in coordinate.operands)
            return Binary("+", Binary("*", major, SizeValue(coordinate.operands[1].domain)), minor)
        case Quotient():
            return Binary("//", index_of(coordinate.operands[0]), SizeValue(coordinate.block))
        case Remainder():
            return Binary("%", index_of(coordinate.operands[0]), SizeValue(coordinate.block))
        case Shift():
            # Floor modulo brings a negative amount back into the domain.
            moved = Binary("+", index_of(coordinate.operands[0]), Number(coordinate.amount))
            return Binary("%", moved, SizeValue(coordinate.domain))
        case Fold():
            places = Binary("-", index_of(coordinate.operand), index_of(coordinate.window))
            return Binary("+", places, SizeValue(coordinate.size, 2))
        case Unfold():
            position = Binary("+", index_of(coordinate.operand), index_of(coordinate.window))
            return Binary("-", position, SizeValue(coordinate.window.domain, 2))
        case Stride():
            return Binary("*", SizeValue(coordinate.factor), index_of(coordinate.operands[0]))
    raise TypeError(f"{coordinate!r} is not a coordinate of a stage")


def guards_of(*coordinates: Coordinate) -> tuple[Guard, ...]:
    """The guards of every UNFOLD at or below `coordinates`, innermost first, each once.

    Inner before outer matters: an outer guard may divide what the inner one keeps non-negative.
    """
    unfolds = (node for node in walk(*coordinates) if isinstance(node, Unfold))
    return tuple(Guard(index_of(node), node.domain) for node in unfolds)
