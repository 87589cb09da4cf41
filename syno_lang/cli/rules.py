"""Nothing, or the name of a rule, enters; all rules leave on a line each, or one with its reason."""

from __future__ import annotations

import click

from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.rewrite.choose import find_rule
from syno_lang.rewrite.read import load_rules, standard_rules
from syno_lang.rewrite.rules import Rule
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_module
from syno_lang.syntax.format_rule import identity_text


@click.group("rules", invoke_without_command=True)
@click.option(
    "--rules", "files", metavar="RULES", multiple=True, help="A file with more rules; may be repeated."
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """List the rules of the normal form, or show one.

    exact rules are those of `syno canon`; approximate ones hold at all but a fraction of the points.

    \b
    syno rules
    syno rules show split_of_merge
    """
    ctx.obj = rules = [*standard_rules(), *(rule for file in files for rule in load_rules(file))]
    if ctx.invoked_subcommand is not None:
        return
    if as_json:
        put_json({"rules": [{"name": rule.name, "exact": rule.is_exact, "identity": identity_text(rule.node),
                             "because": rule.why, "source": rule.source} for rule in rules]})  # fmt: skip
        return
    width = max(len(rule.name) for rule in rules)
    put("\n".join(f"{rule.name:<{width}}  {kind(rule):<11}  {identity_text(rule.node)}" for rule in rules))


@command.command("show")
@click.argument("name")
@click.option("--instances", default=200, show_default=True, help="How many random instances are tried.")
@click.pass_obj
def show(rules: list[Rule], name: str, instances: int) -> int:
    """Print a rule, and try it: at how many points it was tried, and at which part of them it holds."""
    from syno_lang.rewrite.try_rules import try_rule

    rule = find_rule(name, rules)
    put(format_module(ast.Module(rule.node.span, (rule.node,))))
    trial = try_rule(rule, instances)
    share = f"{trial.points - trial.wrong:,} of {trial.points:,} points of {trial.instances} random instances"
    put(f"{kind(rule)}, tested, not proved: both sides are equal at {share}")
    return 0 if trial.holds else 1


def kind(rule: Rule) -> str:
    """`exact` or `approximate`."""
    return "exact" if rule.is_exact else "approximate"
