"""A definition enters; what it demands of sizes, and why, leaves together with numbers that fit."""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass

from syno_lang.ir.coordinates import Unfold
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import Namer, term
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Compares, Condition, Divides, example


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition and why it is there."""

    condition: Condition
    reason: str


@dataclass(frozen=True, slots=True)
class SizeFacts:
    """What a definition demands.

    `required` must hold: sizes are whole, and what the file states.  `advised` need not: a window may hang
    over a smaller axis.  `example` satisfies both if it can, or is `None` where none was found.
    """

    required: tuple[Demand, ...]
    advised: tuple[Demand, ...]
    example: dict[str, int] | None


def explain_sizes(definition: Definition) -> SizeFacts:
    """The demands of `definition` on its sizes, and small numbers that meet them."""
    required = (*_divisions(definition), *(Demand(item, "stated") for item in definition.conditions))
    advised = tuple({item.condition: item for item in reversed([*_windows(definition)])}.values())[::-1]
    names = [size.name for size in definition.sizes]
    must = [item.condition for item in required]
    may = [item.condition for item in advised]
    found = example(names, [*must, *may], definition.defaults) or example(names, must, definition.defaults)
    values = None if found is None else {name: found[name] for name in names}
    return SizeFacts(required, advised, values)


def _divisions(definition: Definition) -> Iterate[Demand]:
    for item in definition.divisions:
        quotient = item.dividend / item.divisor
        yield Demand(item, f"{quotient} is {_origin(definition, item, quotient)}")


def _origin(definition: Definition, item: Divides, quotient: Size) -> str:
    """Where a quotient first stands: an axis, or the domain of a coordinate."""
    shapes = [(tensor.name, tensor.shape) for tensor in definition.tensors]
    for name, shape in [*shapes, ("the output", definition.graph.output)]:
        if quotient in shape:
            return f"axis {shape.index(quotient) + 1} of {name}"
    names = Namer(definition).names
    for node in definition.graph.coordinates:
        if node.domain == quotient:
            return f"the domain of {term(node, names)}"
    return "a size of the operator"


def _windows(definition: Definition) -> Iterate[Demand]:
    names = Namer(definition).names
    for node in definition.graph.coordinates:
        if isinstance(node, Unfold) and node.window.domain != node.domain:
            condition = Compares(node.window.domain, "<=", node.domain)
            yield Demand(condition, f"{term(node, names)} hangs over both borders otherwise")
