"""A definition and its picture enter, HTML for a notebook leaves: formula, tables, the picture.

It is a fragment without scripts, identifiers or style sheets, so that any number of them can share a page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from jinja2 import Template
from markupsafe import Markup

from syno_lang.backends.html.pages import environment
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import formula
from syno_lang.lower.cost import cost
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import StageProgram


class Count(TypedDict):
    """What one way to compute the operator costs, as formulas."""

    way: str
    flops: str
    parameters: str
    bytes: str


def emit(definition: Definition, svg: str) -> str:
    """The HTML of `definition`; `svg` is the picture of its pGraph, and is put in as it is."""
    best = schedule(definition)
    loops = "1 loop nest" if len(best.stages) == 1 else f"{len(best.stages)} loop nests"
    return _template().render(
        name=definition.name,
        digest=definition.graph.digest,
        formula=formula(definition).rstrip(),
        sizes=definition.sizes,
        conditions=[str(item) for item in (*definition.divisions, *definition.conditions)],
        tensors=definition.tensors,
        output=definition.graph.output,
        counts=[_count("as written, 1 loop nest", naive(definition)), _count(f"as compiled, {loops}", best)],
        svg=Markup(svg),
    )


def _count(way: str, program: StageProgram) -> Count:
    found = cost(program)
    return Count(way=way, flops=str(found.flops), parameters=str(found.parameters), bytes=str(found.bytes))


def _template() -> Template:
    return environment(Path(__file__).parent / "templates").get_template("operator.html.j2")
