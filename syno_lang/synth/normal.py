"""A space and a graph enter; the graph that stands for all that are the same operator there leaves.

Beside the exact rules: a weight is learned, so any one-to-one view of its axes can be applied to it
beforehand and the order of its axes says nothing; nor does the order of the values of an unordered axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from itertools import combinations, islice, permutations, product as every

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    replace,
    walk,
)
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.canonicalize import canonicalize
from syno_lang.rewrite.engine import Engine
from syno_lang.rewrite.local import is_canonical
from syno_lang.rewrite.read import exact_rules
from syno_lang.rewrite.rules import CoordinateRule
from syno_lang.sizes import ONE
from syno_lang.synth.define import definition_of
from syno_lang.synth.digits import Digit, coordinate, digit
from syno_lang.synth.layers import Layers, layers_of
from syno_lang.synth.space import Space

#: How many spellings of unordered axes, and how many orders of equal parts, are compared at most.
MAX_SPELLINGS = 720


def normal_form(space: Space, graph: PGraph) -> PGraph:
    """The one graph of all that differ by exact rules, weights' axes and unordered axes alone."""
    graph = _settled(space, graph)
    several = []
    if _fits(space, graph) and any(axis.unordered for axis in (*space.inputs, *space.outputs)):
        several = [_settled(space, other) for other in islice(_reordered(space, graph), MAX_SPELLINGS)]
    candidates = {item.key: item for item in (ordered(_reread(item)) for item in [graph, *several])}
    return min(candidates.values(), key=_weight)


def _fits(space: Space, graph: PGraph) -> bool:
    """Whether the graph has the axes that the space speaks of."""
    data = [read for read, role in zip(graph.reads, _roles(graph), strict=True) if role == "input"]
    axes = len(data) == 1 and len(data[0].index) == len(space.inputs)
    return axes and len(graph.output) == len(space.outputs)


def _weight(graph: PGraph) -> tuple[int, str]:
    return len(graph.coordinates), graph.key


def _settled(space: Space, graph: PGraph) -> PGraph:
    """Rewrite by exact rules and simplify the axes of weights until nothing changes."""
    graph = _reindexed(graph)
    while _may_change(graph):
        before = graph
        graph = canonicalize(definition_of(space, graph), weights="lay out").graph
        graph = _reindexed(graph)
        if graph == before:
            break
    return graph


def _may_change(graph: PGraph) -> bool:
    """Whether a rule may fit, as far as a look at each coordinate tells: for most graphs of a search none."""
    # What a tensor reads twice, whole or by a digit, it may read once.
    twice = any(_shares_leaves(read.index) for read in graph.reads)
    if graph.expanded or twice or any(node.reducer != "sum" for node in graph.reductions):
        return True
    pairs = zip(graph.reads, _roles(graph), strict=True)
    data = {leaf for read, role in pairs if role == "input" for top in read.index for leaf in top.leaves}
    # Sums that weights alone read may be one: the weights can be laid out for that.
    if sum(node not in data for node in graph.reductions) > 1:
        return True
    return any(_may_be_rewritten(node) for node in graph.coordinates)


def _shares_leaves(index: Sequence[Coordinate]) -> bool:
    """Whether two axes depend on one leaf, other than as neighbouring digits that nothing overlaps."""
    bases = [digit(node) for node in index]
    for one, other in combinations(bases, 2):
        if one.base is other.base:
            if one.low != other.high and other.low != one.high:
                return True
        elif one.base.leaves & other.base.leaves:
            return True
    return False


def _may_be_rewritten(node: Coordinate) -> bool:
    if node.domain.is_one or not is_canonical(node):
        return True
    if isinstance(node, Split):
        following = node.operands[1].operands[0] if isinstance(node.operands[1], Split) else node.operands[1]
        return isinstance(node.operands[0], Reduce) and isinstance(following, Reduce)
    # Here what else is whole may decide.
    return isinstance(node, (Quotient, Remainder)) and isinstance(node.operands[0], (Split, Stride))


def _roles(graph: PGraph) -> list[str]:
    return [graph.tensors[read.tensor].role for read in graph.reads]


def _made(graph: PGraph, indices: Sequence[tuple[Coordinate, ...]]) -> PGraph:
    """The same with other indices of its reads, each tensor in the shape in which it is read."""
    tensors = list(graph.tensors)
    for read, index in zip(graph.reads, indices, strict=True):
        tensors[read.tensor] = Tensor(tensors[read.tensor].role, tuple(node.domain for node in index))
    reads = [Read(read.tensor, index) for read, index in zip(graph.reads, indices, strict=True)]
    return PGraph.make(graph.output, tensors, reads, graph.expanded)


