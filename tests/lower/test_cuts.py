"""The smallest cut, on cases worked out by hand and against every cut of random coordinates."""

from fractions import Fraction
from math import prod

from hypothesis import assume, given

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
    walk,
)
from syno_lang.lower.cuts import smallest_cut
from syno_lang.sizes import Size
from syno_lang.testing import pgraphs
from tests.lower.exhaustive import cuts, subsets

H, K = Size.constant(20), Size.constant(3)
X, Y = Iterator(0, H), Iterator(1, H)
P, Q = Reduce(0, K), Reduce(1, K)


def length(node: Coordinate) -> int:
    return node.domain.value({})


def cut(tops: list[Coordinate], *summed: Coordinate) -> list[Coordinate]:
    return list(smallest_cut(tops, frozenset(summed), length))


def test_a_coordinate_stays_whole() -> None:
    window = Unfold(X, P)
    for top in (window, Split(X, P), Shift(window), Quotient(X, Size.constant(4)), Split(Shift(X), Unfold(Y, P))):
        assert cut([top]) == [top]


def test_it_goes_below_what_is_summed() -> None:
    assert cut([Split(Unfold(X, P), Q)], Q) == [Unfold(X, P)]
    assert cut([Unfold(Unfold(X, P), Q)], Q) == [Unfold(X, P)]
    assert cut([Unfold(Unfold(X, P), Q)], P) == [X, Q]
    assert cut([P, Split(Unfold(X, P), Q)], Q, P) == [X]


def test_it_takes_apart_what_shares_a_leaf() -> None:
    # 20*3 elements and not 20*20, or not 20*20*3.
    assert cut([Unfold(X, P), X]) == [X, P]
    assert cut([Unfold(X, P), X, P]) == [X, P]
    assert cut([P, Unfold(X, P)]) == [P, Unfold(X, P)]
    assert cut([Split(X, Y), Y]) == [X, Y]


def test_a_stride_widens() -> None:
    assert cut([Stride(P, Size.constant(2))]) == [P]


def test_equal_sizes_stay_high() -> None:
    block = Size.constant(4)
    halves: list[Coordinate] = [Quotient(X, block), Remainder(X, block)]
    assert cut(halves) == halves


def test_the_order_is_that_of_the_index() -> None:
    assert cut([Q, Y, Split(X, P)], P) == [Q, Y, X]


@given(pgraphs())
def test_it_is_the_smallest_of_all(case: tuple) -> None:
    graph, sizes = case
    assume(len(graph.coordinates) <= 9)

    def extent(node: Coordinate) -> int:
        return node.domain.value(sizes)

    for read in graph.reads:
        for summed in subsets(graph.reductions):
            found = smallest_cut(read.index, frozenset(summed), extent)
            every = {frozenset()}
            for top in read.index:
                every = {below | one for below in every for one in cuts(top, frozenset(summed))}
            assert prod(map(extent, found)) == min(prod(map(extent, one)) for one in every)
            assert not any(node.leaves & frozenset(summed) for node in found)
            known = {*found, *summed}
            for node in walk(*read.index):
                if node.operands and known.issuperset(node.operands):
                    known.add(node)
            assert known.issuperset(read.index)


def test_rational_lengths_are_compared_too() -> None:
    tops = [Unfold(X, P), X]
    assert smallest_cut(tops, frozenset(), lambda node: Fraction(7, 3) if node is P else 20) == (X, P)
