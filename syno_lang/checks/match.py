"""Two definitions enter; the sizes of the second at which it takes what the first takes leave.

Tensors match by their order, as in equal pGraphs; names do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, product
from math import lcm
from typing import Final, TypeVar

from syno_lang.checks.arrays import extent
from syno_lang.diagnostics import SynoError
from syno_lang.diagnostics.suggest import counted
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.sizes import Size

T = TypeVar("T")

#: How many values of the coefficients are tried for small sizes, and what the largest single nest may be.
_MAX_TRIED: Final = 500
_MAX_POINTS: Final = 20_000


def mismatch(one: Definition, other: Definition) -> str:
    """Why no sizes make `other` take what `one` takes; nothing where some may."""
    roles = [[tensor.role for tensor in definition.tensors] for definition in (one, other)]
    if roles[0] != roles[1]:
        return f"`{one.name}` takes {_said(roles[0])}, `{other.name}` {_said(roles[1])}"
    for first, second in zip(one.tensors, other.tensors, strict=True):
        if len(first.shape) != len(second.shape):
            here, there = (counted(len(item.shape), "axis") for item in (first, second))
            return f"`{first.name}` of `{one.name}` has {here}, `{second.name}` of `{other.name}` {there}"
    if len(one.graph.output) != len(other.graph.output):
        here, there = (counted(len(item.graph.output), "axis") for item in (one, other))
        return f"the output of `{one.name}` has {here}, that of `{other.name}` {there}"
    return ""


def matching_sizes(one: Definition, sizes: Mapping[str, int], other: Definition) -> dict[str, int] | None:
    """The sizes of `other` with the shapes that `one` has at `sizes`; `None` where there are none.

    An axis that is a lone variable tells its value; other variables have that of the same name in `one`,
    or their default.
    """
    wanted = [(size.value(sizes), axis) for size, axis in zip(_axes(one), _axes(other), strict=True)]
    known = [size.name for size in other.sizes]
    values = other.defaults | {name: value for name, value in sizes.items() if name in known} | _told(wanted)
    try:
        result = assign(other, values)
    except SynoError:
        return None
    return result if all(axis.value(result) == value for value, axis in wanted) else None


def sizes_apart(one: Definition, other: Definition) -> dict[str, int] | None:
    """Small sizes of `one` at which no sizes give `other` the same shapes; `None` where none are sure to.

    `other` is told all its sizes by its axes; sizes at which it is not defined do not count.
    """
    for sizes in _candidates(one):
        try:
            own = assign(one, sizes)
            wanted = [(size.value(own), axis) for size, axis in zip(_axes(one), _axes(other), strict=True)]
            told = _told(wanted)
            if len(told) < len(other.sizes):
                return None
            theirs = assign(other, told)
        except SynoError:
            continue
        if any(axis.value(theirs) != value for value, axis in wanted):
            return own
    return None


def _told(wanted: Sequence[tuple[int, Size]]) -> dict[str, int]:
    """The values of the axes that are a lone variable."""
    found: dict[str, int] = {}
    for value, axis in wanted:
        if axis.powers and axis == Size.variable(axis.powers[0][0]):
            found.setdefault(axis.powers[0][0], value)
    return found


def renamed(arrays: Mapping[str, T], one: Definition, other: Definition) -> dict[str, T]:
    """`arrays` by the names that `other` gives the tensors of `one`."""
    return {there.name: arrays[here.name] for here, there in zip(one.tensors, other.tensors, strict=True)}


def small_sizes(one: Definition, other: Definition) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Small sizes at which both take the same, the fewest points first."""
    found: dict[tuple[tuple[str, int], ...], tuple[int, dict[str, int], dict[str, int]]] = {}
    both_ways = chain(_pairs(one, other), ((own, theirs) for theirs, own in _pairs(other, one)))
    for own, theirs in both_ways:
        points = max(*extent(one, own), *extent(other, theirs))
        if points <= _MAX_POINTS:
            found.setdefault((*own.items(), *theirs.items()), (points, own, theirs))
    for _, own, theirs in sorted(found.values(), key=lambda item: item[0]):
        yield own, theirs


def _pairs(one: Definition, other: Definition) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """Small sizes of `one`, and those of `other` that match."""
    for sizes in _candidates(one):
        try:
            own = assign(one, sizes)
        except SynoError:
            continue
        theirs = matching_sizes(one, own, other)
        if theirs is not None:
            yield own, theirs


def _candidates(definition: Definition) -> Iterator[dict[str, int]]:
    """Values for every size: small coefficients, and primaries that they divide."""
    coefficients = [size.name for size in definition.sizes if size.kind == "coefficient"]
    primaries = [size.name for size in definition.sizes if size.kind == "primary"]
    choices = islice(product((2, 3, 1, 4), repeat=len(coefficients)), _MAX_TRIED)
    defaults = [definition.defaults] if len(definition.defaults) == len(coefficients) else []
    for small in (*defaults, *(dict(zip(coefficients, values, strict=True)) for values in choices)):
        factors = {name: _factor(name, definition, small) for name in primaries}
        for base in (1, 2, 3, 4):
            yield {**small, **{name: base * factor for name, factor in factors.items()}}


def _factor(name: str, definition: Definition, small: Mapping[str, int]) -> int:
    """What the primary `name` must be a multiple of so that every size with it above the line is whole."""
    below = [size.lower for size in definition.graph.sizes if name in size.upper.variables]
    known = [size.value(small) for size in below if set(size.variables) <= set(small)]
    return lcm(*known)


def _axes(definition: Definition) -> list[Size]:
    return [*definition.graph.output, *(size for tensor in definition.tensors for size in tensor.shape)]


def _said(roles: Sequence[str]) -> str:
    return " and ".join(counted(roles.count(role), role) for role in ("input", "weight"))
