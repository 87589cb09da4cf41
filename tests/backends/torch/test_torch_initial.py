"""Fresh weights keep the variance of the input, whatever the operator sums over."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from syno_lang.backends.torch.initial import fan_ins
from syno_lang.ir.definition import Definition
from tests.backends.torch.modules import define, module_class

LINEAR = (
    "operator f<N, C, D>(x: [N, C], weight w: [C, D]) -> [N, D] { out[n, d] = sum[c: C] x[n, c] * w[c, d] }"
)
LOW_RANK = """operator f<N, C, D, R>(x: [N, C], weight u: [C, R], weight v: [R, D]) -> [N, D] {
    out[n, d] = sum[c: C, r: R] x[n, c] * u[c, r] * v[r, d]
}"""
MEAN = (
    "operator f<N, C, D>(x: [N, C], weight w: [C, D]) -> [N, D] { out[n, d] = mean[c: C] x[n, c] * w[c, d] }"
)
POOLED = """operator f<N, C, D, K>(x: [N, K, C], weight w: [C, D]) -> [N, D] {
    out[n, d] = sum[c: C, k: K] x[n, k, c] * w[c, d]
}"""
TIED = """operator f<N, C>(x: [N, C], weight w: [C, C]) -> [N, C] {
    out[n, e] = sum[c: C, d: C] x[n, c] * w[c, d] * w[d, e]
}"""
SCALE = "operator f<N, C>(x: [N, C], weight w: [C]) -> [N, C] { out[n, c] = x[n, c] * w[c] }"
REPEATED = """operator f<N, C; k = 4>(x: [N, C], weight w: [C]) -> [N, C] {
    out[n, c] = sum[r: k] x[n, c] * w[c] * expand(r)
}"""


@pytest.mark.parametrize("text", [LINEAR, LOW_RANK, MEAN, TIED, SCALE, REPEATED])
def test_the_output_has_the_variance_of_the_input(text: str) -> None:
    definition = define(text)
    torch.manual_seed(0)
    given = {"C": 64, "D": 48, "R": 32}
    module = module_class(definition)(
        **{name: given[name] for name in given if name in definition.graph.variables}
    )
    # A weight that only scales has few entries; many modules make a sample of them.
    variances = []
    for _ in range(40):
        module.reset_parameters()
        variances.append(module(torch.randn(64, 64)).var())
    assert torch.stack(variances).mean().item() == pytest.approx(1.0, rel=0.15)


def test_a_sum_over_a_size_of_the_input_alone_is_left_out() -> None:
    assert fans(define(POOLED), ("C", "D")) == {"w": [("C", 1)]}


def test_sums_are_shared_by_the_weights_that_they_index() -> None:
    assert fans(define(LOW_RANK), ("C", "D", "R")) == {
        "u": [("C", 1), ("R", Fraction(1, 2))],
        "v": [("R", Fraction(1, 2))],
    }
    assert fans(define(MEAN), ("C", "D")) == {"w": [("C", -1)]}
    assert fans(define(TIED), ("C",)) == {"w": [("C^2", Fraction(1, 2))]}


def fans(definition: Definition, known: tuple[str, ...]) -> dict[str, list[tuple[str, Fraction]]]:
    return {
        fan.weight: [(str(size), power) for size, power in fan.terms] for fan in fan_ins(definition, known)
    }
