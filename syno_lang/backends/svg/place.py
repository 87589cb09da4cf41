"""Ordered layers enter; every node has an `x` afterwards, and each layer the `y` of its middle.

Nodes move to the mean of what they are connected with, as far as their neighbours in the layer let
them: for a fixed order that is a weighted isotonic regression, solved exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from syno_lang.backends.svg.drawing import Drawing, Edge, Node
from syno_lang.backends.svg.layers import Layers

ROUNDS: Final = 160
GAP: Final = 14.0
MARGIN: Final = 20.0

#: Bends pull harder than boxes, so that long edges run straight.
PULL: Final = {"bend": 4.0, "label": 2.0}


def place(drawing: Drawing, layers: Layers) -> list[float]:
    """Set `x` of every node from the left margin on; return the middle of each layer, bottom first."""
    below: dict[Node, list[Edge]] = defaultdict(list)
    above: dict[Node, list[Edge]] = defaultdict(list)
    for edge in drawing.edges:
        below[edge.target].append(edge)
        above[edge.source].append(edge)
    for layer in layers:
        _settle(layer, [0.0] * len(layer))
    for number in range(ROUNDS):
        # First from one side only, so that a layer follows the next; then from both at once.
        both = number >= ROUNDS // 8
        upwards = number % 2 == 0
        for layer in layers if upwards else reversed(layers):
            wishes = [
                _wish(
                    node, below[node] if both or upwards else [], above[node] if both or not upwards else []
                )
                for node in layer
            ]
            _settle(layer, wishes)
    _sort_shares(drawing)
    left = min(node.x - node.width / 2 for node in drawing.nodes) - MARGIN
    for node in drawing.nodes:
        node.x -= left
    return _heights(drawing, layers)


def _wish(node: Node, below: Iterable[Edge], above: Iterable[Edge]) -> float:
    """Where the node would stand if it were alone in its layer."""
    places = [at_source(edge) - node.below[edge.end] for edge in below]
    places += [at_target(edge) - node.above[edge.start] for edge in above]
    return sum(places) / len(places) if places else node.x


def at_source(edge: Edge) -> float:
    """Where the edge begins."""
    return edge.source.x + edge.source.above[edge.start]


def at_target(edge: Edge) -> float:
    """Where the edge ends."""
    return edge.target.x + edge.target.below[edge.end]


def _settle(layer: Sequence[Node], wishes: Sequence[float]) -> None:
    """Place the nodes of a layer, in order and apart, as near to `wishes` as that allows.

    Pool adjacent violators: nodes that would overlap move as one block to their common mean.
    """
    blocks: list[tuple[float, float, list[Node]]] = []
    offsets: dict[Node, float] = {}
    at = 0.0
    for node, wish in zip(layer, wishes, strict=True):
        offsets[node] = at + node.width / 2
        at += node.width + GAP
        weight = PULL.get(node.kind, 1.0)
        block = (wish - offsets[node], weight, [node])
        while blocks and blocks[-1][0] > block[0]:
            mean, pull, nodes = blocks.pop()
            total = pull + block[1]
            block = ((mean * pull + block[0] * block[1]) / total, total, nodes + block[2])
        blocks.append(block)
    for mean, _, nodes in blocks:
        for node in nodes:
            node.x = mean + offsets[node]


def _sort_shares(drawing: Drawing) -> None:
    """Give the edges that leave a SHARE its ports from left to right, so that they do not cross."""
    for node in drawing.nodes:
        if node.cells == ("Share",):
            leaving = sorted((edge for edge in drawing.edges if edge.source is node), key=at_target)
            for port, edge in enumerate(leaving):
                edge.start = port


def _heights(drawing: Drawing, layers: Layers) -> list[float]:
    """The middle of each layer; the flatter the edges between two layers, the farther apart these are."""
    middles, y = [], MARGIN
    for number, layer in reversed([*enumerate(layers)]):
        tallest = max(node.height for node in layer) + (18.0 if number in (0, len(layers) - 1) else 0.0)
        middles.append(y + tallest / 2)
        slant = (
            abs(at_source(edge) - at_target(edge)) for edge in drawing.edges if edge.target.layer == number
        )
        y += tallest + min(max(18.0, 0.2 * max(slant, default=0.0)), 60.0)
    return middles[::-1]
