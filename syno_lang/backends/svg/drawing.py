"""A definition enters; the nodes and edges of its picture leave, not yet placed.

Bottom-up as the pGraph is read: the output and the reductions, then the primitives, then the
tensors.  A coordinate with several uses passes through a SHARE, and each computed coordinate through
a label that names it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Stride
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import Namer

CHARACTER: Final = 7.25
HEIGHT: Final = 24.0


@dataclass(eq=False)
class Node:
    """Something drawn: its text in one or more cells, and its ports below and above.

    `kind` is `output`, `reduce`, `primitive`, `label`, `bend`, `input` or `weight`.  Places are in
    pixels: `x` is the centre, a port is an offset from it.
    """

    kind: str
    cells: tuple[str, ...]
    title: str = ""
    below: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)
    layer: int = 0
    x: float = 0.0
    marked: bool = False

    @property
    def widths(self) -> list[float]:
        """The width of each cell."""
        if self.kind == "bend":
            return [6.0]
        margin = 6.0 if self.kind == "label" else 16.0
        return [max(len(text) * CHARACTER + margin, 26.0) for text in self.cells]

    @property
    def width(self) -> float:
        """The width of the whole node."""
        return sum(self.widths)

    @property
    def height(self) -> float:
        """The height, the title not counted."""
        return {"bend": 0.0, "label": 15.0}.get(self.kind, HEIGHT)

    @property
    def centres(self) -> list[float]:
        """The middle of each cell as an offset from the middle of the node."""
        edges, at = [], -self.width / 2
        for width in self.widths:
            edges.append(at + width / 2)
            at += width
        return edges


@dataclass(eq=False)
class Edge:
    """From port `start` above one node to port `end` below another."""

    source: Node
    start: int
    target: Node
    end: int


@dataclass
class Drawing:
    """The nodes, operands before their users, and the edges between them.

    `routes` joins the edges from layer to layer that one edge was split into.
    """

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    routes: list[list[Edge]] = field(default_factory=list)


def draw(definition: Definition, marked: Collection[Coordinate] = ()) -> Drawing:
    """The picture of `definition` as nodes and edges; what makes a `marked` coordinate is marked."""
    return _Drawer(definition, marked).drawing


class _Drawer:
    def __init__(self, definition: Definition, marked: Collection[Coordinate]) -> None:
        self.graph = definition.graph
        self.names = Namer(definition).names
        self.drawing = Drawing()
        self.uses: dict[Coordinate, list[tuple[Node, int]]] = {}
        self.makers: dict[Coordinate, tuple[Node, int]] = {}
        self._leaves()
        self._primitives()
        self._tops(definition)
        for coordinate, (maker, port) in self.makers.items():
            if coordinate in marked and maker.kind != "output":
                maker.marked = True
            self._connect(coordinate, maker, port)

    def _add(self, node: Node, operands: tuple[Coordinate, ...] = ()) -> Node:
        self.drawing.nodes.append(node)
        for port, operand in enumerate(operands):
            self.uses.setdefault(operand, []).append((node, port))
        return node

    def _leaves(self) -> None:
        cells = tuple(self._label(item) for item in self.graph.iterators)
        output = self._add(Node("output", cells or ("1",), "out"))
        output.above = output.centres
        self.makers.update((item, (output, port)) for port, item in enumerate(self.graph.iterators))
        for item in self.graph.reductions:
            text = f"{item.reducer} {self._label(item)}"
            self.makers[item] = (self._add(Node("reduce", (text,), above=[0.0])), 0)

    def _primitives(self) -> None:
        merges: dict[tuple[Coordinate, object], Node] = {}
        for item in self.graph.coordinates:
            if isinstance(item, (Quotient, Remainder)):
                key = (item.operands[0], item.block)
                if key not in merges:
                    merges[key] = self._add(_primitive("Merge", 1, 2), item.operands)
                self.makers[item] = (merges[key], int(isinstance(item, Remainder)))
            elif item.operands:
                node = _primitive(_caption(item), len(item.operands), 1)
                self.makers[item] = (self._add(node, item.operands), 0)

    def _tops(self, definition: Definition) -> None:
        for item in self.graph.expanded:
            self._add(_primitive("Expand", 1, 0), (item,))
        for read in self.graph.reads:
            tensor = definition.tensors[read.tensor]
            node = Node(tensor.role, tuple(str(size) for size in tensor.shape) or ("1",), tensor.name)
            node.below = node.centres
            self._add(node, read.index)

    def _connect(self, coordinate: Coordinate, node: Node, port: int) -> None:
        """Lead a coordinate from where it is made to all its uses."""
        uses = self.uses.get(coordinate, [])
        if coordinate.operands:
            node, port = self._through(
                Node("label", (self._label(coordinate),), "", [0.0], [0.0]), node, port
            )
        if len(uses) > 1:
            node, _ = self._through(_primitive("Share", 1, len(uses)), node, port)
            self.drawing.edges += [Edge(node, port, *use) for port, use in enumerate(uses)]
        else:
            self.drawing.edges += [Edge(node, port, *use) for use in uses]

    def _through(self, node: Node, source: Node, start: int) -> tuple[Node, int]:
        self.drawing.nodes.append(node)
        self.drawing.edges.append(Edge(source, start, node, 0))
        return node, 0

    def _label(self, coordinate: Coordinate) -> str:
        name = self.names.get(coordinate)
        return f"{name}: {coordinate.domain}" if name else str(coordinate.domain)


def _caption(item: Coordinate) -> str:
    match item:
        case Shift():
            return f"Shift {item.amount:+d}"
        case Stride():
            return f"Stride {item.factor}"
    return type(item).__name__


def _primitive(text: str, below: int, above: int) -> Node:
    node = Node("primitive", (text,))
    node.below, node.above = (
        [node.width * ((port + 0.5) / count - 0.5) for port in range(count)] for count in (below, above)
    )
    return node
