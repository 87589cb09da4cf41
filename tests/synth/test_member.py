"""Why an operator is no member: each limit has a name, and the published operators are members."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import syno_lang
from syno_lang.importer.kernels import read_kernels
from syno_lang.importer.listing_to_graph import graph_of
from syno_lang.importer.loops_to_expressions import read_listing
from syno_lang.synth.define import definition_of
from syno_lang.synth.member import violations
from syno_lang.synth.space import Space
from tests.synth.spaces import space, variable

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

#: The operators that were published for the layers of ResNet.
RESNET = [
    "10923347917424993262", "14356514157639530665", "144206322981797626", "15252107013978896537",
    "16533411379255875745", "1733478246404418686", "17745232846920762718", "1779381308580904793",
    "18091915762600937904", "1877672947194075639", "2587021473300072582", "7346917085106034487",
]  # fmt: skip

#: Those of other layers: why they are not in the space of these, or nothing where they are all the same.
OTHERS = {
    "10993262425417760381": {"variables"},
    "11053958312673813227": {"window_ratio"},
    "12370354389890946784": {"shared_between_weights", "flops"},
    "4323581480662625558": {"reduction_ratio", "window", "window_ratio", "odd_windows", "flops"},
    "6287674031550502849": set(),
    "6395975251446672862": {"weight_params", "flops"},
    "6401135668858572539": {"reduction_ratio", "window", "window_ratio", "odd_windows", "flops"},
    "6819265326519619065": {"window", "window_ratio", "odd_windows", "flops"},
}

beside = pytest.mark.skipif(not CORPUS.is_dir(), reason="the published operators are not beside the checkout")


def published(resnet: Space, identity: str) -> set[str]:
    (kernel,) = read_kernels(CORPUS / identity)
    graph = graph_of(read_listing(kernel.listing), None)
    return {reason.name for reason in violations(resnet, definition_of(resnet, graph))}


@beside
@pytest.mark.parametrize("identity", RESNET)
def test_published_operators_are_members(identity: str) -> None:
    assert published(syno_lang.load_space("stdlib:resnet"), identity) == set()


@beside
@pytest.mark.parametrize("identity", OTHERS)
def test_operators_for_other_layers(identity: str) -> None:
    assert published(syno_lang.load_space("stdlib:resnet"), identity) == OTHERS[identity]


CONV = """operator f<C, D, H; k = 3>(x: [C, H], weight w: [D, C, k]) -> [D, H] {
    out[d, h] = sum[c: C, p: k] x[c, unfold(h, p)] * w[d, c, p]
}"""

ROOM = space(
    "C H", "D H", (variable("C", 4, 9), variable("D", 6, 9), variable("H", 12, 9), variable("k", 3, 9), variable("s", 2, 9)),
    primitives=9, tensors=3, reduce=None, window_ratio=1, weight_params=1,
)  # fmt: skip


def reasons(text: str, **limits: object) -> set[str]:
    wanted = replace(ROOM, limits=replace(ROOM.limits, **limits))  # type: ignore[arg-type]
    return {item.name for item in violations(wanted, syno_lang.parse(text).definition)}


def conv(body: str, weights: str) -> str:
    """An operator with the small sizes that its text names."""
    names = set(re.findall(r"[a-z]+", f"{body} {weights}"))
    small = ", ".join(f"{name} = {value}" for name, value in (("k", 3), ("s", 2)) if name in names)
    sizes = f"C, D, H; {small}" if small else "C, D, H"
    return f"operator f<{sizes}>(x: [C, H], {weights}) -> [D, H] {{ out[d, h] = {body} }}"


def test_a_convolution_is_a_member() -> None:
    assert reasons(CONV) == set()
    assert reasons(CONV, primitives=4, reduce=2, unfold=1, share=3, chain=2, flops=(None, 900)) == set()


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        ({"primitives": 3}, "primitives"),
        ({"reduce": 1}, "reduce"),
        ({"unfold": 0}, "unfold"),
        ({"share": 2}, "share"),
        ({"chain": 1}, "chain"),
        ({"tensors": 1}, "tensors"),
        ({"window": 2}, "window"),
        ({"window_ratio": 5}, "window_ratio"),
        ({"reduction_ratio": 0.1}, "reduction_ratio"),
        ({"weight_params": 100}, "weight_params"),
        ({"flops": (None, 863)}, "flops"),
        ({"flops": (865, None)}, "flops"),
        ({"params": (None, 71)}, "params"),
        ({"memory": 100}, "memory"),
        ({"outer": 5}, "outer"),
    ],
)
def test_limits_have_names(limits: dict[str, object], name: str) -> None:
    assert reasons(CONV, **limits) == {name}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (conv("sum[c: C, p: k] x[c, unfold(h, p)] * w[d, c]", "weight w: [D, C]"), {"pooled_windows"}),
        (conv("sum[c: C] x[c, shift(h, 2)] * w[d, c]", "weight w: [D, C]"), {"shift_amount"}),
        (
            conv("sum[c: C] x[c, h] * w[d, c] * v[c]", "weight w: [D, C], weight v: [C]"),
            {"folded_weight", "depthwise"},
        ),
        (
            conv("sum[c: C, r: s] x[c, h] * w[d, c, r]", "weight w: [D, C, s]"),
            {"folded_sum", "shared_between_weights"},
        ),
        (conv("sum[c: C] x[c, h] * w[d]", "weight w: [D]"), {"depthwise"}),
        (conv("mean[c: C] x[c, h] * w[d, c]", "weight w: [D, C]"), {"reducer"}),
    ],
)
def test_quality_has_names(text: str, names: set[str]) -> None:
    assert reasons(text) == names


def test_axes_that_pass_through() -> None:
    kept = replace(ROOM, keep=((1, 1),))
    definition = syno_lang.parse(conv("sum[c: C] x[c, h] * w[d, c]", "weight w: [D, C]")).definition
    assert violations(kept, definition) == []
    assert [item.name for item in violations(kept, syno_lang.parse(CONV).definition)] == ["keep"]


def test_spelling_does_not_matter() -> None:
    """Another spelling is the same operator: it is brought into normal form first."""
    text = conv("sum[c: C] x[c, split(h / s, h % s)] * w[split(d, c)]", "weight w: [D*C]")
    assert reasons(text, split=0, merge=0) == set()


def test_other_shapes() -> None:
    definition = syno_lang.parse("operator f<C, H>(x: [H, C]) -> [C, H] { out[c, h] = x[h, c] }").definition
    assert {item.name for item in violations(ROOM, definition)} == {"output", "input"}
