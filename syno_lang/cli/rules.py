"""Nothing, or the name of a rule, enters; all rules leave on a line each, or one with its proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, get_args

import click

from syno_lang.cli import options
from syno_lang.cli.report import put, put_diagnostics, put_json
from syno_lang.diagnostics.suggest import counted
from syno_lang.rewrite.choose import find_rule, known_rules
from syno_lang.rewrite.rules import Rule
from syno_lang.rewrite.status import Status, Word, compute, status
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_module
from syno_lang.syntax.format_rule import identity_text

_again = click.option(
    "--prove",
    "again",
    is_flag=True,
    help="Prove and measure again, and ask the solver Z3 if it is installed.",
)


@click.group("rules", invoke_without_command=True)
@click.option(
    "--rules", "files", metavar="RULES", multiple=True, help="A file with more rules; may be repeated."
)
@_again
@options.as_json
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], again: bool, as_json: bool) -> int:
    """List the rules of the normal form, or show one.

    proved rules hold for all sizes, by a proof; tested ones were found right without one.  approximate ones
    hold at a part of the points, which is measured and compared with the bound that they state.

    \b
    syno rules
    syno rules show split_of_merge
    """
    rules = [*known_rules(files).values()]
    ctx.obj = rules, as_json
    if ctx.invoked_subcommand is not None:
        return 0
    find = compute if again else status
    found = [(rule, find(rule), _opinion(rule) if again else None) for rule in rules]
    if as_json:
        put_json({"rules": [_facts(*item) for item in found]})
    else:
        put("\n".join(_lines(found)))
    return int(any(item.word == "wrong" for _, item, _ in found))


@command.command("show")
@click.argument("name")
@click.option(
    "--instances",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="How many random instances are tried.",
)
@_again
@click.pass_obj
def show(context: tuple[list[Rule], bool], name: str, instances: int, again: bool) -> int:
    """Print a rule with its proof, and try it: at which part of the points it holds."""
    from syno_lang.rewrite.try_rules import try_rule

    rules, as_json = context
    rule = find_rule(name, rules)
    found = compute(rule) if again else status(rule)
    trial = try_rule(rule, instances)
    opinion = _opinion(rule) if again else None
    if as_json:
        tried = {"instances": trial.instances, "points": trial.points, "wrong": trial.wrong}
        put_json({**_facts(rule, found, opinion), "tried": tried})
        return int(not trial.holds)
    put(format_module(ast.Module(rule.node.span, (rule.node,))))
    share = f"{trial.points - trial.wrong:,} of {trial.points:,} points of {trial.instances} random instances"
    put("\n".join([*_known(found), f"tried: both sides are equal at {share}"]))
    if opinion:
        put(f"Z3: {opinion}")
    if trial.finding is not None:
        put_diagnostics([trial.finding])
    return int(not trial.holds)


def _lines(found: Iterable[tuple[Rule, Status, str | None]]) -> list[str]:
    """A line a rule, and how many there are of each kind."""
    several = list(found)
    width = max(len(rule.name) for rule, _, _ in several)
    lines = []
    for rule, item, opinion in several:
        shares = f"  ({_shares(item)})" if item.word == "approximate" else ""
        said = f"  [Z3: {opinion}]" if opinion else ""
        lines.append(f"{rule.name:<{width}}  {item.word:<11}  {identity_text(rule.node)}{shares}{said}")
    counts = Counter(item.word for _, item, _ in several)
    words = [word for word in get_args(Word) if counts[word] or word != "wrong"]
    return [
        *lines,
        f"{counted(len(several), 'rule')}: {', '.join(f'{counts[word]} {word}' for word in words)}",
    ]


def _known(found: Status) -> list[str]:
    """What is known of a rule, in words."""
    if found.word == "proved":
        return ["proved for all sizes", *(f"    {line}" for line in found.proof)]
    if found.word == "approximate":
        return [f"approximate: {_shares(found)}"]
    return ["tested, not proved" if found.word == "tested" else "wrong"]


def _shares(found: Status) -> str:
    return f"equal at {found.fraction:.1%} of the points, at {found.stated:.1%} by its bound"


def _facts(rule: Rule, found: Status, opinion: str | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": rule.name, "exact": rule.is_exact, "status": found.word, "identity": identity_text(rule.node),
        "because": rule.why, "source": rule.source, "proof": list(found.proof),
    }  # fmt: skip
    if not found.proof:
        facts |= {"points": found.points, "fraction": found.fraction, "stated": found.stated}
    return facts if opinion is None else {**facts, "z3": opinion}


def _opinion(rule: Rule) -> str | None:
    """What Z3 says of an exact rule, if it is installed."""
    from syno_lang.rewrite.prove_z3 import is_installed, second_opinion

    return str(second_opinion(rule)) if rule.is_exact and is_installed() else None
