"""The parts of a pGraph enter; the text that equal pGraphs share leaves.

It knows neither the names of sizes nor those of coordinates, and writes every coordinate once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from syno_lang.ir.coordinates import Coordinate, walk
from syno_lang.ir.tensors import Read, Tensor
from syno_lang.sizes import Size

#: The first bytes of every key: a change of the meaning of keys must change it.
KEY_VERSION: Final = "pgraph-1"


def key_of(
    output: Sequence[Size], tensors: Sequence[Tensor], reads: Sequence[Read], expanded: Sequence[Coordinate]
) -> str:
    """The key: output, tensors, every coordinate once (bottom-up), reads and expanded coordinates."""
    nodes = list(walk(*(item for read in reads for item in read.index), *expanded))
    shapes = [output, *(tensor.shape for tensor in tensors)]
    sizes = [size for shape in shapes for size in shape] + [size for node in nodes for size in _of(node)]
    names = size_names(sizes)
    number = {node: place for place, node in enumerate(nodes)}

    def show(item: Any) -> str:
        if isinstance(item, Coordinate):
            return f"#{number[item]}"
        return str(item.rename(names)) if isinstance(item, Size) else str(item)

    def several(items: Iterable[Any]) -> str:
        return ",".join(map(show, items))

    roles = " ".join(f"{tensor.role}[{several(tensor.shape)}]" for tensor in tensors)
    listing = " ".join(f"{type(node).__name__}({several(node.arguments)})" for node in nodes)
    factors = " ".join(f"{read.tensor}[{several(read.index)}]" for read in reads)
    return f"{KEY_VERSION} [{several(output)}] {roles} : {listing} : {factors} / {several(expanded)}"


def size_names(sizes: Iterable[Size]) -> dict[str, str]:
    """New names `0, 1, ...` for the variables of `sizes`, by their powers alone.

    Variables that have the same power in every size are interchangeable: swapping them changes nothing.
    """
    ranked = appearances(sizes)
    return {name: str(number) for number, name in enumerate(sorted(ranked, key=ranked.__getitem__))}


def appearances(sizes: Iterable[Size]) -> dict[str, list[tuple[int, int]]]:
    """For every variable the places where it stands, with its powers; larger powers sort first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, size in enumerate(sizes):
        for name, power in size.powers:
            found.setdefault(name, []).append((place, -power))
    return found


def _of(node: Coordinate) -> list[Size]:
    return [node.domain, *(item for item in node.arguments if isinstance(item, Size))]
