"""The fast answer agrees with the engine: an operator is in normal form exactly when no rule rewrites it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder, Shift, Split, Unfold
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.canonicalize import canonicalize
from syno_lang.rewrite.engine import Engine
from syno_lang.rewrite.local import Local, matcher, rewriting_rule
from syno_lang.rewrite.read import exact_rules
from syno_lang.rewrite.rules import CoordinateRule
from syno_lang.sizes import Size
from syno_lang.testing import definitions
from tests.rewrite.graphs import graphs
from tests.rewrite.test_laws import named

RULES = exact_rules()


def several_values(graph: PGraph) -> bool:
    """Whether no coordinate has a single value: what has is no rule's, and in no search space."""
    return not any(node.domain.is_one for node in graph.coordinates)


def check(definition: Definition) -> None:
    graph = definition.graph
    if several_values(graph):
        changed = canonicalize(definition, RULES).graph != graph
        assert bool(rewriting_rule(graph, RULES)) == changed
    normal = canonicalize(definition, RULES)
    # What had to divide before, and follows from no size any more, is known to the engine alone.
    if several_values(normal.graph) and not normal.conditions:
        assert rewriting_rule(normal.graph, RULES) == ""


def check_coordinates(graph: PGraph) -> None:
    """Each coordinate alone, with what the whole operator says about sizes."""
    facts = Facts(graph.sizes)
    rules = [rule for rule in RULES if isinstance(rule, CoordinateRule)]
    local, engine = Local(rules, facts), Engine(rules, facts)
    for node in graph.coordinates if several_values(graph) else ():
        assert local.is_normal(node) == (engine.normal(node) is node)


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(graphs())
def test_operators_in_which_rules_have_much_to_do(case: tuple[PGraph, dict[str, int]]) -> None:
    check(named(*case))
    check_coordinates(case[0])


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(definitions(max_points=4000))
def test_drawn_operators(case: tuple[Definition, dict[str, int]]) -> None:
    check(case[0])
    check_coordinates(case[0].graph)


@pytest.mark.heavy
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(graphs())
def test_many_operators(case: tuple[PGraph, dict[str, int]]) -> None:
    check(named(*case))
    check_coordinates(case[0])


def test_the_rule_is_named() -> None:
    n, b = Size.variable("N"), Size.variable("B")
    whole = Iterator(0, n)
    local = Local(RULES, sums=True)
    assert local.rule_for(Split(Quotient(whole, b), Remainder(whole, b))) == "split_of_merge"
    assert local.rule_for(Shift(Shift(whole, 1), 1)) == "shift_of_shift"
    assert local.rule_for(Split(Iterator(1, Size.constant(1)), whole)) == "split_of_one_major"
    assert local.rule_for(Split(whole, Iterator(1, b))) == ""
    summed = Reduce(0, n)
    assert local.rule_for(Shift(summed, 1)) == "shift_of_sum"
    assert local.rule_for(Quotient(summed, b)) == "merge_of_sum"
    assert Local(RULES).rule_for(Shift(summed, 1)) == ""


def test_approximate_rules_ask_the_layers() -> None:
    n, k, b = Size.variable("N"), Size.variable("k"), Size.variable("B")
    node: Coordinate = Quotient(Unfold(Iterator(0, n), Reduce(0, k)), b)
    near, far = {"N": 12, "k": 3, "B": 2}, {"N": 12, "k": 3, "B": 4}
    assert matcher(["quotient_of_unfold"], [far]).rule_for(node) == "quotient_of_unfold"
    assert matcher(["quotient_of_unfold"], [far, near]).rule_for(node) == ""
