"""Lowering keeps the value: definition = one nest = scheduled stages, on random operators and the stdlib."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import syno_lang
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.lower import interpret as stage_interpreter
from syno_lang.lower.cost import cost
from syno_lang.lower.interpret import interpret_stages
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import Inside, StageProgram
from syno_lang.lower.verify import verify
from syno_lang.resources import folder
from syno_lang.testing import definitions, random_arrays
from tests.lower.graphs import FIGURE_4, define

Case = tuple[Definition, dict[str, int]]

LAW = max(200, settings.default.max_examples)


def assert_same_value(program: StageProgram, definition: Definition, sizes: dict[str, int]) -> None:
    arrays = random_arrays(definition, sizes)
    expected = interpret(definition, arrays, sizes)
    found = interpret_stages(program, arrays, sizes)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(expected).max()))


@given(definitions())
@settings(max_examples=LAW)
def test_stages_have_the_value_of_the_definition(case: Case) -> None:
    definition, sizes = case
    nest, program = naive(definition), schedule(definition, sizes)
    for lowered in (nest, program):
        verify(lowered)
        assert_same_value(lowered, definition, sizes)
    assert cost(program, sizes).flops <= cost(nest, sizes).flops


@given(definitions(), st.data())
def test_a_program_serves_sizes_that_it_was_not_ranked_for(case: Case, data: st.DataObject) -> None:
    definition, sizes = case
    others = {name: data.draw(st.integers(1, 99)) for name in sizes}
    program = schedule(definition, others)
    verify(program)
    assert_same_value(program, definition, sizes)


@given(definitions(max_points=3000))
@settings(max_examples=50)
def test_large_nests_are_summed_in_blocks(case: Case) -> None:
    definition, sizes = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage_interpreter, "POINTS", 7)
        assert_same_value(naive(definition), definition, sizes)


STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.stem)
def test_stdlib(path: Path) -> None:
    for operator in syno_lang.load_all(path).values():
        verify(naive(operator.definition))
        verify(schedule(operator.definition))


@pytest.mark.parametrize("k", range(1, 6))
@pytest.mark.parametrize("s", range(1, 4))
def test_figure_4_at_every_window(k: int, s: int) -> None:
    sizes = {"H": 6 * s, "k": k, "s": s}
    assert_same_value(schedule(FIGURE_4), FIGURE_4, sizes)


LONELY = (
    # with the output, summed on its own, under another primitive, under another window
    "operator lonely<H; k = 3>(x: [k]) -> [H] { out[i] = sum[j: k] expand(unfold(i, j)) * x[j] }",
    "operator lonely<H; k = 3>(x: [H]) -> [H] { out[i] = sum[j: k, r: H] expand(unfold(r, j)) * x[i] }",
    "operator lonely<H; k = 3>(x: [k]) -> [H] { out[i] = sum[j: k, r: k] expand(split(unfold(i, j), r)) * x[j] }",
    "operator lonely<H; k = 3>(x: [k]) -> [H] { out[i] = sum[j: k, r: k] expand(unfold(unfold(i, j), r)) * x[j] }",
)


@pytest.mark.parametrize("text", LONELY)
def test_a_window_that_nothing_reads_still_guards(text: str) -> None:
    definition = define(text)
    for program in (naive(definition), schedule(definition)):
        verify(program)
        assert any(isinstance(factor, Inside) for stage in program.stages for factor in stage.factors)
        assert_same_value(program, definition, {"H": 5, "k": 3})


def test_an_unused_sum_multiplies_and_an_unused_mean_does_not() -> None:
    for reducer, factor in (("sum", 12.0), ("mean", 1.0)):
        definition = define(
            f"operator repeated<H, C>(x: [H]) -> [H] {{ out[i] = {reducer}[r: C] x[i] * expand(r) }}"
        )
        program = schedule(definition)
        verify(program)
        found = interpret_stages(program, {"x": [1.0, 2.0]}, {"H": 2, "C": 12})
        assert found.tolist() == [factor, 2 * factor]
