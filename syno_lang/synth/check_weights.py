"""An operator in normal form enters; a reason leaves for every way in which weights may not be read."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence
from itertools import permutations

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce
from syno_lang.sizes import ONE, product
from syno_lang.synth.candidate import Candidate, Reason
from syno_lang.synth.digits import Digit, covered, digit, overlaps, pieces


def eliminated_digits(item: Candidate) -> list[Digit]:
    """The digits that weights read and of which nothing reaches the data, in the smallest pieces."""
    read: dict[Coordinate, list[Digit]] = {}
    for one in item.weights:
        for node in one.index:
            read.setdefault(digit(node).base, []).append(digit(node))
    data = item.data_uses.digits
    return [
        part
        for base, several in read.items()
        for part in pieces([*several, *data.get(base, ())], item.layers)
        if overlaps(part, several, item.layers) and not overlaps(part, data.get(base, ()), item.layers)
    ]


def eliminated(item: Candidate) -> Iterate[Reason]:
    """What is eliminated is an output coordinate, a digit of any, or a reduction that two weights share."""
    limits, layers = item.space.limits, item.layers
    repeated = []
    for part in eliminated_digits(item):
        end = item.uses.ends.get(part.base, part.base.domain)
        if isinstance(part.base, Iterator) or (part.low, part.high) != (ONE, end):
            repeated.append(part.domain)
        elif not isinstance(part.base, Reduce):
            yield Reason("outer_kind", f"weights alone read a coordinate of `{part.domain}` that is computed")
        elif limits.shared_between_weights is not None:
            least, most = limits.shared_between_weights
            if not least <= layers.high(part.domain) <= most:
                text = f"weights alone share a sum over `{part.domain}`, not between {least} and {most}"
                yield Reason("shared_between_weights", text)
    if limits.outer is not None and layers.high(product(repeated)) > limits.outer:
        yield Reason("outer", f"the outer axes of weights have more than {limits.outer} elements")


def inner_and_outer(item: Candidate) -> Iterate[Reason]:
    """Weights can be contracted one after the other, each with an axis that ends and one that goes on."""
    limits = item.space.limits
    if not item.weights:
        if not limits.weight_free:
            yield Reason("weight_free", "no weight is read")
        return
    if limits.depthwise:
        return
    indices = [[digit(node) for node in read.index] for read in item.weights]
    if not any(_in_order(item, order) for order in permutations(indices)):
        yield Reason("depthwise", "a weight has no axis that it eliminates, or none that others have")


def _in_order(item: Candidate, order: Sequence[Sequence[Digit]]) -> bool:
    """Whether each weight has places that neither data nor later weights have, and others that one has."""
    data = [one for digits in item.data_uses.digits.values() for one in digits]
    for place, index in enumerate(order):
        later = [*data, *(one for other in order[place + 1 :] for one in other)]
        ends = any(not covered(one, later, item.layers) for one in index)
        if not ends or not any(overlaps(one, later, item.layers) for one in index):
            return False
    return True


def redundant(item: Candidate) -> Iterate[Reason]:
    """No weight can be folded into another, no sum into a weight."""
    indices = [frozenset(read.index) for read in item.weights]
    if frozenset() in indices:
        yield Reason("folded_weight", "a weight without axes only scales the result")
    for place, index in enumerate(indices):
        others = [other for number, other in enumerate(indices) if number != place]
        if any(index <= other for other in others):
            yield Reason(
                "folded_weight", "all axes of a weight are axes of another: their product is one weight"
            )
            break
    for node in item.graph.reductions:
        readers = [read for read in item.graph.reads if any(node in top.leaves for top in read.index)]
        if len(readers) == 1 and readers[0] is not item.data:
            yield Reason("folded_sum", f"a sum over `{node.domain}` is within one weight")
