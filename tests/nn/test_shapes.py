"""Real shapes tell the sizes of symbolic ones, or what contradicts them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

pytest.importorskip("torch")

from syno_lang.nn.shapes import solve
from syno_lang.sizes import Size

NAMES = ("N", "C", "D", "s")
VALUES = st.fixed_dictionaries({name: st.sampled_from([2, 4, 6, 12]) for name in NAMES})
N, C, D, S = (Size.variable(name) for name in NAMES)


@given(VALUES, st.permutations([N, C * S, D, C * D, S**2]), st.data())
def test_what_is_told_is_true(values: dict[str, int], shape: list[Size], data: st.DataObject) -> None:
    known = {name: values[name] for name in data.draw(st.sets(st.sampled_from(NAMES)))}
    kept = [size for size in shape if data.draw(st.booleans())]
    found, fault = solve([(kept, [int(size.evaluate(values)) for size in kept])], known)
    assert fault == ""
    assert found.items() >= known.items() and values.items() >= found.items()


@given(VALUES)
def test_sizes_are_told_one_by_another(values: dict[str, int]) -> None:
    shape = [C * S, N, C * D, D]
    found, fault = solve([(shape, [int(size.evaluate(values)) for size in shape])], {})
    assert (found, fault) == (values, "")


@given(VALUES, st.integers(0, 3), st.sampled_from([1, 5, 7]))
def test_a_wrong_axis_is_seen(values: dict[str, int], place: int, wrong: int) -> None:
    shape = [N, C, D, S]
    numbers = [int(size.evaluate(values)) for size in shape]
    numbers[place] = wrong
    _, fault = solve([(shape, numbers)], values)
    assert fault.startswith(f"an axis is {wrong}, but `{shape[place]}` is {values[NAMES[place]]}")


def test_powers_and_fractions() -> None:
    assert solve([([S**2], [9])], {}) == ({}, "")
    assert solve([([C / S], [9])], {"s": 2}) == ({"s": 2, "C": 18}, "")
    assert solve([([C * S], [9])], {"s": 2})[1] == "an axis is 9, so `C` of `C*s` would be 9/2"
    assert solve([([N, C], [2])], {})[1] == "it has 1 axes, not the 2 of [N, C]"
