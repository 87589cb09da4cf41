"""Rules enter, as texts or read; Hypothesis strategies of them and of their instances leave, and a check.

>>> check_rule("rule r<N; d>(i: N) { shift(shift(i, d), -d) => i }")
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from syno_lang.diagnostics import Source, SynoError, fail
from syno_lang.rewrite.instances import Instance, draw
from syno_lang.rewrite.read import read_rules, rules_of, standard_rules
from syno_lang.rewrite.rules import Rule
from syno_lang.rewrite.try_rules import INSTANCES, try_rule
from syno_lang.syntax.parse import parse


def read_rule(text: str, name: str | None = None) -> Rule:
    """The rule that `text` states; `name` picks one of several.

    Raises `SynoError`: E1001 if it makes no sense, E1002 if its right side is not smaller, so that rewriting
    may not end, and E1004 if there is no such rule.
    """
    found = {rule.name: rule for rule in read_rules(parse(Source("<text>", text)).rules)}
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None or name not in found:
        wanted = f"no rule {name}" if name else f"{len(found)} rules, not one"
        raise fail("E1004", f"there is {wanted} in the text", hint=f"it has {', '.join(found) or 'none'}")
    return found[name]


def check_rule(rule: Rule | str, instances: int = INSTANCES, seed: int = 0) -> None:
    """Assert that a rule holds at every point of `instances` random instances, or at the part that it states.

    The `AssertionError` has the smallest numbers at which it does not.  Raises `SynoError` as `read_rule`.
    """
    found = try_rule(read_rule(rule) if isinstance(rule, str) else rule, instances, seed).finding
    if found is not None:
        raise AssertionError(str(SynoError([found])))


def rules(*paths: str, exact: bool | None = None) -> st.SearchStrategy[Rule]:
    """One of the rules that ship, or with `paths` one of those of these files; `exact` ones, others, or all.

    Raises `SynoError` for what is wrong with the files.
    """
    found: Iterable[Rule] = standard_rules()
    if paths:
        found = [rule for path in paths for rule in rules_of(path)]
    kept = [rule for rule in found if exact is None or rule.is_exact == exact]
    if not kept:
        raise InvalidArgument("there is no such rule")
    return st.sampled_from(kept)


def instances(rule: Rule | str, count: int = 200) -> st.SearchStrategy[Instance]:
    """The rule at small numbers: `.numbers`, and the pGraphs `.left` and `.right`, which have one value.

    One of `count` instances is drawn; it shrinks to the smallest numbers.  Raises `SynoError` (E1003) where
    the rule has no meaning at any numbers.
    """
    known = read_rule(rule) if isinstance(rule, str) else rule
    drawn: dict[Any, Instance | None] = {}
    random = Random(0)
    found: dict[tuple[int, ...], Instance] = {}
    for _ in range(count):
        one = draw(known, random, drawn)
        if one is None:
            message = f"no sizes were found at which the left side of `{known.name}` has a meaning"
            raise fail("E1003", message, span=known.node.name.span, hint="weaken its guard")
        found[tuple(one.numbers.values())] = one
    smallest = sorted(found, key=lambda numbers: (sum(map(abs, numbers)), numbers))
    return st.sampled_from([found[numbers] for numbers in smallest])
