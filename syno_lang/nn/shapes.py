"""The symbolic and the real shape of a tensor enter; what the sizes are leaves, or what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from syno_lang.sizes import Size

#: A symbolic shape and the numbers that it has.
Pair = tuple[Sequence[Size], Sequence[int]]


def solve(pairs: Iterable[Pair], known: Mapping[str, int]) -> tuple[dict[str, int], str]:
    """The sizes that the shapes tell, `known` among them, and what contradicts them (or nothing).

    A size is told where one variable of an axis is missing, and has the power 1.
    """
    values = dict(known)
    axes: list[tuple[Size, int]] = []
    for shape, numbers in pairs:
        if len(shape) != len(numbers):
            return values, f"it has {len(numbers)} axes, not the {len(shape)} of {_text(shape)}"
        axes += zip(shape, numbers, strict=True)
    while True:
        told = [item for item in axes if _missing(item[0], values)]
        solved = False
        for size, number in told:
            (name, *others) = _missing(size, values)
            rest = size / Size.variable(name)
            if others or name in dict(rest.powers):
                continue
            value = Fraction(number) / rest.evaluate(values)
            if value.denominator != 1 or value < 1:
                return values, f"an axis is {number}, so `{name}` of `{size}` would be {value}"
            values[name] = int(value)
            solved = True
            break
        if not solved:
            return values, _contradiction(axes, values)


def _missing(size: Size, values: Mapping[str, int]) -> list[str]:
    return [name for name in size.variables if name not in values]


def _contradiction(axes: Iterable[tuple[Size, int]], values: Mapping[str, int]) -> str:
    for size, number in axes:
        if not _missing(size, values) and size.evaluate(values) != number:
            where = ", ".join(f"{name} = {values[name]}" for name in size.variables)
            return f"an axis is {number}, but `{size}` is {size.evaluate(values)}" + (
                f" with {where}" if where else ""
            )
    return ""


def _text(shape: Iterable[Size]) -> str:
    return f"[{', '.join(map(str, shape))}]"
