"""What a rule is once its text is understood: three kinds of identity, each exact or approximate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from syno_lang.ir.coordinates import Coordinate
from syno_lang.rewrite.amounts import Binding, Facts, Guard
from syno_lang.rewrite.patterns import Hole, Pattern, Term, build, holes, match, numbers_of
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.syntax import ast


@dataclass(frozen=True)
class Rule:
    """What all rules have; `bound` is the fraction of points at which an approximate one may be wrong."""

    name: str
    node: ast.Rule
    guards: tuple[Guard, ...]
    bound: Polynomial | None

    @property
    def is_exact(self) -> bool:
        """Whether it holds at every point."""
        return self.bound is None

    @property
    def why(self) -> str:
        """The reason that its text gives."""
        return " ".join(item.value for item in self.node.because)

    @property
    def source(self) -> str:
        """Where it comes from."""
        return " ".join(item.value for item in self.node.source)

    def allows(self, binding: Binding, facts: Facts) -> bool:
        """Whether the guard is sure to hold."""
        return all(guard.holds(binding, facts) for guard in self.guards)


@dataclass(frozen=True)
class CoordinateRule(Rule):
    """`left => right` between coordinates: it holds wherever the left side stands."""

    left: Term
    right: Pattern

    def apply(self, node: Coordinate, facts: Facts) -> tuple[Coordinate, tuple[Coordinate, ...]] | None:
        """The right side for `node`, and what stood only on the left; `None` where the rule does not fit."""
        binding = match(self.left, node)
        if binding is None or not self.allows(binding, facts):
            return None
        found = build(self.right, binding)
        if found is None or found is node:
            return None
        dropped = sorted(holes(self.left) - holes(self.right))
        return found, tuple(item for name in dropped if isinstance(item := binding[name], Coordinate))


@dataclass(frozen=True)
class SumRule(Rule):
    """`sum[...] f[left, ...] => sum[...] f[right, ...]`: it holds where the sums occur in nothing else."""

    before: tuple[Hole, ...]
    after: tuple[Hole, ...]
    left: tuple[Pattern, ...]
    right: tuple[Pattern, ...]

    @cached_property
    def local(self) -> frozenset[str]:
        """The amounts that may differ from read to read: each stands in one place, on both sides of it."""
        places = [
            numbers_of(one) & numbers_of(other) for one, other in zip(self.left, self.right, strict=True)
        ]
        one_side = [numbers_of(pattern) for pattern in (*self.left, *self.right)]
        amounts = {name.text for name in self.node.amounts}
        guarded = {
            name for guard in self.guards for side in (guard.left, guard.right) for name in side.variables
        }
        found = {name for place in places for name in place} & amounts - guarded
        return frozenset(name for name in found if sum(name in side for side in one_side) == 2)


@dataclass(frozen=True)
class ExpandRule(Rule):
    """`expand(left) => expand(right) * ...` on its own."""

    left: Term
    right: tuple[Pattern, ...]


@dataclass(frozen=True)
class UsedRule(Rule):
    """`f[i] * expand(i) => f[i]`: what something else depends on need not be expanded."""

    used: Hole


@dataclass(frozen=True)
class ConstantRule(Rule):
    """`sum[...] expand(...) => sum[...] expand(...)`, or `=> 1`: sums of what nothing reads."""

    reducer: str
    before: tuple[Hole, ...]
    after: tuple[Hole, ...]
