"""Sizes of a module: which it takes, which it reads from the shapes, and what it says where one does not fit."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
import torch
from hypothesis import given, strategies as st

import syno_lang
from syno_lang.backends.torch.names import condition_code, condition_text
from syno_lang.backends.torch.shapes import plan_sizes
from tests.backends.torch.modules import define, module_class, required


def stdlib(name: str) -> type[Any]:
    return syno_lang.load(f"stdlib:{name}").to_torch()


def test_the_constructor_asks_for_what_the_weights_need() -> None:
    signature = inspect.signature(stdlib("op1")).parameters
    assert required(stdlib("op1")) == ["C_in", "C_out"]
    assert {name: signature[name].default for name in ("g", "k", "s", "N", "H")} == {
        "g": 32, "k": 3, "s": 2, "N": None, "H": None,
    }  # fmt: skip
    assert all(item.kind is inspect.Parameter.KEYWORD_ONLY for item in signature.values())


def test_a_size_that_no_shape_tells_is_asked_for() -> None:
    # Neither C nor r follows from C*r^2: with the coefficient the primary size does.
    text = "operator f<H, C; r>(x: [H, C*r^2]) -> [H, C, r^2] { out[h, c, q] = x[h, split(c, q)] }"
    cls = module_class(define(text))
    assert required(cls) == ["r"]
    assert cls(r=2)(torch.zeros(3, 20)).shape == (3, 5, 4)
    assert required(
        module_class(define("operator f<H, W>(x: [H]) -> [H, W] { out[h, w] = x[h] * expand(w) }"))
    ) == ["W"]


def test_sizes_follow_from_one_another() -> None:
    text = """operator f<A, B; k>(x: [A*k, A], y: [B/k, A]) -> [A*k] {
        out[i] = sum[a: A, b: B/k, c: A] x[i, a] * y[b, c]
    }"""
    plan = plan_sizes(define(text))
    assert [(item.variable, item.place.tensor, str(item.rest)) for item in plan.solutions] == [
        ("A", "x", "1"), ("k", "x", "A"), ("B", "y", "1/k"),
    ]  # fmt: skip
    cls = module_class(define(text))
    assert cls(B=8)(torch.ones(6, 3), torch.ones(4, 3)).tolist() == [36.0] * 6
    with pytest.raises(ValueError, match=re.escape("F: axis 1 of y is 2, not A = 3")):
        cls()(torch.ones(6, 3), torch.ones(4, 2))
    with pytest.raises(
        ValueError, match=re.escape("F: axis 0 of x = 7 is not divisible by A = 3 (it is A*k)")
    ):
        cls()(torch.ones(7, 3), torch.ones(4, 3))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"C_in": 66, "C_out": 64}, "Op1: C_in = 66 is not divisible by g = 32 (needs C_in/g)"),
        ({"C_in": 64, "C_out": 96}, "Op1: C_out = 96 is not divisible by g*s = 64 (needs C_out/(g*s))"),
        ({"C_in": 0, "C_out": 64}, "Op1: C_in = 0 is not a positive whole number"),
        ({"C_in": 64, "C_out": 64.0}, "Op1: C_out = 64.0 is not a positive whole number"),
        ({"C_in": 64, "C_out": 64, "k": -1}, "Op1: k = -1 is not a positive whole number"),
    ],
)
def test_the_constructor_says_what_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        stdlib("op1")(**given)


@pytest.mark.parametrize(
    ("given", "shape", "message"),
    [
        ({}, (2, 64, 5), "Op1: x has 3 axes, not the 4 of [N, C_in, H, H]"),
        ({}, (2, 32, 5, 5), "Op1: axis 1 of x is 32, not C_in = 64"),
        ({}, (2, 64, 5, 6), "Op1: axis 3 of x is 6, not H = 5"),
        ({"H": 7}, (2, 64, 5, 5), "Op1: H = 5, but the module was made for H = 7"),
        ({"N": 1}, (2, 64, 5, 5), "Op1: N = 2, but the module was made for N = 1"),
    ],
)
def test_forward_says_what_is_wrong(given: dict[str, int], shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        stdlib("op1")(C_in=64, C_out=64, **given)(torch.zeros(shape))


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("channel_shuffle", (1, 7, 2, 2), "C = 7 is not divisible by g = 2 (axis 1 of x is C; needs C/g)"),
        ("pixel_shuffle", (1, 6, 2, 2), "axis 1 of x = 6 is not divisible by r^2 = 4 (it is C*r^2)"),
    ],
)
def test_a_size_from_a_shape_must_divide_too(name: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        stdlib(name)()(torch.zeros(shape))


def test_a_number_in_the_text_is_named_once() -> None:
    cls = module_class(define("operator f<H>(x: [H]) -> [H/2] { out[i] = sum[j: 2] x[split(i, j)] }"))
    with pytest.raises(
        ValueError, match=re.escape("F: H = 5 is not divisible by 2 (axis 0 of x is H; needs H/2)")
    ):
        cls()(torch.zeros(5))


def test_no_test_repeats_what_others_imply() -> None:
    plan = plan_sizes(syno_lang.load("stdlib:patch_embedding").definition)
    assert [str(item.size) for item in plan.late] == ["H/p", "W/p"]
    plan = plan_sizes(syno_lang.load("stdlib:gpt2_projection").definition)
    assert [str(item.size) for item in plan.early] == ["C/(k^4*t)"]
    assert not plan.late


def test_an_empty_batch_is_fine() -> None:
    assert stdlib("conv2d")(C_in=2, C_out=3)(torch.zeros(0, 2, 5, 4)).shape == (0, 3, 5, 4)
    assert stdlib("pixel_shuffle")()(torch.zeros(0, 4, 5, 4)).shape == (0, 1, 10, 8)


STATED = """operator f<N, C, H; k = 3, g = 2>(x: [N, C, H], weight w: [C, k]) -> [N, C, H]
    where(odd(k), k <= H, divides(2*g, C), C/g > 1, even(H/2), 2 == g) {
    out[n, c, h] = sum[p: k] x[n, c, unfold(h, p)] * w[c, p]
}"""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"C": 4, "k": 4}, "F: odd(k) does not hold for k = 4"),
        ({"C": 6}, "F: divides(2*g, C) does not hold for C = 6, g = 2"),
        ({"C": 4, "g": 4}, "F: divides(2*g, C) does not hold for C = 4, g = 4"),
        ({"C": 4, "g": 1}, "F: 2 == g does not hold for g = 1"),
    ],
)
def test_the_constructor_tests_stated_conditions(given: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        module_class(define(STATED))(**given)


def test_forward_tests_stated_conditions() -> None:
    module = module_class(define(STATED))(C=4, k=5)
    assert module(torch.zeros(1, 4, 8)).shape == (1, 4, 8)
    with pytest.raises(ValueError, match=re.escape("F: k <= H does not hold for H = 4, k = 5")):
        module(torch.zeros(1, 4, 4))
    for length in (7, 6):
        with pytest.raises(ValueError, match=re.escape(f"F: even(H/2) does not hold for H = {length}")):
            module(torch.zeros(1, 4, length))


@given(
    st.sampled_from(["C < k", "2*C >= k^2", "C/k > 2", "C/2 == k/3", "divides(k, C)", "divides(2, C/k)"])
    | st.sampled_from(["odd(C)", "even(C/k)", "odd(C/2)", "divides(3*k, C^2)"]),
    st.integers(1, 40),
    st.integers(1, 12),
)
def test_conditions_as_code(text: str, c: int, k: int) -> None:
    source = (
        f"operator f<C; k>(x: [C], weight w: [k]) -> [C] where({text}) {{ out[i] = sum[j: k] x[i] * w[j] }}"
    )
    (condition,) = define(source).conditions
    code = condition_code(condition, {"C": "C", "k": "k"})
    assert eval(code, {"C": c, "k": k}) is condition.holds({"C": c, "k": k})
    assert str(condition_text(condition, {"C": "D", "k": "l"})) == text.replace("C", "D").replace("k", "l")


def test_a_size_may_have_the_name_of_a_parameter_of_the_checks() -> None:
    text = (
        "operator f<module, holds>(x: [module], weight w: [holds]) -> [module, holds] where(holds <= module)"
    )
    cls = module_class(define(f"{text} {{ out[i, j] = x[i] * w[j] }}"))
    assert cls(holds=2, module=3)(torch.ones(3)).shape == (3, 2)
    with pytest.raises(ValueError, match="holds <= module does not hold for holds = 2, module = 1"):
        cls(holds=2)(torch.ones(1))
