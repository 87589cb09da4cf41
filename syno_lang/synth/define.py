"""A pGraph over the sizes of a space enters; a definition with names leaves."""

from __future__ import annotations

from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import Definition, TensorDeclaration
from syno_lang.ir.pgraph import PGraph
from syno_lang.synth.space import Space


def definition_of(space: Space, graph: PGraph, name: str = "") -> Definition:
    """`graph` as an operator of `space`, called after its digest unless it has a name."""
    variables = set(graph.variables)
    sizes = tuple(size.declaration for size in space.sizes if size.declaration.name in variables)
    taken = {size.name for size in sizes}
    number = {"input": 0, "weight": 0}
    tensors = []
    for tensor in graph.tensors:
        number[tensor.role] += 1
        # The first input is `x`, the first weight `w1`.
        title = f"w{number['weight']}" if tensor.role == "weight" else "x" + "2" * (number["input"] - 1)
        while title in taken:
            title += "_"
        tensors.append(TensorDeclaration(title, tensor.role, tensor.shape))
    taken.update(item.name for item in tensors)
    leaves = _leaf_names(graph, taken)
    return Definition(name or f"op_{graph.digest[:12]}", sizes, tuple(tensors), graph, leaves)


def _leaf_names(graph: PGraph, taken: set[str]) -> dict[Coordinate, str]:
    names: dict[Coordinate, str] = {}
    for letter, nodes in (("i", graph.iterators), ("r", graph.reductions)):
        for number, node in enumerate(nodes):
            title = f"{letter}{number}"
            while title in taken:
                title += "_"
            names[node] = title
            taken.add(title)
    return names
