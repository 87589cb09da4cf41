"""The steps of a trace, made one after the other, lead from the operator to its normal form."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

import syno_lang
from syno_lang.ir.interpret import interpret
from syno_lang.ir.pgraph import PGraph
from syno_lang.rewrite.canonicalize import trace
from syno_lang.rewrite.read import standard_rules
from syno_lang.rewrite.replay import leaf_names, replay
from syno_lang.testing import random_arrays
from tests.rewrite.graphs import graphs
from tests.rewrite.test_laws import named

RULES = [rule for rule in standard_rules() if rule.is_exact]


def renumbered(graph: PGraph) -> PGraph:
    """The graph but for expanded coordinates of one value, of which a trace does not tell all."""
    expanded = [item for item in graph.expanded if not item.domain.is_one]
    return PGraph.make(graph.output, graph.tensors, graph.reads, expanded)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_frames_lead_to_the_normal_form(case: tuple[PGraph, dict[str, int]]) -> None:
    definition, sizes = named(*case), case[1]
    found = trace(definition, RULES)
    frames = list(replay(found.steps, RULES))
    assert [frame.step for frame in frames] == list(found.steps)
    if not frames:
        return
    assert frames[0].before.graph == definition.graph
    assert renumbered(frames[-1].after.graph) == renumbered(found.definition.graph)
    arrays = random_arrays(definition, sizes)
    wanted = interpret(definition, arrays, sizes)
    for frame in frames:
        np.testing.assert_allclose(interpret(frame.after, arrays, sizes), wanted, rtol=1e-9, atol=1e-9)


def test_the_names_are_those_of_the_file() -> None:
    text = (
        "operator f<N, H; B = 2>(x: [N, H]) -> [N] { out[n] = sum[h: H/B, b: B] x[n, shift(split(h, b), 1)] }"
    )
    steps = trace(syno_lang.parse(text).definition).steps
    assert [sorted(leaf_names(step).values()) for step in steps] == [
        ["b", "h", "n", "r2"],
        ["b", "h", "n", "r2", "r3"],
    ]
