"""A definition enters, the statements of its graph notation leave.

They go bottom-up, one primitive each, and every coordinate has one use.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator as Iterate
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Stride
from syno_lang.ir.definition import Definition
from syno_lang.ir.print_names import Namer
from syno_lang.sizes import Size
from syno_lang.syntax import ast, make

_PRIME: Final = "'"


def graph_statements(definition: Definition) -> tuple[ast.Statement, ...]:
    """Leaves, primitives, then what consumes the coordinates at the top."""
    return tuple(_Linear(definition).statements())


class _Linear:
    """A coordinate with several uses is shared before the first."""

    def __init__(self, definition: Definition) -> None:
        self.definition, self.graph = definition, definition.graph
        self.namer = Namer(definition)
        self.handles: dict[Coordinate, deque[str]] = {}
        self.uses = self._count()

    def _count(self) -> Counter[Coordinate]:
        uses = Counter(self.graph.tops)
        for node in self._operations():
            uses.update(node.operands)
        return uses

    def _operations(self) -> Iterate[Coordinate]:
        """The primitives bottom-up; a MERGE comes once, as one of its halves."""
        merges: set[tuple[Coordinate, Size]] = set()
        for node in self.graph.coordinates:
            if isinstance(node, (Quotient, Remainder)):
                if (node.operands[0], node.block) in merges:
                    continue
                merges.add((node.operands[0], node.block))
            if node.operands:
                yield node

    def statements(self) -> Iterate[ast.Statement]:
        """The lines of the notation."""
        if self.graph.iterators:
            yield from self._bind(self.graph.iterators, make.name("output"))
        for reducer, spelt in (("sum", "reduce"), ("mean", "mean")):
            group = [item for item in self.graph.reductions if item.reducer == reducer]
            if group:
                yield from self._bind(group, make.call(spelt, *(make.size(item.domain) for item in group)))
        for node in self._operations():
            yield from self._primitive(node)
        for read in self.graph.reads:
            name = self.definition.tensors[read.tensor].name
            yield make.access(name, [self._take(item) for item in read.index])
        for item in self.graph.expanded:
            yield make.call("expand", self._take(item))

    def _primitive(self, node: Coordinate) -> Iterate[ast.Statement]:
        operands = [self._take(operand) for operand in node.operands]
        match node:
            case Quotient(block=block) | Remainder(block=block):
                halves = (Quotient(node.operands[0], block), Remainder(node.operands[0], block))
                yield from self._bind(halves, make.call("merge", *operands, make.size(block)))
            case Shift(amount=amount):
                yield from self._bind([node], make.call("shift", *operands, make.number(amount)))
            case Stride(factor=factor):
                yield from self._bind([node], make.call("stride", *operands, make.size(factor)))
            case _:
                yield from self._bind([node], make.call(type(node).__name__.lower(), *operands))

    def _bind(self, nodes: Iterable[Coordinate], value: ast.Expression) -> Iterate[ast.Statement]:
        """Name the results of a primitive, and SHARE those with several uses."""
        nodes = list(nodes)
        names = [self.namer.name(node) for node in nodes]
        yield make.binding(names, value)
        for node, name in zip(nodes, names, strict=True):
            copies = [name, *(self._copy(name, number) for number in range(1, self.uses[node]))]
            self.handles[node] = deque(copies)
            if len(copies) > 1:
                yield make.binding(copies, make.call("share", make.name(name)))

    def _copy(self, name: str, number: int) -> str:
        """`h'`, `h''` ... for the further handles of `h`; primes are the mark of a copy."""
        copy = name + _PRIME * number
        if copy in self.namer.taken:
            return self.namer.fresh(f"{name.rstrip(_PRIME)}_")
        self.namer.taken.add(copy)
        return copy

    def _take(self, node: Coordinate) -> ast.Name:
        return make.name(self.handles[node].popleft())
