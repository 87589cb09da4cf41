"""The reads of an operator and rules enter; the reads leave once no rule fits, with the steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.pgraph import PGraph
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.engine import Engine, Step
from syno_lang.rewrite.graph_rules import apply_constant, apply_expand, apply_sum, apply_used, measure
from syno_lang.rewrite.layout import plainer
from syno_lang.rewrite.reads import Reads
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule

#: The name in a trace of what has no text: a tensor with other axes.
LAID_OUT: Final = "layout_of_tensor"


class Machine:
    """One run over the reads of an operator."""

    def __init__(self, rules: Sequence[Rule], graph: PGraph, facts: Facts) -> None:
        self.rules, self.facts = rules, facts
        coordinate_rules = [rule for rule in rules if isinstance(rule, CoordinateRule)]
        self.engine = Engine(coordinate_rules, facts, graph.iterators)

    def run(self, reads: Reads) -> Reads:
        """The reads once no rule fits."""
        reads = self.settled(reads)
        while True:
            found = self._summed(reads)
            if found is None:
                return reads
            reads = found

    def _summed(self, reads: Reads) -> Reads | None:
        """The first rule over sums that makes the operator smaller, applied."""
        before = measure(reads)
        for rule in self.rules:
            if not isinstance(rule, SumRule):
                continue
            for found in apply_sum(rule, reads, self.facts):
                state = self.engine.snapshot()
                self._note(rule.name, reads, found)
                settled = self.settled(found)
                if measure(settled) < before:
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
            reads = self._laid_out(self._expanded(reads))
            if reads == before:
                return reads

    def _laid_out(self, reads: Reads) -> Reads:
        """Every axis of a free tensor as plain as it can be."""
        found: Reads | None = reads
        while found is not None:
            reads = found
            found = next((new for free in reads.free if (new := plainer(reads, free, self.engine))), None)
            if found is not None:
                self._note(LAID_OUT, reads, found)
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
            self._note(rule.name, reads, found)
        return found

    def _note(self, rule: str, before: Reads, after: Reads) -> None:
        gone = tuple(dict.fromkeys(item for item in before.tops if item not in after.tops))
        come = tuple(dict.fromkeys(item for item in after.tops if item not in before.tops))
        self.engine.trace.append(Step(rule, gone, come, reads=after))


def _sorted(nodes: Iterable[Coordinate]) -> list[Coordinate]:
    """In an order that does not depend on the run, as that of a set of coordinates does."""
    return sorted(set(nodes), key=repr)
