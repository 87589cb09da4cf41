"""The two sides of a rule enter; whether the right one is smaller leaves: this is why rewriting ends.

The order is the lexicographic path order over the primitives (Dershowitz): it is well founded, and what is
smaller alone is smaller inside any coordinate and for anything that the variables stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.rewrite.amounts import Binding, Facts, Guard, as_amount, evaluate
from syno_lang.rewrite.patterns import Hole, Pattern, Term, parts
from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial

#: The primitives from small to large: rules bring the small ones up and the large ones down to the leaves.
PRECEDENCE: Final[tuple[type[Coordinate], ...]] = (Split, Stride, Remainder, Quotient, Unfold, Shift)

#: The amounts and sizes at which an amount is compared with the one that takes its place.
_AMOUNTS: Final = range(-20, 21)
_SIZES: Final = range(1, 13)


def smaller(right: Pattern, left: Pattern, guards: Iterable[Guard]) -> bool:
    """Whether `right` is below `left` wherever the guards hold."""
    if _above(left, right):
        return True
    return _same_but_amounts(left, right) and _amounts_fall(left, right, tuple(guards))


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


def _same_but_amounts(left: Pattern, right: Pattern) -> bool:
    return (
        isinstance(left, Term)
        and isinstance(right, Term)
        and left.kind is right.kind is Shift
        and left.operands == right.operands
    )


def _amounts_fall(left: Pattern, right: Pattern, guards: tuple[Guard, ...]) -> bool:
    """Whether the amount of a shift comes nearer to 0, or from below 0 to as far above it.

    Tried for all small numbers, not proved.
    """
    assert isinstance(left, Term) and isinstance(right, Term) and left.parameter and right.parameter
    inner: list[Polynomial] = [part.domain for part in parts(left) if isinstance(part, Hole)]
    names = {name for item in (left.parameter, right.parameter, *inner) for name in item.variables}
    sizes = sorted({name for item in inner for name in item.variables})
    amounts = sorted(names - set(sizes))
    for values in product(*[_SIZES] * len(sizes), *[_AMOUNTS] * len(amounts)):
        binding: Binding = dict(zip(amounts, values[len(sizes) :], strict=True))
        binding.update(zip(sizes, map(Size.constant, values), strict=False))
        if all(guard.holds(binding, Facts()) for guard in guards):
            before = as_amount(evaluate(left.parameter, binding))
            after = as_amount(evaluate(right.parameter, binding))
            if before is None or after is None or not _distance(after) < _distance(before):
                return False
    return True


def _distance(amount: int) -> tuple[int, bool]:
    return abs(amount), amount < 0
