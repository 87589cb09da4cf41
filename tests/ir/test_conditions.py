"""`where` clauses: read, checked at use, refused where nothing satisfies them."""

import numpy as np
import pytest

import syno_lang
from syno_lang import SynoError

TEXT = "operator f<H, C; k = 3, g = 2>(x: [C, H]) -> [C/g, H] where(%s) { out[c, h] = sum[a: g, p: k] x[split(c, a), h + p - k/2] }"


@pytest.mark.parametrize("where", ["odd(k)", "k <= H", "divides(4, C)", "k^2 < C*H, g == 2", "C/g >= 2", "even(g), k >= g"])
def test_conditions_are_kept(where: str) -> None:
    operator = syno_lang.parse(TEXT % where)
    assert f"where({where})" in operator.show("formula")
    assert f"where({where})" in operator.show("graph")
    again = syno_lang.parse(operator.show("formula"))
    assert again.definition.conditions == operator.definition.conditions


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("odd(k), even(k)", "no sizes satisfy"),
        ("k <= 2, k > 4", "no sizes satisfy"),
        ("H == 2*H", "no sizes satisfy"),
        ("H == 2*C, C == 2*H", "no sizes satisfy"),
        ("odd(g)", "defaults"),
        ("k <= 2", "does not hold for the defaults k = 3"),
    ],
)
def test_contradictions_are_found_before_any_code(where: str, words: str) -> None:
    with pytest.raises(SynoError) as caught:
        syno_lang.parse(TEXT % where)
    (finding,) = caught.value.diagnostics
    assert finding.code == "E0505"
    assert words in finding.message


def test_what_the_shapes_demand_counts() -> None:
    text = "operator f<C; g>(x: [C]) -> [C/g, g] where(%s) { out[c, a] = x[split(c, a)] }"
    syno_lang.parse(text % "divides(g, C)")
    with pytest.raises(SynoError) as caught:
        syno_lang.parse("operator f<C>(x: [C]) -> [C/2, 2] where(odd(C)) { out[c, a] = x[split(c, a)] }")
    assert "follows from the shapes" in str(caught.value)


def test_conditions_are_checked_at_use() -> None:
    operator = syno_lang.parse(TEXT % "odd(k), k <= H")
    with pytest.raises(SynoError) as caught:
        operator.interpret({"x": np.zeros((4, 2))}, H=2, C=4)
    (finding,) = caught.value.diagnostics
    assert finding.code == "E0606"
    assert "`k <= H` does not hold for H = 2, k = 3" in finding.message
    assert operator.interpret({"x": np.zeros((4, 3))}, H=3, C=4).shape == (2, 3)


def test_a_window_larger_than_its_axis() -> None:
    text = "operator f<H; k = 3, K = 5>(x: [H, k]) -> [H, k] %s { out[h, j] = sum[p: K] x[h, unfold(j, p)] }"
    with pytest.raises(SynoError) as caught:
        syno_lang.parse(text % "")
    assert [item.code for item in caught.value.diagnostics] == ["E0406"]
    syno_lang.parse(text % "allow(large_window)")


def test_a_mismatch_has_a_witness() -> None:
    with pytest.raises(SynoError) as caught:
        syno_lang.parse("operator f<C; g = 4>(x: [C]) -> [C/g] { out[c] = x[c] }")
    assert "with C = 4, g = 4, the axis has 4 places and the coordinate 1" in str(caught.value)


def test_a_merge_divides_its_operand_whichever_half_is_used() -> None:
    text = "operator f<N; B = 4>(x: [B]) -> [N] { out[i] = x[i % B] * expand(i / B) }"
    with pytest.raises(SynoError) as caught:
        syno_lang.parse(text).interpret({"x": np.zeros(4)}, N=6)
    assert "N = 6 is not divisible by B = 4" in str(caught.value)
