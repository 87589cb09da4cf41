"""The definition of an operator as Python loops over single numbers: slow, and beyond doubt."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.ir.pgraph import PGraph


class Outside(Exception):
    """An UNFOLD left its domain."""


def value(node: Coordinate, point: Mapping[Coordinate, int], sizes: Mapping[str, int]) -> int:
    """The value of a coordinate at one point of the loops."""
    if node in point:
        return point[node]
    below = [value(operand, point, sizes) for operand in node.operands]
    if isinstance(node, Split):
        return node.operands[1].domain.value(sizes) * below[0] + below[1]
    if isinstance(node, Quotient):
        return below[0] // node.block.value(sizes)
    if isinstance(node, Remainder):
        return below[0] % node.block.value(sizes)
    if isinstance(node, Shift):
        return (below[0] + node.amount) % node.domain.value(sizes)
    if isinstance(node, Stride):
        return node.factor.value(sizes) * below[0]
    assert isinstance(node, Unfold)
    found = below[0] + below[1] - node.window.domain.value(sizes) // 2
    if not 0 <= found < node.domain.value(sizes):
        raise Outside
    return found


def brute_force(graph: PGraph, tensors: Sequence[np.ndarray], sizes: Mapping[str, int]) -> np.ndarray:
    """The output of `graph`, one number at a time."""
    output = np.zeros([size.value(sizes) for size in graph.output])
    leaves = [*graph.iterators, *graph.reductions]
    divisor = 1
    for item in graph.reductions:
        divisor *= item.domain.value(sizes) if item.reducer == "mean" else 1
    for numbers in product(*(range(leaf.domain.value(sizes)) for leaf in leaves)):
        point = dict(zip(leaves, numbers, strict=True))
        try:
            for item in graph.expanded:
                value(item, point, sizes)
            term = 1.0
            for read in graph.reads:
                term *= tensors[read.tensor][tuple(value(item, point, sizes) for item in read.index)]
        except Outside:
            continue
        output[numbers[: len(graph.iterators)]] += term / divisor
    return output
