"""Every operator of the stdlib gives the same values interpreted, as a torch module and as a TVM module."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import syno_lang
from syno_lang.backends.tvm.emit import emit as emit_tvm
from syno_lang.backends.tvm.load import compile_module, to_ir_module
from syno_lang.testing import random_arrays
from tests.stdlib.stdlib_cases import CASES, IDS, OPERATORS, ROWS

#: The largest error that is let pass, relative to the largest value of the output.
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}

Arrays = dict[str, NDArray[np.float64]]


def prepared(
    name: str, sizes: dict[str, int], dtype: str
) -> tuple[syno_lang.Operator, Arrays, NDArray[np.float64]]:
    """The operator, arrays that `dtype` holds exactly, and the value that they must give."""
    operator = syno_lang.load(OPERATORS / f"{name}.syno")
    drawn = random_arrays(operator.definition, sizes)
    arrays = {key: array.astype(dtype).astype(np.float64) for key, array in drawn.items()}
    return operator, arrays, operator.interpret(arrays, **sizes)


def torch_module(operator: syno_lang.Operator, sizes: dict[str, int], dtype: torch.dtype) -> torch.nn.Module:
    module: torch.nn.Module = operator.to_torch()(**sizes)
    return module.to(dtype)


def close(found: NDArray[Any], wanted: NDArray[np.float64], dtype: str) -> None:
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= TOLERANCE[dtype] * np.abs(wanted).max()


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("name", "sizes"), ROWS, ids=IDS)
def test_torch_equals_interpreter(name: str, sizes: dict[str, int], dtype: str) -> None:
    operator, arrays, wanted = prepared(name, sizes, dtype)
    module = torch_module(operator, sizes, getattr(torch, dtype))
    tensors = {key: torch.from_numpy(array.astype(dtype)) for key, array in arrays.items()}
    inputs = [tensors.pop(tensor.name) for tensor in operator.definition.inputs]
    module.load_state_dict(tensors)
    found = module(*inputs)
    assert found.dtype == getattr(torch, dtype)
    close(found.detach().numpy(), wanted, dtype)


@pytest.mark.parametrize("name", [name for name in CASES if name != "overlap_add2d"])  # it reads H*W only
def test_torch_takes_sizes_from_the_input(name: str) -> None:
    """One module, made with the sizes of its weights and the coefficients, serves inputs of two sizes."""
    operator = syno_lang.load(OPERATORS / f"{name}.syno")
    definition = operator.definition
    sizes = CASES[name].sizes[2]
    shapes = [size for tensor in definition.weights for size in tensor.shape]
    fixed = {variable for size in shapes for variable in size.variables} | set(definition.defaults)
    module = operator.to_torch()(**{size: sizes[size] for size in fixed}).double()
    weights = {key: value.detach().numpy() for key, value in module.state_dict().items()}
    for factor in (1, 2):
        grown = {size: value if size in fixed else factor * value for size, value in sizes.items()}
        arrays = {**random_arrays(definition, grown), **weights}
        found = module(*(torch.from_numpy(arrays[tensor.name]) for tensor in definition.inputs))
        close(found.detach().numpy(), operator.interpret(arrays, **grown), "float64")


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("name", "sizes"), ROWS, ids=IDS)
def test_tvm_equals_interpreter(name: str, sizes: dict[str, int], dtype: str) -> None:
    operator, arrays, wanted = prepared(name, sizes, dtype)
    if dtype == "float32":
        module = operator.to_tvm(**sizes)
    else:
        module = to_ir_module(emit_tvm(operator.stages(**sizes), sizes, dtype))
    output = np.full(wanted.shape, np.nan, dtype)
    compile_module(module)(*(array.astype(dtype) for array in in_order(operator, arrays)), output)
    close(output, wanted, dtype)


def in_order(operator: syno_lang.Operator, arrays: Arrays) -> list[NDArray[np.float64]]:
    """The inputs, then the weights, both as the file has them."""
    definition = operator.definition
    return [arrays[tensor.name] for tensor in (*definition.inputs, *definition.weights)]


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str) -> None:
    """The gradients of inputs and weights agree with finite differences."""
    sizes = CASES[name].sizes[0]
    operator, arrays, _ = prepared(name, sizes, "float64")
    module = torch_module(operator, sizes, torch.float64)
    names = [tensor.name for tensor in operator.definition.inputs]
    weights = [tensor.name for tensor in operator.definition.weights]
    leaves = [torch.from_numpy(arrays[key]).requires_grad_() for key in (*names, *weights)]

    def run(*tensors: torch.Tensor) -> torch.Tensor:
        state = dict(zip(weights, tensors[len(names) :], strict=True))
        result: torch.Tensor = torch.func.functional_call(module, state, tensors[: len(names)])
        return result

    assert torch.autograd.gradcheck(run, leaves)
