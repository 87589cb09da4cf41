"""The left side and the guard of a rule enter; its sizes leave as polynomials, where what must be is whole.

`a / B` has a meaning where `B` divides `N`, so `N` is put as `B*N'` with a new size `N'`, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import sympy

from syno_lang.ir.coordinates import Quotient, Remainder, Split, Stride
from syno_lang.rewrite.amounts import Guard
from syno_lang.rewrite.patterns import Hole, Pattern, Term, parts
from syno_lang.rewrite.rules import Rule
from syno_lang.sizes.polynomial import Polynomial

_HALVES = (Quotient, Remainder)


#: How many sizes are put as others, which is more than any rule needs.
_MAX_IMAGES: Final = 24


@dataclass
class Sizes:
    """What the sizes and amounts of a rule are made of: `images` gives each one as a polynomial."""

    images: dict[sympy.Symbol, sympy.Expr] = field(default_factory=dict)
    symbols: dict[str, sympy.Symbol] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @staticmethod
    def of(rule: Rule, patterns: Iterable[Pattern], holes: Iterable[Hole]) -> Sizes:
        """The sizes of `rule` such that all `patterns` have a meaning and the guard holds."""
        sizes = Sizes()
        sizes.symbols = {
            name.text: sympy.Symbol(name.text, positive=True, integer=True) for name in rule.node.sizes
        }
        sizes.symbols.update((name.text, sympy.Symbol(name.text, integer=True)) for name in rule.node.amounts)
        sizes._taken = set(sizes.symbols)
        whole = [sizes.number(hole.domain) for hole in holes]
        whole += [size for pattern in patterns for size in sizes.demands(pattern)]
        whole += [
            sizes.number(item.right) / sizes.number(item.left)
            for item in rule.guards
            if item.relation == "divides"
        ]
        sizes._make_whole(whole)
        for guard in rule.guards:
            sizes._guarded(guard)
        return sizes

    def number(self, expression: Polynomial) -> sympy.Expr:
        """An expression of the rule."""
        total = sympy.Integer(0)
        for coefficient, size in expression.terms:
            powers = (self.symbols[name] ** power for name, power in size.powers)
            total += sympy.Mul(sympy.Rational(coefficient * size.numerator, size.denominator), *powers)
        return self.put(total)

    def put(self, value: sympy.Expr) -> sympy.Expr:
        """`value` in terms of what the sizes are made of."""
        while any(item in self.images for item in value.free_symbols):
            value = sympy.cancel(value.subs(self.images))
        return value

    def domain(self, pattern: Pattern) -> sympy.Expr:
        """Over how many values a pattern ranges."""
        if isinstance(pattern, Hole):
            return self.number(pattern.domain)
        first = self.domain(pattern.operands[0])
        if pattern.kind is Split:
            return sympy.expand(first * self.domain(pattern.operands[1]))
        if pattern.kind is Quotient:
            return sympy.cancel(first / self.parameter(pattern))
        if pattern.kind is Remainder:
            return self.parameter(pattern)
        return sympy.expand(first * self.parameter(pattern)) if pattern.kind is Stride else first

    def parameter(self, pattern: Term) -> sympy.Expr:
        """The block, the factor or the amount."""
        assert pattern.parameter is not None
        return self.number(pattern.parameter)

    def demands(self, pattern: Pattern) -> list[sympy.Expr]:
        """What has to be whole for the pattern to have a meaning: domains, blocks, factors and amounts."""
        found = [self.domain(part) for part in parts(pattern)]
        terms = [part for part in parts(pattern) if isinstance(part, Term)]
        found += [self.parameter(part) for part in terms if part.parameter is not None]
        return found + [
            sympy.cancel(self.domain(part.operands[0]) / self.parameter(part))
            for part in terms
            if part.kind in _HALVES
        ]

    def _make_whole(self, ratios: Iterable[sympy.Expr]) -> None:
        """`v/D` is whole where `v = D*v'` with a whole `v'`; any other fraction is left as it is."""
        waiting = list(ratios)
        while len(self.images) < _MAX_IMAGES:
            fractions = [sympy.fraction(sympy.cancel(self.put(ratio))) for ratio in waiting]
            found = next((image for pair in fractions if (image := self._plain(*pair))), None)
            found = found or next((image for pair in fractions if (image := self._crossed(*pair))), None)
            if found is None:
                return
            self.images |= found

    def _plain(self, above: sympy.Expr, below: sympy.Expr) -> dict[sympy.Symbol, sympy.Expr] | None:
        """`v/D`."""
        if not above.is_Symbol or below == 1 or not all(item.is_positive for item in below.free_symbols):
            return None
        return {above: below * self._fresh(above)}

    def _crossed(self, above: sympy.Expr, below: sympy.Expr) -> dict[sympy.Symbol, sympy.Expr] | None:
        """`v*w/d`: with divisors `p` of `v` and `r` of `w`, `d = p*r`, `v = p*q` and `w = r*s`."""
        factors = [*above.args, below] if above.is_Mul and len(above.args) == 2 else []
        if len(set(factors)) != 3 or not all(item.is_Symbol and item.is_positive for item in factors):
            return None
        one, other, divisor = factors
        p, q, r, s = (self._fresh(item) for item in (one, one, other, other))
        return {one: p * q, other: r * s, divisor: p * r}

    def _guarded(self, guard: Guard) -> None:
        """Use a guard that says what a size is made of: `even`, `odd`, and comparisons of two sizes."""
        left, right = self.number(guard.left), self.number(guard.right)
        if guard.relation in ("<", "<="):
            left, right = right, left
        if not left.is_Symbol or left in right.free_symbols:
            return
        more = self._fresh(left, nonnegative=True)
        half = more if left.is_positive else self._fresh(left)
        image = {
            "even": 2 * self._fresh(left), "odd": 2 * half + 1, "==": right,
            ">=": right + more, "<=": right + more, ">": right + more + 1, "<": right + more + 1,
        }.get(guard.relation)  # fmt: skip
        if image is not None:
            self.images[left] = image

    def _fresh(self, symbol: sympy.Symbol, **assumptions: bool) -> sympy.Symbol:
        """A new size, or amount, or with `nonnegative=True` a number that may be 0."""
        name = f"{symbol}'"
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return sympy.Symbol(name, integer=True, **(assumptions or {"positive": symbol.is_positive}))
