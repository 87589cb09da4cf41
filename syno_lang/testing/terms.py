"""Hypothesis draws choices; sizes that are whole at given values, and coordinates over them, leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.sizes import ONE, Size

#: The size variables of drawn sizes and coordinates, with their values: many divide others.
VALUES: Final[Mapping[str, int]] = MappingProxyType({"A": 2, "B": 3, "N": 12})

#: How many values a drawn coordinate, and each part of it, ranges over at most.
_MAX_DOMAIN: Final = 500

Draw = Callable[..., Any]


@st.composite
def sizes(draw: Draw, values: Mapping[str, int] = VALUES) -> Size:
    """A size over the variables of `values` that is a positive whole number there.

    Shrinks to 1.
    """
    factors = [ONE, *(Size.variable(name) for name in values), Size.constant(2), Size.constant(3)]
    size = ONE
    for _ in range(draw(st.integers(0, 3))):
        factor = draw(st.sampled_from(factors))
        other = size / factor if draw(st.booleans()) else size * factor
        if other.evaluate(values).denominator == 1:
            size = other
    return size


@st.composite
def coordinates(
    draw: Draw, values: Mapping[str, int] = VALUES, leaves: int = 2, windows: bool = True
) -> Coordinate:
    """A coordinate made of any primitives over `leaves` output iterators, whose sizes are whole at `values`.

    Without `windows` there is no `unfold` in it, so it has a value everywhere.  Shrinks to a leaf.
    """
    pool: list[Coordinate] = [Iterator(place, draw(sizes(values))) for place in range(leaves)]
    for _ in range(draw(st.integers(0, 6))):
        made = _primitive(draw, pool, values, windows)
        if made.domain.evaluate(values) <= _MAX_DOMAIN:
            pool.append(made)
    return pool[-1]


def _primitive(draw: Draw, pool: list[Coordinate], values: Mapping[str, int], windows: bool) -> Coordinate:
    node, other = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
    kinds = [Shift, Split, Quotient, Remainder, Stride, *([Unfold] if windows else [])]
    kind = draw(st.sampled_from(kinds))
    if kind is Shift:
        return Shift(node, draw(st.integers(-3, 3)))
    if kind is Stride:
        return Stride(node, draw(sizes(values)))
    if kind in (Split, Unfold):
        made: Coordinate = kind(node, other)
        return made
    blocks = [ONE, *(Size.variable(name) for name in values), Size.constant(2), node.domain]
    whole = [size for size in blocks if (node.domain / size).evaluate(values).denominator == 1]
    half: Coordinate = kind(node, draw(st.sampled_from(whole)))
    return half
