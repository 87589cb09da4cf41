"""Laws of the normal form on random operators: same value, nothing left to do, no matter in what order built."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import syno_lang
from syno_lang.cli.canon import readable
from syno_lang.ir.coordinates import Coordinate, Reduce, replace as put
from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.ir.interpret import interpret
from syno_lang.ir.pgraph import PGraph, Read
from syno_lang.ir.verify import verify
from syno_lang.rewrite.canonicalize import canonicalize, trace
from syno_lang.rewrite.engine import ONE_VALUE
from syno_lang.rewrite.read import standard_rules
from syno_lang.testing import definitions, pgraphs
from tests.rewrite.graphs import graphs

RULES = [rule for rule in standard_rules() if rule.is_exact]


def named(graph: PGraph, sizes: dict[str, int]) -> Definition:
    declared = tuple(SizeDeclaration(name, "coefficient", value) for name, value in sizes.items())
    tensors = tuple(TensorDeclaration(f"t{n}", item.role, item.shape) for n, item in enumerate(graph.tensors))
    return Definition("drawn", declared, tensors, graph)


def check_value(definition: Definition, sizes: dict[str, int]) -> None:
    """The normal form has the value of the operator, takes the same tensors, and is its own normal form."""
    found = canonicalize(definition, RULES)
    verify(found.graph)
    assert found.tensors == definition.tensors and found.graph.output == definition.graph.output
    assert canonicalize(found, RULES).graph == found.graph
    random = np.random.default_rng(0)
    arrays = {
        tensor.name: random.integers(-4, 5, [size.value(sizes) for size in tensor.shape]).astype(float)
        for tensor in definition.tensors
    }
    wanted, value = interpret(definition, arrays, sizes), interpret(found, arrays, sizes)
    if any(item.reducer == "mean" for item in definition.graph.reductions):
        np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-12)
    else:
        np.testing.assert_array_equal(value, wanted)


def reordered(graph: PGraph, seed: int) -> PGraph:
    """The same primitives, put together in another order with sums under other labels."""
    random = Random(seed)
    labels = random.sample(range(50), len(graph.reductions))
    images: dict[Coordinate, Reduce] = {
        item: Reduce(label, item.domain, item.reducer)
        for item, label in zip(graph.reductions, labels, strict=True)
    }

    def image(node: Coordinate) -> Coordinate:
        return put(node, images.get)

    reads = [Read(read.tensor, tuple(map(image, read.index))) for read in graph.reads]
    expanded = list(map(image, graph.expanded))
    random.shuffle(reads)
    random.shuffle(expanded)
    return PGraph.make(graph.output, graph.tensors, reads, expanded)


def check_order(graph: PGraph, seed: int) -> None:
    """In whatever order it is put together, an operator has one normal form."""
    other = reordered(graph, seed)
    assert canonicalize(named(graph, {}), RULES).graph == canonicalize(named(other, {}), RULES).graph


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000))
def test_value_of_drawn_operators(case: tuple[Definition, dict[str, int]]) -> None:
    check_value(*case)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_value_where_rules_have_much_to_do(case: tuple[PGraph, dict[str, int]]) -> None:
    check_value(named(*case), case[1])


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(pgraphs(max_points=4000), st.integers(0, 100))
def test_order_does_not_matter(case: tuple[PGraph, dict[str, int]], seed: int) -> None:
    check_order(case[0], seed)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(graphs(), st.integers(0, 100))
def test_order_does_not_matter_to_rules(case: tuple[PGraph, dict[str, int]], seed: int) -> None:
    check_order(case[0], seed)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=2000))
def test_normal_forms_read_back(case: tuple[Definition, dict[str, int]]) -> None:
    """What `syno canon` prints is the normal form, wherever its sizes can be said in a text."""
    found = canonicalize(case[0], RULES)
    try:
        again = syno_lang.parse(readable(found)).definition
    except syno_lang.SynoError as error:
        assert {item.code for item in error.diagnostics} <= {"E0208", "E0501", "E0505"}, str(error)
        return
    assert again.graph == found.graph


def test_the_drawn_operators_use_the_rules() -> None:
    """A law that no rule takes part in says little."""
    used: set[str] = set()

    @settings(max_examples=300, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(graphs())
    def collect(case: tuple[PGraph, dict[str, int]]) -> None:
        used.update(step.rule for step in trace(named(*case), RULES).steps)

    collect()
    known = {rule.name for rule in RULES} | {ONE_VALUE}
    assert used <= known
    assert len(used) >= 25, sorted(known - used)


@pytest.mark.heavy
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000))
def test_value_of_many_drawn_operators(case: tuple[Definition, dict[str, int]]) -> None:
    check_value(*case)
    check_order(case[0].graph, 1)


@pytest.mark.heavy
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_value_where_rules_have_much_to_do_many(case: tuple[PGraph, dict[str, int]]) -> None:
    check_value(named(*case), case[1])


def test_a_lost_division_stays_as_a_condition() -> None:
    text = "operator f<N; B = 2>(x: [N]) -> [N] { out[i] = x[split(i / B, i % B)] }"
    found = canonicalize(syno_lang.parse(text).definition)
    assert [str(item) for item in found.conditions] == ["divides(B, N)"]
