"""The rules of a file enter; a line for each leaves, and one for each overlap that does not join."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syno_lang.cli.report import put, put_diagnostics
from syno_lang.diagnostics.render import to_json
from syno_lang.diagnostics.terminal import visible
from syno_lang.ir.coordinates import Coordinate, walk
from syno_lang.ir.print import term
from syno_lang.rewrite.read import load_rules
from syno_lang.rewrite.rules import CoordinateRule
from syno_lang.rewrite.try_rules import Trial, try_rule


def try_file(path: str) -> Iterator[Trial]:
    """Try every rule of a file.  Raises `SynoError` where one makes no sense or does not end."""
    return map(try_rule, load_rules(path))


def trial_facts(trial: Trial) -> dict[str, Any]:
    """A trial as JSON has it."""
    return {
        "rule": trial.rule.name,
        "line": trial.rule.node.span.line,
        "exact": trial.rule.is_exact,
        "status": "ok" if trial.holds else "failed",
        "instances": trial.instances,
        "points": trial.points,
        "wrong": trial.wrong,
        "diagnostics": [to_json(trial.finding)] if trial.finding else [],
    }


def put_trial(file: str, trial: Trial) -> None:
    """`ok  FILE:LINE: rule NAME holds at ...`, or the counterexample."""
    rule = trial.rule
    share = f"{trial.points - trial.wrong:,} of {trial.points:,} points"
    word = "ok     " if trial.holds else "FAILED "
    text = f"rule {rule.name}: equal at {share} of {trial.instances} instances"
    put(visible(f"{word}  {file}:{rule.node.span.line}: {text}"))
    if trial.finding is not None:
        put_diagnostics([trial.finding])


def put_overlaps(path: str) -> None:
    """A line for each pair of exact rules of a file that leads to two normal forms, with an example."""
    from syno_lang.rewrite.overlaps import overlaps

    rules = [rule for rule in load_rules(path) if isinstance(rule, CoordinateRule) and rule.is_exact]
    for one, other, found in overlaps(rules):
        if found is not None:
            forms = " or ".join(_shown(form) for form in found.forms)
            put(f"overlap  {one} with {other}: {_shown(found.coordinate)} becomes {forms}")


def _shown(node: Coordinate) -> str:
    """A coordinate, its leaves with their domains."""
    leaves = [item for item in walk(node) if not item.operands]
    names = {leaf: f"i{leaf.arguments[0]}" for leaf in leaves}
    domains = ", ".join(f"{names[leaf]} < {leaf.domain}" for leaf in leaves)
    return f"{term(node, names)} ({domains})"
