"""Patterns whose coordinates are digits enter; their values leave as polynomials without `/` and `%`.

A value is divided by a block term by term.  Where a coordinate `v` stands in the way it is put as
`B*v1 + v0`, with digits `v1` and `v0 < B`, and everything is computed again: so far as blocks divide each
other, floors and remainders become sums of digits.  A floor that is left is an unknown whole number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import sympy

from syno_lang.ir.coordinates import Quotient, Remainder, Shift, Split, Stride
from syno_lang.rewrite.patterns import Hole, Pattern, Term
from syno_lang.rewrite.prove_bounds import divided, is_polynomial, never_negative
from syno_lang.rewrite.prove_sizes import Sizes

#: How often coordinates are taken apart, which is more than any rule needs.
_MAX_DIGITS: Final = 24


class Unproved(Exception):
    """What was to be shown could not be shown."""


@dataclass(frozen=True)
class Value:
    """A coordinate: its value below `domain`, and the windows outside of which the product is 0.

    A window `(value, bound)` says `0 <= value < bound`; those that always hold are left out.
    """

    value: sympy.Expr
    domain: sympy.Expr
    windows: frozenset[tuple[sympy.Expr, sympy.Expr]] = frozenset()


@dataclass
class Terms:
    """Values of patterns over the digits of `holes`."""

    sizes: Sizes
    digits: dict[sympy.Symbol, sympy.Expr] = field(default_factory=dict)
    images: dict[sympy.Symbol, sympy.Expr] = field(default_factory=dict)
    _floors: dict[tuple[sympy.Expr, sympy.Expr], sympy.Symbol] = field(default_factory=dict)

    def leaf(self, hole: Hole) -> Value:
        """A coordinate of the rule, as a digit or as the digits that it was taken apart into."""
        # A name of the language has no colon.
        symbol = sympy.Symbol(f"{hole.name}:", integer=True)
        domain = self.sizes.number(hole.domain)
        if domain == 1:
            return Value(sympy.Integer(0), domain)
        if symbol not in self.images:
            self.digits.setdefault(symbol, domain)
        return Value(self._put(symbol), domain)

    def of(self, pattern: Pattern, known: Mapping[str, Value]) -> Value:
        """The value of a pattern.  Raises `Unproved` where its domain may not be whole."""
        if isinstance(pattern, Hole):
            return known[pattern.name]
        operands = [self.of(operand, known) for operand in pattern.operands]
        domain = self._checked_domain(pattern, operands)
        windows = frozenset[tuple[sympy.Expr, sympy.Expr]]().union(*(item.windows for item in operands))
        first, *others = operands
        if pattern.kind is Split:
            return Value(sympy.expand(others[0].domain * first.value + others[0].value), domain, windows)
        if pattern.kind is Stride:
            return Value(sympy.expand(self._parameter(pattern) * first.value), domain, windows)
        if pattern.kind is Quotient:
            return Value(self.floor(first.value, self._parameter(pattern)), domain, windows)
        if pattern.kind is Remainder:
            return Value(self.rest(first.value, self._parameter(pattern)), domain, windows)
        if pattern.kind is Shift:
            return Value(self.rest(first.value + self._parameter(pattern), domain), domain, windows)
        value = sympy.expand(first.value + others[0].value - self.floor(others[0].domain, sympy.Integer(2)))
        return Value(value, domain, windows | self._window(value, domain))

    def floor(self, value: sympy.Expr, block: sympy.Expr) -> sympy.Expr:
        """`value / block`, rounded down."""
        whole, rest = divided(value, block)
        if self._is_below(rest, block):
            return whole
        for factor in sorted(block.free_symbols, key=str):
            # (F*x + y) / (F*b) = x / b, where y < F.
            inner, low = divided(rest, factor)
            smaller = sympy.cancel(block / factor)
            if is_polynomial(smaller) and self._is_below(low, factor):
                return sympy.expand(whole + self.floor(inner, smaller))
        if self._take_apart(rest, block):
            raise _Again
        key = rest, block
        name = f"floor:{len(self._floors)}"
        return whole + self._floors.setdefault(key, sympy.Symbol(name, integer=True))

    def rest(self, value: sympy.Expr, block: sympy.Expr) -> sympy.Expr:
        """`value % block`."""
        return sympy.expand(value - block * self.floor(value, block))

    def same(self, one: Value, other: Value) -> bool:
        """Whether two coordinates have one domain, one value, and the same windows, at every point."""
        apart = sympy.expand(one.value - other.value)
        if sympy.expand(one.domain - other.domain) != 0 or one.windows != other.windows:
            return False
        # Both are below the domain, so if they are a multiple of it apart they are equal.
        return bool(apart == 0) or is_polynomial(sympy.cancel(apart / one.domain))

    def _is_below(self, value: sympy.Expr, bound: sympy.Expr) -> bool:
        """Whether `0 <= value < bound` always holds."""
        return never_negative(value, self.digits) and never_negative(bound - 1 - value, self.digits)

    def _put(self, value: sympy.Expr) -> sympy.Expr:
        while any(item in self.images for item in value.free_symbols):
            value = sympy.expand(value.subs(self.images))
        return value

    def _parameter(self, pattern: Term) -> sympy.Expr:
        found = self.sizes.parameter(pattern)
        if not is_polynomial(found):
            raise Unproved(f"{found} may not be whole")
        return found

    def _checked_domain(self, pattern: Term, operands: list[Value]) -> sympy.Expr:
        """The domain, which has to be a positive whole number, as has the other half of a merge."""
        first = operands[0].domain
        parameter = None if pattern.parameter is None else self._parameter(pattern)
        domain = first
        if pattern.kind is Split:
            domain = sympy.expand(first * operands[1].domain)
        elif pattern.kind is Quotient:
            domain = sympy.cancel(first / parameter)
        elif pattern.kind is Remainder:
            domain = parameter
        elif pattern.kind is Stride:
            domain = sympy.expand(first * parameter)
        positive = [domain]
        if pattern.kind in (Quotient, Remainder):
            positive += [parameter, sympy.cancel(first / parameter)]
        if pattern.kind is Stride:
            positive.append(parameter)
        for size in positive:
            if not is_polynomial(size) or not never_negative(size - 1, {}):
                raise Unproved(f"{size} may not be a whole number of 1 or more")
        return domain

    def _take_apart(self, rest: sympy.Expr, block: sympy.Expr) -> bool:
        """Put a coordinate of `rest` as two digits, the lower one of which `block` takes whole."""
        if len(self.images) > _MAX_DIGITS:
            return False
        for term in sympy.Add.make_args(rest):
            for digit in sorted(term.free_symbols & self.digits.keys(), key=str):
                low = sympy.cancel(block * digit / term)
                high = sympy.cancel(self.digits[digit] / low)
                if low.free_symbols & self.digits.keys() or not (is_polynomial(low) and is_polynomial(high)):
                    continue
                if low != 1 and high != 1 and never_negative(low - 1, {}):
                    upper, lower = (sympy.Symbol(f"{digit}{part}", integer=True) for part in "10")
                    self.digits |= {upper: high, lower: low}
                    self.images[digit] = low * upper + lower
                    return True
        return False

    def _window(self, value: sympy.Expr, domain: sympy.Expr) -> frozenset[tuple[sympy.Expr, sympy.Expr]]:
        """`0 <= value < domain`, without what both share, or nothing where it always holds."""
        if self._is_below(value, domain):
            return frozenset()
        for factor in sorted(domain.free_symbols, key=str):
            whole, rest = divided(value, factor)
            smaller = sympy.cancel(domain / factor)
            if is_polynomial(smaller) and self._is_below(rest, factor):
                return self._window(whole, smaller)
        return frozenset([(sympy.expand(value), domain)])

    @property
    def floors(self) -> dict[sympy.Symbol, sympy.Expr]:
        """What each unknown whole number is rounded down from."""
        return {symbol: value / block for (value, block), symbol in self._floors.items()}

    def forget_floors(self) -> None:
        """Begin again, with the digits that there are."""
        self._floors.clear()


class _Again(Exception):
    """A coordinate was taken apart, so values have to be computed again."""


T = TypeVar("T")


def settled(terms: Terms, compute: Callable[[], T]) -> T:
    """`compute()` once no coordinate has to be taken apart any more."""
    while True:
        try:
            return compute()
        except _Again:
            terms.forget_floors()
