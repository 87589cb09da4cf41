"""A definition enters, the statements of its formula leave: `out[...] = sum[...] x[...] * w[...]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from syno_lang.ir.coordinates import (
    Coordinate,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
    walk,
)
from syno_lang.ir.definition import Definition
from syno_lang.ir.print_names import Namer
from syno_lang.syntax import ast, make

#: An index of more primitives than this is named in a binding: a shared coordinate is written out at each
#: of its uses, so without a bound the text could grow exponentially.
MAX_PRIMITIVES: Final = 12


def formula_statements(definition: Definition) -> tuple[ast.Statement, ...]:
    """The equation, after bindings for indices that are too large to be read."""
    graph, namer = definition.graph, Namer(definition)
    leaves = {node: name for node, name in namer.names.items() if not node.operands}
    bindings: list[ast.Statement] = []

    def bind(node: Coordinate, value: ast.Expression) -> ast.Expression:
        bindings.append(make.binding([namer.name(node)], value))
        return make.name(namer.name(node))

    spelt = expressions(graph.tops, leaves, bind)
    factors: list[ast.Expression] = [
        make.access(definition.tensors[read.tensor].name, [spelt[item] for item in read.index])
        for read in graph.reads
    ]
    if graph.expanded:
        factors.append(make.call("expand", *(spelt[item] for item in graph.expanded)))
    target = make.access("out", [make.name(leaves[item]) for item in graph.iterators])
    reductions = _reductions(graph.reductions, leaves)
    return (*bindings, make.equation(target, reductions, make.product(factors)))


def expressions(
    tops: Iterable[Coordinate],
    leaves: Mapping[Coordinate, str],
    bind: Callable[[Coordinate, ast.Expression], ast.Expression] | None = None,
) -> dict[Coordinate, ast.Expression]:
    """Every coordinate at or below `tops` as an expression over its leaves.

    `bind` puts something short in the place of one with more than `MAX_PRIMITIVES` primitives.
    """
    spelt: dict[Coordinate, ast.Expression] = {}
    primitives: dict[Coordinate, int] = {}
    for node in walk(*tops):
        if not node.operands:
            spelt[node], primitives[node] = make.name(leaves[node]), 0
            continue
        spelt[node] = _primitive(node, [spelt[operand] for operand in node.operands])
        primitives[node] = 1 + sum(primitives[operand] for operand in node.operands)
        if bind is not None and primitives[node] > MAX_PRIMITIVES:
            spelt[node], primitives[node] = bind(node, spelt[node]), 0
    return spelt


def _primitive(node: Coordinate, operands: list[ast.Expression]) -> ast.Expression:
    match node:
        case Quotient(block=block):
            return make.binary(operands[0], "/", make.size(block))
        case Remainder(block=block):
            return make.binary(operands[0], "%", make.size(block))
        case Shift(amount=amount):
            return make.call("shift", operands[0], make.number(amount))
        case Stride(factor=factor):
            return make.call("stride", operands[0], make.size(factor))
        case Split():
            return make.call("split", *operands)
        case Unfold():
            return make.call("unfold", *operands)
    raise TypeError(f"{node!r} is no primitive")


def _reductions(reductions: Iterable[Reduce], names: Mapping[Coordinate, str]) -> list[ast.Reduction]:
    binders: dict[str, list[tuple[str, ast.Expression]]] = {}
    for item in reductions:
        binders.setdefault(item.reducer, []).append((names[item], make.size(item.domain)))
    return [make.reduction(reducer, items) for reducer, items in binders.items()]
