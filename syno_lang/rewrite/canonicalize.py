"""A definition enters; its normal form leaves, with the steps that led to it.

Coordinates are rewritten until no rule fits; then one rule over the whole operator is applied, and so on.
What a rule drops is kept in `expand`, so a window that made the product 0 still does, and what is summed
for nothing still counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from syno_lang.ir.coordinates import Coordinate, Reduce
from syno_lang.ir.definition import Definition, TensorDeclaration
from syno_lang.ir.pgraph import PGraph, Read
from syno_lang.ir.tensors import Tensor
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.assemble import OUT, Assembled, assembled, axes, freed
from syno_lang.rewrite.engine import Step
from syno_lang.rewrite.labelling import orders
from syno_lang.rewrite.layout import over
from syno_lang.rewrite.machine import Machine
from syno_lang.rewrite.read import exact_rules
from syno_lang.rewrite.rules import Rule
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Divides, divisions

#: Whether weights keep their layout, or have the one that the normal form gives them.
Weights = Literal["keep", "lay out"]

#: No axis of any tensor.
NOTHING: Final[Mapping[str, Collection[int]]] = MappingProxyType({})


@dataclass(frozen=True)
class Canonical:
    """A normal form, and how it was reached.

    `views` has what is laid out anew, tensors by name and the output as `out`: each as the operator that
    makes what the normal form has of what was there.
    """

    definition: Definition
    steps: tuple[Step, ...]
    views: Mapping[str, Definition] = field(default_factory=dict)


def canonicalize(
    definition: Definition,
    rules: Sequence[Rule] | None = None,
    weights: Weights = "keep",
    unordered: Mapping[str, Collection[int]] = NOTHING,
) -> Definition:
    """The normal form of `definition` under `rules`: by default the exact ones that ship with the package.

    It has the same value wherever `definition` is defined; a size that was whole only in what is gone is kept
    as a condition. It takes the same tensors; with `weights="lay out"` each weight may have other axes, in an
    order that does not depend on how `definition` has them, and so may the weights: `trace` says which.
    `unordered` has the places of axes whose entries may be permuted, by the name of the input, or `out`.
    """
    return trace(definition, rules, weights, unordered).definition


def trace(
    definition: Definition,
    rules: Sequence[Rule] | None = None,
    weights: Weights = "keep",
    unordered: Mapping[str, Collection[int]] = NOTHING,
) -> Canonical:
    """As `canonicalize`, with every step and how tensors are laid out."""
    chosen = exact_rules() if rules is None else rules
    steps: list[Step] = []
    found = definition
    shapes = {item.name: item.shape for item in definition.tensors} | {OUT: definition.graph.output}
    views = {name: axes(shape) for name, shape in shapes.items()}
    while True:
        before = found
        found, more, new = _once(before, chosen, weights, unordered)
        # A step has the leaves of the operator that its round began with.
        steps += (replace(step, origin=before) for step in more)
        views = {name: over(view, new[name]) if name in new else view for name, view in views.items()}
        # What is known to be whole may have grown, and let another rule fit.
        if found.graph == before.graph:
            now = {item.name: item.shape for item in found.tensors} | {OUT: found.graph.output}
            changed = {name: view for name, view in views.items() if view != axes(now[name])}
            operators = {
                name: _view(definition, name, shapes[name], now[name], view) for name, view in changed.items()
            }
            plain = {name: canonicalize(view, chosen) for name, view in operators.items()}
            return Canonical(found, tuple(steps), plain)


def identity(definition: Definition, rules: Sequence[Rule] | None = None) -> str:
    """128 bits as 32 hexadecimal digits that operators share which are one, but for the layout of weights."""
    return canonicalize(definition, rules, "lay out").graph.digest


def _view(
    definition: Definition, name: str, old: Sequence[Size], new: Sequence[Size], view: Sequence[Coordinate]
) -> Definition:
    """The operator that reads a tensor of the shape `old` at `view`, over axes of the shape `new`."""
    tensor = TensorDeclaration(name if name != OUT else "y", "input", tuple(old))
    tops = {leaf for item in view for leaf in item.leaves}
    unread = [leaf for leaf in axes(new) if leaf not in tops]
    graph = PGraph.make(new, [Tensor("input", tensor.shape)], [Read(0, tuple(view))], unread)
    return Definition(name, definition.sizes, (tensor,), graph, allowed=definition.allowed)


def _once(
    definition: Definition,
    rules: Sequence[Rule],
    weights: Weights,
    unordered: Mapping[str, Collection[int]],
) -> tuple[Definition, list[Step], dict[str, tuple[Coordinate, ...]]]:
    graph = definition.graph
    stated = [item.dividend / item.divisor for item in definition.conditions if isinstance(item, Divides)]
    machine = Machine(rules, graph, Facts((*graph.sizes, *stated)))
    start = freed(definition, weights == "lay out", unordered)
    reads = machine.run(start)
    tensors = {free.tensor for free in start.free}
    fixed = [item.shape for place, item in enumerate(definition.tensors) if place not in tensors]
    several = orders(reads, [graph.output, *fixed]) if tensors else iter([()])
    made = min((assembled(definition, reads, order) for order in several), key=lambda item: item.graph.key)
    conditions = (*definition.conditions, *_lost(definition, made.graph))
    return replace(_named(definition, made), conditions=conditions), machine.engine.trace, dict(made.views)


def _named(before: Definition, made: Assembled) -> Definition:
    """What was put together, with the names of `before` that still fit."""
    numbers = made.numbers
    names = {numbers.get(node, node): name for node, name in before.names.items() if not node.operands}
    present = {*made.graph.coordinates, *made.graph.iterators}
    kept = {node: name for node, name in names.items() if node in present and _is_new(node, numbers)}
    return replace(before, graph=made.graph, tensors=made.tensors, names=kept)


def _is_new(node: Coordinate, numbers: Mapping[Coordinate, Reduce]) -> bool:
    return not isinstance(node, Reduce) or node in numbers.values()


def _lost(definition: Definition, made: PGraph) -> Iterable[Divides]:
    """What had to divide, and no longer follows from the sizes."""
    stated = [item for item in definition.conditions if isinstance(item, Divides)]
    known = Facts((*made.sizes, *(item.dividend / item.divisor for item in stated)))
    return [
        item for item in divisions(definition.graph.sizes) if not known.divides(item.divisor, item.dividend)
    ]
