"""What is compiled instead of what is written has its value, costs no more, and comes from exact rules alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import syno_lang
from syno_lang.diagnostics import SynoError
from syno_lang.ir.coordinates import Unfold, walk
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.lower.cost import cost
from syno_lang.lower.forms import plainest, programs
from syno_lang.lower.schedule import schedule
from syno_lang.lower.verify import verify
from syno_lang.resources import folder
from syno_lang.rewrite.read import exact_rules
from syno_lang.testing import definitions
from tests.lower.test_laws import assert_same_value
from tests.rewrite.graphs import graphs
from tests.rewrite.test_laws import named

FILES = sorted((folder("stdlib") / "operators").glob("*.syno"))
FILES += sorted((Path(__file__).parents[2] / "examples").rglob("*.syno"))


def check(definition: Definition, sizes: dict[str, int]) -> int:
    several = programs(definition, sizes)
    for program in several:
        verify(program)
        assert program.buffers[: len(definition.tensors)] == several[0].buffers[: len(definition.tensors)]
        assert cost(program, sizes).flops <= cost(several[0], sizes).flops
        assert cost(program, sizes).bytes <= cost(several[0], sizes).bytes
        assert cost(program, sizes).parameters == cost(several[0], sizes).parameters
        assert_same_value(program, definition, sizes)
    assert programs(definition, sizes, normal=False) == several[:1] == (schedule(definition, sizes),)
    return len(several)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(definitions(max_points=4000))
def test_drawn_operators(case: tuple[Definition, dict[str, int]]) -> None:
    check(*case)


def test_operators_in_which_rules_have_much_to_do() -> None:
    found = []

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(graphs())
    def collect(case: tuple[PGraph, dict[str, int]]) -> None:
        found.append(check(named(*case), case[1]))

    collect()
    assert found.count(2) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_cost_no_more(path: Path) -> None:
    try:
        operators = syno_lang.load_all(path).values()
    except SynoError:
        pytest.skip("it is there to be refused")
    for operator in operators:
        written, *others = programs(operator.definition)
        assert all(cost(other).flops == cost(written).flops for other in others)


def test_only_exact_rules_are_used() -> None:
    assert all(rule.is_exact for rule in exact_rules())
    text = "operator f<H>(x: [H], weight w: [3]) -> [8*H] allow(dropped_half) { out[h] = sum[p: 3] x[unfold(h, p) / 8] * w[p] * expand(h % 8) }"
    for program in programs(syno_lang.parse(text).definition):
        assert any(
            isinstance(node, Unfold) for read in program.stages[-1].reads for node in walk(*read.index)
        )


def test_the_plainest_is_the_normal_form_only_if_it_is_plainer() -> None:
    twice = syno_lang.parse(
        "operator f<N; B = 2>(x: [N]) -> [N] { out[i] = x[split(i / B, i % B)] }"
    ).definition
    several = programs(twice)
    assert len(several) == 2 and plainest(several) is several[1]
    conv = syno_lang.load("stdlib:conv2d").definition
    assert len(programs(conv)) == 1
