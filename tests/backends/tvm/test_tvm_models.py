"""Whole models through torch.export and Relax, against PyTorch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from syno_lang import SynoError, load

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("tvm", reason="apache-tvm is not installed")

from syno_lang.evaluate.models import compile_model, tvm_layer  # noqa: E402
from tests.backends.tvm.networks import Transformer, resnet  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")

DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}


def op1(before: int, after: int, side: int) -> torch.nn.Module:
    return tvm_layer(load("stdlib:op1").definition, N=1, C_in=before, C_out=after, H=side, g=4, s=2)


def settled(
    model: torch.nn.Module, shape: tuple[int, ...]
) -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor]:
    """The model in use, after it has seen some data, with an input and its output."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    with torch.no_grad():
        model.train()
        for _ in range(3):
            model(torch.randn(shape))
        model.eval()
        x = torch.randn(shape)
        return model, x, model(x)


def close(found: torch.Tensor, wanted: torch.Tensor) -> None:
    assert (found - wanted).abs().max() <= 1e-4 * wanted.abs().max()


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")
def test_a_network_is_saved_and_runs_without_us(tmp_path: Path) -> None:
    model, x, wanted = settled(resnet((1, 1), 8, 32, op1), (1, 3, 32, 32))
    compiled = compile_model(model, x)
    close(compiled(x), wanted)
    compiled.save(str(tmp_path / "model.so"))
    np.save(tmp_path / "x.npy", x.numpy())
    code = (
        "import sys, numpy, tvm\n"
        "from tvm import relax\n"
        "machine = relax.VirtualMachine(tvm.runtime.load_module('model.so'), tvm.cpu())\n"
        "numpy.save('y.npy', machine['main'](numpy.load('x.npy')).numpy())\n"
        "assert 'syno_lang' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    close(torch.from_numpy(np.load(tmp_path / "y.npy")), wanted)


def test_our_operators_stay_functions_of_their_own() -> None:
    from syno_lang.backends.tvm.graph import import_graph
    from syno_lang.backends.tvm.targets import target_of
    from syno_lang.evaluate import models

    model, x, _ = settled(resnet((2,), 8, 16, op1), (1, 3, 16, 16))
    module = import_graph(torch.export.export(model, (x,)), models._REGISTERED, target_of(cores=1))
    text = module.script()
    assert text.count("def op1(") == 1
    assert text.count("R.call_tir(cls.op1,") == 4


def test_a_transformer_block() -> None:
    definition = load("stdlib:gpt2_projection").definition
    project = tvm_layer(definition, N=1, T=6, C=48, k=2, t=3)
    model, x, wanted = settled(Transformer(48, 4, project), (1, 6, 48))
    close(compile_model(model, x)(x), wanted)


def test_a_layer_trains() -> None:
    layer = op1(8, 8, 5)
    x = torch.randn(1, 8, 5, 5, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad is not None and all(weight.grad is not None for weight in layer.parameters())


def test_what_tvm_does_not_know() -> None:
    class Odd(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.special.bessel_j0(x)

    with pytest.raises(SynoError, match="E1304"):
        compile_model(Odd(), torch.rand(3))


def test_a_tuned_model(tmp_path: Path) -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 1), op1(8, 8, 6), torch.nn.ReLU())
    model, x, wanted = settled(model, (1, 3, 6, 6))
    close(compile_model(model, x, trials=4, database=str(tmp_path))(x), wanted)
    assert list(tmp_path.glob("*record*"))
    with pytest.raises(ValueError, match="database"):
        compile_model(model, x, trials=1)


@pytest.mark.heavy
@pytest.mark.parametrize("name", DEPTHS)
def test_residual_networks(name: str) -> None:
    model, x, wanted = settled(resnet(DEPTHS[name], 64, 64, op1), (1, 3, 64, 64))
    close(compile_model(model, x)(x), wanted)
