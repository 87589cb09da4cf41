"""The table of functions says of each what torch says: its name, its parameters, and what they take."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

import numpy as np
import pytest
import torch

from syno_lang.checks.call_torch import call_torch
from syno_lang.checks.functions import FUNCTIONS, Kind
from syno_lang.diagnostics import Source, SynoError
from syno_lang.resources import folder
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse

F = "torch.nn.functional."

#: A call of every function with every parameter, as torch has them.
EXAMPLES: dict[str, dict[str, Any]] = {
    f"{F}adaptive_avg_pool1d": dict(input=(2, 3, 8), output_size=[4]),
    f"{F}adaptive_avg_pool2d": dict(input=(2, 3, 8, 8), output_size=[4, 2]),
    f"{F}adaptive_avg_pool3d": dict(input=(2, 3, 8, 8, 8), output_size=[4, 2, 2]),
    f"{F}avg_pool1d": dict(input=(2, 3, 8), kernel_size=2, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    f"{F}avg_pool2d": dict(
        input=(2, 3, 8, 8), kernel_size=[2, 3], stride=[2, 1], padding=1, ceil_mode=True, count_include_pad=False,
        divisor_override=3,
    ),
    f"{F}avg_pool3d": dict(
        input=(2, 3, 8, 8, 8), kernel_size=2, stride=2, padding=1, ceil_mode=True, count_include_pad=False,
        divisor_override=3,
    ),
    f"{F}bilinear": dict(input1=(2, 3), input2=(2, 4), weight=(5, 3, 4), bias=(5,)),
    f"{F}channel_shuffle": dict(input=(2, 4, 3, 3), groups=2),
    **{
        f"{F}conv{d}d": dict(
            input=(2, 4, *(7, 6, 5)[:d]), weight=(6, 2, *(3,) * d), bias=(6,), stride=[2] * d, padding=[1] * d,
            dilation=2, groups=2,
        )
        for d in (1, 2, 3)
    },
    **{
        f"{F}conv_transpose{d}d": dict(
            input=(2, 4, *(7, 6, 5)[:d]), weight=(4, 3, *(3,) * d), bias=(6,), stride=2, padding=1, output_padding=1,
            groups=2, dilation=2,
        )
        for d in (1, 2, 3)
    },
    f"{F}fold": dict(input=(2, 12, 6), output_size=[4, 5], kernel_size=[2, 3], dilation=1, padding=0, stride=[1, 2]),
    f"{F}interpolate": dict(input=(2, 3, 4), size=None, scale_factor=1.5, mode="linear", align_corners=False),
    f"{F}linear": dict(input=(2, 3), weight=(4, 3), bias=(4,)),
    f"{F}pad": dict(input=(2, 3), pad=[1, 2], mode="constant", value=0.5),
    f"{F}pixel_shuffle": dict(input=(2, 8, 3, 3), upscale_factor=2),
    f"{F}pixel_unshuffle": dict(input=(2, 2, 4, 4), downscale_factor=2),
    f"{F}unfold": dict(input=(2, 3, 5, 6), kernel_size=[2, 3], dilation=1, padding=1, stride=1),
    "torch.add": dict(input=(2, 3), other=(2, 3)),
    "torch.bmm": dict(input=(2, 3, 4), mat2=(2, 4, 5)),
    "torch.cat": dict(tensors=[(2, 3), (4, 3)], dim=0),
    "torch.diagonal": dict(input=(3, 4), offset=1, dim1=0, dim2=1),
    "torch.flatten": dict(input=(2, 3, 4), start_dim=1, end_dim=2),
    "torch.flip": dict(input=(2, 3), dims=[0, 1]),
    "torch.matmul": dict(input=(2, 3), other=(3, 4)),
    "torch.mean": dict(input=(2, 3), dim=[0, 1], keepdim=True),
    "torch.movedim": dict(input=(2, 3, 4), source=[0, 1], destination=[1, 2]),
    "torch.mul": dict(input=(2, 3), other=(2, 3)),
    "torch.narrow": dict(input=(2, 5), dim=1, start=1, length=3),
    "torch.permute": dict(input=(2, 3, 4), dims=[2, 0, 1]),
    "torch.repeat_interleave": dict(input=(2, 3), repeats=2, dim=1),
    "torch.reshape": dict(input=(2, 6), shape=[3, -1]),
    "torch.roll": dict(input=(2, 3), shifts=[1, 2], dims=[0, 1]),
    "torch.squeeze": dict(input=(2, 1, 3), dim=1),
    "torch.stack": dict(tensors=[(2, 3), (2, 3)], dim=1),
    "torch.sub": dict(input=(2, 3), other=(2, 3)),
    "torch.sum": dict(input=(2, 3), dim=[0], keepdim=False),
    "torch.tile": dict(input=(2, 3), dims=[2, 1]),
    "torch.transpose": dict(input=(2, 3), dim0=0, dim1=1),
    "torch.unflatten": dict(input=(2, 6), dim=1, sizes=[2, 3]),
    "torch.unsqueeze": dict(input=(2, 3), dim=1),
}  # fmt: skip


def written(value: Any, tensors: dict[str, np.ndarray]) -> str:
    """`value` as it stands in a test; a tuple is the shape of a new tensor in `tensors`."""
    if isinstance(value, tuple):
        name = f"t{len(tensors)}"
        tensors[name] = np.random.default_rng(len(tensors)).standard_normal(value)
        return name
    if isinstance(value, list):
        return f"[{', '.join(written(item, tensors) for item in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def real(value: Any, tensors: dict[str, np.ndarray], names: list[str]) -> Any:
    """`value` as torch takes it, with the tensors in the order in which `written` made them."""
    if isinstance(value, tuple):
        return torch.from_numpy(tensors[names.pop(0)])
    if isinstance(value, list):
        return [real(item, tensors, names) for item in value]
    return value


def call(text: str) -> ast.Apply:
    """A call as a test has it."""
    (claim,) = parse(Source("<text>", f"test f {{ equals {text} }}")).tests[0].claims
    assert isinstance(claim, ast.Equality) and isinstance(claim.reference, ast.Apply)
    return claim.reference


def kind(value: Any) -> Kind:
    match value:
        case None:
            return "none"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "number"
        case str():
            return "text"
        case tuple():
            return "tensor"
    return "tensors" if isinstance(value[0], tuple) else "ints"


def test_the_page_lists_the_table() -> None:
    page = (folder("errors") / "E0905.md").read_text(encoding="utf-8").split("There are no methods")[0]
    functional, others = page.split("Of `torch`:")
    listed = [f"{F}{name}" for name in re.findall(r"`(\w+)`", functional)]
    listed += [f"torch.{name}" for name in re.findall(r"`(\w+)`", others)]
    assert sorted(listed) == sorted(FUNCTIONS)


def test_there_is_an_example_of_every_function() -> None:
    assert sorted({*EXAMPLES, "torch.einsum"}) == sorted(FUNCTIONS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_has_every_parameter(name: str) -> None:
    parameters = {parameter.name: parameter for parameter in FUNCTIONS[name].parameters}
    assert EXAMPLES[name].keys() == parameters.keys()
    for parameter, value in EXAMPLES[name].items():
        assert kind(value) in parameters[parameter].kinds


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_call_is_that_of_torch(name: str) -> None:
    """By name; what must be given, by its place too, in the order of the table."""
    function: Any = reduce(getattr, name.split(".")[1:], torch)
    for positional in (False, True):
        tensors: dict[str, np.ndarray] = {}
        words, required = [], [item.name for item in FUNCTIONS[name].parameters if item.required]
        for parameter, value in EXAMPLES[name].items():
            keyword = "" if positional and parameter in required else f"{parameter} = "
            words.append(keyword + written(value, tensors))
        names = [*tensors]
        wanted = function(**{key: real(value, tensors, names) for key, value in EXAMPLES[name].items()})
        found = call_torch(call(f"{name}({', '.join(words)})"), tensors, {})
        np.testing.assert_array_equal(found, wanted.numpy())


@pytest.mark.parametrize("name", EXAMPLES)
def test_parameters_stand_in_the_order_of_torch(name: str) -> None:
    function: Any = reduce(getattr, name.split(".")[1:], torch)
    tensors: dict[str, np.ndarray] = {}
    text = f"{name}({', '.join(written(value, tensors) for value in EXAMPLES[name].values())})"
    names = [*tensors]
    wanted = function(**{key: real(value, tensors, names) for key, value in EXAMPLES[name].items()})
    np.testing.assert_array_equal(call_torch(call(text), tensors, {}), wanted.numpy())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_single_number_does_for_a_list_where_the_table_says_so(name: str) -> None:
    for parameter in FUNCTIONS[name].parameters:
        if parameter.kinds & {"int", "ints"} != {"int", "ints"}:
            continue
        value = EXAMPLES[name][parameter.name]
        single = value[0] if isinstance(value, list) else value
        tensors: dict[str, np.ndarray] = {}
        given = {**EXAMPLES[name], parameter.name: single}
        words = [f"{key} = {written(item, tensors)}" for key, item in given.items()]
        try:
            call_torch(call(f"{name}({', '.join(words)})"), tensors, {})
        except SynoError as error:
            # The other arguments may not fit it, but its type does.
            assert "must be" not in error.diagnostics[0].message, error


def test_einsum_takes_as_many_tensors_as_there_are() -> None:
    tensors = {"a": np.arange(6.0).reshape(2, 3), "b": np.arange(12.0).reshape(3, 4), "c": np.arange(4.0)}
    found = call_torch(call('torch.einsum("ij,jk,k->i", a, b, c)'), tensors, {})
    np.testing.assert_allclose(found, tensors["a"] @ tensors["b"] @ tensors["c"])


def test_only_keys_of_the_table_are_called() -> None:
    with pytest.raises(ValueError, match="unpack"):
        call_torch(call("torch.save(x)"), {"x": np.ones(1)}, {})


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("torch.tile(x, [10000, 10000])", "E0908", "100,000,000"),
        ("torch.reshape(x, [2])", "E0906", "torch refuses"),
        ("torch.tile(x, [1 / (n - n)])", "E0906", "divides by 0"),
        ("torch.tile(x, [10^12 * n * 10])", "E0906", "too large"),
        ('torch.einsum("i,,,->", x)', "E0906", "torch refuses"),
        ("torch.roll(x, 1, 7)", "E0906", "torch refuses"),
    ],
)
def test_what_torch_refuses_is_a_finding(text: str, code: str, words: str) -> None:
    with pytest.raises(SynoError) as caught:
        call_torch(call(text), {"x": np.ones(1)}, {"n": 3})
    (finding,) = caught.value.diagnostics
    assert finding.code == code and words in finding.message
    assert finding.span is not None
