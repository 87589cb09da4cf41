"""The steps to a normal form enter; a page that shows one after the other leaves, with pictures and reasons.

It is one file that needs nothing else: no network, and without scripts it shows all steps below each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final, TypedDict

from jinja2 import Template
from markupsafe import Markup

from syno_lang.backends.html.pages import environment
from syno_lang.ir.coordinates import Coordinate, walk
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import equation, term
from syno_lang.rewrite.canonicalize import Canonical
from syno_lang.rewrite.engine import ONE_VALUE
from syno_lang.rewrite.replay import Frame, leaf_names, replay
from syno_lang.rewrite.rules import Rule
from syno_lang.syntax.format_rule import identity_text

#: Draws a definition, with some coordinates marked; a backend does not know another.
Draw = Callable[[Definition, Collection[Coordinate]], str]

#: Why a step without a rule of its own is right.
REASONS: Final = {
    ONE_VALUE: "A coordinate with a single value is 0, and 0 is written the same way everywhere.",
    "layout_of_weight": "A weight may be stored as the view at which it is read.",
}


class Side(TypedDict):
    """The operator on one side of a step: what is rewritten, the whole formula, and the picture."""

    terms: list[str]
    formula: str
    svg: Markup


class StepView(TypedDict):
    """What the page shows of a step."""

    number: int
    rule: str
    identity: str
    because: str
    source: str
    before: Side
    after: Side


def emit(
    definition: Definition, found: Canonical, rules: Sequence[Rule], normal_form: str, draw: Draw
) -> str:
    """The page of the trace `found` of `definition` under `rules`, which ends with the text `normal_form`."""
    by_name = {rule.name: rule for rule in rules}
    frames = enumerate(replay(found.steps, rules), 1)
    return _template().render(
        name=definition.name,
        start=Side(terms=[], formula=equation(definition), svg=Markup(draw(definition, ()))),
        steps=[_step(number, frame, by_name.get(frame.step.rule), draw) for number, frame in frames],
        normal_form=normal_form.rstrip(),
        digest=found.definition.graph.digest,
        end=Markup(draw(found.definition, ())),
    )


def _step(number: int, frame: Frame, rule: Rule | None, draw: Draw) -> StepView:
    step, names = frame.step, leaf_names(frame.step)
    gone, come = (set(walk(*frame.before.graph.tops)), set(walk(*frame.after.graph.tops)))
    sides = [
        Side(
            terms=[term(node, names) for node in nodes] or ["1"],
            formula=equation(operator),
            svg=Markup(draw(operator, marked)),
        )
        for nodes, operator, marked in (
            (step.before, frame.before, gone - come),
            (step.after, frame.after, come - gone),
        )
    ]
    return StepView(
        number=number,
        rule=step.rule,
        identity=identity_text(rule.node) if rule else "",
        because=rule.why if rule else REASONS.get(step.rule, ""),
        source=rule.source if rule else "",
        before=sides[0],
        after=sides[1],
    )


def _template() -> Template:
    return environment(Path(__file__).parent / "templates").get_template("steps.html.j2")
