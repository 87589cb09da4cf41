"""A rule enters; what the solver Z3 says of it leaves: a second opinion that shares nothing with the first.

For all sizes the arithmetic is not linear, and Z3 may not know.  For given sizes it is, and Z3 decides for
every point at once; so what is not decided for all sizes is decided for small ones.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator as Iterate, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any, Final

from syno_lang.diagnostics import fail
from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Remainder,
    Shift,
    Split,
    Stride,
    walk,
)
from syno_lang.rewrite.amounts import Binding, Facts, Guard, as_size, evaluate
from syno_lang.rewrite.patterns import Hole, Pattern, Term, build, parts
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule
from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial

#: How long Z3 may take for all sizes, in milliseconds.
PATIENCE: Final = 500

#: How large the sizes are, and how many of them, that are decided one by one.
LARGEST: Final = 12
MOST: Final = 60


@dataclass(frozen=True)
class Opinion:
    """Whether a rule holds at `scope`, which is all sizes or some; `None` if Z3 does not know."""

    holds: bool | None
    scope: str = ""

    def __str__(self) -> str:
        words = {True: "holds for", False: "does not hold for", None: "does not know"}
        return f"{words[self.holds]} {self.scope}".rstrip()


@dataclass(frozen=True)
class _Value:
    value: Any
    domain: tuple[Any, Any]
    windows: tuple[Any, ...] = ()


@dataclass
class _Encoder:
    """Integer formulas for patterns; sizes are unknown, or the numbers in `numbers`."""

    rule: Rule
    numbers: Mapping[str, int]
    facts: list[Any] = field(default_factory=list)
    whole: list[Any] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        import z3

        self.z3 = z3
        sizes = [name.text for name in self.rule.node.sizes]
        self.known = {
            name: z3.IntVal(self.numbers[name]) if name in self.numbers else z3.Int(name)
            for name in (*sizes, *(item.text for item in self.rule.node.amounts))
        }
        self.facts += [self.known[name] >= 1 for name in sizes]
        self.facts += [self.guard(item) for item in self.rule.guards]

    def fresh(self) -> Any:
        self.count += 1
        return self.z3.Int(f"?{self.count}")

    def fraction(self, expression: Polynomial) -> tuple[Any, Any]:
        """Above and below the line."""
        above, below = self.z3.IntVal(0), self.z3.IntVal(1)
        for coefficient, size in expression.terms:
            top, bottom = self.z3.IntVal(coefficient * size.numerator), self.z3.IntVal(size.denominator)
            for name, power in size.powers:
                for _ in range(abs(power)):
                    top, bottom = (
                        (top * self.known[name], bottom) if power > 0 else (top, bottom * self.known[name])
                    )
            above, below = above * bottom + top * below, below * bottom
        return above, below

    def whole_number(self, fraction: tuple[Any, Any]) -> Any:
        """A fraction as the whole number that it has to be; that it is one is in `whole`."""
        found = self.fresh()
        above, below = fraction
        self.facts.append(self.z3.Implies(above % below == 0, found * below == above))
        self.whole.append(above % below == 0)
        return found

    def guard(self, guard: Guard) -> Any:
        (a, b), (c, d) = self.fraction(guard.left), self.fraction(guard.right)
        compared = {
            "<": a * d < c * b, "<=": a * d <= c * b, "==": a * d == c * b,
            ">": a * d > c * b, ">=": a * d >= c * b,
        }  # fmt: skip
        if guard.relation in compared:
            return compared[guard.relation]
        if guard.relation == "divides":
            return self.z3.And(a * d != 0, (c * b) % (a * d) == 0)
        return a % (2 * b) == (b if guard.relation == "odd" else 0)

    def leaf(self, hole: Hole, name: str = "") -> _Value:
        value = self.z3.Int(f"{hole.name}{name}")
        domain = self.fraction(hole.domain)
        self.facts += [value >= 0, value * domain[1] < domain[0]]
        return _Value(value, domain)

    def halves(self, value: Any, block: Any) -> tuple[Any, Any]:
        """`value / block` and `value % block` as unknowns."""
        quotient, rest = self.fresh(), self.fresh()
        self.facts += [
            self.z3.Implies(
                block >= 1, self.z3.And(value == block * quotient + rest, rest >= 0, rest < block)
            )
        ]
        return quotient, rest

    def of(self, pattern: Pattern, known: Mapping[str, _Value]) -> _Value:
        """A pattern; what has to be whole for it to have a meaning goes into `whole`."""
        if isinstance(pattern, Hole):
            return known[pattern.name]
        first, *others = [self.of(operand, known) for operand in pattern.operands]
        windows = (*first.windows, *(window for item in others for window in item.windows))
        above, below = first.domain
        if pattern.kind is Split:
            ((top, bottom),) = (item.domain for item in others)
            return _Value(
                self.whole_number((top, bottom)) * first.value + others[0].value,
                (above * top, below * bottom),
                windows,
            )
        if pattern.kind is Shift:
            assert pattern.parameter is not None
            value = first.value + self.whole_number(self.fraction(pattern.parameter))
            return _Value(self.halves(value, self.whole_number(first.domain))[1], first.domain, windows)
        if pattern.parameter is not None:
            fraction = self.fraction(pattern.parameter)
            return self._with_number(pattern, first, fraction, windows)
        size, window = self.whole_number(first.domain), self.whole_number(others[0].domain)
        value = first.value + others[0].value - self.halves(window, self.z3.IntVal(2))[0]
        return _Value(value, first.domain, (*windows, self.z3.And(value >= 0, value < size)))

    def _with_number(
        self, pattern: Term, first: _Value, fraction: tuple[Any, Any], windows: tuple[Any, ...]
    ) -> _Value:
        (above, below), (top, bottom) = first.domain, fraction
        number = self.whole_number(fraction)
        self.whole.append(top * bottom >= 1)
        if pattern.kind is Stride:
            return _Value(number * first.value, (above * top, below * bottom), windows)
        self.whole_number((above * bottom, below * top))
        quotient, rest = self.halves(first.value, number)
        if pattern.kind is Quotient:
            return _Value(quotient, (above * bottom, below * top), windows)
        assert pattern.kind is Remainder
        return _Value(rest, fraction, windows)


def is_installed() -> bool:
    """Whether Z3 can be asked."""
    return importlib.util.find_spec("z3") is not None


def second_opinion(rule: Rule, patience: int = PATIENCE) -> Opinion:
    """Ask Z3 whether a rule holds: for all sizes, else at every point of the smallest ones.

    Raises `SynoError` (E0701) where it is not installed.
    """
    if not is_installed():
        raise fail("E0701", "z3 is not installed", hint="run pip install 'syno_lang[prove]'")
    if isinstance(rule, UsedRule) or (isinstance(rule, ConstantRule) and rule.reducer != "sum"):
        return Opinion(True, "all sizes")
    holds = _asked(rule, {}, patience)
    if holds is not None:
        return Opinion(holds, "all sizes" if holds else "some sizes")
    count = 0
    for numbers in islice(_small(rule), MOST):
        holds = _asked(rule, numbers, 20 * patience)
        if not holds:
            where = ", ".join(f"{name} = {value}" for name, value in numbers.items())
            return Opinion(holds, where if holds is False else "")
        count += 1
    return Opinion(True, f"the {count} smallest sizes") if count else Opinion(None)


def _small(rule: Rule) -> Iterate[dict[str, int]]:
    """Small sizes at which the left side has a meaning, those with the smallest sum first."""
    names = [name.text for name in rule.node.sizes]
    several = product(range(1, LARGEST + 1), repeat=len(names))
    for values in sorted(several, key=lambda values: (sum(values), values)):
        numbers = dict(zip(names, values, strict=True))
        if _has_meaning(rule, numbers):
            yield numbers


def _has_meaning(rule: Rule, numbers: Mapping[str, int]) -> bool:
    """Whether the sizes of the left side are whole and the guard, where it is about sizes alone, holds."""
    binding: Binding = {name: Size.constant(number) for name, number in numbers.items()}
    amounts = {item.text: 0 for item in rule.node.amounts}
    for guard in rule.guards:
        own = {*guard.left.variables, *guard.right.variables}
        if not own & amounts.keys() and not guard.holds(binding, Facts()):
            return False
    binding.update(amounts)
    patterns = rule.left if isinstance(rule, SumRule) else [getattr(rule, "left", None)]
    whole: list[Coordinate] = []
    for pattern in patterns:
        for part in parts(pattern) if pattern is not None else ():
            if isinstance(part, Hole):
                size = as_size(evaluate(part.domain, binding))
                if size is None or size.denominator != 1:
                    return False
                binding[part.name] = Iterator(0, size)
        made = None if pattern is None else build(pattern, binding)
        whole += walk(made) if made is not None else ()
    halves = [node.operands[0].domain / node.arguments[1] for node in whole if isinstance(node, Remainder)]
    return all(size.denominator == 1 for size in (*(node.domain for node in whole), *halves))


def _asked(rule: Rule, numbers: Mapping[str, int], patience: int) -> bool | None:
    import z3

    encoder = _Encoder(rule, numbers)
    claim = _claim(rule, encoder)
    if claim is None:
        return None
    solver = z3.Solver()
    solver.set("timeout", patience)
    solver.add(*encoder.facts, z3.Not(claim))
    answer = solver.check()
    return None if answer == z3.unknown else bool(answer == z3.unsat)


def _claim(rule: Rule, encoder: _Encoder) -> Any:
    """What has to hold for the rule to hold; that the left side has a meaning is a fact."""
    z3 = encoder.z3
    if isinstance(rule, CoordinateRule):
        known = {hole.name: encoder.leaf(hole) for hole in _holes(rule.left)}
        left = _assumed(encoder, rule.left, known)
        right = encoder.of(rule.right, known)
        return z3.And(*encoder.whole, _same(z3, left, right))
    if isinstance(rule, ExpandRule):
        known = {hole.name: encoder.leaf(hole) for hole in _holes(rule.left)}
        left = _assumed(encoder, rule.left, known)
        windows = [window for item in rule.right for window in encoder.of(item, known).windows]
        return z3.And(*encoder.whole, z3.And(*left.windows) == z3.And(*windows))
    if isinstance(rule, ConstantRule):
        before, after = (_number_of_points(encoder, side) for side in (rule.before, rule.after))
        return before[0] * after[1] == after[0] * before[1]
    return _sum_claim(rule, encoder) if isinstance(rule, SumRule) else None


def _sum_claim(rule: SumRule, encoder: _Encoder) -> Any:
    """The places agree, and no two points of the left side are one point of the right side."""
    from syno_lang.rewrite.prove import sums_as_functions

    z3 = encoder.z3
    images = sums_as_functions(rule)
    if images is None:
        return None
    own = dict.fromkeys((*rule.before, *(hole for side in rule.left for hole in _holes(side))))
    several = []
    for copy in ("", "'"):
        before = {hole.name: encoder.leaf(hole, copy) for hole in own}
        lefts = [_assumed(encoder, left, before) for left in rule.left]
        after = {**before, **{name: encoder.of(left, before) for name, left in images.items()}}
        several.append((before, after, lefts))
    (before, after, lefts), (other_before, other_after, _) = several
    agree = [_same(z3, left, encoder.of(right, after)) for left, right in zip(lefts, rule.right, strict=True)]
    one_point = z3.And(*(after[name].value == other_after[name].value for name in images))
    same_point = z3.And(*(before[hole.name].value == other_before[hole.name].value for hole in rule.before))
    points = [_number_of_points(encoder, side) for side in (rule.before, rule.after)]
    as_many = points[0][0] * points[1][1] == points[1][0] * points[0][1]
    inside = [window for name in images for window in after[name].windows]
    return z3.And(*encoder.whole, *agree, *inside, as_many, z3.Implies(one_point, same_point))


def _assumed(encoder: _Encoder, pattern: Pattern, known: Mapping[str, _Value]) -> _Value:
    """A left side: what has to be whole for it is a fact."""
    before = encoder.whole
    encoder.whole = []
    found = encoder.of(pattern, known)
    encoder.facts += encoder.whole
    encoder.whole = before
    return found


def _same(z3: Any, left: _Value, right: _Value) -> Any:
    one, other = (z3.And(*item.windows) for item in (left, right))
    return z3.And(one == other, z3.Implies(one, left.value == right.value))


def _number_of_points(encoder: _Encoder, side: tuple[Hole, ...]) -> tuple[Any, Any]:
    above, below = encoder.z3.IntVal(1), encoder.z3.IntVal(1)
    for hole in side:
        top, bottom = encoder.fraction(hole.domain)
        above, below = above * top, below * bottom
    return above, below


def _holes(pattern: Pattern) -> list[Hole]:
    if isinstance(pattern, Hole):
        return [pattern]
    return list(dict.fromkeys(hole for operand in pattern.operands for hole in _holes(operand)))
