"""A file enters; the normal form of one of its operators leaves, perhaps with every step to it."""

from __future__ import annotations

from typing import Any

import click

from syno_lang.api import load
from syno_lang.cli import options
from syno_lang.cli.report import put, put_into, put_json
from syno_lang.ir.print import equation, term
from syno_lang.modules.readable import readable
from syno_lang.resources import write_atomically
from syno_lang.rewrite.canonicalize import trace
from syno_lang.rewrite.choose import chosen_rules
from syno_lang.rewrite.engine import Step
from syno_lang.rewrite.replay import leaf_names


@click.command("canon")
@options.file
@click.option("--trace", "show_steps", is_flag=True, help="Show every step: the rule, before and after.")
@click.option("--without", metavar="RULE", multiple=True, help="Leave a rule out; may be repeated.")
@click.option("--with", "extra", metavar="RULE", multiple=True, help="Use an approximate rule as well.")
@click.option("--rules", metavar="RULES", multiple=True, help="A file with more rules; may be repeated.")
@click.option("--html", "page", metavar="PATH", help="Write a page that shows the steps one after the other.")
@click.option("--lay-out-weights", is_flag=True, help="Lay weights out as the normal form has them.")
@options.operator
@options.search
@options.output
@options.as_json
def command(
    file: str,
    show_steps: bool,
    without: tuple[str, ...],
    extra: tuple[str, ...],
    rules: tuple[str, ...],
    page: str | None,
    lay_out_weights: bool,
    operator: str | None,
    search: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> None:
    """Print the normal form of an operator.

    Only exact rules are used, so the normal form has the same value.  Approximate rules change values, and
    are used if they are named.  Weights keep their layout unless it is given up: then the text begins with
    how each is made of what it was.

    \b
    syno canon stdlib:gpt2_projection --trace
    syno canon stdlib:gpt2_projection --html steps.html
    syno canon my_operator.syno --without split_to_the_right
    """
    definition = load(file, operator, search=search).definition
    chosen = chosen_rules((file, *rules), without, extra, search)
    if lay_out_weights and page is not None:
        raise click.UsageError("--html shows the steps of coordinates; leave out --lay-out-weights")
    found = trace(definition, chosen, "lay out" if lay_out_weights else "keep")
    text = readable(found.definition)
    if page is not None:
        from syno_lang.backends.html.steps import emit
        from syno_lang.backends.svg.emit import emit as draw

        write_atomically(page, emit(definition, found, chosen, text, draw))
    if as_json:
        put_json({"operator": found.definition.name, "digest": found.definition.graph.digest,
                  "text": text, "steps": [_facts(step) for step in found.steps],
                  "views": {name: equation(view) for name, view in found.views.items()}})  # fmt: skip
        return
    if show_steps:
        for number, step in enumerate(found.steps, 1):
            facts = _facts(step)
            before, after = (", ".join(facts[side]) or "1" for side in ("before", "after"))
            put(f"# {number}. {step.rule}: {before} => {after}")
    for name, view in found.views.items():
        put(f"# {name} is laid out anew: {equation(view)}")
    put_into(output, text)


def _facts(step: Step) -> dict[str, Any]:
    names = leaf_names(step)
    before, after = ([term(node, names) for node in side] for side in (step.before, step.after))
    return {"rule": step.rule, "before": before, "after": after}
