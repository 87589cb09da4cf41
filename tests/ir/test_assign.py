"""Numbers for sizes: every mistake has a code and names the size."""

import numpy as np
import pytest

import syno_lang
from syno_lang import SynoError

GROUPED = syno_lang.parse(
    "operator f<N, C; g = 4, k>(x: [N, C], weight w: [g, k]) -> [N] {"
    " out[n] = sum[a: g, b: C/g, p: k] x[n, split(a, b)] * w[a, p] }"
)


@pytest.mark.parametrize(
    ("sizes", "codes", "words"),
    [
        ({"N": 1, "C": 8}, ["E0601"], "no value is given for k"),
        ({}, ["E0601"] * 3, "for N"),
        ({"N": 1, "C": 6, "k": 2}, ["E0602"], "C = 6 is not divisible by g = 4"),
        ({"N": 1, "C": 8, "k": 2, "h": 3}, ["E0605"], "has no size h"),
        ({"N": 0, "C": 8, "k": -2}, ["E0605"] * 2, "N = 0"),
        ({"N": 1.5, "C": 8, "k": True}, ["E0605"] * 2, "N = 1.5"),
    ],
)
def test_wrong_numbers(sizes: dict[str, int], codes: list[str], words: str) -> None:
    with pytest.raises(SynoError) as caught:
        GROUPED.interpret({}, **sizes)
    assert [item.code for item in caught.value.diagnostics] == codes
    assert words in str(caught.value)


def test_arrays_must_fit() -> None:
    with pytest.raises(SynoError) as caught:
        GROUPED.interpret({"x": np.zeros((2, 8)), "v": 1}, N=2, C=8, k=1, g=2)
    assert [item.code for item in caught.value.diagnostics] == ["E0604", "E0604"]
    with pytest.raises(SynoError) as caught:
        GROUPED.interpret({"x": np.zeros((2, 9)), "w": np.zeros((2, 1))}, N=2, C=8, k=1, g=np.int64(2))
    assert [item.code for item in caught.value.diagnostics] == ["E0603"]
    assert "x has shape [2, 9], not [2, 8]" in str(caught.value)
