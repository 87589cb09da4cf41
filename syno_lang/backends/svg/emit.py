"""A definition enters, the picture of its pGraph as SVG text leaves.

Bottom-up as in the paper: output and reductions at the bottom, tensors at the top.  The ground is
transparent and the lines are grey, so it reads on white and on black.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from itertools import pairwise, starmap
from pathlib import Path
from typing import Final, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from syno_lang.backends.svg.drawing import HEIGHT, Drawing, Node, draw
from syno_lang.backends.svg.layers import Layers, layered
from syno_lang.backends.svg.place import MARGIN, at_source, at_target, place
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import equation

FILLS: Final = {
    "output": "#d3ead0",
    "reduce": "#e6daf3",
    "primitive": "#e9ecef",
    "input": "#cfe2f5",
    "weight": "#f8e1c1",
}

#: How far a line may move sideways between the middle and the edge of a layer, less than the gap there.
CLEARANCE: Final = 9.0


class Box(TypedDict):
    """A rectangle with centred text."""

    x: float
    y: float
    width: float
    height: float
    text: str
    fill: str
    radius: float
    marked: bool


class Text(TypedDict):
    """A text, centred at `x` on the line `y`."""

    x: float
    y: float
    text: str


def emit(definition: Definition, marked: Collection[Coordinate] = ()) -> str:
    """The SVG of `definition`, the same text for the same definition.

    The primitives that make the coordinates in `marked` have a thick line.
    """
    drawing = draw(definition, marked)
    layers = layered(drawing)
    middles = place(drawing, layers)
    nodes = [node for layer in layers for node in layer]
    return _template().render(
        name=definition.name,
        description=equation(definition),
        width=_width(drawing),
        height=middles[0] + HEIGHT + MARGIN,
        edges=[*_edges(drawing, layers, middles)],
        boxes=[box for node in nodes if node.kind in FILLS for box in _boxes(node, middles)],
        labels=[
            Text(x=node.x, y=middles[node.layer] + 4, text=node.cells[0])
            for node in nodes
            if node.kind == "label"
        ],
        titles=[*_titles(nodes, middles)],
    )


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["px"] = _pixels
    return environment.get_template("pgraph.svg.j2")


def _pixels(value: float) -> str:
    """A length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def _width(drawing: Drawing) -> float:
    return max(node.x + node.width / 2 for node in drawing.nodes) + MARGIN


def _boxes(node: Node, middles: list[float]) -> Iterator[Box]:
    for text, width, centre in zip(node.cells, node.widths, node.centres, strict=True):
        yield Box(
            x=node.x + centre - width / 2,
            y=middles[node.layer] - HEIGHT / 2,
            width=width,
            height=HEIGHT,
            text=text,
            fill=FILLS[node.kind],
            radius={"reduce": HEIGHT / 2, "primitive": 5.0}.get(node.kind, 0.0),
            marked=node.marked,
        )


def _titles(nodes: list[Node], middles: list[float]) -> Iterator[Text]:
    """The names of the tensors, above them, and of the output, beneath it."""
    for node in nodes:
        if node.title:
            y = middles[node.layer] + (HEIGHT / 2 + 14 if node.kind == "output" else -HEIGHT / 2 - 6)
            text = f"weight {node.title}" if node.kind == "weight" else node.title
            yield Text(x=node.x, y=y, text=text)


def _edges(drawing: Drawing, layers: Layers, middles: list[float]) -> Iterator[str]:
    """Each route as a path: upright at its ends, straight through a layer, curved between two."""
    for route in drawing.routes:
        first, last = route[0].source, route[-1].target
        start = (at_source(route[0]), middles[first.layer] - _half(layers[first.layer]))
        end = (at_target(route[-1]), middles[last.layer] + _half(layers[last.layer]))
        bends = [(edge.target.x, middles[edge.target.layer]) for edge in route[:-1]]
        places = [(*start, 0.0)]
        for before, bend, after, edge in zip([start, *bends], bends, [*bends[1:], end], route, strict=False):
            half = _half(layers[edge.target.layer])
            slant = _slant(before, bend, after, CLEARANCE / max(half, 1.0))
            places += [(bend[0] + slant * y, bend[1] + y, slant) for y in (half, -half)]
        curves = " ".join(starmap(_curve, pairwise([*places, (*end, 0.0)])))
        below, above = middles[first.layer] - first.height / 2, middles[last.layer] + last.height / 2
        yield f"M{_point(start[0], below)} L{_point(*start)} {curves} L{_point(end[0], above)}"


Point = tuple[float, float]
Place = tuple[float, float, float]


def _slant(before: Point, bend: Point, after: Point, steepest: float) -> float:
    """How slanted a route passes a bend: none where it turns back, else between its two sides."""
    one, other = ((b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise((before, bend, after)))
    if one * other <= 0:
        return 0.0
    # The harmonic mean leans towards the steeper side, and so does not overshoot.
    slant = 2 * one * other / (one + other)
    return max(-steepest, min(steepest, slant))


def _curve(start: Place, end: Place) -> str:
    """A cubic curve between two points, each with its slant: pixels sideways per pixel of height."""
    (x, y, leaving), (to, up, arriving) = start, end
    # Half way is a gentle S between upright ends; a third of the way keeps a straight line straight.
    reach = (up - y) / (3 if leaving or arriving else 2)
    controls = [(x + leaving * reach, y + reach), (to - arriving * reach, up - reach), (to, up)]
    return f"C{' '.join(_point(*control) for control in controls)}"


def _point(x: float, y: float) -> str:
    return f"{_pixels(x)},{_pixels(y)}"


def _half(layer: list[Node]) -> float:
    return max(node.height for node in layer) / 2
