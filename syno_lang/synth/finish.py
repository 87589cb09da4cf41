"""A partial operator whose views are decided enters; the ways to read the data and the weights leave."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce, Shift
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.rewrite.amounts import Facts
from syno_lang.sizes import ONE
from syno_lang.synth.check_views import skips
from syno_lang.synth.digits import Digit, coordinate, covered, digit, overlaps, uses
from syno_lang.synth.layers import Layers
from syno_lang.synth.normal import shifted_digits, simple_index
from syno_lang.synth.space import Space
from syno_lang.synth.state import Index, State, text

if TYPE_CHECKING:
    from syno_lang.synth.extend import Extend


def assignments(extend: Extend, state: State) -> list[tuple[Coordinate, ...]]:
    """The ways to read the input at live coordinates of its sizes, such that the rest can be eliminated."""
    space = extend.space
    kept = {axis: Iterator(place, space.outputs[place].size) for axis, place in space.keep}
    found: list[tuple[Coordinate, ...]] = [()]
    for axis, wanted in enumerate(space.inputs):
        fixed = kept.get(axis)
        choices = [fixed] if fixed else [n for n in state.live - extend.kept if n.domain == wanted.size]
        fitting = [node for node in sorted(choices, key=text) if not skips(node)]
        found = [(*index, node) for index in found for node in fitting if node not in index]
    more = extend.limits.tensors - 1
    return [
        index for index in found if all(may_vanish(extend, node, more) for node in state.live - set(index))
    ]


def may_vanish(extend: Extend, node: Coordinate, weights: int) -> bool:
    """Whether weights alone may read a coordinate."""
    one = digit(node)
    base = one.base
    if node in extend.kept or weights < 1:
        return False
    if isinstance(base, Reduce):
        bounds = extend.limits.shared_between_weights
        high = extend.layers.high(node.domain)
        return weights > 1 and (bounds is None or bounds[0] <= high <= bounds[1])
    return isinstance(base, Iterator) or one.low != ONE or not one.is_major


def contractions(extend: Extend, state: State) -> Iterate[Index]:
    """The indices that one more weight may have."""
    left = extend.limits.tensors - 1 - len(state.weights)
    if left < 1:
        return
    several = readable(extend, state)
    shifted = {new: old for old, new in shifted_digits(state.index or (), Facts()).items()}
    seen: set[Index] = set()
    for number in range(1, len(several) + 1):
        for chosen in combinations(several, number):
            if _apart(chosen, extend.layers):
                plain = simple_index([node for node in chosen if node not in shifted])
                index = frozenset([*plain, *(node for node in chosen if node in shifted)])
                if index not in seen and index not in state.weights:
                    seen.add(index)
                    if left > 1 or not unread(state, index, extend.layers):
                        yield index


def unread(state: State, index: Index, layers: Layers) -> frozenset[Coordinate]:
    """The live coordinates of which something is left that neither the weights so far nor this one read."""
    digits = [digit(node) for several in (*state.weights, index) for node in several]
    return frozenset(node for node in state.live if not covered(digit(node), digits, layers))


def _apart(chosen: Sequence[Coordinate], layers: Layers) -> bool:
    """Whether no coordinate is consumed twice."""
    found = uses(chosen, layers)
    return all(
        not overlaps(one, [other], layers)
        for several in found.digits.values()
        for one, other in combinations(several, 2)
    )


def readable(extend: Extend, state: State) -> list[Coordinate]:
    """Coordinates that a weight may read: what the data passes through, and digits at the cuts there are."""
    data = [*(state.index or ()), *state.live, *state.expanded]
    own = uses(data, extend.layers)
    found: dict[Coordinate, None] = {}
    for base in sorted(extend.bases(state), key=text):
        end = own.ends.get(base, base.domain)
        units = {*own.cuts(base), *(unit for node, unit in state.cuts if node is base)}
        if isinstance(base, Shift) and not units and end == base.domain:
            # A weight at a shift is the weight at what is shifted.
            continue
        order = [ONE, *sorted(units, key=extend.layers.rank), end]
        for low, high in combinations(order, 2):
            one = Digit(base, low, high)
            whole = low == ONE and high == base.domain
            if whole or not extend.layers.fault(one.domain):
                node = coordinate(one)
                if not (whole and isinstance(base, Shift)) and node not in state.expanded:
                    found[node] = None
    return list(found)


def graph_of_state(space: Space, state: State) -> PGraph:
    """The operator of a finished state."""
    assert state.index is not None
    weights = sorted((tuple(sorted(index, key=text)) for index in state.weights), key=repr)
    indices = [state.index, *weights]
    tensors = [
        Tensor("weight" if place else "input", tuple(node.domain for node in index))
        for place, index in enumerate(indices)
    ]
    reads = [Read(place, index) for place, index in enumerate(indices)]
    return PGraph.make([axis.size for axis in space.outputs], tensors, reads)
