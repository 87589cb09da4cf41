"""The names of a definition enter; unique identifiers for the buffers and axes of a program leave."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count
from keyword import iskeyword

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce, walk
from syno_lang.ir.definition import Definition


class Names:
    """Names for the buffers and axes of one program.

    They are identifiers, no Python keywords, and differ from the names of sizes and tensors.
    """

    def __init__(self, definition: Definition) -> None:
        tensors = {tensor.name for tensor in definition.tensors}
        self._named = definition.names
        self._taken = {*(size.name for size in definition.sizes), *tensors}
        self.output = self._fresh("out", self._taken)
        self._taken.add(self.output)
        # An axis keeps its name of the file; the intermediates give way.
        self._avoided = self._taken | {_plain(name) for name in self._named.values()}
        self._intermediates = (
            name for name in (f"t{number}" for number in count(1)) if name not in self._avoided
        )

    def intermediate(self) -> str:
        """The name of the next intermediate: `t1`, `t2`, ..."""
        name = next(self._intermediates)
        self._taken.add(name)
        return name

    def axes(self, nodes: Iterable[Coordinate]) -> tuple[str, ...]:
        """A name for each of `nodes`, all different: the one of the file, or one made of its leaves."""
        used = set(self._taken)
        found = []
        for node in nodes:
            found.append(self._fresh(self._wanted(node), used))
            used.add(found[-1])
        return tuple(found)

    def _wanted(self, node: Coordinate) -> str:
        if node in self._named:
            return _plain(self._named[node])
        if isinstance(node, Iterator):
            return f"i{node.position}"
        if isinstance(node, Reduce):
            return f"r{node.label}"
        leaves = [item for item in walk(node) if not item.operands]
        return "_".join(self._wanted(leaf) for leaf in leaves[:3])

    @staticmethod
    def _fresh(wanted: str, taken: set[str]) -> str:
        names = chain((wanted,), (f"{wanted}_{number}" for number in count(2)))
        return next(name for name in names if name not in taken and not iskeyword(name))


def _plain(name: str) -> str:
    """The identifier nearest to a name of the file, where a prime may end it."""
    return name.replace("'", "_")
