"""A definition enters, its text leaves: as a formula, or as a graph with every primitive spelt.

Both texts parse back to an equal pGraph.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator as Iterate

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.ir.definition import Definition
from syno_lang.sizes import Size

#: The excuses that printing cannot say with `expand`.
_KEPT_ALLOWS = ("dropped_half", "stride", "diagonal")

_PRIME = "'"

_STEMS = {Iterator: "i", Reduce: "r"}


def formula(definition: Definition) -> str:
    """The definition in formula notation."""
    names = Namer(definition).names
    graph = definition.graph
    target = ", ".join(names[item] for item in graph.iterators)
    lines = [f"    out[{target}] ={_reductions(graph.reductions, names)}"]
    factors = [
        f"{definition.tensors[read.tensor].name}[{', '.join(term(item, names) for item in read.index)}]"
        for read in graph.reads
    ]
    if graph.expanded:
        factors.append(f"expand({', '.join(term(item, names) for item in graph.expanded)})")
    lines += [f"        {factors[0]}", *(f"      * {factor}" for factor in factors[1:])]
    return "\n".join([f"{_signature(definition)} {{", *lines, "}\n"])


def graph(definition: Definition) -> str:
    """The definition in graph notation, bottom-up, every coordinate used exactly once."""
    lines = "\n".join(f"    {line}" for line in _Linear(definition).lines())
    return f"{_signature(definition)} graph {{\n{lines}\n}}\n"


def equation(definition: Definition) -> str:
    """The formula alone, on one line: `out[...] = sum[...] x[...] * w[...]`."""
    body = formula(definition).split("{\n", 1)[1].rsplit("}", 1)[0]
    return " ".join(body.split())


def term(node: Coordinate, names: dict[Coordinate, str]) -> str:
    """A coordinate as an index expression over the leaves."""
    if not node.operands:
        return names[node]
    inner = [term(operand, names) for operand in node.operands]
    match node:
        case Quotient() | Remainder():
            operand = f"({inner[0]})" if isinstance(node.operands[0], (Quotient, Remainder)) else inner[0]
            return f"{operand} {'/' if isinstance(node, Quotient) else '%'} {_block(node.block)}"
        case Shift():
            return f"shift({inner[0]}, {node.amount})"
        case Stride():
            return f"stride({inner[0]}, {node.factor})"
        case Split():
            return f"split({', '.join(inner)})"
        case Unfold():
            return f"unfold({', '.join(inner)})"
    raise TypeError(f"{node!r} is no primitive")


def _block(size: Size) -> str:
    text = str(size)
    return f"({text})" if "*" in text or "/" in text or "^" in text else text


class Namer:
    """Unique names for the coordinates of a definition: those of its file where it has them."""

    def __init__(self, definition: Definition) -> None:
        declared = {size.name for size in definition.sizes} | {item.name for item in definition.tensors}
        self.taken = declared | set(definition.names.values())
        self.names: dict[Coordinate, str] = {}
        for node in (*definition.graph.iterators, *definition.graph.coordinates):
            given = definition.names.get(node)
            if given is not None:
                self.names[node] = given
            elif not node.operands:
                self.names[node] = self.fresh(_STEMS[type(node)])

    def fresh(self, stem: str) -> str:
        """A name that nothing else has."""
        number = 0
        while f"{stem}{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}{number}")
        return f"{stem}{number}"


def _reductions(reductions: Iterable[Reduce], names: dict[Coordinate, str]) -> str:
    binders: dict[str, list[str]] = {}
    for item in reductions:
        binders.setdefault(item.reducer, []).append(f"{names[item]}: {item.domain}")
    return "".join(f" {reducer}[{', '.join(items)}]" for reducer, items in binders.items())


def _shape(shape: Iterable[Size]) -> str:
    return f"[{', '.join(str(size) for size in shape)}]"


def _signature(definition: Definition) -> str:
    primaries = ", ".join(size.name for size in definition.sizes if size.kind == "primary")
    coefficients = ", ".join(
        size.name if size.default is None else f"{size.name} = {size.default}"
        for size in definition.sizes
        if size.kind == "coefficient"
    )
    inside = "; ".join(part for part in (primaries, coefficients) if part)
    if not primaries and coefficients:
        inside = f"; {inside}"
    sizes = f"<{inside}>" if inside else ""
    tensors = "".join(
        f"    {'weight ' if tensor.role == 'weight' else ''}{tensor.name}: {_shape(tensor.shape)},\n"
        for tensor in definition.tensors
    )
    parameters = f"(\n{tensors})" if tensors else "()"
    allows = ", ".join(name for name in _KEPT_ALLOWS if name in definition.allowed)
    output = _shape(definition.graph.output)
    return f"operator {definition.name}{sizes}{parameters} -> {output}{f' allow({allows})' if allows else ''}"


class _Linear:
    """The lines of the graph notation: a coordinate with several uses is shared before the first."""

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

    def lines(self) -> Iterate[str]:
        """Leaves, primitives, then what consumes the tops."""
        if self.graph.iterators:
            yield from self._bind(self.graph.iterators, "output")
        for reducer, spelt in (("sum", "reduce"), ("mean", "mean")):
            group = [item for item in self.graph.reductions if item.reducer == reducer]
            if group:
                yield from self._bind(group, f"{spelt}({', '.join(str(item.domain) for item in group)})")
        for node in self._operations():
            yield from self._primitive(node)
        for read in self.graph.reads:
            index = ", ".join(self._take(item) for item in read.index)
            yield f"{self.definition.tensors[read.tensor].name}[{index}]"
        for item in self.graph.expanded:
            yield f"expand({self._take(item)})"

    def _primitive(self, node: Coordinate) -> Iterate[str]:
        operands = ", ".join(self._take(operand) for operand in node.operands)
        match node:
            case Quotient() | Remainder():
                halves = (Quotient(node.operands[0], node.block), Remainder(node.operands[0], node.block))
                yield from self._bind(halves, f"merge({operands}, {node.block})")
            case Shift():
                yield from self._bind([node], f"shift({operands}, {node.amount})")
            case Stride():
                yield from self._bind([node], f"stride({operands}, {node.factor})")
            case _:
                yield from self._bind([node], f"{type(node).__name__.lower()}({operands})")

    def _bind(self, nodes: Iterable[Coordinate], value: str) -> Iterate[str]:
        """Name the results of a primitive, and SHARE those with several uses."""
        nodes = list(nodes)
        names = [self.namer.names.get(node) or self.namer.fresh("y") for node in nodes]
        yield f"{', '.join(names)} = {value}"
        for node, name in zip(nodes, names, strict=True):
            copies = [name, *(self._copy(name, number) for number in range(1, self.uses[node]))]
            self.handles[node] = deque(copies)
            if len(copies) > 1:
                yield f"{', '.join(copies)} = share({name})"

    def _copy(self, name: str, number: int) -> str:
        """`h'`, `h''` ... for the further handles of `h`; primes are the mark of a copy."""
        copy = name + "'" * number
        if copy in self.namer.taken:
            return self.namer.fresh(f"{name.rstrip(_PRIME)}_")
        self.namer.taken.add(copy)
        return copy

    def _take(self, node: Coordinate) -> str:
        return self.handles[node].popleft()

