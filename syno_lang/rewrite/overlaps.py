"""Rules between coordinates enter; their overlaps leave that do not join: coordinates with two normal forms.

Two rules overlap where the left side of one fits a part of the left side of the other (Knuth and Bendix).
Sizes are drawn, so an overlap that joins does so for all that were drawn.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Final

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
    replace as put,
)
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.engine import Engine
from syno_lang.rewrite.patterns import Hole, Pattern, Term, parts
from syno_lang.rewrite.rules import CoordinateRule
from syno_lang.sizes import Size

#: How often sizes are drawn for an overlap, and how many of them that fit are looked at.
_DRAWN: Final = 150
_LOOKED_AT: Final = 6

_DOMAINS: Final = (1, 2, 3, 4, 6, 12)
_FACTORS: Final = (1, 2, 3, 4)
_AMOUNTS: Final = (-3, -2, -1, 0, 1, 2, 3)


@dataclass(frozen=True)
class Overlap:
    """A coordinate that two rules rewrite to what has different normal forms."""

    rules: tuple[str, str]
    coordinate: Coordinate
    forms: tuple[Coordinate, Coordinate]


def overlaps(rules: Sequence[CoordinateRule], seed: int = 0) -> Iterate[tuple[str, str, Overlap | None]]:
    """Every pair of rules that overlaps, with an example that does not join, if one was found."""
    random = Random(seed)
    for one, other in product(rules, repeat=2):
        skeletons = list(_skeletons(one.left, other.left, one is other))
        fits = False
        found = None
        for whole, part in skeletons:
            for coordinate, inner in _drawn(whole, part, one, other, random):
                fits = True
                found = found or _apart(rules, one, other, coordinate, inner)
        if fits:
            yield one.name, other.name, found


def _apart(
    rules: Sequence[CoordinateRule],
    one: CoordinateRule,
    other: CoordinateRule,
    coordinate: Coordinate,
    inner: Coordinate,
) -> Overlap | None:
    """The overlap, where both ways to rewrite it end at different forms."""
    first, second = one.apply(coordinate, Facts()), other.apply(inner, Facts())
    assert first is not None and second is not None
    rewritten = second[0]
    ways = first[0], put(coordinate, lambda node: rewritten if node is inner else None)
    iterators = sorted(coordinate.leaves, key=repr)
    engine = Engine(rules, Facts(), iterators)
    forms = engine.normal(ways[0]), engine.normal(ways[1])
    return None if forms[0] is forms[1] else Overlap((one.name, other.name), coordinate, forms)


def _skeletons(left: Term, right: Term, same: bool) -> Iterate[tuple[Pattern, Pattern]]:
    """The most general coordinates, sizes aside, that `left` fits and a part of which `right` fits."""
    renamed = _renamed(right)
    for part in dict.fromkeys(parts(left)):
        if isinstance(part, Hole) or (same and part is left):
            continue
        images: dict[str, Pattern] = {}
        if _unify(part, renamed, images):
            yield _image(left, images), _image(part, images)


def _renamed(pattern: Pattern) -> Pattern:
    if isinstance(pattern, Hole):
        return replace(pattern, name=pattern.name + "'")
    return replace(pattern, operands=tuple(map(_renamed, pattern.operands)))


def _unify(one: Pattern, other: Pattern, images: dict[str, Pattern]) -> bool:
    """Extend `images` such that both patterns are equal but for sizes; whether that is possible."""
    one, other = _seen(one, images), _seen(other, images)
    if isinstance(one, Hole) and isinstance(other, Hole) and one.name == other.name:
        return True
    for hole, pattern in ((one, other), (other, one)):
        if isinstance(hole, Hole):
            if any(
                isinstance(item, Hole) and item.name == hole.name for item in parts(_image(pattern, images))
            ):
                return False
            images[hole.name] = pattern
            return True
    assert isinstance(one, Term) and isinstance(other, Term)
    return one.kind is other.kind and all(
        _unify(first, second, images) for first, second in zip(one.operands, other.operands, strict=True)
    )


def _seen(pattern: Pattern, images: dict[str, Pattern]) -> Pattern:
    while isinstance(pattern, Hole) and pattern.name in images:
        pattern = images[pattern.name]
    return pattern


def _image(pattern: Pattern, images: dict[str, Pattern]) -> Pattern:
    pattern = _seen(pattern, images)
    if isinstance(pattern, Hole):
        return pattern
    return replace(pattern, operands=tuple(_image(item, images) for item in pattern.operands))


def _drawn(
    whole: Pattern, part: Pattern, one: CoordinateRule, other: CoordinateRule, random: Random
) -> Iterate[tuple[Coordinate, Coordinate]]:
    """Coordinates that the skeleton is for random sizes, with their part, where both rules fit."""
    looked_at = 0
    for _ in range(_DRAWN):
        made: dict[object, Coordinate] = {}
        coordinate = _made(whole, made, random)
        inner = made[_key(part)]
        if one.apply(coordinate, Facts()) is not None and other.apply(inner, Facts()) is not None:
            yield coordinate, inner
            looked_at += 1
            if looked_at == _LOOKED_AT:
                return


def _key(pattern: Pattern) -> object:
    return pattern.name if isinstance(pattern, Hole) else pattern


def _made(pattern: Pattern, made: dict[object, Coordinate], random: Random) -> Coordinate:
    key = _key(pattern)
    if key not in made:
        if isinstance(pattern, Hole):
            leaves = sum(isinstance(item, str) for item in made)
            made[key] = Iterator(leaves, Size.constant(random.choice(_DOMAINS)))
        else:
            operands = [_made(item, made, random) for item in pattern.operands]
            made[key] = _primitive(pattern.kind, operands, random)
    return made[key]


def _primitive(kind: type[Coordinate], operands: Sequence[Coordinate], random: Random) -> Coordinate:
    first = operands[0]
    if kind in (Quotient, Remainder):
        domain = first.domain.value({})
        return kind(first, Size.constant(random.choice([n for n in range(1, domain + 1) if domain % n == 0])))
    if kind is Shift:
        return Shift(first, random.choice(_AMOUNTS))
    if kind is Stride:
        return Stride(first, Size.constant(random.choice(_FACTORS)))
    assert kind in (Split, Unfold)
    return kind(*operands)
