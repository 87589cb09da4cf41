"""The reads of an operator and a rule over all of them enter; the reads leave rewritten, if it fits."""

from __future__ import annotations

from collections.abc import Collection, Iterator as Iterate, Sequence
from itertools import permutations

from syno_lang.ir.coordinates import Coordinate, Quotient, Reduce, Remainder, Shift, Split, walk
from syno_lang.rewrite.amounts import Binding, Facts, as_size, evaluate
from syno_lang.rewrite.layout import loosened
from syno_lang.rewrite.patterns import Hole, Pattern, build, holes, match, numbers_of, parts, with_domains
from syno_lang.rewrite.reads import Reads
from syno_lang.rewrite.rules import ConstantRule, ExpandRule, SumRule, UsedRule

__all__ = ["Reads", "apply_constant", "apply_expand", "apply_sum", "apply_used", "measure"]


def measure(reads: Reads) -> tuple[int, ...]:
    """What rules over sums make smaller: merges and shifts, sums, how far shifts go, how many go back."""
    nodes = [node for node in walk(*reads.tops) if not node.domain.is_one]
    heavy = [node for node in nodes if isinstance(node, (Quotient, Remainder, Shift))]
    amounts = [node.amount for node in heavy if isinstance(node, Shift)]
    return len(heavy), len(reads.sums), sum(map(abs, amounts)), sum(amount < 0 for amount in amounts)


def apply_sum(rule: SumRule, reads: Reads, facts: Facts) -> Iterate[Reads]:
    """The ways in which the rule fits and makes the operator smaller by `measure`, each applied."""
    before = measure(reads)
    for chosen in permutations(reads.sums, len(rule.before)):
        if len({item.reducer for item in chosen}) != 1:
            continue
        start: Binding = dict(zip((hole.name for hole in rule.before), chosen, strict=True))
        for binding in _instances(rule, reads, start):
            if rule.allows(binding, facts):
                found = _rewritten(rule, _loosened(rule, reads, binding), binding, chosen)
                if found is not None and measure(found) < before:
                    yield found


def _loosened(rule: SumRule, reads: Reads, binding: Binding) -> Reads:
    """The reads with the left side of the rule wherever a tensor that may be laid out anew has its sums."""
    for pattern in rule.left:
        known = holes(pattern) | numbers_of(pattern) <= binding.keys()
        view = build(pattern, binding) if known else None
        if isinstance(view, (Shift, Split)) and all(isinstance(item, Reduce) for item in view.operands):
            return loosened(reads, view)
    return reads


def _instances(rule: SumRule, reads: Reads, start: Binding) -> Iterate[Binding]:
    """What the sizes and amounts of the rule can be, as the places in the reads have it."""
    own = {hole.name for hole in rule.before}
    # A coordinate that is none of the sums may differ from place to place, and so may its domain.
    free = {name for pattern in rule.left for name in _domain_variables(pattern, own)} | rule.local
    numbers = {name for pattern in rule.left for name in numbers_of(pattern)}
    shared = {name for hole in rule.before for name in hole.domain.variables} | numbers - free
    seen: list[Binding] = []
    free_tensors = {item.tensor for item in reads.free}
    if any(item.tensor in free_tensors and {*start.values()} <= {*item.index} for item in reads.reads):
        # Axes that may be laid out anew are read at whatever the rule wants of them.
        alone = with_domains(rule.before, start)
        if alone is not None and shared <= alone.keys():
            seen.append(alone)
            yield alone
    for node in walk(*reads.tops):
        for pattern in rule.left:
            if isinstance(pattern, Hole):
                continue
            found = match(pattern, node, start)
            if found is None:
                continue
            kept: Binding = {
                name: value
                for name, value in found.items()
                if name in own or (not isinstance(value, Coordinate) and name in shared)
            }
            complete = with_domains(rule.before, kept)
            if complete is not None and shared <= complete.keys() and complete not in seen:
                seen.append(complete)
                yield complete


