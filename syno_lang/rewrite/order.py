"""The two sides of a rule enter; whether the right one is smaller leaves: this is why rewriting ends.

The order is the lexicographic path order over the primitives (Dershowitz): it is well founded, and what is
smaller alone is smaller inside any coordinate and for anything that the variables stand for.  It does not see
amounts, nor which of two coordinates comes first: rules that change these alone have a measure of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.rewrite.amounts import Binding, Facts, Guard, as_amount, evaluate
from syno_lang.rewrite.patterns import Hole, Pattern, parts
from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial

#: The primitives from small to large: rules bring the small ones up and the large ones down to the leaves.
PRECEDENCE: Final[tuple[type[Coordinate], ...]] = (Split, Stride, Unfold, Remainder, Quotient, Shift)

#: The amounts and sizes at which an amount is compared with the one that takes its place.
_AMOUNTS: Final = range(-20, 21)
_SIZES: Final = range(1, 13)


def smaller(right: Pattern, left: Pattern, guards: Iterable[Guard]) -> bool:
    """Whether `right` is below `left` wherever the guards hold."""
    guards = tuple(guards)
    if _above(left, right) or _sorts(left, right, guards):
        return True
    pairs = _shifts(left, right) if _same(left, right) else None
    return pairs is not None and _amounts_fall(left, pairs, guards)


def may_shrink(before: tuple[int, Sequence[Pattern]], after: tuple[int, Sequence[Pattern]]) -> bool:
    """Whether a rule over sums, their number and what it rewrites on each side, can leave something smaller.

    That is fewer merges and shifts, as many with nearer amounts, or as many and fewer sums.  Whether it does
    depends on the operator, and is asked there.
    """
    (many, left), (few, right) = before, after
    return _has_heavy(left) or (not _has_heavy(right) and few < many)


def _has_heavy(patterns: Iterable[Pattern]) -> bool:
    heavy = (Quotient, Remainder, Shift)
    return any(
        not isinstance(part, Hole) and part.kind in heavy for pattern in patterns for part in parts(pattern)
    )


def _sorts(left: Pattern, right: Pattern, guards: Sequence[Guard]) -> bool:
    """Whether two coordinates change places and nothing else, and a guard has the smaller domain come first.

    Each such step leaves one pair less that is out of order.
    """
    before, after = ([part for part in parts(side) if isinstance(part, Hole)] for side in (left, right))
    moved = [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]]
    if len(moved) != 2 or moved[0] != moved[1][::-1] or _without_holes(left) != _without_holes(right):
        return False
    large, small = moved[0]
    wanted = {("<", small.domain, large.domain), (">", large.domain, small.domain)}
    return any((guard.relation, guard.left, guard.right) in wanted for guard in guards)


def _without_holes(pattern: Pattern) -> object:
    if isinstance(pattern, Hole):
        return None
    return pattern.kind, pattern.parameter, tuple(map(_without_holes, pattern.operands))


def _above(left: Pattern, right: Pattern) -> bool:
    if isinstance(left, Hole):
        return False
    if isinstance(right, Hole):
        return any(part is not left and part == right for part in parts(left))
    if any(_same(part, right) or _above(part, right) for part in left.operands):
        return True
    if not all(_above(left, part) for part in right.operands):
        return False
    if left.kind is not right.kind:
        return PRECEDENCE.index(left.kind) > PRECEDENCE.index(right.kind)
    for one, other in zip(left.operands, right.operands, strict=True):
        if not _same(one, other):
            return _above(one, other)
    return False


def _same(left: Pattern, right: Pattern) -> bool:
    """Equal but for sizes and amounts, at which the order does not look."""
    if isinstance(left, Hole) or isinstance(right, Hole):
        return left == right
    return left.kind is right.kind and all(map(_same, left.operands, right.operands))


def _shifts(left: Pattern, right: Pattern) -> list[tuple[Polynomial, Polynomial]] | None:
    """The amounts of two patterns of one shape that differ; `None` where anything else does."""
    if isinstance(left, Hole) or isinstance(right, Hole):
        return []
    found: list[tuple[Polynomial, Polynomial]] = []
    if left.parameter != right.parameter:
        if left.kind is not Shift or left.parameter is None or right.parameter is None:
            return None
        found.append((left.parameter, right.parameter))
    for one, other in zip(left.operands, right.operands, strict=True):
        inner = _shifts(one, other)
        if inner is None:
            return None
        found += inner
    return found


def _amounts_fall(
    left: Pattern, pairs: list[tuple[Polynomial, Polynomial]], guards: tuple[Guard, ...]
) -> bool:
    """Whether the one amount that changes comes nearer to 0, or from below 0 to as far above it.

    Tried for all small numbers, not proved.
    """
    if len(pairs) != 1:
        return False
    ((before, after),) = pairs
    expressions = [part.domain if isinstance(part, Hole) else part.parameter for part in parts(left)]
    names = {name for item in (*expressions, after) if item is not None for name in item.variables}
    amounts = sorted(names & {name for term in before.terms for name in term[1].variables})
    sizes = sorted(names - set(amounts))
    for values in product(*[_SIZES] * len(sizes), *[_AMOUNTS] * len(amounts)):
        binding: Binding = dict(zip(amounts, values[len(sizes) :], strict=True))
        binding.update(zip(sizes, map(Size.constant, values), strict=False))
        if all(guard.holds(binding, Facts()) for guard in guards):
            first, second = as_amount(evaluate(before, binding)), as_amount(evaluate(after, binding))
            if first is None or second is None or not _distance(second) < _distance(first):
                return False
    return True


def _distance(amount: int) -> tuple[int, bool]:
    return abs(amount), amount < 0
