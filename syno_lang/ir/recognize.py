"""A linear form over coordinates enters, the coordinate of the primitives that it spells leaves.

The identities, each a primitive read backwards (paper, table 1):
    B*i + j             = split(i, j)      where B is the domain of j
    i + j - floor(K/2)  = unfold(i, j)     where K is the domain of j
    s*i                 = stride(i, s)
    (i + d) % N         = shift(i, d)      where N is the domain of i
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Shift, Split, Stride, Unfold
from syno_lang.ir.linear import ZERO, Linear, floored, monomial, product, shown, single
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.polynomial import Polynomial

#: How many coordinates one sum may join; the number of ways to join them grows like a factorial.
MAX_TERMS: Final = 5

_WINDOW: Final = "a window is centred: `i + j - K/2` (unfold) with K the domain of j"


class NotAPrimitive(Exception):
    """The form is no pGraph; `hint` names the nearest primitive."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


#: `factor*coordinate` terms in the order of the text.
Terms = tuple[tuple[Coordinate, Size], ...]


#: Where an UNFOLD must stay inside: its terms, its constant, its domain.
Guard = tuple[frozenset[tuple[Coordinate, Size]], Polynomial, Size]


@dataclass(frozen=True)
class Reading:
    """One way to read a form: the coordinate, the constant that its windows subtract, and its guards.

    Readings of one form with equal guards have equal values everywhere.
    """

    coordinate: Coordinate
    offset: Polynomial
    guards: frozenset[Guard] = frozenset()


def collapse(form: Linear) -> Coordinate:
    """The coordinate that `form` spells.  Raises `NotAPrimitive`."""
    readings = list(_readings(_monomials(form)))
    fitting = [reading for reading in readings if reading.offset == form.constant]
    if not fitting:
        raise _nearest(form, readings)
    other = next((reading for reading in fitting if reading.guards != fitting[0].guards), None)
    if other is not None:
        message = "this sum can be read in two ways, which differ at the borders"
        hint = "put each window into parentheses: `(h + p - k/2)`, or write unfold(h, p)"
        raise NotAPrimitive(message, hint)
    return fitting[0].coordinate


def modulo(form: Linear, modulus: Size) -> Coordinate | None:
    """`(i + d) % N` as SHIFT; `None` where it is a remainder instead.  Raises `NotAPrimitive`."""
    readings = list(_readings(_monomials(form)))
    for reading in readings:
        if reading.coordinate.domain != modulus:
            continue
        rest = form.constant + reading.offset * -1
        # Multiples of N make no difference modulo N.
        whole = [factor for factor, size in rest.terms if size == ONE]
        turns = [factor for factor, size in rest.terms if size == modulus]
        if rest.terms and len(rest.terms) == len(whole) + len(turns):
            return Shift(reading.coordinate, sum(whole))
    if any(reading.offset == form.constant for reading in readings):
        return None
    domains = " or ".join(dict.fromkeys(str(reading.coordinate.domain) for reading in readings))
    if domains and not any(reading.coordinate.domain == modulus for reading in readings):
        message = f"a shift is taken modulo the domain, which is {domains}, not {modulus}"
        raise NotAPrimitive(message, "write `(i + d) % N` with N the domain of i, or shift(i, d)")
    raise _nearest(form, readings)


def _monomials(form: Linear) -> Terms:
    """The terms with their coefficients as sizes."""
    if not form.terms:
        raise NotAPrimitive("there is no coordinate in this index", "every axis is read at a coordinate")
    if len(form.terms) > MAX_TERMS:
        message = f"this sum joins more than {MAX_TERMS} coordinates"
        raise NotAPrimitive(message, "name parts of it with bindings: `y = unfold(h, p)`")
    found = []
    for coordinate, factor in form.terms.items():
        term = single(factor)
        if term is None or term[0] < 1:
            message = f"a coordinate is multiplied by `{shown(factor)}`"
            raise NotAPrimitive(
                message, "coordinates are multiplied by sizes: `B*i + j` (split), `s*i` (stride)"
            )
        found.append((coordinate, _exact(Size.constant(term[0]) * term[1])))
    return tuple(found)


