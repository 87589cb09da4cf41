"""Gradients as stage programs: against the definition, which is linear in each of its tensors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from syno_lang import SynoError, load, parse
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.lower.differentiate import differentiate
from syno_lang.lower.interpret import interpret_stages
from syno_lang.lower.verify import verify
from syno_lang.testing import definitions, random_arrays
from tests.stdlib.stdlib_cases import IDS, ROWS


def check(definition: Definition, name: str, sizes: dict[str, int]) -> None:
    """`sum(grad * x) = sum(grad_out * f(x))` for the gradient of any x, and f its definition."""
    arrays = random_arrays(definition, sizes)
    wanted = interpret(definition, arrays, sizes)
    random = np.random.default_rng(5)
    gradient = random.standard_normal(wanted.shape)
    program = differentiate(definition, name, sizes)
    verify(program)
    first = next(program.with_role("input")).name
    others = {key: value for key, value in arrays.items() if key != name}
    found = interpret_stages(program, {first: gradient, **others}, sizes)
    for _ in range(3):
        x = random.standard_normal(arrays[name].shape)
        value = interpret(definition, {**arrays, name: x}, sizes)
        terms = np.abs(value) * np.abs(gradient)
        assert abs((found * x).sum() - (value * gradient).sum()) <= 1e-9 * (1 + terms.sum())


@pytest.mark.parametrize(("name", "sizes"), ROWS, ids=IDS)
def test_the_stdlib(name: str, sizes: dict[str, int]) -> None:
    definition = load(f"stdlib:{name}").definition
    for tensor in definition.tensors:
        check(definition, tensor.name, assign(definition, sizes))


def try_all(case: tuple[Definition, dict[str, int]]) -> None:
    definition, sizes = case
    for tensor in definition.tensors:
        try:
            check(definition, tensor.name, sizes)
        except SynoError as error:
            assert [finding.code for finding in error.diagnostics] == ["E1305"]


@settings(max_examples=100)
@given(definitions(max_points=2000))
def test_random_operators(case: tuple[Definition, dict[str, int]]) -> None:
    try_all(case)


@pytest.mark.heavy
@given(definitions(max_points=2000))
def test_many_random_operators(case: tuple[Definition, dict[str, int]]) -> None:
    try_all(case)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("reducer", ["sum", "mean"])
def test_windows_of_every_size(k: int, reducer: str) -> None:
    text = f"operator f<H; k = 3>(x: [H], weight w: [k]) -> [H] {{ out[i] = {reducer}[p: k] x[unfold(i, p)] * w[p] }}"
    definition = parse(text).definition
    for name in ("x", "w"):
        check(definition, name, {"H": 5, "k": k})


@pytest.mark.parametrize(
    "body",
    [
        "out[i] = mean[j: H] x[unfold(i, j)]",
        "out[i] = sum[j: H] x[unfold(shift(i, 2), j)]",
        "out[i] = x[split(i % 2, i / 2)]",
        "out[i] = x[shift(i, 3)] * x2[i / 2]",
        "out[i] = x[i] * x2[i / 2]",
        "out[i] = sum[j: H] x[j] * expand(i)",
    ],
)
def test_views(body: str) -> None:
    second = ", weight x2: [H/2]" if "x2" in body else ""
    definition = parse(f"operator f<H>(x: [H]{second}) -> [H] {{ {body} }}").definition
    for tensor in definition.tensors:
        check(definition, tensor.name, {"H": 6})


def test_a_gradient_says_what_it_reads() -> None:
    program = differentiate(load("stdlib:conv2d").definition, "weight")
    assert [buffer.name for buffer in program.with_role("input")] == ["grad_out", "x"]
    assert program.name == "conv2d_grad_weight"


def test_a_tensor_that_is_read_twice() -> None:
    definition = parse("operator square<H>(x: [H]) -> [H] { out[i] = x[i] * x[shift(i, 1)] }").definition
    with pytest.raises(SynoError, match="E1305"):
        differentiate(definition, "x")


def test_an_unknown_tensor() -> None:
    with pytest.raises(SynoError, match="E0202"):
        differentiate(load("stdlib:matmul").definition, "nope")
