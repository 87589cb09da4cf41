"""A definition enters; its normal form leaves, with the steps that led to it.

Coordinates are rewritten until no rule fits; then one rule over the whole operator is applied, and so on.
What a rule drops is kept in `expand`, so a window that made the product 0 still does, and what is summed
for nothing still counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from syno_lang.ir.coordinates import Coordinate, Quotient, Reduce, Remainder, Shift, walk
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.engine import Engine, Step
from syno_lang.rewrite.graph_rules import Reads, apply_constant, apply_expand, apply_sum, apply_used
from syno_lang.rewrite.read import standard_rules
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule
from syno_lang.sizes.conditions import Divides, divisions


@dataclass(frozen=True)
class Canonical:
    """A normal form, and how it was reached."""

    definition: Definition
    steps: tuple[Step, ...]


def canonicalize(definition: Definition, rules: Sequence[Rule] | None = None) -> Definition:
    """The normal form of `definition` under `rules`: by default the exact ones that ship with the package.

    It takes the same tensors and has the same value wherever `definition` is defined; a size that was whole
    only in what is gone is kept as a condition.
    """
    return trace(definition, rules).definition


def trace(definition: Definition, rules: Sequence[Rule] | None = None) -> Canonical:
    """As `canonicalize`, with every step."""
    chosen = [rule for rule in standard_rules() if rule.is_exact] if rules is None else rules
    steps: list[Step] = []
    while True:
        found = _once(definition, chosen)
        steps += found.steps
        # What is known to be whole may have grown, and let another rule fit.
        if found.definition.graph == definition.graph:
            return Canonical(found.definition, tuple(steps))
        definition = found.definition


def _once(definition: Definition, rules: Sequence[Rule]) -> Canonical:
    graph = definition.graph
    stated = [item.dividend / item.divisor for item in definition.conditions if isinstance(item, Divides)]
    machine = _Machine(rules, graph, Facts((*graph.sizes, *stated)))
    reads = machine.run(Reads(graph.reads, graph.expanded))
    made, numbers = PGraph.numbered(graph.output, graph.tensors, reads.reads, reads.expanded)
    names = {numbers.get(node, node): name for node, name in definition.names.items() if not node.operands}
    present = {*made.coordinates, *made.iterators}
    kept = {node: name for node, name in names.items() if node in present and _is_new(node, numbers)}
    conditions = (*definition.conditions, *_lost(definition, made))
    return Canonical(
        replace(definition, graph=made, names=kept, conditions=conditions), tuple(machine.engine.trace)
    )


def _is_new(node: Coordinate, numbers: dict[Coordinate, Reduce]) -> bool:
    return not isinstance(node, Reduce) or node in numbers.values()


def _lost(definition: Definition, made: PGraph) -> Iterable[Divides]:
    """What had to divide, and no longer follows from the sizes."""
    stated = [item for item in definition.conditions if isinstance(item, Divides)]
    known = Facts((*made.sizes, *(item.dividend / item.divisor for item in stated)))
    return [
        item for item in divisions(definition.graph.sizes) if not known.divides(item.divisor, item.dividend)
    ]


class _Machine:
    """One run over the reads of an operator."""

    def __init__(self, rules: Sequence[Rule], graph: PGraph, facts: Facts) -> None:
        self.rules, self.facts = rules, facts
        coordinate_rules = [rule for rule in rules if isinstance(rule, CoordinateRule)]
        self.engine = Engine(coordinate_rules, facts, graph.iterators)

    def run(self, reads: Reads) -> Reads:
        reads = self.settled(reads)
        while True:
            found = self._summed(reads)
            if found is None:
                return reads
            reads = found

    def _summed(self, reads: Reads) -> Reads | None:
        """The first rule over sums that makes the operator smaller, applied."""
        before = _measure(reads)
        for rule in self.rules:
            if not isinstance(rule, SumRule):
                continue
            for found in apply_sum(rule, reads, self.facts):
                state = self.engine.snapshot()
                self._note(rule, reads, found)
                settled = self.settled(found)
                if _measure(settled) < before:
                    return settled
                self.engine.restore(state)
        return None

    def settled(self, reads: Reads) -> Reads:
        """Rewrite coordinates, and what is expanded, until nothing changes."""
        while True:
            before = reads
            tops = dict.fromkeys(reads.tops)
            reads = reads.map({top: self.engine.normal(top) for top in tops})
            reads = reads.also(_sorted(item for top in tops for item in self.engine.dropped(top)))
            reads = self._expanded(reads)
            if reads == before:
                return reads

    def _expanded(self, reads: Reads) -> Reads:
        found: Reads | None = reads
        while found is not None:
            reads = found
            found = next((new for rule in self.rules if (new := self._one(rule, reads))), None)
        return reads

    def _one(self, rule: Rule, reads: Reads) -> Reads | None:
        found = None
        if isinstance(rule, ExpandRule):
            found = apply_expand(rule, reads, self.facts)
        elif isinstance(rule, UsedRule):
            found = apply_used(rule, reads, self.facts)
        elif isinstance(rule, ConstantRule):
            found = apply_constant(rule, reads, self.facts)
        if found is not None:
            self._note(rule, reads, found)
        return found

    def _note(self, rule: Rule, before: Reads, after: Reads) -> None:
        gone = tuple(dict.fromkeys(item for item in before.tops if item not in after.tops))
        come = tuple(dict.fromkeys(item for item in after.tops if item not in before.tops))
        self.engine.trace.append(Step(rule.name, gone, come))


def _sorted(nodes: Iterable[Coordinate]) -> list[Coordinate]:
    """In an order that does not depend on the run, as that of a set of coordinates does."""
    return sorted(set(nodes), key=repr)


def _measure(reads: Reads) -> tuple[int, int]:
    """What rules over sums make smaller: merges and shifts, then sums."""
    heavy = (Quotient, Remainder, Shift)
    nodes = [node for node in walk(*reads.tops) if isinstance(node, heavy) and not node.domain.is_one]
    return len(nodes), len(reads.sums)
