"""One operator has one normal form in a space: weights' axes, channels and shifted sums say nothing."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

import syno_lang
import syno_lang.synth.normal as normal
from syno_lang.synth.define import definition_of
from syno_lang.synth.normal import normal_form
from syno_lang.synth.space import Axis, Space
from tests.synth.rough import Rough
from tests.synth.spaces import SPACES, size, space, variable

PLAIN = space("C H", "D H", (variable("C", 4), variable("D", 6), variable("H", 12), variable("s", 2)))
CHANNELS = replace(
    PLAIN, inputs=(Axis(size("C"), True), PLAIN.inputs[1]), outputs=(Axis(size("D"), True), PLAIN.outputs[1])
)


def form(where: Space, body: str, weight: str) -> str:
    used = "; s = 2" if "s" in body.replace("sum", "").replace("shift", "").replace("split", "") else ""
    text = f"operator f<C, D, H{used}>(x: [C, H], weight w: [{weight}]) -> [D, H] {{ out[d, h] = {body} }}"
    return normal_form(where, syno_lang.parse(text).definition.graph).key


SAME = [
    ("sum[c: C] x[c, h] * w[d, c]", "D, C", "sum[c: C] x[c, h] * w[c, d]", "C, D"),
    ("sum[c: C] x[c, h] * w[d, c]", "D, C", "sum[c: C] x[c, h] * w[split(d, c)]", "D*C"),
    ("sum[c: C] x[c, h] * w[d, c]", "D, C", "sum[c: C] x[shift(c, 1), h] * w[d, c]", "D, C"),
    ("sum[c: C] x[c, h] * w[d, c]", "D, C", "sum[a: C/s, b: s] x[split(a, b), h] * w[d, a, b]", "D, C/s, s"),
    ("sum[c: C] x[c, h] * w[d, c]", "D, C", "sum[c: C] x[c, h] * w[shift(d, 1), c]", "D, C"),
    ("sum[c: C] x[c, shift(h, 1)] * w[d, c, shift(h, 1) % s]", "D, C, s",
     "sum[c: C] x[c, shift(h, 1)] * w[d, c, h % s]", "D, C, s"),
]  # fmt: skip

SAME_CHANNELS = [
    ("sum[a: C/s, b: s] x[split(a, b), h] * w[d, a]", "D, C/s", "sum[a: C/s, b: s] x[split(b, a), h] * w[d, a]", "D, C/s"),
    ("sum[c: C] x[shift(c, 1), h] * w[d]", "D", "sum[c: C] x[c, h] * w[d]", "D"),
    ("sum[b: C/s] x[split(b, d % s), h] * w[b, d / s]", "C/s, D/s",
     "sum[b: C/s] x[split(d / (D/s), b), h] * w[b, d % (D/s)]", "C/s, D/s"),
]  # fmt: skip


@pytest.mark.parametrize("pair", [*SAME, *SAME_CHANNELS])
def test_one_normal_form(pair: tuple[str, str, str, str]) -> None:
    assert form(CHANNELS, *pair[:2]) == form(CHANNELS, *pair[2:])


@pytest.mark.parametrize("pair", SAME)
def test_one_normal_form_where_channels_have_an_order(pair: tuple[str, str, str, str]) -> None:
    assert form(PLAIN, *pair[:2]) == form(PLAIN, *pair[2:])


@pytest.mark.parametrize("pair", SAME_CHANNELS[:1] + SAME_CHANNELS[2:])
def test_channels_that_have_an_order(pair: tuple[str, str, str, str]) -> None:
    assert form(PLAIN, *pair[:2]) != form(PLAIN, *pair[2:])


@pytest.mark.parametrize("name", SPACES)
def test_the_first_look_misses_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken for settled at a look at each coordinate is not rewritten in full either."""
    where, number = SPACES[name], 40
    rough = Rough(where, Random(5))
    drawn = (rough.graph() for _ in range(20 * number))
    graphs = [graph for graph in drawn if graph is not None][:number]
    found = [normal_form(where, graph).key for graph in graphs]
    monkeypatch.setattr(normal, "_may_change", lambda graph: True)
    assert [normal_form(where, graph).key for graph in graphs] == found


def test_other_shapes_have_one_too() -> None:
    text = "operator f<C>(x: [C], y: [C]) -> [C] { out[c] = x[c] * y[c] }"
    definition = syno_lang.parse(text).definition
    assert normal_form(CHANNELS, definition.graph) == definition.graph
    assert [item.name for item in definition_of(CHANNELS, definition.graph).tensors] == ["x", "x2"]
