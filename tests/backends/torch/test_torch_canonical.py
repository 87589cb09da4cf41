"""A module of the normal form and one of what is written are one: values, weights, inputs, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings

import syno_lang
from syno_lang.api import Operator
from syno_lang.checks.match import small_sizes
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.testing import definitions, random_arrays
from tests.backends.torch.modules import build, relative_error, run
from tests.importer.published import FOLDERS, imported, needs_corpus
from tests.rewrite.graphs import graphs
from tests.rewrite.test_laws import named

SUMS = "operator f<N, M; B = 2>(x: [N, M], weight w: [M]) -> [N] { out[n] = sum[a: M/B, b: B] x[n, shift(split(a, b), 1)] * w[shift(split(a, b), 1)] }"
BACK = "operator f<N; B = 2>(x: [N]) -> [N] { out[i] = x[split(i / B, i % B)] }"


def check(definition: Definition, sizes: dict[str, int]) -> bool:
    """Whether both texts are one; their values are."""
    operator = Operator(definition)
    texts = [operator.emit_torch(canonicalize=choice) for choice in (True, False)]
    arrays = random_arrays(definition, sizes)
    modules = [
        build(definition, sizes, operator.to_torch(canonicalize=choice)).double() for choice in (True, False)
    ]
    keys = [list(module.state_dict()) for module in modules]
    assert keys[0] == keys[1] == [weight.name for weight in definition.weights]
    for module in modules:
        assert (
            relative_error(definition, run(module, definition, arrays, torch.float64), arrays, sizes) < 1e-12
        )
    return texts[0] == texts[1]


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(definitions(max_points=3000))
def test_drawn_operators(case: tuple[Definition, dict[str, int]]) -> None:
    check(*case)


def test_operators_in_which_rules_have_much_to_do() -> None:
    same = []

    @settings(
        max_examples=60,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        derandomize=True,
        database=None,
    )
    @given(graphs())
    def collect(case: tuple[PGraph, dict[str, int]]) -> None:
        same.append(check(named(*case), case[1]))

    collect()
    assert same.count(False) >= 10


def test_sums_are_joined() -> None:
    operator = syno_lang.parse(SUMS)
    assert "roll" not in operator.emit_torch() and "roll" in operator.emit_torch(canonicalize=False)
    check(operator.definition, {"N": 2, "M": 6, "B": 3})


def test_conditions_stay() -> None:
    """What is gone from the program still has to divide."""
    operator = syno_lang.parse(BACK)
    assert operator.emit_torch() != operator.emit_torch(canonicalize=False)
    for choice in (True, False):
        module = operator.to_torch(canonicalize=choice)()
        assert module(torch.arange(4.0)).tolist() == [0, 1, 2, 3]
        with pytest.raises(ValueError, match="divisible"):
            module(torch.arange(5.0))


@needs_corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_published_kernels(folder: Path) -> None:
    definition = imported(folder).definition
    sizes = next((own for own, _ in small_sizes(definition, definition)), None)
    if sizes is None:
        pytest.skip("its smallest sizes are too large for the interpreter")
    check(definition, sizes)
