"""Hypothesis draws choices; random valid operators with sizes to run them at leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

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
from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.sizes import ONE, Size

PRIMARIES: Final = ("N", "C", "H")
COEFFICIENTS: Final = ("k", "s", "g")

#: How many points the single loop nest of a drawn operator has at most, unless told otherwise.
MAX_POINTS: Final = 20_000

Draw = Callable[..., Any]


def size_is_legal(size: Size, sizes: Mapping[str, int]) -> bool:
    """Whether `size` is a positive whole number at `sizes` and no primary stands in a denominator."""
    return size.evaluate(sizes).denominator == 1 and not set(size.lower.variables) & set(PRIMARIES)


@dataclass
class _Builder:
    """A graph that grows bottom-up: one frontier of coordinates per tensor, the first is the input."""

    draw: Draw
    sizes: dict[str, int]
    max_points: int
    frontiers: list[list[Coordinate]]
    points: int = 1
    expanded: list[Coordinate] = field(default_factory=list)

    def pick(self, choices: list[Any] | tuple[Any, ...]) -> Any:
        return self.draw(st.sampled_from(choices))

    def fitting(self, candidates: list[Size]) -> Size:
        """One of `candidates` for a new loop; 1 where no other keeps the nest small enough."""
        room = self.max_points // self.points
        legal = [
            size for size in candidates if size_is_legal(size, self.sizes) and size.value(self.sizes) <= room
        ]
        size: Size = self.pick([*dict.fromkeys((*legal, ONE))])
        self.points *= size.value(self.sizes)
        return size

    def place(self, leaf: Coordinate) -> None:
        """Give a leaf to one tensor, which need not be the input."""
        self.pick([self.frontiers[0], *self.frontiers]).append(leaf)

    def put(
        self, frontier: list[Coordinate], old: tuple[Coordinate, ...], new: tuple[Coordinate, ...]
    ) -> None:
        """Put `new` in the place of `old`, unless the tensor would be read twice at one coordinate."""
        rest = [item for item in frontier if item not in old]
        if not set(rest) & set(new):
            frontier[:] = [*rest, *new]

    def grow(self) -> None:
        """Add one primitive, where the drawn one has its operands."""
        actions = (_split, _merge, _shift, _unfold, _dilate, _expand, _share)
        frontier = self.pick(self.frontiers)
        if frontier:
            self.pick(actions)(self, frontier)


def _two(builder: _Builder, frontier: list[Coordinate]) -> tuple[Coordinate, ...]:
    return tuple(builder.draw(st.permutations(frontier))[:2])


def _split(builder: _Builder, frontier: list[Coordinate]) -> None:
    if len(frontier) > 1:
        old = _two(builder, frontier)
        builder.put(frontier, old, (Split(*old),))


def _merge(builder: _Builder, frontier: list[Coordinate]) -> None:
    old = builder.pick(frontier)
    named = [Size.variable(name) for name in (*COEFFICIENTS, *PRIMARIES)]
    blocks = [Size.constant(2), Size.constant(3), *named, *(old.domain / size for size in named)]
    fitting = [
        block
        for block in blocks
        if size_is_legal(block, builder.sizes) and size_is_legal(old.domain / block, builder.sizes)
    ]
    if fitting:
        block = builder.pick([*dict.fromkeys(fitting)])
        builder.put(frontier, (old,), (Quotient(old, block), Remainder(old, block)))


def _shift(builder: _Builder, frontier: list[Coordinate]) -> None:
    old = builder.pick(frontier)
    builder.put(frontier, (old,), (Shift(old, builder.pick((1, -1, 2, 5))),))


def _unfold(builder: _Builder, frontier: list[Coordinate]) -> None:
    if len(frontier) > 1:
        old = _two(builder, frontier)
        builder.put(frontier, old, (Unfold(*old),))


def _dilate(builder: _Builder, frontier: list[Coordinate]) -> None:
    if len(frontier) > 1:
        old = _two(builder, frontier)
        factor = builder.pick((Size.constant(2), Size.variable("s")))
        builder.put(frontier, old, (Unfold(old[0], Stride(old[1], factor)),))


def _expand(builder: _Builder, frontier: list[Coordinate]) -> None:
    if len(frontier) > 1:
        old = builder.pick(frontier)
        frontier.remove(old)
        builder.expanded.append(old)


def _share(builder: _Builder, frontier: list[Coordinate]) -> None:
    other = builder.pick(builder.frontiers)
    node = builder.pick(frontier)
    if node not in other:
        other.append(node)


@st.composite
def assignments(draw: Draw) -> dict[str, int]:
    """Numbers for the size variables `N C H` (primary) and `k s g` (coefficients), often divisible."""
    k, s, g = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    n, c, h = draw(st.integers(1, 3)), g * draw(st.integers(1, 3)), draw(st.integers(1, 7))
    return {"N": n, "C": c, "H": h * s if draw(st.booleans()) and h * s <= 8 else h, "k": k, "s": s, "g": g}


def _leaves(builder: _Builder, means: bool) -> list[Size]:
    """Give every output iterator and reduction to a tensor; returns the sizes of the output."""
    var = {name: Size.variable(name) for name in (*PRIMARIES, *COEFFICIENTS)}
    outputs = [
        *(var[name] for name in PRIMARIES), var["H"] / var["s"], var["C"] * var["g"], var["C"] / var["g"],
        var["H"] * var["s"], *(Size.constant(value) for value in (1, 2, 3, 4)),
    ]  # fmt: skip
    windows = [
        *(var[name] for name in COEFFICIENTS), var["C"], var["C"] / var["g"], var["H"],
        *(Size.constant(value) for value in (1, 2, 3)),
    ]  # fmt: skip
    output = [builder.fitting(outputs) for _ in range(builder.draw(st.integers(1, 3)))]
    iterators = [Iterator(position, domain) for position, domain in enumerate(output)]
    builder.frontiers[0].append(iterators[0])
    for iterator in iterators[1:]:
        builder.place(iterator)
    for label in range(builder.draw(st.integers(0, 4))):
        reducer = builder.pick(("sum", "sum", "mean")) if means else "sum"
        builder.place(Reduce(label, builder.fitting(windows), reducer))
    return output


def _tensors(builder: _Builder) -> tuple[list[Tensor], list[Read]]:
    """The input and the weights; two weights of one shape are sometimes one tensor, read twice."""
    tensors: list[Tensor] = []
    reads: list[Read] = []
    for number, frontier in enumerate(builder.frontiers):
        if not frontier:
            continue
        index = tuple(builder.draw(st.permutations(frontier)))
        tensor = Tensor("weight" if number else "input", tuple(item.domain for item in index))
        same = tensor in tensors and builder.draw(st.booleans())
        if not same:
            tensors.append(tensor)
        reads.append(Read(tensors.index(tensor) if same else len(tensors) - 1, index))
    return tensors, reads


@st.composite
def pgraphs(draw: Draw, max_points: int = MAX_POINTS, means: bool = True) -> tuple[PGraph, dict[str, int]]:
    """A valid pGraph and the value of each of its size variables.

    One to three output axes, up to four reductions (of either reducer, `means` permitting) and three
    weights, any primitives; the single nest has at most `max_points` points.
    """
    weights = draw(st.integers(0, 3))
    builder = _Builder(draw, draw(assignments()), max_points, [[] for _ in range(1 + weights)])
    output = _leaves(builder, means)
    for _ in range(draw(st.integers(0, 8))):
        builder.grow()
    tensors, reads = _tensors(builder)
    read = {item for one in reads for item in one.index}
    expanded = [item for item in dict.fromkeys(builder.expanded) if item not in read]
    graph = PGraph.make(output, tensors, reads, expanded)
    return graph, {name: builder.sizes[name] for name in graph.variables}


@st.composite
def definitions(
    draw: Draw, max_points: int = MAX_POINTS, means: bool = True
) -> tuple[Definition, dict[str, int]]:
    """A valid definition with names, and the value of each of its size variables; see `pgraphs`."""
    graph, sizes = draw(pgraphs(max_points, means))
    return with_names(graph, sizes), sizes


def with_names(graph: PGraph, sizes: Mapping[str, int]) -> Definition:
    """Declare the sizes and tensors of `graph` and name its leaves; coefficients default to `sizes`."""
    primary = [SizeDeclaration(name, "primary") for name in PRIMARIES if name in sizes]
    small = [SizeDeclaration(name, "coefficient", sizes[name]) for name in COEFFICIENTS if name in sizes]
    names: dict[Coordinate, str] = dict(zip(graph.iterators, "abcdef", strict=False))
    names.update(zip(graph.reductions, "pqruvw", strict=False))
    tensors = tuple(
        TensorDeclaration(f"w{number}" if number else "x", tensor.role, tensor.shape)
        for number, tensor in enumerate(graph.tensors)
    )
    return Definition("drawn", (*primary, *small), tensors, graph, names)
