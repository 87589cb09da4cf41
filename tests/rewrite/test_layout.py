"""Weights may be laid out anew: spellings become one operator, and the views make it the value that it was."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Shift, Split, Stride, walk
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.ir.verify import verify
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.canonicalize import Canonical, trace
from syno_lang.rewrite.layout import axes_of
from syno_lang.rewrite.read import standard_rules
from syno_lang.rewrite.reads import Reads
from syno_lang.sizes import ONE, Size
from syno_lang.testing import definitions
from tests.rewrite.graphs import graphs
from tests.rewrite.layouts import DIFFERENT, EQUAL
from tests.rewrite.test_laws import named, reordered
from tests.rewrite.test_pairs import read

RULES = [rule for rule in standard_rules() if rule.is_exact]


def laid_out(definition: Definition) -> Canonical:
    return trace(definition, RULES, "lay out")


def check_value(definition: Definition, sizes: dict[str, int]) -> None:
    """With weights laid out by the views, the normal form has the value of the operator."""
    found = laid_out(definition)
    verify(found.definition.graph)
    again = laid_out(found.definition)
    assert again.definition.graph == found.definition.graph
    random = np.random.default_rng(0)
    arrays = {
        tensor.name: random.integers(-4, 5, [size.value(sizes) for size in tensor.shape]).astype(float)
        for tensor in definition.tensors
    }
    new = {name: interpret(view, {name: arrays[name]}, sizes) for name, view in found.views.items()}
    np.testing.assert_allclose(
        interpret(found.definition, {**arrays, **new}, sizes),
        interpret(definition, arrays, sizes),
        rtol=1e-12,
        atol=1e-12,
    )


def parametrized(pairs: list[tuple[str, str, str, str, str]]) -> list[object]:
    return [pytest.param(*rest, id=name) for name, *rest in pairs]


@pytest.mark.parametrize(("here", "one", "there", "other"), parametrized(EQUAL))
def test_equal(here: str, one: str, there: str, other: str) -> None:
    first, second = read(here, one), read(there, other)
    assert trace(first, RULES).definition.graph != trace(second, RULES).definition.graph
    assert laid_out(first).definition.graph == laid_out(second).definition.graph
    for item in (first, second):
        check_value(item, {name: 6 if name.isupper() else 2 for name in item.graph.variables} | item.defaults)


@pytest.mark.parametrize(("here", "one", "there", "other"), parametrized(DIFFERENT))
def test_different(here: str, one: str, there: str, other: str) -> None:
    first, second = laid_out(read(here, one)), laid_out(read(there, other))
    assert first.definition.graph != second.definition.graph


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000))
def test_value_of_drawn_operators(case: tuple[Definition, dict[str, int]]) -> None:
    check_value(*case)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_value_where_rules_have_much_to_do(case: tuple[PGraph, dict[str, int]]) -> None:
    check_value(named(*case), case[1])


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(graphs(), st.integers(0, 100))
def test_order_does_not_matter(case: tuple[PGraph, dict[str, int]], seed: int) -> None:
    one, other = named(case[0], {}), named(reordered(case[0], seed), {})
    assert laid_out(one).definition.graph == laid_out(other).definition.graph


def laid_out_otherwise(graph: PGraph, random: Random) -> PGraph:
    """The same operator with weights in another order, and each with other axes."""
    places = list(range(len(graph.tensors)))
    free = [place for place in places if graph.tensors[place].role == "weight"]
    for old, new in zip(free, random.sample(free, len(free)), strict=True):
        places[old] = new
    axes = {place: [list(axis) for axis in axes_of(Reads(graph.reads, ()), place)] for place in free}
    for place in free:
        for _ in range(3):
            axes[place] = _other_axes(axes[place], random)
    reads = []
    for place in range(len(places)):
        own = [read for read in graph.reads if read.tensor == place]
        for number, item in enumerate(own):
            index = tuple(axis[number] for axis in axes[place]) if place in axes else item.index
            reads.append(Read(places[place], index))
    shapes = {read.tensor: tuple(item.domain for item in read.index) for read in reads}
    tensors = [Tensor(item.role, shapes[places[place]]) for place, item in enumerate(graph.tensors)]
    ordered = [tensors[places.index(place)] for place in range(len(places))]
    return PGraph.make(graph.output, ordered, reads, graph.expanded)


def _other_axes(axes: list[list[Coordinate]], random: Random) -> list[list[Coordinate]]:
    axes = random.sample(axes, len(axes))
    if not axes:
        return axes
    first, *rest = axes
    match random.randrange(4):
        case 0:
            amount = random.choice((-2, 1, 3))
            return [[Shift(item, amount) for item in first], *rest]
        case 1 if rest:
            return [[Split(*pair) for pair in zip(first, rest[0], strict=True)], *rest[1:]]
        case 2:
            domain = first[0].domain
            variables = [Size.variable(name) for name in domain.upper.variables]
            # A whole 1/g would say that g is 1, which no rule asks.
            blocks = [
                item for item in variables if (domain / item).lower.is_one or not (domain / item).upper.is_one
            ]
            # Blocks of a split of which neither divides the other have no rules, nor has a shift of a grid.
            views = {type(node) for node in walk(*first)}
            if blocks and Split not in views and not {Shift, Stride} <= views:
                block = random.choice(blocks)
                return [
                    [Quotient(item, block) for item in first],
                    [Remainder(item, block) for item in first],
                    *rest,
                ]
    return axes


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(graphs(), st.integers(0, 1000))
def test_layout_does_not_matter_where_rules_have_much_to_do(
    case: tuple[PGraph, dict[str, int]], seed: int
) -> None:
    check_layout(case[0], case[1], seed)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000), st.integers(0, 1000))
def test_layout_does_not_matter(case: tuple[Definition, dict[str, int]], seed: int) -> None:
    check_layout(case[0].graph, case[1], seed)


def check_layout(graph: PGraph, sizes: dict[str, int], seed: int) -> None:
    # Sizes that have to be 1 or equal for all to be whole (1/g; k/2 and 2/k) are told apart by name.
    assume(not any(_is_forced(size, Facts(graph.sizes)) for size in graph.sizes))
    other = laid_out_otherwise(graph, Random(seed))
    one, two = laid_out(named(graph, sizes)), laid_out(named(other, sizes))
    assert one.definition.graph == two.definition.graph


def _is_forced(size: Size, facts: Facts) -> bool:
    return bool(size.variables) and (size.upper.is_one or facts.divides(size, ONE))


def test_equal_sums_have_no_order() -> None:
    """Of n equal sums each may play each part: the n! spellings are one operator."""
    signature = "<A, B, C; k = 3>(x: [A, B, C], weight w: [k, k, k]) -> [A, B, C]"
    body = (
        "out[a, b, c] = sum[p: k, q: k, r: k] x[unfold(a, {}), unfold(b, {}), unfold(c, {})] * w[{}, {}, {}]"
    )
    found = {
        laid_out(read(signature, body.format(*one, *other))).definition.graph.digest
        for one in permutations("pqr")
        for other in permutations("pqr")
    }
    assert len(found) == 1


@pytest.mark.heavy
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000), st.integers(0, 1000))
def test_value_and_layout_of_many_drawn_operators(case: tuple[Definition, dict[str, int]], seed: int) -> None:
    check_value(*case)
    check_layout(case[0].graph, case[1], seed)


@pytest.mark.heavy
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(graphs(), st.integers(0, 1000))
def test_value_and_layout_where_rules_have_much_to_do_many(
    case: tuple[PGraph, dict[str, int]], seed: int
) -> None:
    check_value(named(*case), case[1])
    check_layout(case[0], case[1], seed)
