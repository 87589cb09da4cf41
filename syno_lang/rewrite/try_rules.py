"""Rules enter; for each leaves how many random instances of it were tried, and what was found wrong.

An exact rule has to hold at every point of every instance, an approximate one at all but the fraction that
it states.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final

from syno_lang.diagnostics import Diagnostic
from syno_lang.rewrite.amounts import evaluate
from syno_lang.rewrite.instances import Differences, Drawn, Instance, compare, draw, smallest
from syno_lang.rewrite.rules import Rule
from syno_lang.sizes import Size

#: How many random instances of a rule are tried unless told otherwise.
INSTANCES: Final = 200


@dataclass(frozen=True)
class Trial:
    """What came of a rule: the instances and points that were tried, and the points at which it was wrong.

    `allowed` is at how many of the points an approximate rule may be wrong by the bound that it states.
    """

    rule: Rule
    instances: int
    points: int
    wrong: int
    finding: Diagnostic | None = None
    allowed: Fraction = Fraction()

    @property
    def holds(self) -> bool:
        """Whether nothing was found wrong."""
        return self.finding is None

    @property
    def fraction(self) -> float:
        """At which part of the points both sides are equal."""
        return 1.0 if not self.points else 1 - self.wrong / self.points


def try_rule(rule: Rule, instances: int = INSTANCES, seed: int = 0) -> Trial:
    """Try `instances` random instances, or fewer if one shows the rule to be wrong."""
    random = Random(seed)
    points = wrong = 0
    allowed = Fraction()
    drawn: Drawn = {}
    compared: dict[int, Differences] = {}
    for number in range(instances):
        found = draw(rule, random, drawn)
        if found is None:
            message = f"no sizes were found at which the left side of `{rule.name}` has a meaning"
            hint = "weaken its guard"
            finding = Diagnostic("E1003", message, rule.node.name.span, hint=hint)
            return Trial(rule, number, points, wrong, finding)
        # Small numbers are drawn again and again, and come to the same.
        if id(found) not in compared:
            compared[id(found)] = compare(found, seed)
        differences = compared[id(found)]
        points, wrong = points + differences.points, wrong + differences.wrong
        allowed += min(_bound(rule, found), Fraction(1)) * differences.points
        if differences.wrong and not _is_allowed(rule, found, differences):
            least = smallest(rule, found, seed) if rule.is_exact else found
            return Trial(rule, number + 1, points, wrong, _finding(rule, least, compare(least, seed)))
    return Trial(rule, instances, points, wrong, allowed=allowed)


def _is_allowed(rule: Rule, found: Instance, differences: Differences) -> bool:
    if rule.bound is None or found.right is None:
        return False
    return Fraction(differences.wrong, differences.points) <= _bound(rule, found)


def _bound(rule: Rule, found: Instance) -> Fraction:
    if rule.bound is None:
        return Fraction()
    value = evaluate(rule.bound, found.numbers)
    if isinstance(value, Size):
        return Fraction(value.numerator, value.denominator)
    return value or Fraction()


def _finding(rule: Rule, found: Instance, differences: Differences) -> Diagnostic:
    """The counterexample in numbers that a person can check."""
    where = ", ".join(f"{name} = {value}" for name, value in found.numbers.items())
    message = f"`{rule.name}` does not hold" + (f" for {where}" if where else "")
    span = rule.node.before.span
    if found.right is None:
        note = "the left side has whole sizes there, the right side has not"
        return Diagnostic("E1003", message, span, notes=(note,), hint="add a guard: `when divides(B, N)`")
    notes = []
    if rule.bound is not None:
        share = f"{differences.wrong} of {differences.points} points"
        notes.append(f"it is wrong at {share}, and may be at the fraction {_bound(rule, found)} of them")
    point = ", ".join(
        f"{name} = {value}" for name, value in zip(found.holes, differences.place, strict=False)
    )
    values = [_shown(rule, value) for value in differences.values]
    at = f"at {point} the" if point else "the"
    notes.append(f"{at} left side is {values[0]}, the right side {values[1]}")
    return Diagnostic("E1003", message, span, notes=tuple(notes), hint="correct the identity, or guard it")


def _shown(rule: Rule, value: float) -> str:
    from syno_lang.rewrite.rules import CoordinateRule

    if not isinstance(rule, CoordinateRule):
        return f"{value:g}"
    # The values of a coordinate are counted from 1, so that 0 is left for what is outside.
    return f"{value - 1:g}" if value else "outside"
