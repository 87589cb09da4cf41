"""A file enters; the normal form of one of its operators leaves, perhaps with every step to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import click

from syno_lang.api import load, parse
from syno_lang.cli import options
from syno_lang.cli.report import put, put_into, put_json
from syno_lang.diagnostics import SynoError
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import formula, term
from syno_lang.ir.print_names import Namer
from syno_lang.ir.quality import ALLOWABLE
from syno_lang.rewrite.canonicalize import Canonical, trace
from syno_lang.rewrite.choose import chosen_rules
from syno_lang.rewrite.engine import Step

#: The name of a reduction that a step made and the normal form does not have.
_SUMS: Final = "r"


@click.command("canon")
@options.file
@click.option("--trace", "show_steps", is_flag=True, help="Show every step: the rule, before and after.")
@click.option("--without", metavar="RULE", multiple=True, help="Leave a rule out; may be repeated.")
@click.option("--with", "extra", metavar="RULE", multiple=True, help="Use an approximate rule as well.")
@click.option("--rules", metavar="RULES", multiple=True, help="A file with more rules; may be repeated.")
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
    operator: str | None,
    search: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> None:
    """Print the normal form of an operator.

    Only exact rules are used, so the normal form has the same value.  Approximate rules change values, and
    are used if they are named.

    \b
    syno canon stdlib:gpt2_projection --trace
    syno canon my_operator.syno --without split_to_the_right
    """
    found = trace(
        load(file, operator, search=search).definition, chosen_rules((file, *rules), without, extra, search)
    )
    text = readable(found.definition)
    if as_json:
        put_json({"operator": found.definition.name, "digest": found.definition.graph.digest,
                  "text": text, "steps": [_facts(step, found) for step in found.steps]})  # fmt: skip
        return
    if show_steps:
        for number, step in enumerate(found.steps, 1):
            facts = _facts(step, found)
            before, after = (", ".join(facts[side]) or "1" for side in ("before", "after"))
            put(f"# {number}. {step.rule}: {before} => {after}")
    put_into(output, text)


def readable(definition: Definition) -> str:
    """The text of a normal form, with the permissions that it needs to be read back."""
    text = formula(definition)
    try:
        parse(text)
    except SynoError as error:
        codes = {item.code for item in error.diagnostics}
        allowed = {name for name, code in ALLOWABLE.items() if code in codes}
        text = formula(replace(definition, allowed=definition.allowed | allowed))
    return text


def _facts(step: Step, found: Canonical) -> dict[str, Any]:
    names = dict(Namer(found.definition).names)
    for node in (*step.before, *step.after):
        for leaf in node.leaves:
            names.setdefault(leaf, f"{_SUMS}{leaf.arguments[0]}'")
    before, after = ([term(node, names) for node in side] for side in (step.before, step.after))
    return {"rule": step.rule, "before": before, "after": after}