def _reindexed(graph: PGraph) -> PGraph:
    """Weights that are read once, at the simplest coordinates that say the same."""
    tensors = [read.tensor for read in graph.reads]
    indices = [
        simple_index(read.index) if role == "weight" and tensors.count(read.tensor) == 1 else read.index
        for role, read in zip(_roles(graph), graph.reads, strict=True)
    ]
    return _made(graph, indices)


def simple_index(index: Iterable[Coordinate]) -> tuple[Coordinate, ...]:
    """An index without one-to-one views at its tops, and with neighbouring digits joined."""
    found: list[Coordinate] = []
    pending = list(index)
    while pending:
        node = pending.pop(0)
        if isinstance(node, Split):
            pending[:0] = node.operands
        elif isinstance(node, (Shift, Stride)):
            pending.insert(0, node.operands[0])
        elif isinstance(node, Remainder) and isinstance(node.operands[0], Shift):
            # (i + d) % N % B is a shift of i % B.
            pending.insert(0, Remainder(node.operands[0].operands[0], node.block))
        else:
            found.append(node)
    return _joined(found)


def shifted_digits(index: Iterable[Coordinate], facts: Facts) -> dict[Coordinate, Coordinate]:
    """The shifted digits at which the data is cut, for what they are before the shift.

    `shift(i) % B` says as much as `i % B`; which of them a weight reads is decided by the data, so that a cut
    of the data and what weights read of it are one MERGE.
    """
    engine = Engine([rule for rule in exact_rules() if isinstance(rule, CoordinateRule)], facts)
    images: dict[Coordinate, Coordinate] = {}
    for node in sorted(set(walk(*index)), key=repr):
        if isinstance(node, (Quotient, Remainder)) and isinstance(node.operands[0], Shift):
            shifted = node.operands[0]
            plain = engine.normal(Remainder(shifted.operands[0], node.block))
            images.setdefault(plain, Remainder(shifted, node.block))
    return images


def _reread(graph: PGraph) -> PGraph:
    """Weights at the shifted digits of the data."""
    pairs = list(zip(graph.reads, _roles(graph), strict=True))
    images = shifted_digits(
        (node for read, role in pairs if role == "input" for node in read.index), Facts(graph.sizes)
    )
    if not images:
        return graph
    indices = [
        tuple(images.get(top, top) for top in read.index) if role == "weight" else read.index
        for read, role in pairs
    ]
    return _made(graph, indices)


def _joined(nodes: list[Coordinate]) -> tuple[Coordinate, ...]:
    """Digits that are neighbours become one."""
    for one, other in permutations(nodes, 2):
        upper, lower = digit(one), digit(other)
        if upper.base is lower.base and upper.low == lower.high:
            joined = coordinate(Digit(upper.base, lower.low, upper.high))
            rest = [node for node in nodes if node is not one and node is not other]
            return simple_index([*rest, joined])
    return tuple(nodes)


# Unordered axes.


def _reordered(space: Space, graph: PGraph) -> Iterate[PGraph]:
    """The graphs that differ in the order of the values of unordered axes."""
    inputs = [place for place, axis in enumerate(space.inputs) if axis.unordered]
    outputs = [place for place, axis in enumerate(space.outputs) if axis.unordered]
    data = next(n for n, role in enumerate(_roles(graph)) if role == "input")
    choices = [list(_spellings(graph.reads[data].index[place])) for place in inputs]
    for digits in every(*[list(_digit_orders(space, graph, place)) for place in outputs]):
        image = {old: new for part in digits for old, new in part.items()}
        for tops in every(*choices):
            index = list(graph.reads[data].index)
            for place, top in zip(inputs, tops, strict=True):
                index[place] = top
            indices = [read.index for read in graph.reads]
            indices[data] = tuple(index)
            mapped = [tuple(replace(top, image.get) for top in part) for part in indices]
            expanded = tuple(replace(top, image.get) for top in graph.expanded)
            yield _made(PGraph(graph.output, graph.tensors, graph.reads, expanded), mapped)


def _spellings(top: Coordinate) -> Iterate[Coordinate]:
    """An unordered axis read at a SPLIT may be read at its parts in any order, and shifted or not."""
    parts = _parts(top)
    for order in permutations(parts):
        node = order[-1]
        for part in reversed(order[:-1]):
            node = Split(part, node)
        yield node


