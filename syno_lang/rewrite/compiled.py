"""A rule between coordinates enters; a function that tells whether it fits a coordinate leaves.

The left side is taken apart once: which types stand where, which places hold one coordinate, where each
variable is read off, and which sizes must be equal then.  What cannot be said in this way is matched in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator as Iterate
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from syno_lang.ir.coordinates import Coordinate, Shift
from syno_lang.rewrite.amounts import Facts, Guard
from syno_lang.rewrite.patterns import Hole, Pattern, Term
from syno_lang.rewrite.rules import CoordinateRule
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.polynomial import Polynomial

Fits = Callable[[Coordinate, Facts], bool]

#: Where a coordinate stands: the operand numbers from the top.
Path = tuple[int, ...]

#: A size as powers of variables, without a constant.
Powers = tuple[tuple[str, int], ...]

#: A size that is read off a coordinate.
Reading = Callable[[Coordinate], Size]


@dataclass
class _Parts:
    """A left side, taken apart."""

    kinds: list[tuple[Path, type[Coordinate]]] = field(default_factory=list)
    holes: dict[str, list[Path]] = field(default_factory=dict)
    #: An expression and where its value is: the domain of a place, or its last argument.
    numbers: list[tuple[Polynomial, Path, bool]] = field(default_factory=list)
    plain: bool = True

    def take(self, pattern: Pattern, path: Path) -> None:
        if isinstance(pattern, Hole):
            self.holes.setdefault(pattern.name, []).append(path)
            if len(self.holes[pattern.name]) == 1:
                self.numbers.append((pattern.domain, path, True))
            return
        self.kinds.append((path, pattern.kind))
        if pattern.parameter is not None:
            self.plain = self.plain and pattern.kind is not Shift
            self.numbers.append((pattern.parameter, path, False))
        for place, part in enumerate(pattern.operands):
            self.take(part, (*path, place))


@dataclass(frozen=True)
class Compiled:
    """A left side: `kinds` are the types at the top and right below (`None`: any), `fits` tests the rest."""

    kinds: tuple[type[Coordinate] | None, ...]
    fits: Fits

    def may_fit(self, kinds: tuple[type[Coordinate], ...]) -> bool:
        """Whether it can fit a coordinate whose type and whose operands' types these are."""
        return all(mine in (None, other) for mine, other in zip(self.kinds, kinds, strict=True))


def compiled(rule: CoordinateRule) -> Compiled:
    """Whether the rule fits a coordinate, where what `Facts` says is whole."""
    parts = _Parts()
    parts.take(rule.left, ())
    full = _by_domains(rule) if len(parts.kinds) == 1 else _in_full(rule)
    sizes = _sizes(rule, parts)
    tests = (*_shape(parts), *((full,) if sizes is None else sizes))
    below = (part.kind if isinstance(part, Term) else None for part in rule.left.operands)
    return Compiled((rule.left.kind, *below), _all(tests))


def _all(tests: tuple[Fits, ...]) -> Fits:
    if len(tests) == 1:
        return tests[0]

    return lambda node, facts: all(test(node, facts) for test in tests)


def _in_full(rule: CoordinateRule) -> Fits:
    return lambda node, facts: rule.apply(node, facts) is not None


def _by_domains(rule: CoordinateRule) -> Fits:
    """A match in full of one primitive: it depends on domains and on the parameter alone."""
    known: dict[Any, bool] = {}

    def fits(node: Coordinate, facts: Facts) -> bool:
        key = (node.arguments[-1], facts, *(item.domain for item in node.operands))
        found = known.get(key)
        if found is None:
            found = known[key] = rule.apply(node, facts) is not None
        return found

    return fits


def _shape(parts: _Parts) -> Iterate[Fits]:
    """The tests of types further down, and of equal coordinates."""
    for path, kind in parts.kinds:
        if len(path) > 1:
            yield _is_kind(_place(path), kind)
    for paths in parts.holes.values():
        for other in paths[1:]:
            yield _is_same(_place(paths[0]), _place(other))


def _is_kind(place: Callable[[Coordinate], Coordinate], kind: type[Coordinate]) -> Fits:
    return lambda node, facts: type(place(node)) is kind


def _is_same(one: Callable[[Coordinate], Coordinate], other: Callable[[Coordinate], Coordinate]) -> Fits:
    return lambda node, facts: one(node) is other(node)


def _place(path: Path) -> Callable[[Coordinate], Coordinate]:
    if not path:
        return lambda node: node
    if len(path) == 1:
        (only,) = path
        return lambda node: node.operands[only]
    if len(path) == 2:
        first, second = path
        return lambda node: node.operands[first].operands[second]
    above, last = _place(path[:-1]), path[-1]
    return lambda node: above(node).operands[last]


def _reading(path: Path, is_domain: bool) -> Reading:
    """The domain of a place, or its last argument."""
    place = _place(path)
    if is_domain:
        return lambda node: place(node).domain
    return lambda node: place(node).arguments[-1]


def _monomial(expression: Polynomial) -> Powers | None:
    """The powers of an expression that is a product of variables."""
    if len(expression.terms) != 1:
        return None
    ((coefficient, size),) = expression.terms
    return size.powers if coefficient == 1 and (size.numerator, size.denominator) == (1, 1) else None


def _sizes(rule: CoordinateRule, parts: _Parts) -> tuple[Fits, ...] | None:
    """The tests of sizes and guards; `None` where that takes more than products of variables read off."""
    known: dict[str, Reading] = {}
    equal: list[tuple[Powers, Reading]] = []
    for expression, path, is_domain in parts.numbers:
        powers = _monomial(expression)
        if powers is None:
            return None
        reading = _reading(path, is_domain)
        if len(powers) == 1 and powers[0][1] == 1 and powers[0][0] not in known:
            known[powers[0][0]] = reading
        else:
            equal.append((powers, reading))
    guards = list(_guards(rule))
    products = [powers for powers, _ in equal] + [side for guard in guards for side in guard or ()]
    if not parts.plain or None in guards or not {name for side in products for name, _ in side} <= set(known):
        return None
    return (
        *(_is_equal(_value(powers, known), reading) for powers, reading in equal),
        *(_divides(_value(one, known), _value(other, known)) for one, other in guards),
    )


def _is_equal(value: Reading, reading: Reading) -> Fits:
    return lambda node, facts: value(node) == reading(node)


def _divides(value: Reading, other: Reading) -> Fits:
    return lambda node, facts: facts.divides(value(node), other(node))


def _guards(rule: CoordinateRule) -> Iterate[Any]:
    """The guards that say `divides`, as pairs of powers; `None` for any other."""
    for guard in rule.guards:
        if not isinstance(guard, Guard) or guard.relation != "divides":
            yield None
            continue
        sides = (_monomial(guard.left), _monomial(guard.right))
        yield None if None in sides else sides


def _value(powers: Powers, known: dict[str, Reading]) -> Reading:
    """The product of what is read off."""
    if len(powers) == 1 and powers[0][1] == 1:
        return known[powers[0][0]]
    factors = [(known[name], power) for name, power in powers for _ in range(abs(power))]

    def value(node: Coordinate) -> Size:
        found = ONE
        for reading, power in factors:
            found = _times(found, reading(node)) if power > 0 else _over(found, reading(node))
        return found

    return value


@lru_cache(maxsize=1 << 16)
def _times(one: Size, other: Size) -> Size:
    return one * other


@lru_cache(maxsize=1 << 16)
def _over(one: Size, other: Size) -> Size:
    return one / other
