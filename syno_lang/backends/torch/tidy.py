"""The statements of a stage enter; the same without shapes that are made only to be made again leave.

A reshape of a reshape is the last one, and one to the shape that a tensor has is none.  A roll or a sum
after a CARRY becomes part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syno_lang.backends.torch.lines import Labels, Statement
from syno_lang.backends.torch.operations import (
    Carry,
    CarrySum,
    Flatten,
    Operation,
    Reshape,
    Roll,
    Sum,
    Unflatten,
)

_SHAPES = (Flatten, Reshape, Unflatten)


def tidied(statements: Sequence[Statement], sources: Mapping[str, Labels]) -> tuple[Statement, ...]:
    """`sources` says what the dimensions of the variables run over with which `statements` begin."""
    lines = list(_carried(statements))
    place = 0
    while place < len(lines):
        if not isinstance(lines[place].operation, _SHAPES):
            place += 1
        elif (before := _reshaped(lines, place)) is not None:
            shape = tuple(axis.domain for axis in lines[place].axes)
            operands = lines[before].operands
            lines[place] = replace(lines[place], operation=Reshape(shape), operands=operands)
            del lines[before]
            place -= 1
        elif _is_idle(lines, place, sources):
            _drop(lines, place)
        else:
            place += 1
    return tuple(lines)


def _carried(statements: Sequence[Statement]) -> Sequence[Statement]:
    """A roll along the major digit after a CARRY is part of it, and so is a sum over the minor one."""
    lines: list[Statement] = []
    for line in statements:
        carry = lines[-1].operation if lines and lines[-1].target in line.operands else None
        match carry, line.operation:
            case Carry(major, minor, amount, whole), Roll(dim, more) if dim == major:
                operation: Operation = Carry(major, minor, amount, whole + more)
            case Carry(major, minor, amount, whole), Sum(dims) if dims == (minor,):
                operation = CarrySum(major, minor, amount, whole)
            case _:
                lines.append(line)
                continue
        # The carried value is a view that nothing else reads.
        before = lines.pop()
        lines.append(Statement(line.target, operation, before.operands, line.axes))
    return lines


def _maker(lines: Sequence[Statement], place: int) -> int | None:
    """Which statement made what the one at `place` reads."""
    name = lines[place].operands[0]
    return next((back for back in reversed(range(place)) if lines[back].target == name), None)


def _reshaped(lines: Sequence[Statement], place: int) -> int | None:
    """The reshape whose result the one at `place` alone reads."""
    before = _maker(lines, place)
    if before is None or not isinstance(lines[before].operation, _SHAPES):
        return None
    (source,), target = lines[before].operands, lines[before].target
    changed = any(line.target == source for line in lines[before + 1 : place])
    used = any(target in line.operands for line in lines[before + 1 : place])
    used |= lines[place].target != target and _is_read(lines, place + 1, target)
    return None if changed or used else before


def _is_read(lines: Sequence[Statement], start: int, name: str) -> bool:
    """Whether the value that `name` has before statement `start` is read from there on."""
    for line in lines[start:]:
        if name in line.operands:
            return True
        if line.target == name:
            return False
    return False


def _is_idle(lines: Sequence[Statement], place: int, sources: Mapping[str, Labels]) -> bool:
    before, line = _maker(lines, place), lines[place]
    labels = sources.get(line.operands[0]) if before is None else lines[before].axes
    same = labels is not None and [item.domain for item in labels] == [item.domain for item in line.axes]
    if not same or line.target == line.operands[0]:
        return same
    # Its readers read the operand instead, which must last as long and be no one's result.
    later = [other for other in lines[place + 1 :] if line.target in other.operands]
    rewritten = any(other.target in (line.target, line.operands[0]) for other in lines[place + 1 :])
    return bool(later) and not rewritten


def _drop(lines: list[Statement], place: int) -> None:
    old, (new,) = lines[place].target, lines[place].operands
    del lines[place]
    for number, line in enumerate(lines[place:], start=place):
        names = tuple(new if name == old else name for name in line.operands)
        lines[number] = replace(line, operands=names)
