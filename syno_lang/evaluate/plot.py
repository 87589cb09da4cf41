"""What was measured enters; a picture of the times as SVG text leaves.

A bar per candidate: its length is the median, the line across its end the middle half of the rounds.  The
ground is transparent and the lines are grey, so it reads on white and on black.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Tree

from syno_lang.evaluate.bench import Measured
from syno_lang.evaluate.measure import Times

ROW: Final = 24
LABEL: Final = 150
LENGTH: Final = 420
VALUE: Final = 90
FILLS: Final = ("#2a78b5", "#8fb8d6")
GREY: Final = "#808080"


def plot(measured: Sequence[Measured], title: str) -> str:
    """Bars for the forward passes, and below them bars for the training steps where there are any."""
    groups = [("forward", [(one.name, one.forward) for one in measured])]
    steps = [(one.name, one.training) for one in measured if one.training is not None]
    if steps:
        groups.append(("forward and backward", steps))
    height = ROW * (1.5 + sum(1.5 + len(rows) for _, rows in groups))
    width = LABEL + LENGTH + VALUE
    box = f"0 0 {width} {height:g}"
    root = Tree.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=box, width=str(width))
    root.attrib |= {"font-family": "sans-serif", "font-size": "12"}
    _text(root, 0, ROW * 0.8, title, weight="bold")
    top = 1.5 * ROW
    for name, rows in groups:
        _text(root, 0, top + ROW * 0.6, name)
        _bars(root, rows, top + ROW)
        top += ROW * (1.5 + len(rows))
    Tree.indent(root)
    return f"{Tree.tostring(root, encoding='unicode')}\n"


def _bars(root: Tree.Element, rows: Sequence[tuple[str, Times]], top: float) -> None:
    scale = LENGTH / max(times.upper for _, times in rows)
    for number, (name, times) in enumerate(rows):
        y = top + number * ROW
        _text(root, LABEL - 8, y + ROW * 0.65, name, anchor="end")
        bar = {"x": LABEL, "y": y + 4, "width": scale * times.median, "height": ROW - 8}
        _shape(root, "rect", bar, fill=FILLS[min(number, 1)])
        middle = y + ROW / 2
        ends = {"x1": LABEL + scale * times.lower, "x2": LABEL + scale * times.upper}
        _shape(root, "line", ends | {"y1": middle, "y2": middle}, stroke=GREY)
        _text(root, LABEL + scale * times.upper + 6, y + ROW * 0.65, f"{times.median * 1e3:.3f} ms")


def _shape(root: Tree.Element, tag: str, places: dict[str, float], **paint: str) -> None:
    Tree.SubElement(root, tag, {name: f"{value:.1f}" for name, value in places.items()} | paint)


def _text(
    root: Tree.Element, x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal"
) -> None:
    places = {"x": f"{x:.1f}", "y": f"{y:.1f}", "fill": GREY}
    Tree.SubElement(root, "text", places | {"text-anchor": anchor, "font-weight": weight}).text = text
