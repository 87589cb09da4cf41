"""Axes whose entries may be permuted: spellings become one operator, and the views make it the value that it was."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.ir.pgraph import PGraph
from syno_lang.ir.verify import verify
from syno_lang.rewrite.canonicalize import trace
from syno_lang.rewrite.read import standard_rules
from syno_lang.testing import definitions
from tests.rewrite.graphs import graphs
from tests.rewrite.test_laws import named
from tests.rewrite.test_pairs import read

RULES = [rule for rule in standard_rules() if rule.is_exact]

LINE = "<C; g = 2, s = 3>(x: [C]) -> [C]"
PLANE = "<N, C; g = 2, s = 3>(x: [N, C]) -> [N, C]"
BOTH = {"x": [1], "out": [1]}

#: `(name, unordered, signature, body, body)`.
EQUAL: list[tuple[str, dict[str, list[int]], str, str, str]] = [
    ("shuffled_output", {"out": [0]}, LINE, "out[c] = x[split(c % g, c / g)]", "out[c] = x[c]"),
    ("shuffled_input", {"x": [0]}, LINE, "out[c] = x[split(c % g, c / g)]", "out[c] = x[c]"),
    ("shuffled_other_way", {"out": [0]}, LINE, "out[c] = x[split(c % (C/g), c / (C/g))]", "out[c] = x[split(c % g, c / g)]"),
    ("shifted_output", {"out": [0]}, LINE, "out[c] = x[shift(c, 1)]", "out[c] = x[c]"),
    ("shifted_input", {"x": [0]}, LINE, "out[c] = x[shift(c, 3)]", "out[c] = x[c]"),
    ("one_of_two_axes", BOTH, PLANE, "out[n, c] = x[n, shift(c, 1)]", "out[n, c] = x[n, split(c % g, c / g)]"),
    ("digits_of_three", {"out": [0]}, LINE, "out[c] = x[split(c % s, split((c / s) % g, c / (s*g)))]", "out[c] = x[c]"),
    ("upsample_or_tile", {"out": [0]}, "<C; g = 2>(x: [C]) -> [C*g] allow(dropped_half)", "out[c] = x[c / g]", "out[c] = x[c % C]"),
    ("halves_given_away", {"out": [0]}, "<C; g = 2>(x: [C/g, g]) -> [C]", "out[c] = x[c / g, c % g]", "out[c] = x[c % (C/g), c / (C/g)]"),
    ("groups", {"x": [0], "out": [0]}, "<C; g = 2>(x: [C], weight w: [g, C/g, C/g]) -> [C]",
     "out[c] = sum[r: C/g] x[split(c / (C/g), r)] * w[c / (C/g), c % (C/g), r]",
     "out[c] = sum[r: C/g] x[split(r, c % g)] * w[c % g, c / g, r]"),
]  # fmt: skip

DIFFERENT: list[tuple[str, dict[str, list[int]], str, str, str]] = [
    ("other_axis", {"x": [0], "out": [0]}, PLANE, "out[n, c] = x[n, shift(c, 1)]", "out[n, c] = x[n, c]"),
    ("other_tensor", {"x": [0]}, "<C; g = 2>(x: [C], w: [C]) -> [C]", "out[c] = x[c] * w[shift(c, 1)]", "out[c] = x[c] * w[c]"),
    ("apart", {"out": [0]}, "<C; g = 2>(x: [C, C]) -> [C]", "out[c] = x[c, shift(c, 1)]", "out[c] = x[c, c]"),
    ("diagonal", {"x": [0, 1]}, "<C; g = 2>(x: [C, C]) -> [C]", "out[c] = x[c, c]", "out[c] = sum[r: C] x[c, r]"),
    ("which_is_shared", {"x": [0]}, "<C; g = 2>(x: [C]) -> [C*g]", "out[c] = x[c / g]", "out[c] = x[c % C]"),
    ("windows", {"out": [0]}, "<C; k = 3>(x: [C], weight w: [k]) -> [C]", "out[c] = sum[p: k] x[unfold(c, p)] * w[p]",
     "out[c] = sum[p: k] x[c] * w[p] * expand(unfold(c, p))"),
]  # fmt: skip


def parametrized(pairs: list[tuple[str, dict[str, list[int]], str, str, str]]) -> list[object]:
    return [pytest.param(*rest, id=name) for name, *rest in pairs]


def check_value(definition: Definition, sizes: Mapping[str, int], unordered: Mapping[str, list[int]]) -> None:
    """With tensors laid out by the views, the normal form gives the output laid out by its view."""
    found = trace(definition, RULES, "lay out", unordered)
    verify(found.definition.graph)
    random = np.random.default_rng(0)
    arrays = {
        tensor.name: random.integers(-4, 5, [size.value(sizes) for size in tensor.shape]).astype(float)
        for tensor in definition.tensors
    }
    views = dict(found.views)
    wanted = interpret(definition, arrays, sizes)
    output = views.pop("out", None)
    if output is not None:
        wanted = interpret(output, {output.tensors[0].name: wanted}, sizes)
    new = {name: interpret(view, {name: arrays[name]}, sizes) for name, view in views.items()}
    value = interpret(found.definition, {**arrays, **new}, sizes)
    np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-12)
    again = trace(found.definition, RULES, "lay out", unordered)
    assert again.definition.graph == found.definition.graph


@pytest.mark.parametrize(("unordered", "signature", "one", "other"), parametrized(EQUAL))
def test_equal(unordered: dict[str, list[int]], signature: str, one: str, other: str) -> None:
    first, second = read(signature, one), read(signature, other)
    assert trace(first, RULES, "lay out").definition.graph != trace(second, RULES, "lay out").definition.graph
    found = [trace(item, RULES, "lay out", unordered).definition.graph for item in (first, second)]
    assert found[0] == found[1]
    for item in (first, second):
        check_value(item, {name: 12 if name.isupper() else 2 for name in item.graph.variables}, unordered)


@pytest.mark.parametrize(("unordered", "signature", "one", "other"), parametrized(DIFFERENT))
def test_different(unordered: dict[str, list[int]], signature: str, one: str, other: str) -> None:
    first, second = (trace(read(signature, body), RULES, "lay out", unordered) for body in (one, other))
    assert first.definition.graph != second.definition.graph


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000), st.data())
def test_value_of_drawn_operators(case: tuple[Definition, dict[str, int]], data: st.DataObject) -> None:
    definition, sizes = case
    check_value(definition, sizes, drawn_axes(definition, data))


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(graphs(), st.data())
def test_value_where_rules_have_much_to_do(case: tuple[PGraph, dict[str, int]], data: st.DataObject) -> None:
    definition = named(*case)
    check_value(definition, case[1], drawn_axes(definition, data))


def drawn_axes(definition: Definition, data: st.DataObject) -> dict[str, list[int]]:
    """Some axes of the inputs and of the output."""
    shapes = {tensor.name: tensor.shape for tensor in definition.inputs} | {"out": definition.graph.output}
    return {
        name: sorted(data.draw(st.sets(st.integers(0, len(shape) - 1))))
        for name, shape in shapes.items()
        if shape
    }


@pytest.mark.heavy
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(graphs(), st.data())
def test_value_where_rules_have_much_to_do_many(
    case: tuple[PGraph, dict[str, int]], data: st.DataObject
) -> None:
    definition = named(*case)
    check_value(definition, case[1], drawn_axes(definition, data))
