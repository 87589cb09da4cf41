"""Every form of a stage computes the same: random operators, the stdlib, and windows of every kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

import syno_lang
from syno_lang.backends.torch.choose import ways
from syno_lang.backends.torch.forms import KINDS, Form, Kind, forms_of
from syno_lang.backends.torch.halves import halved
from syno_lang.backends.torch.late import late
from syno_lang.backends.torch.lines import Statement
from syno_lang.backends.torch.operations import Flatten, Reshape, Roll, Same, Unflatten
from syno_lang.backends.torch.tidy import tidied
from syno_lang.ir.definition import Definition
from syno_lang.lower.interpret import interpret_stages
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import Axis
from syno_lang.resources import folder
from syno_lang.sizes import Size
from syno_lang.testing import definitions, random_arrays
from tests.backends.torch.modules import build, define, module_class
from tests.backends.torch.test_torch_values import OWN_SIZES, SIZES, check

STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))


def chosen(definition: Definition, plan: Any = schedule, kinds: tuple[Kind, ...] = KINDS) -> list[str]:
    return [form.kind for form in ways([plan(definition)], kinds)[0].forms]


@given(definitions(), st.sampled_from((schedule, naive)), st.sampled_from(KINDS))
@settings(max_examples=max(300, settings().max_examples))
def test_every_form_of_random_operators_equals_the_interpreter(
    case: tuple[Definition, dict[str, int]], plan: Any, kind: Kind
) -> None:
    definition, sizes = case
    module = build(
        definition, sizes, module_class(definition, plan(definition), (kind,)), dtype=torch.float64
    )
    check(definition, sizes, module, torch.float64)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.stem)
def test_every_form_of_the_stdlib_equals_the_interpreter(path: Path, kind: Kind) -> None:
    definition = syno_lang.load(path).definition
    if kind not in chosen(definition, kinds=(kind,)):
        return
    cls = module_class(definition, kinds=(kind,))
    for number, common in enumerate(SIZES):
        values = {**common, **OWN_SIZES.get(definition.name, ({},) * len(SIZES))[number]}
        sizes = {size.name: values[size.name] for size in definition.sizes}
        check(definition, sizes, build(definition, sizes, cls, dtype=torch.float64), torch.float64)


def operator(body: str) -> Definition:
    """The operator `f` of that body, with the sizes that occur in it."""
    names = sorted({*re.findall(r"\b[NCDHWksdg]\b", body)})
    primary, coefficients = (
        ", ".join(name for name in names if name.isupper() is large) for large in (True, False)
    )
    return define(
        f"operator f<{primary}; {coefficients}>{body}" if coefficients else f"operator f<{primary}>{body}"
    )


WINDOWS = {
    "plain": "(x: [N, C, H], weight w: [C, k]) -> [N, H] { out[n, i] = sum[c: C, p: k] x[n, c, unfold(i, p)] * w[c, p] }",
    "strided and dilated": """(x: [N, C, s*H], weight w: [D, C, k]) -> [N, D, H] {
        out[n, o, i] = sum[c: C, p: k] x[n, c, unfold(stride(i, s), stride(p, d))] * w[o, c, p] }""",
    "rolled": """(x: [H, N, C], weight w: [k, D]) -> [N, D, C, H] {
        out[n, o, c, i] = sum[p: k] x[shift(unfold(i, p), 2), n, c] * w[p, o] }""",
    "tiles": """(x: [N, H*k, C], weight w: [k, C, D]) -> [N, H, D] {
        out[n, i, o] = sum[c: C, p: k] x[n, split(i, p), c] * w[p, c, o] }""",
    "channels between": """(x: [N, H, C, W, g], weight w: [g, D, k, C, k]) -> [g, H, D, W, N] {
        out[a, i, o, j, n] = sum[c: C, p: k, q: k] x[n, unfold(i, p), c, unfold(j, q), a] * w[a, o, q, c, p] }""",
    "two inputs": """(x: [C, H], y: [N, k, C]) -> [N, H] {
        out[n, i] = sum[c: C, p: k] x[c, unfold(i, p)] * y[n, p, c] }""",
    "a mean": """(x: [N, C, H], weight w: [C, k]) -> [N, H] {
        out[n, i] = mean[p: k] sum[c: C] x[n, c, unfold(i, p)] * w[c, p] }""",
    "three and one": """(x: [H, W, C, D, N], weight w: [k, k, s]) -> [H, W, C, D, N] {
        out[a, b, c, e, n] = sum[p: k, q: k, r: s]
            x[unfold(a, p), unfold(b, q), unfold(c, r), e, n] * w[q, p, r] }""",
    "a sum of one": "(x: [C, H, N]) -> [H, N, C] { out[i, n, c] = sum[p: k] x[c, unfold(i, p), n] }",
    "a mean of tiles": "(x: [C, D, H*k, N, W*k]) -> [C, D, N, H, W]"
    " { out[c, o, n, i, j] = mean[p: k, q: k] x[c, o, split(i, p), n, split(j, q)] }",
    "read twice": """(x: [N, C, H], weight w: [C, k, D]) -> [N, D, H] {
        out[n, o, i] = sum[c: C, p: k] x[n, c, unfold(i, p)] * w[c, p, o] * x[n, c, i] }""",
}
USED = {
    "plain": {"matmul", "linear", "pointwise", "convolution", "slices"},
    "a sum of one": {"pooling"},
    "a mean of tiles": {"pooling"},
    "rolled": {"matmul", "linear", "pointwise", "convolution"},
}


@pytest.mark.parametrize("text", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_windows(text: str, k: int) -> None:
    definition = operator(text)
    values = {"N": 2, "C": 4, "D": 3, "H": 5, "W": 4, "k": k, "s": 2, "d": 3, "g": 2}
    sizes = {name: values[name] for name in definition.graph.variables}
    for kind in KINDS:
        for plan in (schedule, naive):
            cls = module_class(definition, plan(definition), (kind,))
            check(definition, sizes, build(definition, sizes, cls, dtype=torch.float64), torch.float64)


@pytest.mark.parametrize("name", USED)
def test_forms_apply(name: str) -> None:
    definition = operator(WINDOWS[name])
    (stage,) = naive(definition).stages
    found = {form.kind for form in forms_of(halved(stage).stage)}
    assert found == {*USED[name], "einsum"}
    for kind in found:
        assert chosen(definition, naive, (kind,)) == [kind]


def test_what_is_no_window_of_a_convolution() -> None:
    for text in (
        "(x: [H], weight w: [H, k]) -> [H] { out[i] = sum[p: k] x[unfold(i, p)] * w[i, p] }",
        "(x: [H, k], weight w: [k]) -> [H] allow(diagonal) { out[i] = sum[p: k] x[unfold(i, p), p] * w[p] }",
        "(x: [H], weight w: [k]) -> [H, k] { out[i, p] = x[unfold(i, p)] * w[p] }",
        "(x: [H], weight w: [k]) -> [k] { out[p] = sum[i: H] x[unfold(i, p)] * w[p] }",
    ):
        (stage,) = naive(operator(text)).stages
        assert not {"convolution", "slices"} & {form.kind for form in forms_of(stage)}
    assert next(iter(forms_of(stage))) == Form()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("conv2d", ["convolution"]),
        ("grouped_conv2d", ["convolution"]),
        ("depthwise_conv2d", ["convolution"]),
        ("average_pool2d", ["pooling"]),
        ("pointwise_conv2d", ["matmul"]),
        ("op1", ["matmul", "convolution"]),
    ],
)
def test_the_cheapest_form(name: str, kinds: list[str]) -> None:
    assert chosen(syno_lang.load(f"stdlib:{name}").definition) == kinds


HALVES = """(x: [C, H], weight w: [C, D, s]) -> [D, H] {
    out[o, i] = mean[a: s] sum[c: C] x[c, shift(split(i, a), 1) / s] * w[c, o, shift(split(i, a), 1) % s]
}"""


def test_halves_of_a_computed_coordinate_are_taken_late() -> None:
    definition = operator(HALVES)
    plan = naive(definition)
    program = late(plan)
    assert [len(stage.axes) for stage in program.stages] == [3, 2] and len(plan.stages) == 1
    assert late(program) == program
    sizes = {"C": 3, "D": 2, "H": 5, "s": 3}
    arrays = random_arrays(definition, sizes)
    assert np.allclose(interpret_stages(program, arrays, sizes), interpret_stages(plan, arrays, sizes), 1e-12)
    for kind in KINDS:
        cls = module_class(definition, plan, (kind,))
        check(definition, sizes, build(definition, sizes, cls, dtype=torch.float64), torch.float64)


C, H, K = Axis("c", Size.variable("C")), Axis("h", Size.variable("H")), Axis("k", Size.variable("k"))
CH, CHK = (
    Axis(name, C.domain * H.domain * size) for name, size in (("ch", Size.constant(1)), ("chk", K.domain))
)


def shapes(*lines: Statement) -> list[str]:
    """The shapes that are left, where `x` is `[c, h, k]`."""
    found = tidied(lines, {"x": (C, H, K)})
    return [f"{line.target} = {line.operation.kind} {' '.join(line.operands)}" for line in found]


def test_shapes_that_are_made_again_are_left_out() -> None:
    flat = Statement("y", Flatten(0, 2), ("x",), (CH, K))
    again = Statement("y", Reshape((CHK.domain,)), ("y",), (CHK,))
    back = Statement("y", Unflatten(0, C.domain, H.domain), ("y",), (C, H, K))
    roll = Statement("out", Roll(0, 1), ("y",), (C, H, K))
    assert shapes(flat, again) == ["y = Reshape x"]
    assert shapes(flat, back, roll) == ["out = Roll x"]
    # A value that something else reads, or that is gone by then, is kept.
    other = Statement("z", Same(), ("y",), (CH, K))
    assert shapes(flat, other, back, roll) == [
        "y = Flatten x",
        "z = Same y",
        "y = Unflatten y",
        "out = Roll y",
    ]
    gone = Statement("x", Roll(0, 1), ("x",), (C, H, K))
    assert shapes(flat, gone, again) == ["y = Flatten x", "x = Roll x", "y = Reshape y"]
    # A result has a name that must be filled.
    whole = Statement("out", Reshape((C.domain, H.domain, K.domain)), ("x",), (C, H, K))
    assert shapes(whole) == ["out = Reshape x"]
