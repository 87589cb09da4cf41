"""An emitted module is a good PyTorch citizen: gradients, compilation, export, types, places, copies."""

from __future__ import annotations

import copy
import io
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.export import Dim

import syno_lang
from tests.backends.torch.modules import build

#: Small sizes for all of them; together they use every operation but the rarest.
SIZES = {
    "N": 2,
    "C": 4,
    "C_in": 4,
    "C_out": 8,
    "H": 4,
    "W": 6,
    "L": 6,
    "g": 2,
    "k": 3,
    "s": 2,
    "r": 2,
    "p": 2,
    "D": 3,
}
NAMES = (
    "op1",
    "op2",
    "conv2d",
    "strided_conv2d",
    "dilated_conv2d",
    "transposed_conv2d",
    "patch_embedding",
    "pixel_shuffle",
    "average_pool1d_windows",
    "overlap_add2d",
    "space_shift",
)


def made(
    name: str, batch: int = 2, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> tuple[Any, torch.Tensor]:
    """A module of the stdlib and an input for it."""
    definition = syno_lang.load(f"stdlib:{name}").definition
    sizes = SIZES | {"N": batch} | ({"C": 1, "H": 3, "W": 2} if name == "overlap_add2d" else {})
    torch.manual_seed(0)
    module = build(definition, sizes, dtype=dtype, device=device)
    shape = [size.value(sizes) for size in definition.inputs[0].shape]
    return module, torch.randn(shape, dtype=dtype, device=device)


@pytest.fixture(autouse=True)
def fresh_compiler() -> Iterator[None]:
    yield
    torch._dynamo.reset()


@pytest.mark.parametrize("name", NAMES)
def test_gradients(name: str) -> None:
    module, x = made(name, batch=1, dtype=torch.float64)
    weights = dict(module.named_parameters())

    def function(x: torch.Tensor, *values: torch.Tensor) -> Any:
        return torch.func.functional_call(module, dict(zip(weights, values, strict=True)), (x,))

    inputs = (x.requires_grad_(), *weights.values())
    assert torch.autograd.gradcheck(function, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


@pytest.mark.parametrize("name", NAMES)
def test_compiles_to_one_graph_for_all_shapes(name: str) -> None:
    module, x = made(name)
    compiled = torch.compile(module, backend="eager", fullgraph=True, dynamic=True)
    torch.testing.assert_close(compiled(x), module(x))
    # The batch of two was symbolic, so another batch needs no second graph.
    with torch._dynamo.config.patch(error_on_recompile=True):
        _, other = made(name, batch=5)
        torch.testing.assert_close(compiled(other), module(other))


@pytest.mark.parametrize("name", ["op1", "transposed_conv2d"])
def test_compiles_forward_and_backward(name: str) -> None:
    module, x = made(name)
    compiled = torch.compile(module, backend="aot_eager", fullgraph=True)
    wanted = torch.autograd.grad(module(x).square().sum(), list(module.parameters()))
    found = torch.autograd.grad(compiled(x).square().sum(), list(module.parameters()))
    torch.testing.assert_close(found, wanted)


@pytest.mark.skipif(
    not shutil.which("g++") and not shutil.which("clang++"), reason="inductor needs a C++ compiler"
)
def test_compiles_with_inductor() -> None:
    module, x = made("op2")
    torch.testing.assert_close(torch.compile(module, fullgraph=True)(x), module(x), rtol=1e-4, atol=1e-5)


def test_a_wrong_shape_is_an_error_in_a_compiled_module_too() -> None:
    module, x = made("conv2d")
    compiled = torch.compile(module, backend="eager")
    with pytest.raises(ValueError, match="axis 1 of x is 3, not C_in = 4"):
        compiled(x[:, :3])


@pytest.mark.parametrize("name", NAMES)
def test_exports_with_a_batch_of_any_size(name: str) -> None:
    module, x = made(name)
    program = torch.export.export(module, (x,), dynamic_shapes=({0: Dim("batch")},))
    _, other = made(name, batch=5)
    torch.testing.assert_close(program.module()(other), module(other))


def test_exports_with_given_sizes() -> None:
    module = syno_lang.load("stdlib:conv2d").to_torch()(C_in=4, C_out=2, N=2, H=4, W=6)
    x = torch.randn(2, 4, 4, 6)
    torch.testing.assert_close(torch.export.export(module, (x,)).module()(x), module(x))


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16(name: str) -> None:
    module, x = made(name)
    wanted = module(x)
    found = module.to(torch.bfloat16)(x.to(torch.bfloat16))
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), wanted, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_strided_inputs_and_the_meta_device(name: str) -> None:
    module, x = made(name)
    other = x.transpose(-1, -2).contiguous().transpose(-1, -2)
    assert not other.is_contiguous()
    torch.testing.assert_close(module(other), module(x))
    abstract, y = made(name, device="meta")
    assert all(weight.is_meta for weight in abstract.parameters())
    assert abstract(y).shape == module(x).shape
    assert {key: value.shape for key, value in abstract.to_empty(device="cpu").state_dict().items()} == {
        key: value.shape for key, value in module.state_dict().items()
    }


def test_channels_last() -> None:
    module, x = made("conv2d")
    torch.testing.assert_close(module(x.to(memory_format=torch.channels_last)), module(x))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", NAMES)
def test_moves_to_a_gpu(name: str) -> None:
    module, x = made(name, dtype=torch.float64)
    wanted = module(x)
    torch.testing.assert_close(module.to("cuda")(x.to("cuda")).cpu(), wanted)


def test_state_dict_round_trip_copies_and_pickles() -> None:
    module, x = made("op1")
    assert list(module.state_dict()) == ["u", "v"]
    stored = io.BytesIO()
    torch.save(module.state_dict(), stored)
    stored.seek(0)
    again = type(module)(C_in=4, C_out=8, g=2)
    assert not torch.equal(again(x), module(x))
    again.load_state_dict(torch.load(stored, weights_only=True))
    assert torch.equal(again(x), module(x))
    copied = copy.deepcopy(module)
    with torch.no_grad():
        copied.u.zero_()
    assert torch.equal(again(x), module(x)) and not copied(x).any()


def test_works_inside_other_modules() -> None:
    module, x = made("conv2d")
    model = torch.nn.Sequential(module, torch.nn.ReLU(), torch.nn.Flatten())
    assert torch.vmap(model)(torch.stack([x, x])).shape == (2, 2, 8 * 4 * 6)
    assert "Conv2d(C_in=4, C_out=8, k=3)" in repr(model)
    assert [name for name, _ in model.named_parameters()] == ["0.w"] or len(
        dict(model.named_parameters())
    ) == 1
