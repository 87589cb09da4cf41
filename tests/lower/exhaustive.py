"""The fewest FLOPs by trying everything: any cut, any number of factors at once, any order; no pruning."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, product
from math import prod

from syno_lang.ir.coordinates import Coordinate, Reduce
from syno_lang.ir.pgraph import PGraph
from syno_lang.lower.factors import factors_of

Index = frozenset[Coordinate]


def subsets(items: tuple) -> Iterator[tuple]:
    return chain(*(combinations(items, count) for count in range(len(items) + 1)))


@cache
def cuts(node: Coordinate, summed: Index) -> frozenset[Index]:
    """Every set of coordinates, none above `summed`, from which with `summed` `node` can be computed."""
    if node in summed:
        return frozenset({frozenset()})
    found = set() if node.leaves & summed else {frozenset({node})}
    if node.operands:
        below = (cuts(operand, summed) for operand in node.operands)
        found.update(frozenset().union(*every) for every in product(*below))
    return frozenset(found)


def fewest_flops(graph: PGraph, sizes: Mapping[str, int]) -> Fraction:
    """The cheapest way to compute `graph` at `sizes`."""

    def points(index: Index) -> Fraction:
        return prod((node.domain.evaluate(sizes) for node in index), start=Fraction(1))

    def work(factors: tuple[tuple[Index, bool], ...], summed: tuple[Coordinate, ...]) -> int:
        return max(sum(is_read for _, is_read in factors) - 1, 1 if summed else 0)

    def reductions(factors: tuple[tuple[Index, bool], ...]) -> tuple[Coordinate, ...]:
        leaves = {leaf for index, _ in factors for node in index for leaf in node.leaves}
        return tuple(sorted((leaf for leaf in leaves if isinstance(leaf, Reduce)), key=lambda leaf: leaf.label))

    @cache
    def rest(state: frozenset[tuple[int, Index, bool]]) -> Fraction:
        everything = tuple((index, is_read) for _, index, is_read in state)
        summed = reductions(everything)
        best = points(frozenset((*graph.iterators, *summed))) * work(everything, summed)
        for chosen in subsets(tuple(state)):
            others = reductions(tuple((index, is_read) for _, index, is_read in state - set(chosen)))
            operands = tuple((index, is_read) for _, index, is_read in chosen)
            for inside in subsets(tuple(item for item in reductions(operands) if item not in others)):
                if len(chosen) < 2 and not inside:
                    continue
                tops = {node for index, _ in operands for node in index}
                for every in product(*(cuts(node, frozenset(inside)) for node in tops)):
                    cut = frozenset().union(*every)
                    here = points(cut | frozenset(inside)) * work(operands, inside)
                    if here < best:
                        left = state - set(chosen) | {(min(number for number, _, _ in chosen), cut, True)}
                        best = min(best, here + rest(left))
        return best

    factors = enumerate(factors_of(graph))
    return rest(frozenset((number, frozenset(item.index), item.guard is None) for number, item in factors))
