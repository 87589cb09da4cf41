"""A stage enters; its loop nest as readable lines leaves, for a comment."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from syno_lang.backends.torch.names import Code, identifier, size_text
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.affine import Binary, Guard, Index, Loop, Number, SizeValue, guards_of, index_of
from syno_lang.lower.stages import Apply, BufferRead, Expression, Extent, Inside, Stage
from syno_lang.sizes import Size

Names = Mapping[str, str]

#: How strongly an operator binds, and how the language writes it.
_SIGNS: Final = {"+": (1, " + "), "-": (1, " - "), "*": (2, "*"), "//": (2, "/"), "%": (2, "%")}


def stage_lines(stage: Stage, sizes: Names, buffers: Names, width: int) -> list[Code]:
    """`out[i] = sum[r: R] x[i, r] * w[r]` over the given names; a line per factor where one is too long."""
    head = f"{buffers[stage.buffer]}[{', '.join(identifier(axis.name) for axis in stage.axes)}] ="
    for reducer, loops in groupby(stage.reductions, key=lambda axis: axis.reducer):
        bound = (f"{identifier(axis.name)}: {_size(axis.domain, sizes)}" for axis in loops)
        head += f" {reducer}[{', '.join(bound)}]"
    factors = [_factor(item, sizes, buffers) for item in stage.factors] or ["1"]
    whole = f"{head} {' * '.join(factors)}"
    if len(whole) <= width:
        return [Code(whole)]
    return [Code(head), Code(f"    {factors[0]}"), *(Code(f"  * {factor}") for factor in factors[1:])]


def axes_text(axes: tuple[Coordinate, ...], names: Names) -> Code:
    """What the dimensions of a tensor run over: `n, c, h + p - k/2`."""
    return Code(", ".join(_index(index_of(axis), names) for axis in axes))


def _factor(factor: Expression, sizes: Names, buffers: Names) -> str:
    match factor:
        case BufferRead(buffer, index):
            return f"{buffers[buffer]}[{axes_text(index, sizes)}]"
        case Inside(coordinate):
            return " * ".join(f"({_guard(guard, sizes)})" for guard in guards_of(coordinate)) or "1"
        case Extent(size):
            return _size(size, sizes, 2)
        case Apply():
            return f"({' * '.join(_factor(item, sizes, buffers) for item in factor.arguments) or '1'})"
    raise TypeError(f"{factor!r} is not an expression of a stage")


def _guard(guard: Guard, sizes: Names) -> str:
    return f"0 <= {_index(guard.index, sizes)} < {_size(guard.size, sizes)}"


def _index(index: Index, names: Names, binding: int = 0) -> str:
    """An index with as few parentheses as an operand of an operator of strength `binding` needs."""
    match index:
        case Loop(name):
            return identifier(name)
        case Number(value):
            return str(value)
        case SizeValue(size, divisor):
            return _size(size, names, 2 if divisor == 1 else 3) + (f"/{divisor}" if divisor > 1 else "")
        case Binary(operator, left, right):
            if operator == "+" and isinstance(right, Number) and right.value < 0:
                return _index(Binary("-", left, Number(-right.value)), names, binding)
            strength, sign = _SIGNS[operator]
            text = f"{_index(left, names, strength)}{sign}{_index(right, names, strength + 1)}"
            return f"({text})" if strength < binding else text
    raise TypeError(f"{index!r} is not an index")


def _size(size: Size, names: Names, binding: int = 0) -> str:
    text = str(size_text(size, names))
    return f"({text})" if binding > 1 and not text.isalnum() and not text.isidentifier() else text
