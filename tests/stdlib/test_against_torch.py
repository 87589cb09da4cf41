"""Every operator of the stdlib, interpreted, equals what torch computes without us."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import syno_lang
from syno_lang.testing import random_arrays
from tests.stdlib.stdlib_cases import CASES, IDS, OPERATORS, ROWS, expected

NAMES = sorted(path.stem for path in OPERATORS.glob("*.syno"))


def test_every_file_has_a_row() -> None:
    assert NAMES
    assert sorted(CASES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_holds_the_operator_of_its_name(name: str) -> None:
    assert syno_lang.load(f"stdlib:{name}").name == name


@pytest.mark.parametrize(("name", "sizes"), ROWS, ids=IDS)
def test_interpreter_equals_torch(name: str, sizes: dict[str, int]) -> None:
    operator = syno_lang.load(OPERATORS / f"{name}.syno")
    arrays = random_arrays(operator.definition, sizes)
    wanted = expected(name, sizes, [torch.from_numpy(array) for array in arrays.values()]).numpy()
    found = operator.interpret(arrays, **sizes)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 1e-12 * max(1.0, np.abs(wanted).max())


@pytest.mark.parametrize("name", NAMES)
def test_the_torch_expression_in_the_file_is_true(name: str) -> None:
    text = (OPERATORS / f"{name}.syno").read_text(encoding="utf-8")
    expression = " ".join(re.findall(r"^# torch: (.*)$", text, re.MULTILINE))
    assert expression, "the comment of a stdlib operator ends with its torch equivalent"
    code, condition, _ = expression.partition(" for odd k")
    sizes = [item for item in CASES[name].sizes if not condition or item["k"] % 2]
    assert sizes
    operator = syno_lang.load(OPERATORS / f"{name}.syno")
    for item in sizes:
        arrays = random_arrays(operator.definition, item)
        tensors = {tensor: torch.from_numpy(array) for tensor, array in arrays.items()}
        wanted = eval(code, {"torch": torch, "F": F, **item, **tensors})
        found = torch.from_numpy(operator.interpret(arrays, **item))
        torch.testing.assert_close(found, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "layer", "shape"),
    [
        ("linear", torch.nn.Linear(3, 4, bias=False), (2, 3)),
        ("conv1d", torch.nn.Conv1d(3, 4, 5, padding=2, bias=False), (2, 3, 7)),
        ("conv2d", torch.nn.Conv2d(3, 4, 3, padding=1, bias=False), (2, 3, 5, 6)),
        ("conv3d", torch.nn.Conv3d(3, 4, 3, padding=1, bias=False), (2, 3, 4, 5, 3)),
        ("transposed_conv2d", torch.nn.ConvTranspose2d(3, 4, 2, stride=2, bias=False), (2, 3, 5, 4)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_weights_are_those_of_the_layer(name: str, layer: torch.nn.Module, shape: tuple[int, ...]) -> None:
    """The state dict of a torch layer names our arrays and has their axes."""
    layer = layer.double()
    x = torch.randn(shape, dtype=torch.float64)
    axes = dict(zip(("N", "C_in", *{3: "L", 4: "HW", 5: "DHW"}.get(len(shape), "")), shape, strict=True))
    sizes = {**axes, "C_out": 4, **({"k": layer.kernel_size[0]} if hasattr(layer, "kernel_size") else {})}
    if name == "transposed_conv2d":
        sizes["s"] = sizes.pop("k")
    arrays = {"x": x.numpy(), **{key: value.numpy() for key, value in layer.state_dict().items()}}
    found = syno_lang.load(f"stdlib:{name}").interpret(arrays, **sizes)
    np.testing.assert_allclose(found, layer(x).detach().numpy(), rtol=1e-12, atol=1e-12)