def _exact(size: Size) -> Size:
    """A block is a whole number: in it the variable for `floor(H/2)` means `H/2`."""
    exact = Size.make(size.numerator, size.denominator, {})
    for name, power in size.powers:
        upper, _, lower = name.rpartition("/")
        if upper and not upper.isidentifier():
            raise NotAPrimitive(f"a coordinate is multiplied by `{size}`", "multiply by a product of sizes")
        base = Size.variable(upper) / Size.constant(int(lower)) if upper else Size.variable(name)
        exact = exact * base**power
    return exact


@lru_cache(maxsize=256)
def _readings(terms: Terms) -> tuple[Reading, ...]:
    """Every way to read a sum of terms, the preferred first."""
    if len(terms) == 1:
        ((coordinate, factor),) = terms
        return (Reading(coordinate if factor == ONE else Stride(coordinate, factor), ZERO),)
    # Of readings with equal values the first counts: blocks nest to the right.
    found: dict[Reading, None] = {}
    for base_terms, window_terms in _partitions(terms, longest_first=True):
        for base in _readings(base_terms):
            for window in _readings(window_terms):
                found[_unfold(base, window, terms)] = None
    for major_terms, minor_terms in _partitions(terms, longest_first=False):
        for minor in _readings(minor_terms):
            found.update(dict.fromkeys(_splits(major_terms, minor)))
    return tuple(found)


def _partitions(terms: Terms, *, longest_first: bool) -> Iterate[tuple[Terms, Terms]]:
    """Every ordered pair of non-empty parts, by the length of the left part, then as in the text."""
    sign = -1 if longest_first else 1
    codes = sorted(range(1, 2 ** len(terms) - 1), key=lambda code: (sign * bin(code).count("1"), code))
    for code in codes:
        left = tuple(term for place, term in enumerate(terms) if code >> place & 1)
        right = tuple(term for place, term in enumerate(terms) if not code >> place & 1)
        yield left, right


def _splits(left: Terms, minor: Reading) -> Iterate[Reading]:
    """`B*major + minor`: every factor of the left part is a multiple of the domain of `minor`."""
    block = minor.coordinate.domain
    divided = [(coordinate, factor / block) for coordinate, factor in left]
    if any(factor.denominator != 1 or factor.lower != ONE for _, factor in divided):
        return
    for major in _readings(tuple(divided)):
        if not isinstance(major.coordinate, Stride):
            offset = product(major.offset, monomial(block)) + minor.offset
            yield Reading(Split(major.coordinate, minor.coordinate), offset, major.guards | minor.guards)


def _unfold(base: Reading, window: Reading, terms: Terms) -> Reading:
    """`base + window - floor(K/2)`"""
    coordinate = Unfold(base.coordinate, window.coordinate)
    offset = base.offset + window.offset + floored(window.coordinate.domain, 2) * -1
    guard = (frozenset(terms), offset, coordinate.domain)
    return Reading(coordinate, offset, base.guards | window.guards | {guard})


def _nearest(form: Linear, readings: list[Reading]) -> NotAPrimitive:
    """What the form is nearest to, as a finding."""
    if len(form.terms) == 1:
        term = single(form.constant)
        if term is not None and term[1] == ONE:
            hint = f"a shift is circular: `(i + {term[0]}) % N`, or `shift(i, {term[0]})`"
            return NotAPrimitive("a number is added without a modulus", hint)
        return NotAPrimitive(f"`{shown(form.constant)}` is added to one coordinate", _WINDOW)
    centres = dict.fromkeys(shown(reading.offset) for reading in readings if reading.offset.terms)
    if form.constant.terms and centres:
        message = f"this constant centres no window; it would be `{'` or `'.join(centres)}`"
        return NotAPrimitive(message, _WINDOW)
    blocks = dict.fromkeys(str(coordinate.domain) for coordinate in form.terms)
    if all(single(factor) == (1, ONE) for factor in form.terms.values()):
        return NotAPrimitive("two coordinates are added", f"{_WINDOW}; a block is `B*i + j` (split)")
    message = f"no factor is the domain of the other coordinate: these are `{'`, `'.join(blocks)}`"
    return NotAPrimitive(message, "a block is `B*i + j` with B the domain of j (split)")
