"""What is enumerated is what the definition of members says: all of it, nothing else, each once."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest

from syno_lang.ir.interpret import interpret
from syno_lang.ir.pgraph import PGraph
from syno_lang.ir.print import graph as graph_text
from syno_lang.ir.verify import verify
from syno_lang.rewrite.canonicalize import canonicalize
from syno_lang.rewrite.local import rewriting_rule
from syno_lang.rewrite.read import exact_rules
from syno_lang.synth.define import definition_of
from syno_lang.synth.enumerate import Enumerate, enumerate_space, states
from syno_lang.synth.extend import Extend
from syno_lang.synth.member import violations, violations_of_normal
from syno_lang.synth.normal import normal_form
from syno_lang.synth.state import State
from tests.synth.rough import Rough
from tests.synth.spaces import SPACES

EVERY = pytest.mark.parametrize("name", SPACES)


@cache
def members(name: str) -> dict[str, PGraph]:
    return enumerate_space(SPACES[name])


@EVERY
def test_operators_are_members_in_normal_form(name: str) -> None:
    space = SPACES[name]
    found = members(name)
    assert found
    for digest, graph in found.items():
        verify(graph)
        definition = definition_of(space, graph)
        assert graph.digest == digest
        assert violations(space, definition) == []
        assert normal_form(space, graph) == graph
        assert rewriting_rule(graph, exact_rules()) == ""
        assert "graph {" in graph_text(definition)


@EVERY
def test_operators_have_the_value_of_their_canonical_form(name: str) -> None:
    space = SPACES[name]
    values = dict(space.layers[0])
    random = np.random.default_rng(0)
    for graph in list(members(name).values())[::7]:
        definition = definition_of(space, graph)
        arrays = {
            tensor.name: random.integers(-4, 5, [size.value(values) for size in tensor.shape]).astype(float)
            for tensor in definition.tensors
        }
        sizes = {name: values[name] for name in graph.variables}
        wanted = interpret(definition, arrays, sizes)
        np.testing.assert_array_equal(interpret(canonicalize(definition), arrays, sizes), wanted)


@EVERY
def test_each_operator_is_reached_once(name: str) -> None:
    space = SPACES[name]
    walk = Enumerate(space)
    assert walk.count(walk.root()) == len(members(name))


@EVERY
def test_walks_end_in_members(name: str) -> None:
    space = SPACES[name]
    walk, random = Enumerate(space), Random(0)
    found = members(name)
    for _ in range(20):
        state = walk.root()
        while walk.result(state) is None:
            step = random.choice(walk.steps(state))
            state = walk.after(state, step)
        result = walk.result(state)
        assert result is not None and result.graph.digest in found and not walk.steps(state)


@pytest.mark.parametrize("name", ["line", "free", "window"])
def test_the_order_of_decisions_does_not_matter(name: str) -> None:
    """Two decisions that do not need each other lead to one state."""
    space = SPACES[name]
    extend, random = Extend(space), Random(0)
    pairs = 0
    for _ in range(30):
        state = extend.root
        while decisions := extend.decisions(state):
            pairs += commuting(extend, state, random)
            state = random.choice(decisions).state
    assert pairs


def commuting(extend: Extend, state: State, random: Random) -> int:
    """Check some pairs of decisions of one state; how many there were."""
    decisions = [item for item in extend.decisions(state) if item.kind not in ("reduce", "read", "end")]
    several = random.sample(decisions, min(len(decisions), 3))
    pairs = 0
    for one in several:
        for other in several:
            first = [
                item
                for item in extend.decisions(one.state)
                if (item.kind, item.key) == (other.kind, other.key)
            ]
            second = [
                item for item in extend.decisions(other.state) if (item.kind, item.key) == (one.kind, one.key)
            ]
            if one is not other and first and second:
                assert first[0].state == second[0].state
                assert first[0].state.key == second[0].state.key
                pairs += 1
    return pairs


@pytest.mark.parametrize("name", ["line", "free", "window"])
def test_the_distance_leaves_nothing_out(name: str) -> None:
    space = SPACES[name]
    extend = Extend(space, guided=False)
    walk = Enumerate(space)
    walk.extend = extend
    assert walk.count(walk.root()) == len(members(name))


@EVERY
def test_states_have_keys_of_their_own(name: str) -> None:
    space = SPACES[name]
    several = list(states(space))
    assert len({state.key for state in several}) == len(several)


def check_rough(name: str, number: int) -> int:
    """Operators built without a thought for normal forms: those that are members are enumerated."""
    space = SPACES[name]
    rough, found = Rough(space, Random(0)), members(name)
    met = 0
    known = list(found.values())
    for turn in range(number):
        graph = rough.mutated(rough.random.choice(known)) if turn % 2 else rough.graph()
        if graph is not None:
            normal = normal_form(space, graph)
            assert normal_form(space, normal) == normal
            if not violations_of_normal(space, normal):
                assert normal.digest in found, graph_text(definition_of(space, normal))
                met += 1
    return met


@EVERY
def test_members_are_enumerated(name: str) -> None:
    check_rough(name, 100)


@pytest.mark.heavy
@EVERY
def test_members_are_enumerated_many(name: str) -> None:
    assert check_rough(name, 20_000)
