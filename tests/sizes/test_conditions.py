"""Conditions on sizes: examples satisfy them, contradictions cannot be satisfied."""

from itertools import product

import pytest
from hypothesis import given, strategies as st

from syno_lang.sizes import ONE, Size
from syno_lang.sizes.conditions import (
    Compares,
    Condition,
    Divides,
    Parity,
    broken,
    contradiction,
    disagreement,
    divisions,
    example,
    variables,
)

C, H, g, k = (Size.variable(name) for name in ("C", "H", "g", "k"))
TWO, THREE = Size.constant(2), Size.constant(3)

sizes = st.sampled_from([C, H, C * H, C**2, TWO * C, THREE, Size.constant(7), H / TWO, ONE])
conditions = st.one_of(
    st.builds(Compares, sizes, st.sampled_from(["<=", "<", ">=", ">", "=="]), sizes),
    st.builds(Divides, sizes, sizes),
    st.builds(Parity, sizes, st.booleans()),
)


def test_divisions_leave_out_what_follows() -> None:
    found = divisions([C / (g * k), C / g, C, H * C / g, g / TWO])
    assert [str(item) for item in found] == ["divides(g*k, C)", "divides(2, g)"]


@given(st.lists(conditions, max_size=4))
def test_an_example_satisfies(drawn: list[Condition]) -> None:
    found = example(variables(drawn), drawn, {})
    if found is not None:
        assert not list(broken(drawn, found))


@given(st.lists(conditions, max_size=4))
def test_a_contradiction_is_one(drawn: list[Condition]) -> None:
    found = contradiction(drawn)
    if found is not None:
        assert set(found) <= set(drawn)
        names = variables(found)
        for values in product(range(1, 30), repeat=len(names)):
            assert list(broken(found, dict(zip(names, values, strict=True))))


@pytest.mark.parametrize(
    "impossible",
    [
        [Compares(k, "<=", TWO), Compares(k, ">", TWO)],
        [Parity(k, True), Divides(TWO, k)],
        [Compares(H, "==", TWO * H)],
        [Compares(H, "==", TWO * C), Compares(C, "==", TWO * H)],
        [Compares(C * H, "==", TWO), Compares(C * H, "==", THREE)],
        [Compares(k**2, "==", TWO)],
        [Compares(C, "==", k), Compares(C, "<", k)],
        [Compares(C, ">", H), Compares(H, ">", C)],
        [Compares(C, ">=", TWO * k), Compares(C, "<=", k)],
        [Compares(C, ">=", TWO * H), Compares(H, ">=", TWO * C)],
        [Divides(k, C), Divides(C, k), Compares(C, ">", k)],
        [Divides(TWO * C, H), Divides(H, C)],
        [Compares(C, "<", H), Compares(H, "<=", g), Compares(g, "<=", k), Compares(k, "<=", C)],
    ],
)
def test_contradictions_are_found(impossible: list[Condition]) -> None:
    assert contradiction(impossible) is not None
    assert example(variables(impossible), impossible, {}) is None


def test_disagreement_has_a_witness() -> None:
    found = disagreement(C, C / g, {"g": 4})
    assert found is not None
    assert found["g"] == 4
    assert found["C"] % 4 == 0
    assert disagreement(C, C, {}) is None
