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
        ({}, ["E0601"], "for N, C, k"),
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


@pytest.mark.parametrize("value", ["text", [[1], [1, 2]], None, [1j] * 2])
def test_what_is_no_array_of_numbers(value: object) -> None:
    with pytest.raises(SynoError) as caught:
        syno_lang.parse("operator f<N>(x: [N]) -> [N] { out[i] = x[i] }").interpret({"x": value}, N=2)
    assert [item.code for item in caught.value.diagnostics] == ["E0604"]


def test_weights_of_a_module_can_be_interpreted() -> None:
    torch = pytest.importorskip("torch")
    weight = torch.nn.Parameter(torch.ones(2, dtype=torch.bfloat16))
    operator = syno_lang.parse("operator f<N>(weight w: [N]) -> [N] { out[i] = w[i] }")
    assert operator.interpret({"w": weight}, N=2).tolist() == [1.0, 1.0]


def test_only_so_many_findings_are_shown() -> None:
    text = "\n".join(f"operator f{number}<N>(x: [N]) -> [N] {{ out[i] = y[i] }}" for number in range(30))
    with pytest.raises(SynoError) as caught:
        syno_lang.parse(text)
    assert len(caught.value.diagnostics) == 20
    assert "only the first 20 findings are shown" in str(caught.value)


def test_a_half_of_one_place_may_be_dropped() -> None:
    wrapped = syno_lang.parse("operator f<N>(x: [N]) -> [N] { out[i] = x[i % N] }")
    assert wrapped.interpret({"x": [1, 2, 3]}, N=3).tolist() == [1, 2, 3]


def test_an_unknown_notation_is_named() -> None:
    with pytest.raises(ValueError, match="'tree' is no notation: formula, graph"):
        syno_lang.load("stdlib:conv2d").show("tree")  # type: ignore[arg-type]
