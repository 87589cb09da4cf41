"""A linear form over coordinates enters, the coordinate of the primitives that it spells leaves.

The identities, each a primitive read backwards (paper, table 1):
    B*i + j         = split(i, j)      where B is the domain of j
    i + j - K/2     = unfold(i, j)     where K is the domain of j
    s*i             = stride(i, s)
    (i + d) % N     = shift(i, d)      where N is the domain of i
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from syno_lang.ir.coordinates import Coordinate, Shift, Split, Stride, Unfold
from syno_lang.sizes import ONE, Size


class NotAPrimitive(Exception):
    """The form is no pGraph; `hint` names the nearest primitive."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Sum:
    """`sum(factor*coordinate) + number - sum(floor(half/2))`."""

    terms: tuple[tuple[Size, Coordinate], ...] = ()
    halves: tuple[Size, ...] = ()
    number: int = 0

    @staticmethod
    def of(coordinate: Coordinate) -> Sum:
        """The sum that is one coordinate."""
        return Sum(((ONE, coordinate),))

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.terms + other.terms, self.halves + other.halves, self.number + other.number)

    def __sub__(self, constant: Sum) -> Sum:
        """Subtract a constant: `constant` has no terms, and its halves are what is subtracted."""
        return Sum(self.terms, self.halves + constant.halves, self.number - constant.number)


def modulo(value: Sum, modulus: Size) -> Coordinate | None:
    """`(i + d) % N` as SHIFT; `None` where it is a remainder instead."""
    if value.halves or not value.number or not value.terms:
        return None
    inner = collapse(replace(value, number=0))
    return Shift(inner, value.number) if inner.domain == modulus else None


def collapse(value: Sum) -> Coordinate:
    """The coordinate that `value` spells.  Raises `NotAPrimitive`."""
    terms = _splits(list(value.terms))
    halves, number = list(value.halves), value.number
    while len(terms) > 1:
        terms, halves, number = _unfold_once(terms, halves, number)
    if number and terms:
        raise NotAPrimitive("a constant is added without a modulus", _shift_hint(number))
    if halves or not terms:
        raise NotAPrimitive("no coordinate is left here", "an index is made of coordinates")
    factor, coordinate = terms[0]
    return coordinate if factor.is_one else Stride(coordinate, factor)


def _shift_hint(number: int) -> str:
    return f"shift is circular: `(i + {number}) % N`, or `shift(i, {number})`"


def _splits(terms: list[tuple[Size, Coordinate]]) -> list[tuple[Size, Coordinate]]:
    """Join `B*i + j` pairs until none is left, the smallest block first, so chains nest to the right."""
    while True:
        pairs = (
            (major, minor)
            for minor in terms
            for major in terms
            if major is not minor and major[0] == minor[0] * minor[1].domain
        )
        found = next(pairs, None)
        if found is None:
            return terms
        major, minor = found
        joined = (minor[0], Split(major[1], minor[1]))
        terms = [joined if term is major else term for term in terms if term is not minor]


def _unfold_once(
    terms: list[tuple[Size, Coordinate]], halves: list[Size], number: int
) -> tuple[list[tuple[Size, Coordinate]], list[Size], int]:
    """Join the first operand with the first window whose half is subtracted."""
    for place, (factor, window) in reversed(list(enumerate(terms))):
        size = factor * window.domain
        coordinate = window if factor.is_one else Stride(window, factor)
        constant = size.numerator // 2 if not size.powers else -1
        if size in halves or (constant >= 0 and number <= -constant and not halves):
            rest = terms[:place] + terms[place + 1 :]
            base = next((term for term in rest if term[0].is_one), None)
            if base is None:
                continue
            joined = (ONE, Unfold(base[1], coordinate))
            kept = [joined if term is base else term for term in rest]
            if size not in halves:
                return kept, halves, number + constant
            first = halves.index(size)
            return kept, halves[:first] + halves[first + 1 :], number
    raise NotAPrimitive(
        "this sum of coordinates is no primitive",
        "a window is `i + j - K/2` (unfold), a block is `B*i + j` with B the domain of j (split)",
    )