def _domain_variables(pattern: Pattern, own: Collection[str]) -> Iterate[str]:
    for part in parts(pattern):
        if isinstance(part, Hole) and part.name not in own:
            yield from part.domain.variables


def _rewritten(rule: SumRule, reads: Reads, binding: Binding, chosen: Sequence[Reduce]) -> Reads | None:
    first = max(item.label for item in reads.sums) + 1
    fresh = []
    for number, hole in enumerate(rule.after):
        domain = as_size(evaluate(hole.domain, binding))
        if domain is None:
            return None
        fresh.append(Reduce(first + number, domain, chosen[0].reducer))
    named: Binding = dict(zip((hole.name for hole in rule.after), fresh, strict=True))
    cover = _Cover(rule, binding, named, frozenset(chosen))
    image = {top: cover.image(top) for top in reads.tops}
    if any(item is None for item in image.values()):
        return None
    mapped = reads.map({top: item for top, item in image.items() if item is not None})
    used = {leaf for top in mapped.tops for leaf in top.leaves}
    return mapped.also(item for item in fresh if item not in used)


class _Cover:
    """Puts the right side of a rule in the place of the left one, wherever the chosen sums occur."""

    def __init__(self, rule: SumRule, binding: Binding, fresh: Binding, chosen: frozenset[Reduce]) -> None:
        self.rule, self.binding, self.fresh, self.chosen = rule, binding, fresh, chosen
        self.known: dict[Coordinate, Coordinate | None] = {}

    def image(self, node: Coordinate) -> Coordinate | None:
        """The new coordinate; `None` where a chosen sum occurs in another way than the rule says."""
        if node not in self.known:
            self.known[node] = self._image(node)
        return self.known[node]

    def _image(self, node: Coordinate) -> Coordinate | None:
        if not node.leaves & self.chosen:
            return node
        for left, right in zip(self.rule.left, self.rule.right, strict=True):
            found = match(left, node, self.binding)
            if found is None:
                continue
            for name, value in found.items():
                if isinstance(value, Coordinate) and name not in self.binding:
                    inner = self.image(value)
                    if inner is None:
                        return None
                    found[name] = inner
            return build(right, found | self.fresh)
        operands = [self.image(item) if isinstance(item, Coordinate) else item for item in node.arguments]
        if not node.operands or any(item is None for item in operands):
            return None
        return type(node)(*operands)


def apply_expand(rule: ExpandRule, reads: Reads, facts: Facts) -> Reads | None:
    """Rewrite the first expanded coordinate that fits."""
    for node in reads.expanded:
        binding = match(rule.left, node)
        if binding is not None and rule.allows(binding, facts):
            new = [build(pattern, binding) for pattern in rule.right]
            return reads.without(node).also(item for item in new if item is not None)
    return None


def apply_used(rule: UsedRule, reads: Reads, facts: Facts) -> Reads | None:
    """Leave out the first expanded coordinate that something else depends on."""
    for node in reads.expanded:
        rest = reads.without(node)
        binding = match(rule.used, node)
        if binding is not None and rule.allows(binding, facts) and node in set(walk(*rest.tops)):
            return rest
    return None


def apply_constant(rule: ConstantRule, reads: Reads, facts: Facts) -> Reads | None:
    """Join sums that are only expanded."""
    single = [
        node
        for node in reads.expanded
        if isinstance(node, Reduce)
        and node.reducer == rule.reducer
        and sum(node in top.leaves for top in reads.tops) == 1
    ]
    for chosen in permutations(single, len(rule.before)):
        binding: Binding | None = {}
        for hole, node in zip(rule.before, chosen, strict=True):
            binding = None if binding is None else match(hole, node, binding)
        if binding is None or not rule.allows(binding, facts):
            continue
        first = max(item.label for item in reads.sums) + 1
        domains = [as_size(evaluate(hole.domain, binding)) for hole in rule.after]
        fresh = [
            Reduce(first + number, domain, rule.reducer)
            for number, domain in enumerate(domains)
            if domain is not None
        ]
        return reads.without(*chosen).also(fresh)
    return None
