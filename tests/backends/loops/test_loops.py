"""The text of loops: golden for a few operators, and read back for random ones."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, strategies as st

from syno_lang.backends.loops.emit import emit
from syno_lang.backends.loops.index_to_text import index_text, size_text
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.lower.affine import Binary, Index, Loop, Number, SizeValue
from syno_lang.lower.schedule import naive, schedule
from syno_lang.sizes import Size
from syno_lang.testing import definitions, random_arrays
from tests.backends.loops.reader import read_back
from tests.lower.graphs import CONV1D, FIGURE_4, define

Case = tuple[Definition, dict[str, int]]


@given(definitions(max_points=2000))
def test_loops_read_back_have_the_value_of_the_definition(case: Case) -> None:
    definition, sizes = case
    arrays = random_arrays(definition, sizes)
    expected = interpret(definition, arrays, sizes)
    for program in (naive(definition), schedule(definition, sizes)):
        found = read_back(emit(program), program, arrays, sizes)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(expected).max()))


def test_the_definition_as_loops() -> None:
    assert emit(naive(CONV1D)) == (
        "def conv1d(x, w, C_in, C_out, L, k=3):\n"
        "    out = zeros(C_out, L)\n"
        "    for co in range(C_out):\n"
        "        for l in range(L):\n"
        "            for ci in range(C_in):\n"
        "                for p in range(k):\n"
        "                    if 0 <= l + p - k // 2 < L:\n"
        "                        out[co, l] += x[ci, l + p - k // 2] * w[co, ci, p]\n"
        "    return out\n"
    )


def test_stages_as_loops() -> None:
    assert emit(schedule(FIGURE_4)) == (
        "def figure4(x, H, k=3, s=2):\n"
        "    t1 = zeros(H // s)\n"
        "    for i_j in range(H // s):\n"
        "        for a in range(s):\n"
        "            t1[i_j] += x[i_j * s + a]\n"
        "    out = zeros(H // s)\n"
        "    for i in range(H // s):\n"
        "        for j in range(k):\n"
        "            if 0 <= i + j - k // 2 < H // s:\n"
        "                out[i] += t1[i + j - k // 2]\n"
        "    return out\n"
    )


def test_a_mean_divides_once() -> None:
    definition = define(
        "operator pool<C, H; s = 2>(x: [C, H]) -> [C, H/s] { out[c, h] = mean[a: s] x[c, split(h, a)] }"
    )
    text = emit(schedule(definition))
    assert "            for a in range(s):\n                out[c, h] += x[c, h * s + a]\n" in text
    assert "            out[c, h] /= s\n" in text


def test_sizes_with_defaults_come_last() -> None:
    sizes = tuple(reversed(CONV1D.sizes))
    assert emit(naive(dataclasses.replace(CONV1D, sizes=sizes))).startswith("def conv1d(x, w, L, C_out, C_in, k=3)")


LOOPS = {"i": 7, "j": 5}
VALUES = {"k": 3, "s": 2}
K, S = Size.variable("k"), Size.variable("s")
WHOLE = [K, S, K * S, K**2, Size.constant(4), K * Size.constant(3), Size.constant(1)]

indices = st.recursive(
    st.one_of(
        st.sampled_from([Loop("i"), Loop("j")]),
        st.integers(-5, 5).map(Number),
        st.builds(SizeValue, st.sampled_from(WHOLE), st.sampled_from([1, 2])),
    ),
    lambda below: st.builds(Binary, st.sampled_from(["+", "-", "*", "//", "%"]), below, below),
    max_leaves=8,
)


def value(index: Index) -> int:
    match index:
        case Loop(name):
            return LOOPS[name]
        case Number(number):
            return number
        case SizeValue(size, divisor):
            return size.value(VALUES) // divisor
        case Binary(operator, left, right):
            first, second = value(left), value(right)
            return {
                "+": lambda: first + second,
                "-": lambda: first - second,
                "*": lambda: first * second,
                "//": lambda: first // second,
                "%": lambda: first % second,
            }[operator]()


@given(indices)
def test_the_text_of_an_index_has_its_value(index: Index) -> None:
    try:
        expected = value(index)
    except ZeroDivisionError:
        return
    assert eval(index_text(index), {}, LOOPS | VALUES) == expected


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (K, "k"),
        (Size.constant(6), "6"),
        (K**2 * Size.constant(3), "3 * k**2"),
        (K / S, "k // s"),
        (K**2 / (S * Size.constant(2)), "k**2 // (2 * s)"),
        (Size.constant(6) / S, "6 // s"),
    ],
)
def test_sizes(size: Size, text: str) -> None:
    assert size_text(size) == text
