"""The emitted module computes what the interpreter says: random operators and the stdlib."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st

import syno_lang
from syno_lang.ir.definition import Definition
from syno_lang.lower.schedule import naive, schedule
from syno_lang.resources import folder
from syno_lang.testing import definitions, random_arrays
from tests.backends.torch.modules import build, define, module_class, relative_error, run

TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}

STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))

#: Sizes that every operator of the stdlib accepts, unless its own are given.
SIZES = (
    dict(N=2, B=2, M=3, K=4, C=8, C_in=8, C_out=16, C_mid=4, D=4, H=6, W=4, L=8, T=5)
    | dict(g=2, k=3, s=2, d=2, m=2, p=2, r=2, t=2),
    dict(N=1, B=3, M=1, K=5, C=12, C_in=12, C_out=24, C_mid=1, D=3, H=8, W=12, L=12, T=1)
    | dict(g=2, k=4, s=4, d=3, m=3, p=4, r=3, t=2),
    dict(N=3, B=1, M=2, K=1, C=1, C_in=1, C_out=1, C_mid=3, D=1, H=1, W=3, L=3, T=2)
    | dict(g=1, k=1, s=1, d=1, m=1, p=1, r=1, t=1),
)
OWN_SIZES = {
    "gpt2_projection": ({"C": 16, "k": 2, "t": 1}, {"C": 162, "k": 3, "t": 2}, {"C": 4, "k": 1, "t": 4}),
    "average_pool1d": ({"k": 2}, {}, {}),
    "average_pool2d": ({"k": 2}, {}, {}),
}


def check(definition: Definition, sizes: dict[str, int], module: Any, dtype: torch.dtype) -> None:
    arrays = random_arrays(definition, sizes)
    error = relative_error(definition, run(module, definition, arrays, dtype), arrays, sizes)
    assert error <= TOLERANCE[dtype], definition


@given(definitions(), st.sampled_from((schedule, naive)), st.booleans())
@settings(max_examples=max(200, settings().max_examples))
def test_random_operators_equal_the_interpreter(
    case: tuple[Definition, dict[str, int]], plan: Any, everything_given: bool
) -> None:
    definition, sizes = case
    cls = module_class(definition, plan(definition))
    module = cls(**sizes) if everything_given else build(definition, sizes, cls)
    check(definition, sizes, module.double(), torch.float64)
    check(definition, sizes, module.float(), torch.float32)


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.stem)
def test_the_stdlib_equals_the_interpreter_at_several_sizes(path: Path) -> None:
    definition = syno_lang.load(path).definition
    cls = module_class(definition)
    for number, common in enumerate(SIZES):
        values = {**common, **OWN_SIZES.get(definition.name, ({},) * len(SIZES))[number]}
        sizes = {size.name: values[size.name] for size in definition.sizes}
        check(definition, sizes, build(definition, sizes, cls, dtype=torch.float64), torch.float64)


def test_one_module_serves_every_batch_and_shape() -> None:
    definition = syno_lang.load("stdlib:strided_conv2d").definition
    module = build(definition, {"C_in": 2, "C_out": 3, "k": 3, "s": 2}, dtype=torch.float64)
    for n, h, w in ((1, 2, 2), (5, 4, 10), (2, 12, 2)):
        check(
            definition, {"N": n, "C_in": 2, "C_out": 3, "H": h, "W": w, "k": 3, "s": 2}, module, torch.float64
        )


@pytest.mark.parametrize("k", range(1, 9))
def test_windows_of_every_width_even_and_wider_than_the_axis(k: int) -> None:
    definition = syno_lang.load("stdlib:conv1d").definition
    sizes = {"N": 2, "C_in": 2, "C_out": 2, "L": 3, "k": k}
    check(definition, sizes, build(definition, sizes, dtype=torch.float64), torch.float64)


@pytest.mark.parametrize(
    "text",
    [
        "operator f<H>(x: [H, H], y: [H]) -> [H, H] { out[i, j] = x[j, i] * y[j] }",
        "operator f<H>(x: [H, H]) -> [H] allow(diagonal) { out[i] = x[i, i] }",
        "operator f<H; k>(x: [H]) -> [H, k] { out[i, j] = x[i] * expand(j) }",
        "operator f<H; k>(x: [H]) -> [k, H] { out[j, i] = sum[r: k] x[i] * expand(j, r) }",
        "operator f<H>(x: [H]) -> [] { out[] = mean[i: H] x[i] }",
        "operator f<H>(x: [], y: [H]) -> [H] { out[i] = x[] * y[i] }",
        "operator f<H>(x: [H]) -> [H] { out[i] = x[i] }",
        "operator f<H; k = 2>(x: [H], y: [H/k], z: [k]) -> [H] { out[i] = x[i] * y[i / k] * z[i % k] }",
        "operator f<H; k = 2>(x: [H], y: [H/k], z: [k]) -> [] { out[] = sum[i: H] x[i] * y[i / k] * z[i % k] }",
        "operator f<H; k = 3>(x: [H], y: [k]) -> [] { out[] = sum[i: H, j: k] x[unfold(i, j)] * y[j] }",
        "operator f<H>(x: [H]) -> [H] { out[i] = x[shift(i, -2)] }",
    ],
)
def test_small_forms(text: str) -> None:
    definition = define(text)
    sizes = {"H": 4, "k": 2}
    sizes = {size.name: sizes[size.name] for size in definition.sizes}
    for plan in (schedule, naive):
        module = build(definition, sizes, module_class(definition, plan(definition)), dtype=torch.float64)
        check(definition, sizes, module, torch.float64)


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.stem)
def test_weights_are_contiguous_in_the_order_of_the_file(path: Path) -> None:
    # Optimisers flatten weights as views, and writers of weights refuse anything else.
    operator = syno_lang.load(path)
    sizes = SIZES[0] | OWN_SIZES.get(path.stem, ({},))[0]
    module_type = operator.to_torch()
    taken = inspect.signature(module_type).parameters
    module = module_type(**{name: value for name, value in sizes.items() if name in taken})
    for tensor in operator.definition.weights:
        weight = module.get_parameter(tensor.name)
        assert weight.is_contiguous(), tensor.name
        assert list(weight.shape) == [size.value(sizes) for size in tensor.shape]
