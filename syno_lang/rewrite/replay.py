"""The steps to a normal form enter; the operator before and after each of them leaves.

A trace tells what became what.  A rule between coordinates holds wherever its left side stands, so a step is
made everywhere at once, and what was rewritten before is rewritten where it turns up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Mapping, Sequence
from dataclasses import dataclass, replace

from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.ir.print import Namer
from syno_lang.rewrite.engine import ONE_VALUE, Step
from syno_lang.rewrite.patterns import holes, match
from syno_lang.rewrite.reads import Reads
from syno_lang.rewrite.rules import CoordinateRule, Rule


@dataclass(frozen=True)
class Frame:
    """A step with the operator that it found and the one that it left."""

    step: Step
    before: Definition
    after: Definition


def replay(steps: Iterable[Step], rules: Sequence[Rule]) -> Iterate[Frame]:
    """A frame for each step of a trace under `rules`."""
    by_name = {rule.name: rule for rule in rules}
    origin: Definition | None = None
    reads, images = Reads((), ()), dict[Coordinate, Coordinate]()
    for step in steps:
        assert step.origin is not None
        if step.origin is not origin:
            origin, images = step.origin, {}
            reads = Reads(origin.graph.reads, origin.graph.expanded)
        before = reads
        if step.reads is not None:
            reads = step.reads
        else:
            images[step.before[0]] = step.after[0]
        reads = _rewritten(reads, images)
        if step.reads is None:
            reads = reads.also(_dropped(step, by_name))
        yield Frame(step, _operator(origin, before), _operator(origin, reads))


def leaf_names(step: Step) -> dict[Coordinate, str]:
    """The names of the file for the leaves of a step, and new ones for the sums that steps made."""
    origin = step.origin
    assert origin is not None
    names = dict(Namer(origin).names)
    taken = _taken(origin) | set(names.values())
    for node in (*step.before, *step.after):
        for leaf in sorted(node.leaves, key=repr):
            names.setdefault(leaf, _fresh(leaf, taken))
    return names


def _dropped(step: Step, rules: Mapping[str, Rule]) -> list[Coordinate]:
    """What stands in the left side of a step alone: it stays, expanded."""
    (before,) = step.before
    if step.rule == ONE_VALUE:
        return [before]
    rule = rules[step.rule]
    assert isinstance(rule, CoordinateRule)
    binding = match(rule.left, before) or {}
    found = (binding[name] for name in sorted(holes(rule.left) - holes(rule.right)))
    return [item for item in found if isinstance(item, Coordinate)]


def _rewritten(reads: Reads, images: Mapping[Coordinate, Coordinate]) -> Reads:
    known: dict[Coordinate, Coordinate] = {}

    def image(node: Coordinate) -> Coordinate:
        if node not in known:
            made = node
            if node.operands:
                made = type(node)(
                    *(image(item) if isinstance(item, Coordinate) else item for item in node.arguments)
                )
            known[node] = image(images[made]) if made in images else made
        return known[node]

    made = reads.map({top: image(top) for top in reads.tops})
    # What has one value is still used where it was: at 0.
    single = [item for item in reads.expanded if item.domain.is_one]
    return replace(made, expanded=tuple(dict.fromkeys((*made.expanded, *single))))


def _operator(origin: Definition, reads: Reads) -> Definition:
    """The reads as an operator whose sums keep their numbers."""
    shapes = {read.tensor: tuple(item.domain for item in read.index) for read in reads.reads}
    tensors = tuple(
        replace(item, shape=shapes.get(place, item.shape)) for place, item in enumerate(origin.tensors)
    )
    plain = tuple(
        replace(item, shape=shapes.get(place, item.shape)) for place, item in enumerate(origin.graph.tensors)
    )
    graph = PGraph(origin.graph.output, plain, reads.reads, reads.expanded)
    names = {node: name for node, name in origin.names.items() if not node.operands}
    own = Namer(origin).names
    taken = _taken(origin) | set(own.values())
    for leaf in graph.reductions:
        names[leaf] = own.get(leaf) or _fresh(leaf, taken)
    return replace(origin, graph=graph, tensors=tensors, names=names)


def _taken(origin: Definition) -> set[str]:
    return {size.name for size in origin.sizes} | {item.name for item in origin.tensors}


def _fresh(leaf: Coordinate, taken: set[str]) -> str:
    """A name by the number of a sum, which no step changes."""
    name = f"r{leaf.arguments[0]}"
    while name in taken:
        name += "_"
    return name
