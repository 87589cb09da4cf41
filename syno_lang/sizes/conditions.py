"""Conditions on sizes: what sizes demand of numbers, whether that can hold, and numbers for which it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as every
from math import lcm, prod
from operator import eq, ge, gt, le, lt
from typing import Final

from syno_lang.sizes.monomial import ONE, Size

#: What the signs of comparisons mean.
RELATIONS: Final = {"<=": le, "<": lt, ">=": ge, ">": gt, "==": eq}

#: The values that a search for an example tries first.
_CANDIDATES: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)

#: How many partial assignments a search for an example looks at.
_MAX_STEPS: Final = 20_000

#: How often values of one variable are tried to show that conditions on it never hold.
_MAX_TRIALS: Final = 10_000

#: How many bits the constants may have that come of multiplying equalities.
_MAX_BITS: Final = 4096


@dataclass(frozen=True, slots=True)
class Divides:
    """`divides(divisor, dividend)`: their quotient is a whole number."""

    divisor: Size
    dividend: Size

    @property
    def sizes(self) -> tuple[Size, ...]:
        """What the condition is about."""
        return (self.divisor, self.dividend)

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it holds for values of all its variables."""
        return (self.dividend / self.divisor).evaluate(values).denominator == 1

    def __str__(self) -> str:
        return f"divides({self.divisor}, {self.dividend})"


@dataclass(frozen=True, slots=True)
class Compares:
    """`left relation right` with `<=`, `<`, `>=`, `>` or `==`."""

    left: Size
    relation: str
    right: Size

    @property
    def sizes(self) -> tuple[Size, ...]:
        """What the condition is about."""
        return (self.left, self.right)

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it holds for values of all its variables."""
        return bool(RELATIONS[self.relation](self.left.evaluate(values), self.right.evaluate(values)))

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


@dataclass(frozen=True, slots=True)
class Parity:
    """`odd(size)` or `even(size)`."""

    size: Size
    odd: bool

    @property
    def sizes(self) -> tuple[Size, ...]:
        """What the condition is about."""
        return (self.size,)

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it holds for values of all its variables."""
        value = self.size.evaluate(values)
        return value.denominator == 1 and value.numerator % 2 == int(self.odd)

    def __str__(self) -> str:
        return f"{'odd' if self.odd else 'even'}({self.size})"


Condition = Divides | Compares | Parity

#: What comes before what: whether strictly, and which conditions say so.
_Steps = dict[tuple[Size, Size], tuple[bool, tuple[Condition, ...]]]

#: How many sizes in comparisons are put into an order to find a circle.
_MAX_CIRCLE: Final = 24


