"""Sizes of a module: which it takes, which it reads from the shapes, and what it says where one does not fit."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
import torch

import syno_lang
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
    assert required(module_class(define("operator f<H, W>(x: [H]) -> [H, W] { out[h, w] = x[h] * expand(w) }"))) == ["W"]


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
    with pytest.raises(ValueError, match=re.escape("F: axis 0 of x = 7 is not divisible by A = 3 (it is A*k)")):
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
    with pytest.raises(ValueError, match=re.escape("F: H = 5 is not divisible by 2 (axis 0 of x is H; needs H/2)")):
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
