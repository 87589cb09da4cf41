"""Rules and a coordinate enter; whether a rule rewrites it leaves, fast enough for a search.

It is derived from the rules as they are read from their texts, whose left sides are compiled
(`syno_lang.rewrite.compiled`).  Coordinates are hash-consed, so each is looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from syno_lang.ir.coordinates import Coordinate, Reduce
from syno_lang.ir.pgraph import PGraph
from syno_lang.rewrite.amounts import Binding, Facts, Guard, Value, evaluate
from syno_lang.rewrite.choose import find_rule
from syno_lang.rewrite.compiled import Compiled, Fits, compiled
from syno_lang.rewrite.graph_rules import apply_constant, apply_expand, apply_sum, apply_used
from syno_lang.rewrite.patterns import Term, match
from syno_lang.rewrite.read import exact_rules, standard_rules
from syno_lang.rewrite.reads import Reads
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule
from syno_lang.sizes import Size


@dataclass
class Local:
    """Whether coordinates are in normal form under `rules`, where what is in `facts` is whole.

    `sums` also refuses what rules over one sum rewrite wherever it stands: views of a reduction itself.
    """

    rules: Sequence[Rule]
    facts: Facts = field(default_factory=Facts)
    sums: bool = False
    _rule: dict[Coordinate, str] = field(default_factory=dict)
    _normal: dict[Coordinate, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.compiled: list[tuple[str, Compiled]] = []
        self.tests: dict[tuple[type[Coordinate], ...], list[tuple[str, Fits]]] = {}
        self.on_sums: dict[type[Coordinate], list[tuple[str, Term]]] = {}
        for rule in self.rules:
            if isinstance(rule, CoordinateRule):
                self.compiled.append((rule.name, compiled(rule)))
            elif isinstance(rule, SumRule) and self.sums and len(rule.before) == 1:
                for pattern in rule.left:
                    if isinstance(pattern, Term):
                        self.on_sums.setdefault(pattern.kind, []).append((rule.name, pattern))

    def is_normal(self, node: Coordinate) -> bool:
        """Whether no rule rewrites `node` or anything below it."""
        known = self._normal.get(node)
        if known is None:
            known = not self.rule_for(node) and all(map(self.is_normal, node.operands))
            self._normal[node] = known
        return known

    def rule_for(self, node: Coordinate) -> str:
        """The name of the first rule that rewrites `node` itself, or nothing."""
        known = self._rule.get(node)
        if known is None:
            known = self._rule[node] = self._first(node)
        return known

    def _first(self, node: Coordinate) -> str:
        kind = type(node)
        kinds = (kind, *map(type, node.operands))
        tests = self.tests.get(kinds)
        if tests is None:
            may = [(name, item) for name, item in self.compiled if len(item.kinds) == len(kinds)]
            tests = self.tests[kinds] = [(name, item.fits) for name, item in may if item.may_fit(kinds)]
        for rule, fits in tests:
            if fits(node, self.facts):
                return rule
        for name, pattern in self.on_sums.get(kind, ()):
            if type(node.operands[0]) is Reduce and match(pattern, node) is not None:
                return name
        return ""


def rewriting_rule(graph: PGraph, rules: Sequence[Rule], local: Local | None = None) -> str:
    """The name of a rule that rewrites `graph`, or nothing where it is in normal form.

    Coordinates of one value, which the engine writes as 0, are none of its business.
    """
    facts = Facts(graph.sizes)
    fits = local or Local(rules, facts)
    for node in graph.coordinates:
        if fits.rule_for(node):
            return fits.rule_for(node)
    reads = Reads(graph.reads, graph.expanded)
    return next((rule.name for rule in rules if _rewrites(rule, reads, facts)), "")


def _rewrites(rule: Rule, reads: Reads, facts: Facts) -> bool:
    if isinstance(rule, SumRule):
        return any(True for _ in apply_sum(rule, reads, facts))
    if isinstance(rule, ExpandRule):
        return apply_expand(rule, reads, facts) is not None
    if isinstance(rule, UsedRule):
        return apply_used(rule, reads, facts) is not None
    return isinstance(rule, ConstantRule) and apply_constant(rule, reads, facts) is not None


@dataclass(frozen=True)
class AtLayers:
    """A guard that holds where it does in numbers at all `layers`."""

    guard: Guard
    layers: tuple[Mapping[str, int], ...]

    def holds(self, binding: Binding, facts: Facts) -> bool:
        """Whether the condition is sure to hold."""
        return self.guard.holds(binding, facts) or all(self._at(binding, layer) for layer in self.layers)

    def _at(self, binding: Binding, layer: Mapping[str, int]) -> bool:
        numbers: Binding = {name: _number(value, layer) for name, value in binding.items()}
        if any(evaluate(side, numbers) is None for side in (self.guard.left, self.guard.right)):
            return False
        return self.guard.holds(numbers, Facts())


def _number(value: Value, layer: Mapping[str, int]) -> Value:
    if not isinstance(value, Size):
        return value
    found = value.evaluate(layer)
    return Size.make(found.numerator, found.denominator, {})


def at_layers(rule: Rule, layers: Sequence[Mapping[str, int]]) -> Rule:
    """`rule` with guards that are decided by the numbers of the layers where symbols do not."""
    guards: Any = tuple(AtLayers(guard, tuple(layers)) for guard in rule.guards)
    return replace(rule, guards=guards)


def matcher(names: Sequence[str], layers: Sequence[Mapping[str, int]]) -> Local:
    """What the rules of these names rewrite, at sizes that the layers have.  Raises `SynoError` (E1004)."""
    frozen = tuple(tuple(sorted(layer.items())) for layer in layers)
    return _matcher(tuple(names), frozen)


@lru_cache(maxsize=64)
def _matcher(names: tuple[str, ...], layers: tuple[tuple[tuple[str, int], ...], ...]) -> Local:
    values = [dict(layer) for layer in layers]
    known = standard_rules()
    return Local([at_layers(find_rule(name, known), values) for name in names])


@lru_cache(maxsize=1)
def _exact() -> Local:
    return Local(exact_rules(), sums=True)


def is_canonical(node: Coordinate) -> bool:
    """Whether a new primitive over coordinates that are there leaves an operator in normal form.

    It asks nothing but the coordinate, with all below it: what else there is can only make more rules fit
    (`rewriting_rule`), never fewer.
    """
    return _exact().is_normal(node)