def variables(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The variables that the conditions are about, sorted."""
    return tuple(sorted({name for item in conditions for size in item.sizes for name in size.variables}))


def divisions(sizes: Iterable[Size]) -> tuple[Divides, ...]:
    """What must divide for `sizes` to be whole; a condition that follows from another is left out."""
    found = list(dict.fromkeys(Divides(size.lower, size.upper) for size in sizes if size.lower != ONE))
    return tuple(item for item in found if not any(_follows(item, other) for other in found if other != item))


def _follows(weak: Divides, strong: Divides) -> bool:
    """`U/L` whole and `(u/l) = (U/L) * whole` make `u/l` whole."""
    rest = (weak.dividend / weak.divisor) / (strong.dividend / strong.divisor)
    return rest.lower == ONE


def example(
    names: Sequence[str], conditions: Sequence[Condition], preferred: Mapping[str, int]
) -> dict[str, int] | None:
    """Small values for `names` under which all conditions hold, `preferred` ones if possible.

    `None` where a bounded search finds none, which proves nothing.
    """
    named = sorted(
        {size.numerator + step for item in conditions for size in item.sizes for step in (-1, 0, 1)}
    )
    order = sorted(names, key=lambda name: name not in preferred)
    steps = 0

    def search(values: dict[str, int]) -> dict[str, int] | None:
        nonlocal steps
        steps += 1
        if len(values) == len(order):
            return dict(values)
        name = order[len(values)]
        first = [preferred[name]] if name in preferred else []
        for value in dict.fromkeys((*first, *_CANDIDATES, *(item for item in named if item > 0))):
            values[name] = value
            if steps < _MAX_STEPS and _possible(conditions, values, name):
                found = search(values)
                if found is not None:
                    return found
            del values[name]
        return None

    constant = (item for item in conditions if not variables([item]))
    return search({}) if all(item.holds({}) for item in constant) else None


def _possible(conditions: Iterable[Condition], values: Mapping[str, int], name: str) -> bool:
    """Whether no condition that `name` completes is broken."""
    complete = (item for item in conditions if name in variables([item]))
    return all(item.holds(values) for item in complete if all(other in values for other in variables([item])))


def contradiction(conditions: Sequence[Condition]) -> tuple[Condition, ...] | None:
    """Conditions that no positive whole numbers satisfy together; `None` where none are shown to.

    Sound, not complete: it looks at conditions without variables, at all conditions on one variable,
    at products of equalities, and at circles of comparisons and divisions.
    """
    for item in conditions:
        if _is_constant(item) and not item.holds(dict.fromkeys(variables([item]), 1)):
            return (item,)
    alone: dict[str, list[Condition]] = {}
    for item in conditions:
        if len(variables([item])) == 1:
            alone.setdefault(variables([item])[0], []).append(item)
    for name, about in sorted(alone.items()):
        last = _last_value(about)
        feasible = last * len(about) <= _MAX_TRIALS
        if feasible and not any(_all_hold(about, {name: value}) for value in range(1, last + 1)):
            return tuple(about)
    equalities = [item for item in conditions if isinstance(item, Compares) and item.relation == "=="]
    return _unequal(equalities) or _circle(conditions)


def _circle(conditions: Sequence[Condition]) -> tuple[Condition, ...] | None:
    """Conditions that put a size before itself: `a < b` and `b <= a`, over any number of steps."""
    steps: _Steps = {}
    for item in conditions:
        for pair, strict in _before(item):
            _step(steps, pair, strict, (item,))
    sizes = sorted({size for pair in steps for size in pair}, key=str)
    if len(sizes) > _MAX_CIRCLE:
        return None
    for one, other in every(sizes, repeat=2):
        rest = other / one
        # Every variable is 1 or more, so a multiple is no smaller.
        if all(power > 0 for _, power in rest.powers) and rest.numerator >= rest.denominator:
            _step(steps, (one, other), rest.numerator > rest.denominator, ())
    for middle, one, other in every(sizes, repeat=3):
        if (one, middle) in steps and (middle, other) in steps:
            (first, left), (second, right) = steps[one, middle], steps[middle, other]
            _step(steps, (one, other), first or second, (*left, *right))
    circles = (parts for (one, other), (strict, parts) in steps.items() if one == other and strict)
    found = next(circles, None)
    return tuple(dict.fromkeys(found)) if found else None


def _step(steps: _Steps, pair: tuple[Size, Size], strict: bool, parts: tuple[Condition, ...]) -> None:
    """Keep that the first of `pair` comes before the second, strictly if that is known."""
    if pair not in steps or strict > steps[pair][0]:
        steps[pair] = (strict, parts)


def _before(item: Condition) -> list[tuple[tuple[Size, Size], bool]]:
    """The pairs `(a, b)` with `a <= b`, or `a < b` where the flag is set, that a condition says."""
    if isinstance(item, Divides):
        return [((item.divisor, item.dividend), False)]
    if isinstance(item, Parity):
        return []
    forward, backward = (item.left, item.right), (item.right, item.left)
    if item.relation == "==":
        return [(forward, False), (backward, False)]
    return [(forward if item.relation[0] == "<" else backward, "=" not in item.relation)]


def _is_constant(item: Condition) -> bool:
    """Whether the truth of a condition is the same for all values."""
    if isinstance(item, Parity):
        return not item.size.powers
    left, right = item.sizes
    return not (left / right).powers


def _last_value(conditions: Sequence[Condition]) -> int:
    """So far one variable must be tried: beyond the constants, comparisons stay and divisibility repeats."""
    constants = [prod(size.numerator * size.denominator for size in item.sizes) for item in conditions]
    return 1 + sum(constants) + lcm(*(2 * constant for constant in constants))


def _all_hold(conditions: Iterable[Condition], values: Mapping[str, int]) -> bool:
    return all(item.holds(values) for item in conditions)


def _unequal(equalities: Sequence[Compares]) -> tuple[Condition, ...] | None:
    """Equalities of monomials whose product says that a constant other than 1 is 1."""
    rows: list[tuple[Size, tuple[Condition, ...]]] = []
    for item in equalities:
        ratio, parts = item.left / item.right, (item,)
        found = _eliminate(ratio, rows, parts)
        if found is not None:
            return found
    return None


def _eliminate(
    ratio: Size, rows: list[tuple[Size, tuple[Condition, ...]]], parts: tuple[Condition, ...]
) -> tuple[Condition, ...] | None:
    """Multiply powers of known ratios into `ratio` until a new variable is left, or none is."""
    for known, origin in rows:
        pivot = known.powers[0][0]
        own, other = dict(ratio.powers).get(pivot, 0), dict(known.powers)[pivot]
        if own:
            if _bits(ratio) * abs(other) + _bits(known) * abs(own) > _MAX_BITS:
                return None
            # Both sides are 1, so every power of them is.
            ratio, parts = ratio**other / known**own, tuple(dict.fromkeys((*parts, *origin)))
    if not ratio.powers:
        return parts if ratio != ONE else None
    rows.append((ratio, parts))
    return None


def _bits(size: Size) -> int:
    """How large a size is: the bits of its constant and of its powers."""
    powers = sum(power.bit_length() for _, power in size.powers)
    return size.numerator.bit_length() + size.denominator.bit_length() + powers


def disagreement(left: Size, right: Size, preferred: Mapping[str, int]) -> dict[str, int] | None:
    """Small values for which both sizes are whole and differ; `None` where none are found."""
    names = tuple(sorted({*left.variables, *right.variables}))
    whole = divisions([left, right])
    for relation in (">", "<"):
        found = example(names, [*whole, Compares(left, relation, right)], preferred)
        if found is not None:
            return found
    return None


def broken(conditions: Iterable[Condition], values: Mapping[str, int]) -> Iterator[Condition]:
    """The conditions that do not hold for `values`."""
    return (item for item in conditions if not item.holds(values))
