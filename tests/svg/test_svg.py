"""The picture: what is in it, and that nothing in it hides anything else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator as Iterate
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

import syno_lang
from syno_lang.backends.svg.drawing import Node, draw
from syno_lang.backends.svg.emit import emit
from syno_lang.backends.svg.layers import layered
from syno_lang.backends.svg.place import GAP, place
from syno_lang.ir.definition import Definition
from syno_lang.resources import folder
from tests.svg.graphs import every_primitive, operator_1

SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]

STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))


def first(path: Path) -> Definition:
    return next(iter(syno_lang.load_all(path).values())).definition


DEFINITIONS = [
    operator_1,
    every_primitive,
    *(pytest.param(partial(first, path), id=path.stem) for path in STDLIB),
]


def texts(svg: str) -> Counter[str]:
    return Counter(item.text for item in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def test_every_part_of_operator_1_is_drawn() -> None:
    found = texts(emit(operator_1()))
    assert found["Share"] == 5  # a, p, q, r and split(a, c)
    assert (found["Unfold"], found["Split"]) == (2, 1)
    for text in ("x", "weight u", "weight v", "out", "n: N", "co: C_out", "sum a: g", "sum r: C_out/(g*s)"):
        assert found[text] == 1, text
    assert found["C_in"] == 3  # an axis of x, an axis of v, and the edge out of the split


def test_every_primitive_is_drawn() -> None:
    found = texts(emit(every_primitive()))
    for text in ("Split", "Merge", "Shift -1", "Unfold", "Stride s", "Expand", "mean r: k", "block: C_out/g"):
        assert found[text] == 1, text
    assert found["Share"] == 2  # r and the quotient


def test_names_are_escaped() -> None:
    svg = emit(replace(operator_1(), name="</svg><script>&'\""))
    assert "<script" not in svg
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == "</svg><script>&'\""


def test_same_text_every_time() -> None:
    assert emit(operator_1()) == emit(operator_1())


@pytest.mark.parametrize("make", DEFINITIONS)
def test_nothing_overlaps(make: Callable[[], Definition]) -> None:
    drawing = draw(make())
    layers = layered(drawing)
    middles = place(drawing, layers)
    for layer in layers:
        for left, right in combinations(layer, 2):
            assert abs(left.x - right.x) >= (left.width + right.width) / 2 + GAP - 1e-6
    tall = [max(node.height for node in layer) for layer in layers]
    for number in range(len(layers) - 1):
        assert middles[number] - middles[number + 1] > (tall[number] + tall[number + 1]) / 2


@pytest.mark.parametrize("make", DEFINITIONS)
def test_lines_join_ports_and_pass_beside_boxes(make: Callable[[], Definition]) -> None:
    definition = make()
    drawing = draw(definition)
    middles = place(drawing, layered(drawing))
    svg = ElementTree.fromstring(emit(definition))
    paths = [[*points(item.attrib["d"])] for item in svg.iter(f"{SVG}path")]
    assert len(paths) == len(drawing.routes)
    solid = [node for node in drawing.nodes if node.kind != "bend"]
    for path, route in zip(paths, drawing.routes, strict=True):
        source, target = route[0].source, route[-1].target
        assert path[0][0] == pytest.approx(source.x + source.above[route[0].start], abs=0.1)
        assert path[-1][0] == pytest.approx(target.x + target.below[route[-1].end], abs=0.1)
        for node in solid:
            if node not in (source, target):
                assert not any(inside(point, node, middles[node.layer]) for point in path), (
                    node.cells,
                    route,
                )


def inside(point: Point, node: Node, middle: float) -> bool:
    return abs(point[0] - node.x) < node.width / 2 and abs(point[1] - middle) < node.height / 2


def points(path: str) -> Iterate[Point]:
    """Points along a path of M, L and C commands, close together on the curves."""
    here = (0.0, 0.0)
    for command, rest in re.findall(r"([MLC])([^MLC]*)", path):
        given = [(float(x), float(y)) for x, y in (pair.split(",") for pair in rest.split())]
        if command == "C":
            for step in range(1, 41):
                yield bezier(here, *given, t=step / 40)
        else:
            yield from given
        here = given[-1]


def bezier(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x, y = (sum(w * point[axis] for w, point in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1))
    return x, y
