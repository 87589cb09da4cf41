"""Gradients emitted for TVM, untouched and scheduled, against those of torch."""

from __future__ import annotations

import numpy as np
import pytest

from syno_lang import load
from syno_lang.backends.tvm.kernel import compile_kernel, plain_module
from syno_lang.backends.tvm.targets import target_of
from syno_lang.ir.assign import assign
from syno_lang.testing import random_arrays
from tests.stdlib.stdlib_cases import CASES

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("tvm", reason="apache-tvm is not installed")


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_torch(name: str) -> None:
    operator = load(f"stdlib:{name}")
    definition = operator.definition
    given = CASES[name].sizes[0]
    sizes = assign(definition, given)
    tensors = {
        key: torch.from_numpy(array).requires_grad_()
        for key, array in random_arrays(definition, sizes).items()
    }
    module = operator.to_torch()(**given).double()
    weights = {item.name: tensors[item.name] for item in definition.weights}
    out = torch.func.functional_call(module, weights, tuple(tensors[item.name] for item in definition.inputs))
    gradient = torch.randn(out.shape, generator=torch.Generator().manual_seed(0), dtype=out.dtype)
    wanted = torch.autograd.grad(out, list(tensors.values()), gradient)
    for tensor, like in zip(tensors, wanted, strict=True):
        program = operator.gradient(tensor, **sizes)
        others = [value.detach().numpy() for key, value in tensors.items() if key != tensor]
        for module_ in (None, plain_module(program, sizes, "float64")):
            found = np.full(like.shape, np.nan)
            kernel = compile_kernel(program, sizes, target_of(), "float64", tuned=module_)
            kernel(gradient.numpy(), *others, found)
            np.testing.assert_allclose(found, like.numpy(), rtol=1e-9, atol=1e-9)
