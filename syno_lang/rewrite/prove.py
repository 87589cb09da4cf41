"""A rule enters; a proof that it holds for all sizes at which it has a meaning leaves, if one is found.

Sizes are positive whole numbers of which some divide others (`prove_sizes`), coordinates are sums of digits
(`prove_terms`); SymPy does the arithmetic.  A rule without a proof may hold as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import sympy

from syno_lang.ir.coordinates import Quotient, Remainder, Shift, Split
from syno_lang.rewrite.patterns import Hole, Pattern, Term, holes, numbers_of, parts
from syno_lang.rewrite.prove_sizes import Sizes
from syno_lang.rewrite.prove_terms import Terms, Unproved, Value, settled
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule


@dataclass(frozen=True)
class Proof:
    """Why a rule holds for all sizes, in lines that can be checked by hand."""

    lines: tuple[str, ...]


def prove(rule: Rule) -> Proof | None:
    """A proof of an exact rule; `None` where none is found, and for every approximate rule."""
    if not rule.is_exact:
        return None
    try:
        match rule:
            case CoordinateRule():
                return _coordinates(rule)
            case SumRule():
                return _sums(rule)
            case ExpandRule():
                return _expanded(rule)
            case UsedRule():
                return Proof(("the windows of a coordinate that is read are inside already",))
            case ConstantRule():
                return _constants(rule)
    except Unproved:
        return None
    return None


def _coordinates(rule: CoordinateRule) -> Proof | None:
    own = _holes(rule.left)
    terms = Terms(Sizes.of(rule, [rule.left], own))

    def sides() -> tuple[Value, Value]:
        known = {hole.name: terms.leaf(hole) for hole in own}
        return terms.of(rule.left, known), terms.of(rule.right, known)

    left, right = settled(terms, sides)
    if not terms.same(left, right):
        return None
    return Proof((*_setting(terms), _conclusion(terms, left, right), *_floors(terms, left, right)))


def _sums(rule: SumRule) -> Proof | None:
    """The sums of the right side as functions of those of the left side: one to one, onto as many points."""
    own = list(dict.fromkeys((*rule.before, *(hole for side in rule.left for hole in _holes(side)))))
    terms = Terms(Sizes.of(rule, rule.left, own))
    images = sums_as_functions(rule)
    if images is None:
        return None

    def check() -> bool:
        before = {hole.name: terms.leaf(hole) for hole in own}
        free = {
            name: value for name, value in before.items() if name not in {hole.name for hole in rule.before}
        }
        after = {**free, **{name: terms.of(left, before) for name, left in images.items()}}
        if any(after[hole.name].windows for hole in rule.after):
            return False
        places = zip(rule.left, rule.right, strict=True)
        return (
            _as_many(rule, terms)
            and all(terms.sizes.number(hole.domain) == after[hole.name].domain for hole in rule.after)
            and all(terms.same(terms.of(one, before), terms.of(other, after)) for one, other in places)
            and all(_recovered(hole, rule, images, terms, before, after) for hole in rule.before)
        )

    if not settled(terms, check):
        return None
    maps = ", ".join(f"{name}' = {_text(left)}" for name, left in images.items())
    return Proof((*_setting(terms), f"{maps} is one to one between the points of both sums"))


def sums_as_functions(rule: SumRule) -> dict[str, Pattern] | None:
    """Each sum of the right side as what the places say that it is, in those of the left side alone.

    It is the same function at every place, so what may differ from place to place has no part in it.
    """
    images: dict[str, Pattern] = {}
    before = {hole.name for hole in rule.before}
    shared = {name for hole in (*rule.before, *rule.after) for name in hole.domain.variables}
    free = {hole for left in rule.left for hole in _holes(left)} - {*rule.before}
    differing = (rule.local | {name for hole in free for name in hole.domain.variables}) - shared
    for left, right in zip(rule.left, rule.right, strict=True):
        for hole in rule.after if holes(left) <= before else ():
            for image in _undone(right, left, hole):
                if not numbers_of(image) & differing:
                    images.setdefault(hole.name, image)
    return images if set(images) == {hole.name for hole in rule.after} else None


def _as_many(rule: SumRule, terms: Terms) -> bool:
    sides = [
        sympy.Mul(*(terms.sizes.number(hole.domain) for hole in side)) for side in (rule.before, rule.after)
    ]
    return bool(sympy.expand(sides[0] - sides[1]) == 0)


def _recovered(
    hole: Hole,
    rule: SumRule,
    images: Mapping[str, Pattern],
    terms: Terms,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
) -> bool:
    """Whether a sum of the left side is a function of those of the right side."""
    own = {item.name for item in rule.after}
    candidates = [item for item in _inverses(hole, rule, images) if holes(item) <= own]
    return any(terms.same(terms.of(item, after), before[hole.name]) for item in candidates)


def _inverses(hole: Hole, rule: SumRule, images: Mapping[str, Pattern]) -> Iterator[Pattern]:
    """What a sum of the left side may be in those of the right side."""
    for left, right in zip(rule.left, rule.right, strict=True):
        yield from _undone(left, right, hole)
    after = {item.name: item for item in rule.after}
    for (one, first), (other, second) in permutations(images.items(), 2):
        if isinstance(first, Term) and isinstance(second, Term):
            kinds = first.kind, second.kind
            same = (first.operands, first.parameter) == (second.operands, second.parameter)
            if kinds == (Quotient, Remainder) and same:
                yield from _undone(first.operands[0], Term(Split, (after[one], after[other])), hole)


def _undone(pattern: Pattern, value: Pattern, wanted: Hole) -> Iterator[Pattern]:
    """What `wanted` may be where `pattern` has a value."""
    if pattern == wanted:
        yield value
    if not isinstance(pattern, Term):
        return
    if pattern.kind is Shift and pattern.parameter is not None:
        yield from _undone(pattern.operands[0], Term(Shift, (value,), pattern.parameter * -1), wanted)
    if pattern.kind is Split and isinstance(minor := pattern.operands[1], Hole):
        major = pattern.operands[0]
        yield from _undone(major, Term(Quotient, (value,), minor.domain), wanted)
        yield from _undone(minor, Term(Remainder, (value,), minor.domain), wanted)


def _expanded(rule: ExpandRule) -> Proof | None:
    """Both sides are 1 where all windows are inside, and 0 elsewhere."""
    own = _holes(rule.left)
    terms = Terms(Sizes.of(rule, [rule.left], own))

    def sides() -> tuple[Value, list[Value]]:
        known = {hole.name: terms.leaf(hole) for hole in own}
        return terms.of(rule.left, known), [terms.of(item, known) for item in rule.right]

    left, right = settled(terms, sides)
    windows = frozenset[tuple[sympy.Expr, sympy.Expr]]().union(*(item.windows for item in right))
    read = set[str]().union(*(holes(item) for item in rule.right))
    if windows != left.windows or read != holes(rule.left):
        return None
    return Proof(("both sides are 1 where the windows of the same coordinates are inside, and 0 elsewhere",))


def _constants(rule: ConstantRule) -> Proof | None:
    sizes = Sizes.of(rule, (), rule.before)
    before, after = (_product(sizes, side) for side in (rule.before, rule.after))
    if rule.reducer == "mean":
        return Proof(("the mean of equal terms is one of them",))
    if rule.reducer != "sum" or sympy.expand(before - after) != 0:
        return None
    return Proof((f"both sides have {_said(before)} as the number of their terms",))


def _product(sizes: Sizes, side: Sequence[Hole]) -> sympy.Expr:
    return sympy.Mul(*(sizes.number(hole.domain) for hole in side))


def _holes(pattern: Pattern) -> list[Hole]:
    return list(dict.fromkeys(part for part in parts(pattern) if isinstance(part, Hole)))


def _setting(terms: Terms) -> Iterator[str]:
    """What sizes and coordinates were put for what."""
    if terms.sizes.images:
        yield "with " + ", ".join(f"{name} = {_said(value)}" for name, value in terms.sizes.images.items())
    if terms.images:
        yield "with " + ", ".join(f"{_said(name)} = {_said(value)}" for name, value in terms.images.items())


def _floors(terms: Terms, *values: Value) -> Iterator[str]:
    used = set[sympy.Symbol]().union(*(item.value.free_symbols for item in values))
    found = {name: value for name, value in terms.floors.items() if name in used}
    if found:
        yield "where " + ", ".join(f"{_said(name)} = floor({_said(value)})" for name, value in found.items())


def _conclusion(terms: Terms, left: Value, right: Value) -> str:
    if left.value == right.value:
        return f"both sides are {_said(left.value)}"
    return f"the sides are a multiple of {_said(left.domain)} apart, and both are less than that"


def _said(value: sympy.Expr) -> str:
    return str(sympy.sstr(value, order="lex")).replace("**", "^").replace(":", "")


def _text(pattern: Pattern) -> str:
    """A pattern as a rule has it."""
    if isinstance(pattern, Hole):
        return pattern.name
    operands = [_text(item) for item in pattern.operands]
    sign = {Quotient: "/", Remainder: "%"}.get(pattern.kind)
    if sign is not None:
        return f"({operands[0]} {sign} {pattern.parameter})"
    arguments = [*operands, *([] if pattern.parameter is None else [str(pattern.parameter)])]
    return f"{pattern.kind.__name__.lower()}({', '.join(arguments)})"
