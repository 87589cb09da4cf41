"""The planner finds the fewest FLOPs, stays within its bound, and is deterministic."""

import dataclasses

import pytest
from hypothesis import assume, given, settings

from syno_lang.ir.definition import Definition
from syno_lang.lower import plan
from syno_lang.lower.cost import cost
from syno_lang.lower.interpret import interpret_stages
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.verify import verify
from syno_lang.sizes import Size
from syno_lang.testing import definitions, random_arrays
from tests.lower.exhaustive import fewest_flops
from tests.lower.graphs import CONV1D, FIGURE_4, MATRIX_CHAIN, OP1, PIXEL_SHUFFLE, define

Case = tuple[Definition, dict[str, int]]


def test_figure_4_of_the_paper() -> None:
    assert str(cost(naive(FIGURE_4)).flops) == "H*k"
    program = schedule(FIGURE_4)
    assert str(cost(program).flops) == "H*(1 + k/s)"
    blocked, windowed = program.stages
    assert [axis.domain for axis in blocked.axes] == [Size.variable("H") / Size.variable("s")]
    assert [axis.domain for axis in blocked.reductions] == [Size.variable("s")]
    assert [axis.domain for axis in windowed.reductions] == [Size.variable("k")]


def test_a_window_smaller_than_the_block_stays_one_nest() -> None:
    # (1 + k/s)*H is no better than k*H where k = 1.
    assert len(schedule(FIGURE_4, {"H": 64, "k": 1, "s": 2}).stages) == 1


def test_operator_1_of_the_paper_costs_no_more_than_in_the_original() -> None:
    sizes = {"N": 128, "C_in": 64, "C_out": 64, "H": 56, "g": 32, "k": 3, "s": 2}
    assert cost(schedule(OP1, sizes), sizes).flops <= 7_501_531_328
    assert cost(naive(OP1), sizes).flops == 2 * 128 * 64 * 56 * 56 * 64 * 9


@pytest.mark.parametrize("definition", [CONV1D, PIXEL_SHUFFLE])
def test_nothing_to_gain_is_one_stage(definition: Definition) -> None:
    assert schedule(definition) == naive(definition)


def test_two_convolutions_come_apart() -> None:
    stacked = define(
        """
operator stacked<A, B, C, L; k = 3>(x: [A, L], weight u: [B, A, k], weight v: [C, B, k]) -> [C, L] {
    out[c, l] = sum[a: A, b: B, p: k, q: k] x[a, unfold(unfold(l, q), p)] * u[b, a, p] * v[c, b, q]
}
"""
    )
    assert str(cost(schedule(stacked)).flops) == "B*L*k*(C + A)"


def test_the_order_follows_the_sizes() -> None:
    """(x y) z or x (y z): `A*B*C + A*C*D` or `B*C*D + A*B*D`."""
    left = schedule(MATRIX_CHAIN, {"A": 2, "B": 10, "C": 3, "D": 50})
    right = schedule(MATRIX_CHAIN, {"A": 50, "B": 3, "C": 10, "D": 2})
    assert str(cost(left).flops) == "A*C*(D + B)"
    assert str(cost(right).flops) == "B*D*(C + A)"
    assert [read.buffer for read in left.stages[0].reads] == ["x", "y"]
    assert [read.buffer for read in right.stages[0].reads] == ["y", "z"]


def test_given_sizes_come_before_defaults_and_guesses() -> None:
    with_default = dataclasses.replace(
        MATRIX_CHAIN, sizes=tuple(dataclasses.replace(size, default=50 if size.name == "A" else 3) for size in MATRIX_CHAIN.sizes)
    )
    assert str(cost(schedule(with_default)).flops) == "B*D*(C + A)"
    assert str(cost(schedule(with_default, {"A": 1, "D": 50})).flops) == "A*C*(D + B)"


@given(definitions(max_points=2000))
def test_no_other_plan_is_cheaper(case: Case) -> None:
    definition, sizes = case
    graph = definition.graph
    assume(len(graph.reads) <= 3 and len(graph.reductions) <= 3 and len(graph.coordinates) <= 9)
    assert cost(schedule(definition, sizes), sizes).flops == fewest_flops(graph, sizes)


@given(definitions())
@settings(max_examples=60)
def test_the_plan_depends_on_nothing_but_the_definition(case: Case) -> None:
    definition, sizes = case
    assert schedule(definition, sizes) == schedule(definition, sizes)


@given(definitions())
@settings(max_examples=60)
def test_beyond_the_bound_the_plan_is_still_right_and_no_worse_than_one_nest(case: Case) -> None:
    definition, sizes = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "MAX_STEPS", 3)
        patch.setattr(plan, "MAX_SUBSETS", 1)
        program = schedule(definition, sizes)
    verify(program)
    assert cost(program, sizes).flops <= cost(naive(definition), sizes).flops
    arrays = random_arrays(definition, sizes)
    expected = interpret_stages(naive(definition), arrays, sizes)
    assert interpret_stages(program, arrays, sizes) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_many_factors_stop_at_the_bound() -> None:
    count = 14
    shapes = ", ".join(f"weight w{number}: [k]" for number in range(count))
    index = "i"
    for number in range(count):
        index = f"unfold({index}, r{number})"
    binders = ", ".join(f"r{number}: k" for number in range(count))
    factors = " * ".join(f"w{number}[r{number}]" for number in range(count))
    definition = define(
        f"operator deep<H; k = 3>(x: [H], {shapes}) -> [H] {{ out[i] = sum[{binders}] x[{index}] * {factors} }}"
    )
    program = schedule(definition)
    verify(program)
    # A window at a time.
    assert str(cost(program).flops) == f"{count}*H*k"
