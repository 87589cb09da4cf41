"""A definition enters, unique names for its coordinates leave."""

from __future__ import annotations

from typing import Final

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce
from syno_lang.ir.definition import Definition

_STEMS: Final = {Iterator: "i", Reduce: "r"}


class Namer:
    """Unique names for the coordinates of a definition: those of its file where it has them.

    Leaves always have a name in `names`, other coordinates only where the file gives one.
    """

    def __init__(self, definition: Definition) -> None:
        declared = {size.name for size in definition.sizes} | {item.name for item in definition.tensors}
        self.taken = declared | set(definition.names.values())
        self.names: dict[Coordinate, str] = {}
        for node in (*definition.graph.iterators, *definition.graph.coordinates):
            given = definition.names.get(node)
            if given is not None:
                self.names[node] = given
            elif not node.operands and node not in self.names:
                self.names[node] = self.fresh(_STEMS[type(node)])

    def name(self, node: Coordinate) -> str:
        """The name of any coordinate: a new one where it has none yet."""
        if node not in self.names:
            self.names[node] = self.fresh("y")
        return self.names[node]

    def fresh(self, stem: str) -> str:
        """A name that nothing else has."""
        number = 0
        while f"{stem}{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}{number}")
        return f"{stem}{number}"
