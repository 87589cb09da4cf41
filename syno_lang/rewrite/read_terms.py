"""Expressions of a rule enter; patterns, size expressions and guards leave, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syno_lang.diagnostics import SynoError, fail
from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.rewrite.amounts import Binding, Guard
from syno_lang.rewrite.patterns import Hole, Pattern, Term, build
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.syntax import ast

#: The primitives that are called, how many coordinates each takes, and whether a size or amount follows.
_CALLED: Final[dict[str, tuple[type[Coordinate], int, bool]]] = {
    "split": (Split, 2, False),
    "unfold": (Unfold, 2, False),
    "shift": (Shift, 1, True),
    "stride": (Stride, 1, True),
}

_HALVES: Final[dict[str, type[Coordinate]]] = {"/": Quotient, "%": Remainder}

#: The conditions that are called, with the number of their arguments.
_CONDITIONS: Final = {"divides": 2, "odd": 1, "even": 1}

ZERO: Final = Polynomial(())
UNIT: Final = Polynomial.make([(1, ONE)])


def wrong(node: ast.Node, message: str, hint: str) -> SynoError:
    """What is wrong with a part of a rule (E1001)."""
    return fail("E1001", message, span=node.span, hint=hint)


@dataclass(frozen=True)
class Terms:
    """The names that a rule declares: sizes and amounts, and coordinates with their domains."""

    numbers: frozenset[str]
    coordinates: Mapping[str, Hole]

    def number(self, node: ast.Expression | ast.Keyword) -> Polynomial:
        """A size, or an amount: sums of products of the declared ones."""
        match node:
            case ast.Name(text=text) if text in self.numbers:
                return Polynomial.make([(1, Size.variable(text))])
            case ast.Name(text=text):
                hint = "declare sizes before the `;` between `<` and `>`, amounts after it"
                raise wrong(node, f"there is no size or amount `{text}`", hint)
            case ast.Number(value=value):
                return UNIT * value
            case ast.Negate(operand=operand):
                return self.number(operand) * -1
            case ast.Power(base=base, exponent=exponent):
                return Polynomial.make([(1, self._monomial(base) ** exponent)])
            case ast.Binary(operator="+", left=left, right=right):
                return self.number(left) + self.number(right)
            case ast.Binary(operator="-", left=left, right=right):
                return self.number(left) + self.number(right) * -1
            case ast.Binary(operator="*", left=left, right=right):
                first, second = self.number(left), self.number(right)
                return Polynomial.make(
                    (a * b, one * two) for a, one in first.terms for b, two in second.terms
                )
            case ast.Binary(operator="/", left=left, right=right):
                below = self._monomial(right)
                return Polynomial.make((number, size / below) for number, size in self.number(left).terms)
        raise wrong(node, "this is no size", "sizes and amounts are made with `+ - * / ^`")

    def _monomial(self, node: ast.Expression) -> Size:
        found = self.number(node).terms
        if len(found) != 1 or found[0][0] <= 0:
            raise wrong(node, "this is no product of sizes", "only products of sizes have powers and divide")
        return found[0][1] * Size.constant(found[0][0])

    def pattern(self, node: ast.Expression | ast.Keyword) -> Pattern:
        """A coordinate made of the declared ones."""
        match node:
            case ast.Name(text=text) if text in self.coordinates:
                return self.coordinates[text]
            case ast.Binary(operator="/" | "%" as sign, left=left, right=right):
                return Term(_HALVES[sign], (self.pattern(left),), self.number(right))
            case ast.Call(function=function, arguments=arguments) if function.text in _CALLED:
                kind, count, with_number = _CALLED[function.text]
                if len(arguments) != count + with_number:
                    hint = f"it takes {count + with_number}"
                    raise wrong(node, f"`{function.text}` has {len(arguments)} arguments", hint)
                operands = tuple(self.pattern(item) for item in arguments[:count])
                return Term(kind, operands, self.number(arguments[-1]) if with_number else None)
        hint = f"use {', '.join(self.coordinates) or 'coordinates'}, {', '.join(_CALLED)}, `/` and `%`"
        raise wrong(node, "this is no coordinate of the rule", hint)

    def guard(self, node: ast.Condition) -> Guard:
        """A condition on sizes and amounts."""
        if isinstance(node, ast.Compares):
            return Guard(node.relation, self.number(node.left), self.number(node.right))
        name = node.function.text
        if len(node.arguments) != _CONDITIONS.get(name):
            hint = "write `divides(B, N)`, `odd(K)`, `even(K)`, or compare"
            raise wrong(node, "this is no condition on sizes", hint)
        first, *second = (self.number(item) for item in node.arguments)
        return Guard(name, first, second[0] if second else ZERO)


def domain(pattern: Pattern, binding: Binding) -> Size | None:
    """The domain of a pattern in the sizes of its rule."""
    found = build(_without_amounts(pattern), binding)
    return None if found is None else found.domain


def _without_amounts(pattern: Pattern) -> Pattern:
    """The same with every amount 0, which no domain depends on."""
    if isinstance(pattern, Hole):
        return pattern
    parameter = ZERO if pattern.kind is Shift else pattern.parameter
    return Term(pattern.kind, tuple(map(_without_amounts, pattern.operands)), parameter)


def stand_ins(numbers: Mapping[str, bool], coordinates: Mapping[str, Hole]) -> Binding:
    """Each size stands for itself, each amount for 0, each coordinate for a leaf of its domain."""
    binding: Binding = {name: Size.variable(name) if is_size else 0 for name, is_size in numbers.items()}
    for place, (name, hole) in enumerate(coordinates.items()):
        ((number, size),) = hole.domain.terms or ((1, ONE),)
        binding[name] = Iterator(place, size * Size.constant(abs(number) or 1))
    return binding
