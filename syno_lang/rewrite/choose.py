"""What a user asks for enters; the rules to rewrite by leave."""

from __future__ import annotations

from collections.abc import Iterable

from syno_lang.diagnostics import SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.rewrite.read import rules_of, standard_rules
from syno_lang.rewrite.rules import Rule


def chosen_rules(
    files: Iterable[str], without: Iterable[str], extra: Iterable[str], search: tuple[str, ...] = ()
) -> list[Rule]:
    """The exact rules that ship and those of `files`, less `without`, and the approximate ones in `extra`.

    A file has the rules that stand in it and those that it uses, found along `search`.

    Raises `SynoError`: E1004 for a name that no rule has, E0204 for a name that two have, and whatever is
    wrong with the files.
    """
    by_name = known_rules(files, search)
    left_out = {find_rule(name, by_name.values()).name for name in without}
    added = {find_rule(name, by_name.values()).name for name in extra}
    kept = (rule for rule in by_name.values() if rule.name not in left_out)
    return [rule for rule in kept if rule.is_exact or rule.name in added]


def known_rules(files: Iterable[str], search: tuple[str, ...] = ()) -> dict[str, Rule]:
    """The rules that ship and those of `files` by name, each once.

    Raises `SynoError`: E0204 for a name that two have, and whatever is wrong with the files.
    """
    by_name: dict[str, Rule] = {}
    for rule in (
        *standard_rules(),
        *(rule for file in dict.fromkeys(files) for rule in rules_of(file, search)),
    ):
        if by_name.setdefault(rule.name, rule).node != rule.node:
            hint = "give it another name"
            raise fail("E0204", f"there are two rules `{rule.name}`", span=rule.node.name.span, hint=hint)
    return by_name


def find_rule(name: str, rules: Iterable[Rule]) -> Rule:
    """The rule of this name.  Raises `SynoError` (E1004)."""
    known = {rule.name: rule for rule in rules}
    if name in known:
        return known[name]
    raise missing(name, known)


def missing(name: str, known: Iterable[str]) -> SynoError:
    """That there is no such rule (E1004)."""
    return fail(
        "E1004", f"there is no rule {name}", hint=did_you_mean(name, known) or "`syno rules` lists them"
    )
