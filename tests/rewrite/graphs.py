"""Choices enter, operators leave in which rules have much to do: merges of splits of shifts of few leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.sizes import Size

#: Symbolic sizes and their values; many divide others.
VALUES = {"B": 2, "C": 3, "N": 2}
DOMAINS = [
    Size.constant(1),
    Size.constant(4),
    *(Size.variable(name) for name in VALUES),
    Size.make(2, 1, {"B": 1}),
]


def _primitive(draw: Callable[..., Any], pool: list[Coordinate]) -> Coordinate:
    node: Coordinate = draw(st.sampled_from(pool[-3:]))
    other: Coordinate = draw(st.sampled_from(pool))
    kind = draw(
        st.sampled_from([Split, Split, Quotient, Remainder, Quotient, Remainder, Shift, Unfold, Stride])
    )
    if kind is Shift:
        return Shift(node, draw(st.integers(-3, 3)))
    if kind is Stride:
        return Stride(node, draw(st.sampled_from([Size.constant(1), Size.variable("B")])))
    if kind in (Split, Unfold):
        return kind(node, other)
    parts = [
        Size.constant(1),
        Size.constant(2),
        *(Size.variable(name) for name in node.domain.upper.variables),
    ]
    products = {one * two for one in parts for two in parts} | {node.domain}
    legal = [size for size in products if (node.domain / size).lower.is_one]
    return kind(node, draw(st.sampled_from(sorted(legal, key=str))))


@st.composite
def graphs(draw: Callable[..., Any]) -> tuple[PGraph, dict[str, int]]:
    """One or two tensors, each read once or more, over two output axes and up to three sums."""
    output = [draw(st.sampled_from(DOMAINS)) for _ in range(2)]
    leaves: list[Coordinate] = [Iterator(place, size) for place, size in enumerate(output)]
    reducers = st.sampled_from(["sum", "sum", "mean"])
    leaves += [
        Reduce(n, draw(st.sampled_from(DOMAINS)), draw(reducers)) for n in range(draw(st.integers(0, 3)))
    ]
    pool = list(leaves)
    for _ in range(draw(st.integers(1, 9))):
        made = _primitive(draw, pool)
        if made.domain.evaluate(VALUES) <= 200:
            pool.append(made)
    tops = [draw(st.sampled_from(pool[-5:])) for _ in range(draw(st.integers(1, 3)))]
    half = draw(st.integers(0, len(tops)))
    groups = [group for group in (tops[:half], tops[half:]) if group]
    tensors = [
        Tensor("weight" if n else "input", tuple(item.domain for item in group))
        for n, group in enumerate(groups)
    ]
    reads = [Read(n, tuple(group)) for n, group in enumerate(groups)]
    used = {leaf for top in tops for leaf in top.leaves}
    extra = [leaf for leaf in leaves if leaf not in used]
    extra += draw(st.lists(st.sampled_from(pool), max_size=1))
    graph = PGraph.make(output, tensors, reads, extra)
    return graph, {name: VALUES[name] for name in graph.variables}
