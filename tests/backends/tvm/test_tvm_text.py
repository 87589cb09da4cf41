"""What the emitted text says, without running it."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given, strategies as st

from syno_lang.backends.tvm.emit import emit
from syno_lang.backends.tvm.names import RESERVED, Names, identifier
from syno_lang.ir.coordinates import Quotient, Remainder, Shift, Split, Stride, Unfold
from syno_lang.lower.stages import Apply, Axis, BufferRead, Extent, Inside, Stage
from syno_lang.sizes import Size
from tests.backends.tvm.programs import (
    C,
    H,
    K,
    N,
    conv2d,
    k,
    matmul,
    mean_of_all,
    pointwise,
    program,
    staged_windows,
    times,
)

SIZES = {"N": 2, "C": 3, "K": 4, "H": 5, "W": 6, "k": 3, "s": 1}


a, p = Axis("a", Size.constant(6)), Axis("p", Size.constant(3))


def flat(text: str) -> str:
    """The text with every statement on one line."""
    return re.sub(r"(?<=[(,\w\])])\n {17,}", " ", text)


def constant(value: int) -> Size:
    return Size.constant(value)


def test_a_whole_module() -> None:
    assert emit(matmul(), {"H": 2, "K": 3, "N": 4}) == '''\
# The operator made in float32 for H = 2, K = 3, N = 4.
# Import this file and take `Module`, or give its text to `tvm.script.from_source`.  The latter refuses
# import statements, hence the form of the next lines.
tvm = __import__("tvm.script")
I, T = tvm.script.ir, tvm.script.tirx


@I.ir_module
class Module:
    @T.prim_func(s_tir=True)
    def main(
        x: T.Buffer((2, 3), "float32", align=4),
        w: T.Buffer((3, 4), "float32", align=4),
        out: T.Buffer((2, 4), "float32", align=4),
    ):
        T.func_attr({"tirx.noalias": True})
        for i, j, r in T.grid(2, 4, 3):
            with T.sblock("out"):
                v_i, v_j, v_r = T.axis.remap("SSR", [i, j, r])
                with T.init():
                    out[v_i, v_j] = T.float32(0.0)
                out[v_i, v_j] = out[v_i, v_j] + x[v_i, v_r] * w[v_r, v_j]
'''


def test_a_guard_is_where_a_window_can_leave() -> None:
    text = emit(conv2d(), SIZES | {"K": 1})
    assert (
        "T.if_then_else(1 <= v_h_p and v_h_p < 6 and 1 <= v_w_q and v_w_q < 7, "
        "x[v_n, v_ci, v_h_p - 1, v_w_q - 1], T.float32(0.0))"
    ) in flat(text)
    assert "Select" not in text


def test_what_is_read_often_is_read_from_a_copy_with_a_border() -> None:
    text = flat(emit(conv2d(), SIZES))
    assert 'x_padded = T.sblock_alloc_buffer((2, 3, 7, 8), "float32")' in text
    assert "x_padded[v_n, v_ci, v_h + v_p, v_w + v_q] * w[v_co, v_ci, v_p, v_q]" in text
    # Nothing would be gained where an element is read once.
    assert "padded" not in emit(pointwise(Unfold(a, p), a, p), {})


def test_a_read_against_the_vectors_is_copied_in_their_order() -> None:
    i, j, r = Axis("i", H), Axis("j", N), Axis("r", K, "sum")
    value = times(BufferRead("x", (i, r)), BufferRead("w", (j, r)))
    made = program([Stage("out", (i, j), (r,), value)], {"x": (H, K)}, w=(N, K))
    text = emit(made, {"H": 64, "N": 32, "K": 8})
    assert "_packed = T.sblock_alloc_buffer" in text
    assert "packed" not in emit(made, {"H": 2, "N": 2, "K": 64})


def test_a_loop_that_divides_badly_is_rounded_up() -> None:
    text = emit(conv2d(), SIZES | {"W": 53})
    assert "out_sum = T.sblock_alloc_buffer((2, 4, 5, 56)" in text
    assert "in T.grid(2, 4, 5, 56, 3, 3, 3):" in text and "in T.grid(2, 4, 5, 53):" in text


def test_a_window_of_one_needs_no_guard() -> None:
    text = flat(emit(conv2d(), SIZES | {"k": 1}))
    assert "if_then_else" not in text
    assert "x[v_n, v_ci, v_h + v_p, v_w + v_q] * w[v_co, v_ci, v_p, v_q]" in text


def test_a_window_of_two_needs_half_a_guard() -> None:
    assert "T.if_then_else(1 <= v_h_p and 1 <= v_w_q," in emit(conv2d(), SIZES | {"k": 2})


def test_a_guard_below_a_division_is_kept() -> None:
    a, p = Axis("a", constant(6)), Axis("p", constant(3))
    window = Unfold(a, p)
    quotient = flat(emit(pointwise(Quotient(window, constant(2)), a, p), {}))
    assert "T.if_then_else(1 <= v_a + v_p and v_a + v_p < 7, x[(v_a + v_p - 1) // 2]" in quotient
    remainder = flat(emit(pointwise(Remainder(window, constant(2)), a, p), {}))
    assert "T.if_then_else(1 <= v_a + v_p and v_a + v_p < 7, x[T.truncmod(v_a + v_p + 1, 2)]" in remainder


def test_guards_of_windows_in_windows_are_both_there() -> None:
    q = Axis("q", constant(2))
    text = flat(emit(pointwise(Unfold(Unfold(a, p), q), a, p, q), {}))
    # The outer one fills the copy, the inner one says where that may be read.
    assert "T.if_then_else(2 <= v_a_p_q and v_a_p_q < 8, x[v_a_p_q - 2], T.float32(0.0))" in text
    assert "T.if_then_else(1 <= v_a + v_p and v_a + v_p < 7, x_padded[v_a + v_p + v_q], T.float32(0.0))" in text


def test_a_window_that_is_always_outside_reads_nothing() -> None:
    a, p = Axis("a", constant(1)), Axis("p", constant(1))
    # The window of size 4 has its only tap at -2.
    text = emit(pointwise(Unfold(a, Stride(p, constant(4))), a, p), {})
    assert "out[v_a, v_p] = T.float32(0.0)" in text
    assert "x[" not in text


def test_stages_are_blocks() -> None:
    text = emit(staged_windows(), {"H": 8, "s": 2, "k": 3})
    assert '        t1 = T.sblock_alloc_buffer((4,), "float32")\n' in text
    assert text.index('T.sblock("t1")') < text.index('T.sblock("out")')
    assert "t1[v_i] = t1[v_i] + x[v_i * 2 + v_r]" in text


def test_a_mean_is_a_sum_and_a_division() -> None:
    text = emit(mean_of_all(), {"H": 5, "K": 3})
    assert "out_sum[()] = out_sum[()] + x[v_i, v_j]\n" in text
    assert "out[()] = out_sum[()] / T.float32(5.0)\n" in text
    assert "/" not in emit(mean_of_all(), {"H": 1, "K": 3}).split("Module:")[1]


def test_constants_and_lone_guards() -> None:
    i, p = Axis("i", H), Axis("p", k, "sum")
    inside, extents = Inside(Unfold(i, p)), (Extent(H), Apply("multiply", (Extent(k), Extent(k))))
    stage = Stage("out", (i,), (p,), Apply("multiply", (inside, *extents)))
    text = flat(emit(program([stage], {}), {"H": 4, "k": 3}))
    chosen = "T.if_then_else(1 <= v_i + v_p and v_i + v_p < 5, T.float32(1.0), T.float32(0.0))"
    assert f"T.float32(36.0) * {chosen}" in text
    assert "out[v_i] = T.float32(1.0)" in emit(program([Stage("out", (i,), (), Apply("multiply", ()))], {}), {"H": 4})


def test_sixteen_bits_are_summed_in_thirty_two() -> None:
    text = emit(matmul(), {"H": 2, "K": 3, "N": 4}, "bfloat16")
    assert 'x: T.Buffer((2, 3), "bfloat16", align=2)' in text
    assert 'out_sum = T.sblock_alloc_buffer((2, 4), "float32")' in text
    assert 'out[v_i, v_j] = T.Cast("bfloat16", out_sum[v_i, v_j])' in text


def test_other_dtypes_are_refused() -> None:
    with pytest.raises(ValueError, match="dtype is one of"):
        emit(matmul(), {"H": 2, "K": 3, "N": 4}, "int8")


def test_other_reducers_are_refused() -> None:
    i, r = Axis("i", H), Axis("r", k, "max")
    stage = Stage("out", (i,), (r,), BufferRead("x", (i, r)))
    with pytest.raises(ValueError, match="max"):
        emit(program([stage], {"x": (H, k)}), {"H": 2, "k": 2})


@pytest.mark.parametrize("power", [30, 31])
def test_sixty_four_bits_where_they_are_needed(power: int) -> None:
    i = Axis("i", constant(2))
    text = emit(pointwise(Stride(i, constant(2 ** (power - 1))), i), {})
    assert ("T.int64" in text) == (power == 31)


def test_hostile_names() -> None:
    a, b, c = Axis("T", H), Axis("lambda", K), Axis("range", C, "sum")
    d, e = Axis("c'", N, "sum"), Axis("c_prime", k, "sum")
    read = BufferRead("I", (a, b, c, d, e))
    stages = [
        Stage("v_T", (a, b), (c, d, e), read),
        Stage("out_sum", (Axis("v_T", H), Axis("7", K)), (Axis("x y", constant(2), "mean"),), Extent(H)),
        Stage("None", (a, b), (), BufferRead("out_sum", (a, b))),
    ]
    text = emit(program(stages, {"I": (H, K, C, N, k)}), SIZES)
    main = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    stored = [node.id for node in ast.walk(main) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    names = {*stored, *(argument.arg for argument in main.args.args)}
    assert not names & RESERVED
    assert {"I_", "v_T", "T_", "v_T_", "lambda_", "v_lambda_", "range_", "c_prime", "c_prime_2", "x_y"} <= names


@given(st.text(max_size=8))
def test_identifiers_are_identifiers(name: str) -> None:
    text = identifier(name)
    assert text.isidentifier()
    assert text.isascii()
    assert text not in RESERVED
    names = Names()
    assert names.fresh(name) != names.fresh(name)


def test_shifts_join() -> None:
    a = Axis("a", constant(6))
    assert "x[T.truncmod(v_a + 3, 6)]" in emit(pointwise(Shift(Shift(a, 5), -2), a), {})
    assert "x[v_a]" in emit(pointwise(Shift(Shift(a, 2), -2), a), {})


def test_merging_what_was_split_reads_plainly() -> None:
    a, b = Axis("a", constant(6)), Axis("b", constant(2))
    assert "x[v_a]" in emit(pointwise(Quotient(Split(a, b), constant(2)), a, b), {})
