"""A drawing enters; its layers leave, bottom first, each ordered so that few edges cross.

Layers are longest paths from the bottom, orders come from barycentre sweeps with swaps of neighbours
(Sugiyama, Tagawa and Toda 1981).  Edges over several layers get a bend in each that they pass.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice, pairwise, permutations
from typing import Final

from syno_lang.backends.svg.drawing import Drawing, Edge, Node

Layers = list[list[Node]]

SWEEPS: Final = 12

#: How many orders of the tensors at the top are tried as a start.
STARTS: Final = 24


def layered(drawing: Drawing) -> Layers:
    """Give every node its layer and split the long edges of `drawing`; return the ordered layers."""
    _assign(drawing)
    _bend(drawing)
    layers: Layers = [[] for _ in range(max(node.layer for node in drawing.nodes) + 1)]
    for node in drawing.nodes:
        layers[node.layer].append(node)
    below, above = _neighbours(drawing)
    best, fewest = layers, None
    for top in islice(permutations(layers[-1]), STARTS):
        found = [*([*layer] for layer in layers[:-1]), list(top)]
        for _ in range(SWEEPS):
            _sweep(found, below, above)
            crossings = _crossings(found, below)
            if fewest is None or crossings < fewest:
                best, fewest = [[*layer] for layer in found], crossings
    return best


def _assign(drawing: Drawing) -> None:
    """Longest paths from the bottom; the tensors stand together at the top."""
    incoming: dict[Node, list[Node]] = defaultdict(list)
    for edge in drawing.edges:
        incoming[edge.target].append(edge.source)
    done: set[Node] = set()

    def layer(node: Node) -> int:
        if node not in done:
            node.layer = max((layer(source) + 1 for source in incoming[node]), default=0)
            done.add(node)
        return node.layer

    highest = max(layer(node) for node in drawing.nodes)
    tensors = [node for node in drawing.nodes if node.kind in ("input", "weight")]
    others = (node.layer for node in drawing.nodes if node not in tensors)
    top = max(highest, 1 + max(others))
    for node in tensors:
        node.layer = top


def _bend(drawing: Drawing) -> None:
    """Replace each edge over several layers by a route of edges from layer to layer."""
    for edge in drawing.edges:
        route: list[Edge] = []
        source, start = edge.source, edge.start
        for layer in range(source.layer + 1, edge.target.layer):
            bend = Node("bend", ("",), "", [0.0], [0.0], layer)
            drawing.nodes.append(bend)
            route.append(Edge(source, start, bend, 0))
            source, start = bend, 0
        route.append(Edge(source, start, edge.target, edge.end))
        drawing.routes.append(route)
    drawing.edges = [edge for route in drawing.routes for edge in route]


Links = dict[Node, list[tuple[int, Node, int]]]


def _neighbours(drawing: Drawing) -> tuple[Links, Links]:
    """For each node the edges below and above it: own port, other node, its port."""
    below: Links = defaultdict(list)
    above: Links = defaultdict(list)
    for edge in drawing.edges:
        below[edge.target].append((edge.end, edge.source, edge.start))
        above[edge.source].append((edge.start, edge.target, edge.end))
    return below, above


def _sweep(layers: Layers, below: Links, above: Links) -> None:
    """Order each layer by its neighbours: once downwards, once upwards; then swap neighbours."""
    for lower, upper in reversed([*pairwise(layers)]):
        _order(lower, upper, above)
    for lower, upper in pairwise(layers):
        _order(upper, lower, below)
    for number, layer in enumerate(layers):
        under = [(layers[number - 1], below)] if number else []
        over = [(layers[number + 1], above)] if number + 1 < len(layers) else []
        _swap(layer, under + over)


def _order(layer: list[Node], fixed: list[Node], links: Links) -> None:
    """Sort `layer` by the mean place of its neighbours in `fixed`; a node without any stays."""
    rank = _ranks(fixed)
    old = {node: number / max(len(layer), 1) * len(fixed) for number, node in enumerate(layer)}

    def place(node: Node) -> float:
        places = [rank[other] + _offset(other, port, links) for _, other, port in links[node]]
        return sum(places) / len(places) if places else old[node]

    layer.sort(key=place)


def _ranks(layer: list[Node]) -> dict[Node, int]:
    return {node: number for number, node in enumerate(layer)}


def _offset(node: Node, port: int, links: Links) -> float:
    """Where a port lies in its node, between 0 and 1.  The ports of a SHARE have no order yet."""
    if node.cells == ("Share",):
        return 0.5
    ports = max(len(node.below), len(node.above), 1)
    return (port + 0.5) / ports


def _swap(layer: list[Node], sides: list[tuple[list[Node], Links]]) -> None:
    """Swap neighbours where that takes crossings away, counted over both sides together."""
    ends = [
        {
            node: [rank[other] + _offset(other, port, links) for _, other, port in links[node]]
            for node in layer
        }
        for rank, links in ((_ranks(fixed), links) for fixed, links in sides)
    ]
    for number in range(len(layer) - 1):
        left, right = layer[number], layer[number + 1]
        pairs = [(a, b) for side in ends for a in side[left] for b in side[right]]
        if sum(a < b for a, b in pairs) < sum(a > b for a, b in pairs):
            layer[number], layer[number + 1] = right, left


def _crossings(layers: Layers, below: Links) -> int:
    """How many pairs of edges cross."""
    total = 0
    for lower, upper in pairwise(layers):
        rank = _ranks(lower)
        ends = [
            (number + _offset(node, own, below), rank[other] + _offset(other, port, below))
            for number, node in enumerate(upper)
            for own, other, port in below[node]
        ]
        total += sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for i, a in enumerate(ends) for b in ends[:i])
    return total
