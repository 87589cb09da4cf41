"""The strategies that users draw from, and the check of a rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings

from syno_lang import SynoError
from syno_lang.ir.coordinates import Coordinate, Iterator, Unfold, walk
from syno_lang.ir.interpret import evaluate
from syno_lang.rewrite.instances import Instance
from syno_lang.rewrite.rules import Rule
from syno_lang.sizes import Size
from syno_lang.testing import VALUES, check_rule, coordinates, instances, read_rule, rules, sizes

BACK = "rule back<N; d>(i: N) { shift(shift(i, d), -d) => i }"
WRONG = "rule wrong<N, B>(a: N) { split(a % B, a / B) => a }"


@given(sizes())
def test_sizes_are_whole(size: Size) -> None:
    assert size.value(VALUES) >= 1


@given(sizes({"X": 5}))
def test_sizes_over_other_variables(size: Size) -> None:
    assert set(size.variables) <= {"X"} and size.value({"X": 5}) >= 1


@settings(suppress_health_check=list(HealthCheck))
@given(coordinates(leaves=3))
def test_coordinates_make_sense(node: Coordinate) -> None:
    assert all(item.domain.value(VALUES) >= 1 for item in walk(node))
    assert {type(leaf) for leaf in node.leaves} == {Iterator}


@settings(suppress_health_check=list(HealthCheck))
@given(coordinates(windows=False))
def test_coordinates_without_windows(node: Coordinate) -> None:
    assert not any(isinstance(item, Unfold) for item in walk(node))


@settings(suppress_health_check=list(HealthCheck))
@given(rules(exact=True))
def test_rules(rule: Rule) -> None:
    assert rule.is_exact
    check_rule(rule, instances=5)


@given(instances(BACK))
def test_instances(found: Instance) -> None:
    """Sides have one value, as the pGraphs that they are."""
    assert found.right is not None and set(found.numbers) == {"N", "d"}
    (tensor,) = found.left.tensors
    array = np.arange(float(tensor.shape[0].value({})))
    np.testing.assert_array_equal(evaluate(found.left, [array], {}), evaluate(found.right, [array], {}))


def test_instances_shrink() -> None:
    found = find(instances(BACK), lambda item: item.numbers["N"] >= 3)
    assert found.numbers == {"N": 3, "d": 0}


def test_rules_of_files(tmp_path: pytest.TempPathFactory) -> None:
    path = tmp_path / "rules.syno"  # type: ignore[operator]
    path.write_text(BACK)
    assert find(rules(str(path)), lambda rule: True).name == "back"


def test_check_rule() -> None:
    check_rule(BACK)
    check_rule(read_rule(f"{BACK}\n{WRONG}", "back"))
    with pytest.raises(
        AssertionError, match=r"does not hold for N = 4, B = 2(.|\n)*at a = 1 the left side is 2"
    ):
        check_rule(WRONG)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rule r<N; d>(i: N) { shift(i, d) => shift(i, d + N) }", "E1002"),
        ("rule r<N>(i: N) { shift(i, 0) => j }", "E1001"),
        (f"{BACK}\n{WRONG}", "E1004"),
        ("rule r<N>(i: N) when N > 100 { shift(i, 0) => i }", "E1003"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    with pytest.raises(SynoError) as error:
        instances(text)
    assert [item.code for item in error.value.diagnostics] == [code]