def _parts(top: Coordinate) -> list[Coordinate]:
    if isinstance(top, Split):
        return [part for node in top.operands for part in _parts(node)]
    return _parts(top.operands[0]) if isinstance(top, Shift) else [top]


def _digit_orders(space: Space, graph: PGraph, place: int) -> Iterate[dict[Coordinate, Coordinate]]:
    """What the digits of an unordered output axis become where they stand in another order.

    Weights that read all of the axis do not see it: their values can be put into the other order.
    """
    whole = graph.iterators[place]
    shifted = [node for node in graph.coordinates if isinstance(node, Shift) and node.operands[0] is whole]
    weights = {
        top
        for read, role in zip(graph.reads, _roles(graph), strict=True)
        if role == "weight"
        for top in read.index
    }
    users = [
        node
        for node in graph.coordinates
        if whole in node.operands and not isinstance(node, Quotient | Remainder)
    ]
    used = {digit(node) for node in _digit_tops(graph, whole)}
    reads_whole = any(top is whole and top not in weights for top in graph.tops)
    if len(shifted) == len(users) == 1 and not used and not reads_whole:
        yield {shifted[0]: whole}
        return
    yield {}
    if users or reads_whole or not used:
        return
    chain = _chained(used, whole, layers_of(space))
    if chain is None:
        return
    for order in permutations(chain):
        image: dict[Coordinate, Coordinate] = {}
        low = ONE
        for item in order:
            image[coordinate(item)] = coordinate(Digit(whole, low, low * item.domain))
            low = low * item.domain
        yield image


def _digit_tops(graph: PGraph, base: Coordinate) -> list[Coordinate]:
    """The digits of `base` that something else than a digit reads."""
    inner = {
        op for node in graph.coordinates if isinstance(node, Quotient | Remainder) for op in node.operands
    }
    read = {
        *graph.tops,
        *(
            op
            for node in graph.coordinates
            if not isinstance(node, Quotient | Remainder)
            for op in node.operands
        ),
    }
    several = [node for node in graph.coordinates if isinstance(node, Quotient | Remainder)]
    return [node for node in several if digit(node).base is base and (node in read or node not in inner)]


def _chained(used: set[Digit], whole: Iterator, layers: Layers) -> list[Digit] | None:
    """The digits from the lowest with what lies between them; `None` where two share a place."""
    found: list[Digit] = []
    unit = ONE
    for one in sorted(used, key=lambda item: layers.rank(item.low)):
        if layers.low(one.low / unit) < 1:
            return None
        if one.low != unit:
            found.append(Digit(whole, unit, one.low))
        found.append(one)
        unit = one.high
    return found if unit == whole.domain else [*found, Digit(whole, unit, whole.domain)]


# An order for what has none.


def ordered(graph: PGraph) -> PGraph:
    """The graph with its weights, their axes and their sums in a fixed order."""
    roles = _roles(graph)
    fixed = {leaf for read, role in zip(graph.reads, roles, strict=True) if role == "input"
             for top in read.index for leaf in top.leaves}  # fmt: skip
    free = [node for node in graph.reductions if node not in fixed]
    if "weight" not in roles or len(graph.reads) != len(graph.tensors):
        return graph
    best: PGraph | None = None
    for order in islice(permutations(range(len(free))), MAX_SPELLINGS):
        labels: dict[Coordinate, Coordinate] = {
            node: Reduce(1000 + place, node.domain, node.reducer)
            for node, place in zip(free, order, strict=True)
        }
        made = _sorted(graph, roles, labels)
        if best is None or made.key < best.key:
            best = made
    assert best is not None
    return best


def _sorted(graph: PGraph, roles: Sequence[str], labels: dict[Coordinate, Coordinate]) -> PGraph:
    def put(index: Iterable[Coordinate]) -> tuple[Coordinate, ...]:
        return tuple(replace(top, labels.get) for top in index)

    weights = [
        tuple(sorted(put(read.index), key=repr))
        for read, role in zip(graph.reads, roles, strict=True)
        if role == "weight"
    ]
    weights.sort(key=repr)
    data = [put(read.index) for read, role in zip(graph.reads, roles, strict=True) if role == "input"]
    indices = [*data, *weights]
    tensors = [
        Tensor("input" if place < len(data) else "weight", tuple(node.domain for node in index))
        for place, index in enumerate(indices)
    ]
    reads = [Read(place, index) for place, index in enumerate(indices)]
    return PGraph.make(graph.output, tensors, reads, put(graph.expanded))
