"""Shared libraries: used from C, from Python without the compiler, and from a PyTorch model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from syno_lang import SynoError, load
from syno_lang.backends.tvm.artefact import export
from syno_lang.backends.tvm.kernel import Kernel, compile_kernel
from syno_lang.backends.tvm.targets import target_of
from syno_lang.ir.assign import assign
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.stages import Axis, BufferRead, Stage
from syno_lang.testing import random_arrays
from tests.backends.tvm.programs import H, K, program, times

tvm = pytest.importorskip("tvm", reason="apache-tvm is not installed")

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")

SIZES = dict(N=1, C_in=8, C_out=8, H=6, g=2)


def folders() -> str:
    """Where the two libraries of the runtime are."""
    import tvm_ffi

    return f"{Path(tvm.__file__).parent / 'lib'}:{Path(tvm_ffi.__file__).parent / 'lib'}"


def operator_of_two(first: str, second: str, name: str = "made") -> Kernel:
    """A product of a matrix and a vector whose tensors have these names."""
    i, j = Axis("i", H), Axis("j", K, "sum")
    index: tuple[Coordinate, ...] = (i, j)
    stage = Stage("out", (i,), (j,), times(BufferRead(first, index), BufferRead(second, (j,))))
    made = replace(program([stage], {first: (H, K)}, **{second: (K,)}), name=name)
    return compile_kernel(made, {"H": 4, "K": 3}, target_of(cores=1))


@needs_compiler
def test_python_without_the_compiler(tmp_path: Path) -> None:
    operator = load("stdlib:op1")
    files = export(operator.tvm_kernel(**SIZES), str(tmp_path / "op1.so"))
    assert [file.name for file in files] == ["op1.so", "op1.h", "load_op1.py"]
    arrays = random_arrays(operator.definition, assign(operator.definition, SIZES))
    np.savez(tmp_path / "arrays.npz", **arrays)
    (tmp_path / "use.py").write_text(
        "import sys, numpy, load_op1\n"
        "arrays = [array.astype('float32') for array in numpy.load('arrays.npz').values()]\n"
        "found = load_op1.run(*arrays)\n"
        "assert not {'tvm', 'syno_lang'} & set(sys.modules)\n"
        "import torch\n"
        "x, *weights = map(torch.from_numpy, arrays)\n"
        "assert torch.equal(load_op1.module(*weights)(x), torch.from_numpy(found))\n"
        "numpy.save('out.npy', found)\n"
    )
    subprocess.run([sys.executable, "use.py"], cwd=tmp_path, check=True)
    wanted = operator.interpret(arrays, **SIZES)
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), wanted, rtol=1e-4, atol=1e-4)


MAIN = """
#include <stdio.h>
#include "made.h"
int main(void) {
  float x[12], w[3] = {1, 2, 3}, out[4];
  for (int i = 0; i < 12; ++i) x[i] = (float)i;
  int failed = syno_made(x, w, out);
  printf("%d %g %g %g %g\\n", failed, out[0], out[1], out[2], out[3]);
  return failed;
}
"""


@needs_compiler
@pytest.mark.parametrize(("compiler", "flags"), [("gcc", ["-std=c99"]), ("g++", ["-std=c++20", "-x", "c++"])])
def test_the_header(tmp_path: Path, compiler: str, flags: list[str]) -> None:
    export(operator_of_two("x", "w"), str(tmp_path / "made.so"))
    (tmp_path / "main.c").write_text(MAIN)
    libraries = [f"-L{folder}" for folder in folders().split(":")]
    command = [
        compiler,
        *flags,
        "-Wall",
        "-Wextra",
        "-Werror",
        "main.c",
        "-x",
        "none",
        "./made.so",
        *libraries,
    ]
    subprocess.run([*command, "-ltvm_runtime", "-ltvm_ffi", "-o", "main"], cwd=tmp_path, check=True)
    environment = {**os.environ, "LD_LIBRARY_PATH": folders()}
    result = subprocess.run(
        ["./main"], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert result.stdout == "0 8 26 44 62\n"


@needs_compiler
@pytest.mark.parametrize(
    "names", [("self", "run"), ("double", "shape"), ("torch", "Kernel"), ("result", "_f")]
)
def test_names_that_mean_something_elsewhere(tmp_path: Path, names: tuple[str, str]) -> None:
    export(operator_of_two(*names, name="module"), str(tmp_path / "odd.so"))
    code = (
        "import numpy, torch, load_odd\n"
        "x, w = numpy.ones((4, 3), 'float32'), numpy.arange(3, dtype='float32')\n"
        "assert load_odd.run(x, w).tolist() == [3] * 4\n"
        "assert load_odd.module(torch.from_numpy(w))(torch.from_numpy(x)).tolist() == [3] * 4\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    check = ["gcc", "-std=c99", "-Wall", "-Werror", "-Wno-unused-function", "-fsyntax-only", "-x", "c"]
    subprocess.run([*check, str(tmp_path / "odd.h")], check=True)


def code_of(kernel: Kernel, path: Path) -> str:
    with pytest.raises(SynoError) as caught:
        export(kernel, str(path))
    (finding,) = caught.value.diagnostics
    return finding.code


def test_what_cannot_be_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = operator_of_two("x", "w")
    assert code_of(kernel, tmp_path / "kernel.dll") == "E0702"
    assert code_of(kernel, tmp_path / "a kernel.so") == "E0702"
    assert code_of(kernel, tmp_path / "nowhere" / "kernel.so") == "E0702"
    assert (
        code_of(load("stdlib:linear").tvm_kernel("float32", "cuda", N=2, C_in=4, C_out=4), tmp_path / "k.so")
        == "E1304"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_of(kernel, tmp_path / "kernel.so") == "E1304"
    assert list(tmp_path.iterdir()) == []


def test_a_module_in_a_model() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    operator = load("stdlib:op1")
    made = operator.to_torch()(C_in=8, C_out=8, g=2)
    kernel = operator.tvm_module(**SIZES)
    kernel.load_state_dict(made.state_dict())
    x = torch.randn(1, 8, 6, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = torch.nn.Sequential(made, torch.nn.ReLU())(x)
        torch.testing.assert_close(
            torch.nn.Sequential(kernel, torch.nn.ReLU())(x), wanted, rtol=1e-4, atol=1e-5
        )
    assert not any(parameter.requires_grad for parameter in kernel.parameters())
    with pytest.raises(RuntimeError, match="no gradients"):
        kernel(x.requires_grad_())


def test_arguments_are_not_copied() -> None:
    kernel = operator_of_two("x", "w")
    x, w, out = np.ones((4, 3), "float32"), np.ones(3, "float32"), np.zeros((2, 4), "float32")
    kernel(x, w, out[1])
    np.testing.assert_array_equal(out, [[0] * 4, [3] * 4])
