"""Coordinates enter; the fewest points from which all of them can be computed leave.

An intermediate that no longer depends on some summed reductions must be indexed by a *cut* of the
coordinate graph: coordinates, none above a summed reduction, such that every index coordinate
follows from them and the reductions.  The number of elements is the product of the domains of the
cut, so the smallest intermediate is a minimum vertex cut with the logarithms of the domains as
capacities.  Minimum cuts are submodular: taking the smallest one now never makes a later stage larger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf, log
from typing import Final

from syno_lang.ir.coordinates import Coordinate, walk

#: Logarithms that differ by less than this count as equal.
TOLERANCE: Final = 1e-9

#: The length of a coordinate's domain, at least 1.
Extent = Callable[[Coordinate], int | Fraction]

# A coordinate is two vertices, entered from above (False) and left below (True), with its capacity between.
Vertex = tuple[Coordinate | None, bool]
SOURCE: Final[Vertex] = (None, False)
SINK: Final[Vertex] = (None, True)
Network = dict[Vertex, dict[Vertex, float]]


def smallest_cut(
    tops: Sequence[Coordinate], summed: frozenset[Coordinate], extent: Extent
) -> tuple[Coordinate, ...]:
    """The cut below `tops` with the smallest product of `extent`s that does not depend on `summed`.

    Among equals the highest: a coordinate stays whole unless taking it apart saves elements.  The
    order of the result is that of the `tops`.
    """
    nodes = tuple(walk(*tops))
    network = _network(tops, nodes, summed, extent)
    while path := _open_path(network):
        flow = min(network[start][end] for start, end in path)
        for start, end in path:
            network[start][end] -= flow
            network[end][start] = network[end].get(start, 0.0) + flow
    above = _reachable(network)
    cut = {node for node in nodes if (node, False) in above and (node, True) not in above}
    return tuple(node for node in _downward(tops, cut) if node in cut)


def _downward(tops: Sequence[Coordinate], cut: set[Coordinate]) -> dict[Coordinate, None]:
    """Every coordinate from `tops` down to `cut`, left to right, users before their operands."""
    seen: dict[Coordinate, None] = {}
    stack = [*reversed(tops)]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen[node] = None
            stack.extend(() if node in cut else reversed(node.operands))
    return seen


def _network(
    tops: Sequence[Coordinate],
    nodes: tuple[Coordinate, ...],
    summed: frozenset[Coordinate],
    extent: Extent,
) -> Network:
    network: Network = {SOURCE: {(top, False): inf for top in tops}, SINK: {}}
    for node in nodes:
        network[(node, False)] = {(node, True): inf if node.leaves & summed else log(extent(node))}
        below: dict[Vertex, float] = {(operand, False): inf for operand in node.operands}
        if not node.operands and node not in summed:
            below[SINK] = inf
        network[(node, True)] = below
    return network


def _reachable(network: Network) -> dict[Vertex, Vertex]:
    """Every vertex with capacity left on a way from the source, with the vertex before it."""
    before = {SOURCE: SOURCE}
    queue = deque([SOURCE])
    while queue:
        vertex = queue.popleft()
        for following, capacity in network[vertex].items():
            if capacity > TOLERANCE and following not in before:
                before[following] = vertex
                queue.append(following)
    return before


def _open_path(network: Network) -> list[tuple[Vertex, Vertex]]:
    """The edges of a shortest path with capacity left, or none."""
    before = _reachable(network)
    path: list[tuple[Vertex, Vertex]] = []
    vertex = SINK
    while vertex in before and vertex != SOURCE:
        path.append((before[vertex], vertex))
        vertex = before[vertex]
    return path
