"""The rules of a file enter as trees, and leave as rules that are known to make sense and to end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.modules.find import resolve
from syno_lang.modules.load import Loader
from syno_lang.resources import folder
from syno_lang.rewrite.amounts import Guard
from syno_lang.rewrite.order import may_shrink, smaller
from syno_lang.rewrite.patterns import Hole, Pattern, Term, holes, parts
from syno_lang.rewrite.read_terms import UNIT, Terms, domain, stand_ins, wrong
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_module
from syno_lang.syntax.parse import parse, read

#: The word that stands for whatever reads the coordinates of a rule.
CONTEXT = "f"


def load_rules(path: str | Path) -> list[Rule]:
    """The rules of a file in its order.  Raises `SynoError` with every finding."""
    return read_rules(parse(read(path)).rules)


def rules_of(path: str, search: tuple[str, ...] = ()) -> list[Rule]:
    """The rules of a file and those that it uses; `stdlib:NAME` is what ships.  Raises `SynoError`."""
    return read_rules(Loader(search).file(resolve(path)).rules.values())


def standard_rules() -> list[Rule]:
    """The rules that ship with the package."""
    return [rule for path in sorted((folder("stdlib") / "rules").glob("*.syno")) for rule in load_rules(path)]


@cache
def exact_rules() -> tuple[Rule, ...]:
    """The rules that ship and keep the value at every point; read once."""
    return tuple(rule for rule in standard_rules() if rule.is_exact)


def read_rules(nodes: Iterable[ast.Rule]) -> list[Rule]:
    """The rules of trees.  Raises `SynoError` (E0204, E1001, E1002) with every finding."""
    findings: list[Diagnostic] = []
    rules: dict[str, Rule] = {}
    for node in nodes:
        try:
            if node.name.text in rules:
                raise fail("E0204", f"the rule `{node.name.text}` is defined twice", span=node.name.span)
            rules[node.name.text] = read_rule(node)
        except SynoError as error:
            findings += error.diagnostics
    if findings:
        raise SynoError(findings)
    return list(rules.values())


def read_rule(node: ast.Rule) -> Rule:
    """One rule.  Raises `SynoError`: E1001 if it makes no sense, E1002 if its right side is not smaller."""
    return _Reader(node).rule()


@dataclass
class _Reader:
    node: ast.Rule

    def __post_init__(self) -> None:
        node = self.node
        self.numbers = {name.text: True for name in node.sizes} | {name.text: False for name in node.amounts}
        plain = Terms(frozenset(self.numbers), {})
        self.holes: dict[str, Hole] = {}
        sums = [
            item for side in (node.before, node.after) for part in side.reductions for item in part.binders
        ]
        for binder in (*node.coordinates, *sums):
            hole = Hole(binder.name.text, plain.number(binder.domain))
            if self.holes.setdefault(hole.name, hole) != hole or hole.name in self.numbers:
                raise wrong(binder, f"`{hole.name}` is declared twice", "give it another name")
            if len(hole.domain.terms) != 1:
                raise wrong(binder.domain, "this domain is no size", "a domain is a product of sizes")
        self.terms = Terms(frozenset(self.numbers), self.holes)
        self.before = self._binders(node.before)
        self.after = self._binders(node.after)

    def _binders(self, side: ast.Side) -> tuple[Hole, ...]:
        return tuple(self.holes[item.name.text] for part in side.reductions for item in part.binders)

    def rule(self) -> Rule:
        node = self.node
        guards = tuple(self.terms.guard(item) for item in node.conditions)
        bound = None if node.bound is None else self.terms.number(node.bound)
        left = node.before.value
        if self.before and isinstance(left, ast.Access):
            return self._sum_rule(guards, bound)
        if self.before:
            return self._constant_rule(guards, bound)
        factors = _factors(left)
        if len(factors) == 2 and isinstance(factors[0], ast.Access):
            return self._used_rule(factors, guards, bound)
        if _is_expand(left):
            return self._expand_rule(left, guards, bound)
        return self._coordinate_rule(guards, bound)

    def _coordinate_rule(self, guards: tuple[Guard, ...], bound: Polynomial | None) -> Rule:
        left, right = (self.terms.pattern(side.value) for side in (self.node.before, self.node.after))
        if not isinstance(left, Term):
            raise wrong(self.node.before, "the left side is a lone variable", "begin with a primitive")
        self._check_pair(left, right, ())
        if not smaller(right, left, guards):
            raise _endless(self.node)
        return CoordinateRule(self.node.name.text, self.node, guards, bound, left, right)

    def _sum_rule(self, guards: tuple[Guard, ...], bound: Polynomial | None) -> Rule:
        left, right = self._context(self.node.before), self._context(self.node.after)
        if len(left) != len(right):
            raise wrong(
                self.node.after, "the sides have different numbers of places", "one for each on the left"
            )
        own = {hole.name for hole in (*self.before, *self.after)}
        for one, other in zip(left, right, strict=True):
            self._check_pair(one, other, own)
            if holes(one) - own != holes(other) - own:
                raise wrong(
                    self.node.after, "a coordinate is lost", "both sides of a place have the same ones"
                )
        self._check_domains()
        if not may_shrink((len(self.before), left), (len(self.after), right)):
            raise _endless(
                self.node, ("smaller: fewer merges and shifts, or as many of both and fewer sums",)
            )
        name = self.node.name.text
        return SumRule(name, self.node, guards, bound, self.before, self.after, left, right)

    def _constant_rule(self, guards: tuple[Guard, ...], bound: Polynomial | None) -> Rule:
        for side, binders in ((self.node.before, self.before), (self.node.after, self.after)):
            if [self._expanded(item) for item in _factors(side.value) if _is_expand(item)] != list(binders):
                raise wrong(side, "not every sum is expanded", "write `sum[r: A] expand(r)`")
        if not self.after and self.node.after.value != ast.Number(self.node.span, 1):
            raise wrong(self.node.after, "this is no constant", "write `1`")
        reducers = {
            part.reducer.text for side in (self.node.before, self.node.after) for part in side.reductions
        }
        if len(reducers) != 1:
            raise wrong(self.node.after, "a sum is no mean", "use the same reducer on both sides")
        if len(self.after) >= len(self.before):
            raise _endless(self.node)
        if "sum" in reducers:
            self._check_domains()
        name, (reducer,) = self.node.name.text, reducers
        return ConstantRule(name, self.node, guards, bound, reducer, self.before, self.after)

    def _used_rule(
        self, factors: Sequence[ast.Expression], guards: tuple[Guard, ...], bound: Polynomial | None
    ) -> Rule:
        (used,) = self._context_of(factors[0])
        if not _is_expand(factors[1]) or used != self._expanded(factors[1]) or not isinstance(used, Hole):
            raise wrong(
                self.node.before, "this is no coordinate that is used too", "write `f[i] * expand(i)`"
            )
        if self._context(self.node.after) != (used,):
            raise wrong(self.node.after, "the right side has to be what is left", "write `f[i]`")
        return UsedRule(self.node.name.text, self.node, guards, bound, used)

    def _expand_rule(
        self, value: ast.Expression, guards: tuple[Guard, ...], bound: Polynomial | None
    ) -> Rule:
        left = self._expanded(value)
        right = tuple(self._expanded(item) for item in _factors(self.node.after.value))
        if not isinstance(left, Term):
            raise wrong(self.node.before, "the left side is a lone variable", "begin with a primitive")
        for item in right:
            if not smaller(item, left, guards):
                raise _endless(self.node)
        return ExpandRule(self.node.name.text, self.node, guards, bound, left, right)

    def _context(self, side: ast.Side) -> tuple[Pattern, ...]:
        return self._context_of(side.value)

    def _context_of(self, value: ast.Expression) -> tuple[Pattern, ...]:
        if not isinstance(value, ast.Access) or value.tensor.text != CONTEXT:
            raise wrong(
                value, "this is no context", f"write `{CONTEXT}[...]`: whatever reads these coordinates"
            )
        return tuple(self.terms.pattern(item) for item in value.indices)

    def _expanded(self, value: ast.Expression) -> Pattern:
        if not isinstance(value, ast.Call) or not _is_expand(value):
            raise wrong(value, "this is no `expand(...)`", "write `expand(i)`")
        return self.terms.pattern(value.arguments[0])

    def _check_pair(self, left: Pattern, right: Pattern, own: Iterable[str]) -> None:
        """The right side has no new variables, and the domain of the left side."""
        known = {name for part in parts(left) for name in _numbers(part)}
        for one in (*self.before, *(item for item in self.holes.values() if item.name in holes(left))):
            known |= set(one.domain.variables)
        unknown = (holes(right) - holes(left) - set(own)) | {
            name for part in parts(right) for name in _numbers(part) if name not in known
        } & (set() if own else set(self.numbers))
        if unknown:
            message = f"`{min(unknown)}` stands on the right side alone"
            raise wrong(self.node.after, message, "the left side has to say what it is")
        binding = stand_ins(self.numbers, self.holes)
        sizes = domain(left, binding), domain(right, binding)
        if None in sizes or sizes[0] != sizes[1]:
            message = f"the left side ranges over {sizes[0]}, the right side over {sizes[1]}"
            raise wrong(self.node.after, message, "both sides have one domain")

    def _check_domains(self) -> None:
        """Sums over as many points keep their number, so a mean is kept as well as a sum."""
        products = []
        for binders in (self.before, self.after):
            total = UNIT
            for hole in binders:
                ((number, size),) = hole.domain.terms
                total = Polynomial.make((number * other, size * factor) for other, factor in total.terms)
            products.append(total)
        if products[0] != products[1]:
            raise wrong(
                self.node.after,
                "the sides have different numbers of points",
                "keep the product of the domains",
            )


def _numbers(part: Pattern) -> set[str]:
    return set(part.parameter.variables) if isinstance(part, Term) and part.parameter else set()


def _factors(value: ast.Expression) -> list[ast.Expression]:
    if isinstance(value, ast.Binary) and value.operator == "*":
        return [*_factors(value.left), value.right]
    return [value]


def _is_expand(value: ast.Expression) -> bool:
    return isinstance(value, ast.Call) and value.function.text == "expand" and len(value.arguments) == 1


#: The order of coordinates, in words.
_ORDER = (
    "from small to large: split, stride, unfold, remainder, quotient, shift; of two of a kind the first"
    " operand decides; shifts of one coordinate fall towards 0; of two that change"
    " places a guard has the smaller domain come first",
)


def _endless(node: ast.Rule, order: tuple[str, ...] = _ORDER) -> SynoError:
    text = format_module(ast.Module(node.span, (node,))).splitlines()
    identity = next((line.strip() for line in text if "=>" in line), node.name.text)
    message = f"the right side of `{node.name.text}` is not smaller, so rewriting may not end"
    notes = (f"`{identity}`", *order)
    return fail("E1002", message, span=node.after.span, hint="turn the rule around", notes=notes)
