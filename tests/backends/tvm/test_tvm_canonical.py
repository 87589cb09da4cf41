"""A TVM module of the normal form has the value of what is written."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

import syno_lang
from syno_lang.ir.pgraph import PGraph
from syno_lang.lower.forms import plainest, programs
from tests.backends.tvm.test_tvm_runs import agrees
from tests.rewrite.graphs import graphs
from tests.rewrite.test_laws import named

pytest.importorskip("tvm", reason="apache-tvm is not installed")

SUMS = "operator f<N, M; B = 2>(x: [N, M], weight w: [M]) -> [N] { out[n] = sum[a: M/B, b: B] x[n, shift(split(a, b), 1)] * w[shift(split(a, b), 1)] }"


def test_the_plainer_one_is_emitted() -> None:
    operator, sizes = syno_lang.parse(SUMS), {"N": 2, "M": 6, "B": 3}
    texts = [operator.emit_tvm(canonicalize=choice, **sizes) for choice in (True, False)]
    assert "* w[v_r0]" in texts[0] and "* w[v_r0]" not in texts[1]
    for program in programs(operator.definition, sizes):
        agrees((operator.definition, sizes), program, "float64")


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_operators_in_which_rules_have_much_to_do(case: tuple[PGraph, dict[str, int]]) -> None:
    definition, sizes = named(*case), case[1]
    agrees((definition, sizes), plainest(programs(definition, sizes)), "float64")
