"""Modules with our schedules against the interpreter, for CPUs of several widths, and as CUDA source."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from syno_lang import SynoError, load, parse
from syno_lang.backends.tvm import dialect, schedule as rules
from syno_lang.backends.tvm.kernel import Kernel, compile_kernel, plain_module
from syno_lang.backends.tvm.load import compile_module
from syno_lang.backends.tvm.open_sizes import check_open
from syno_lang.backends.tvm.targets import describe, target_of
from syno_lang.importer import import_kernel, read_kernels
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.lower.forms import programs
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import StageProgram
from syno_lang.testing import definitions, random_arrays
from tests.backends.tvm.programs import conv2d, matmul, mean_of_all, staged_windows
from tests.importer.published import FOLDERS, SAMPLES, samples
from tests.stdlib.stdlib_cases import IDS, ROWS

tvm = pytest.importorskip("tvm", reason="apache-tvm is not installed")

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}

#: Vector registers: their bytes and how many there are.
MACHINES = [(64, 32), (32, 16), (16, 16)]

#: For the programs made by hand.
SIZES = {"N": 1, "C": 16, "K": 32, "H": 16, "W": 16, "k": 3, "s": 2}

Case = tuple[Definition, dict[str, int]]


def filled(kernel: Kernel, arrays: list[NDArray[Any]]) -> NDArray[Any]:
    *inputs, last = kernel.arguments
    out = np.full(last.shape, np.nan, last.dtype)
    kernel(*(array.astype(item.dtype) for item, array in zip(inputs, arrays, strict=True)), out)
    return out


def agrees(case: Case, made: StageProgram, dtype: str) -> None:
    """As for the modules that are not scheduled: the error is relative to the sum of absolute terms."""
    definition, sizes = case
    rounded = {name: array.astype(dtype) for name, array in random_arrays(definition, sizes).items()}
    wanted = interpret(definition, rounded, sizes)
    scale = interpret(definition, {name: np.abs(array) for name, array in rounded.items()}, sizes)
    tensors = [rounded[buffer.name] for buffer in made.with_role("input", "weight")]
    found = filled(compile_kernel(made, sizes, target_of(), dtype), tensors)
    assert (np.abs(found - wanted) <= TOLERANCE[dtype] * scale).all()


@pytest.fixture
def on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest blocks are given to several threads too."""
    monkeypatch.setattr(rules, "PARALLEL_POINTS", 1)


@pytest.mark.parametrize("machine", MACHINES, ids=str)
@pytest.mark.usefixtures("on_threads")
@settings(max_examples=60)
@given(case=definitions(), dtype=st.sampled_from(list(TOLERANCE)))
def test_random_operators(machine: tuple[int, int], case: Case, dtype: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "vector_registers", lambda target: machine)
        agrees(case, schedule(*case), dtype)


@pytest.mark.heavy
@given(case=definitions(), dtype=st.sampled_from(list(TOLERANCE)), machine=st.sampled_from(MACHINES))
def test_many_random_operators(case: Case, dtype: str, machine: tuple[int, int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "vector_registers", lambda target: machine)
        patch.setattr(rules, "PARALLEL_POINTS", 1)
        agrees(case, schedule(*case), dtype)
        agrees(case, naive(case[0]), dtype)


@pytest.mark.parametrize(("name", "sizes"), ROWS, ids=IDS)
@pytest.mark.usefixtures("on_threads")
def test_the_stdlib(name: str, sizes: dict[str, int]) -> None:
    definition = load(f"stdlib:{name}").definition
    values = assign(definition, sizes)
    for made in programs(definition, values):
        agrees((definition, values), made, "float32")


@pytest.mark.heavy
@pytest.mark.skipif(not SAMPLES.is_file(), reason="the published kernels are not beside the checkout")
def test_the_published_kernels() -> None:
    kernels = [import_kernel(kernel) for folder in FOLDERS for kernel in read_kernels(folder)]
    kernels += [import_kernel(kernel) for kernel in samples().values()]
    assert len(kernels) >= 100
    for text in kernels:
        definition = parse(text).definition
        sizes = small(definition)
        agrees((definition, sizes), schedule(definition, sizes), "float32")


def small(definition: Definition) -> dict[str, int]:
    """The smallest sizes at which everything divides."""
    names = [size.name for size in definition.sizes]
    for values in product((1, 2, 4, 8, 16, 32, 3, 5), repeat=len(names)):
        sizes = dict(zip(names, values, strict=True))
        if all(size.evaluate(sizes).denominator == 1 for size in definition.graph.sizes):
            return sizes
    raise AssertionError(f"no sizes fit {definition.name}")


# ------------------------------------------------------------------ what the schedules do


#: Sizes that vectors do not divide, extents of one, odd maps.
ODD = [(5, 4, 3), (1, 1, 3), (17, 19, 3), (31, 53, 2), (2, 33, 5), (3, 16, 1)]


@pytest.mark.parametrize(("channels", "width", "window"), ODD)
@pytest.mark.parametrize("reducer", ["sum", "mean"])
@pytest.mark.usefixtures("on_threads")
def test_odd_sizes(channels: int, width: int, window: int, reducer: str) -> None:
    sizes = {"N": 2, "C": 7, "K": channels, "H": 3, "W": width, "k": window}
    random = np.random.default_rng(0)
    made = conv2d(reducer)
    tensors = [
        random.standard_normal([size.value(sizes) for size in tensor.shape])
        for tensor in made.with_role("input", "weight")
    ]
    wanted = filled(plain(made, sizes, "float64"), tensors)
    found = filled(compile_kernel(made, sizes, target_of(), "float64"), tensors)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def plain(made: StageProgram, sizes: dict[str, int], dtype: str) -> Kernel:
    return compile_kernel(made, sizes, target_of(), dtype, tuned=plain_module(made, sizes, dtype))


def test_a_sum_is_tiled() -> None:
    text = compile_kernel(conv2d(), SIZES, target_of(), "float32").script()
    assert "T.parallel" in text and "T.vectorized" in text and "T.unroll" in text
    inner = text.split('T.sblock("out_update")')[0].splitlines()[-4:]
    assert "if_then_else" not in "".join(inner)


def test_a_long_sum_of_few_is_added_in_vectors() -> None:
    text = compile_kernel(mean_of_all(), {"H": 64, "K": 64}, target_of(), "float32").script()
    assert "out_sum_rf" in text


def test_a_schedule_is_the_same_every_time() -> None:
    target = target_of(cores=2)
    one, other = (compile_kernel(conv2d(), SIZES, target, "float32").script() for _ in range(2))
    assert one == other
    tvm.ir.assert_structural_equal(tvm.script.from_source(one), tvm.script.from_source(other))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits(dtype: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    sizes = {"N": 1, "C": 32, "K": 16, "H": 16, "W": 16, "k": 3}
    generator = torch.Generator().manual_seed(0)
    x, w = (
        torch.randn(*shape, generator=generator).to(getattr(torch, dtype))
        for shape in ((1, 32, 16, 16), (16, 32, 3, 3))
    )
    out = torch.full((1, 16, 16, 16), torch.nan, dtype=x.dtype)
    compile_kernel(conv2d(), sizes, target_of(), dtype)(x, w, out)
    wanted = torch.nn.functional.conv2d(x.double(), w.double(), padding=1)
    # Accumulated in 16 bits, the error would be several times the spacing of the numbers.
    torch.testing.assert_close(out, wanted.to(x.dtype))


# ------------------------------------------------------------------ a GPU that is not there


@pytest.mark.parametrize("made", [conv2d(), matmul(), staged_windows(), mean_of_all()], ids=range(4))
def test_cuda_source(made: StageProgram, tmp_path: Path) -> None:
    kernel = compile_kernel(made, SIZES, target_of("cuda", arch="sm_90"))
    source = kernel.source()
    assert "__global__" in source and "threadIdx.x" in source
    compiler = shutil.which("nvcc")
    if compiler is None:
        return
    file = tmp_path / "kernel.cu"
    file.write_text(source)
    command = [compiler, "-arch=sm_90", "-ptx", str(file), "-o", str(tmp_path / "kernel.ptx")]
    subprocess.run(command, check=True, capture_output=True)
    assert re.search(r"\.target sm_90", (tmp_path / "kernel.ptx").read_text())


# ------------------------------------------------------------------ targets


@pytest.mark.parametrize(
    "text",
    [
        "gpu",
        "",
        "[1]",
        '{"kind": "hexagon"}',
        '{"kind": "llvm", "mcpu": "native"}',
        '{"kind": "llvm", "x": 1}',
    ],
)
def test_other_targets_are_refused(text: str) -> None:
    with pytest.raises(SynoError) as caught:
        target_of(text)
    assert [finding.code for finding in caught.value.diagnostics] == ["E1301"]


def test_a_cpu_has_no_architecture() -> None:
    with pytest.raises(SynoError, match="E1301"):
        target_of("llvm", arch="sm_90")


def test_targets_that_are_taken() -> None:
    assert '"sm_80"' in describe(target_of("cuda", arch="sm_80"))
    stated = target_of('{"mcpu": "x86-64-v3", "kind": "llvm"}')
    assert dialect.vector_registers(stated) == (32, 16)
    assert describe(stated) == describe(target_of('{"kind": "llvm", "mcpu": "x86-64-v3"}'))


# ------------------------------------------------------------------ sizes that are left to the call


@pytest.mark.parametrize("scheduled", [False, True], ids=["plain", "scheduled"])
@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("op1", {"C_in": 8, "C_out": 8, "H": 6, "g": 2}),
        ("conv2d", {"C_in": 4, "C_out": 8, "H": 5, "W": 53}),
        ("linear", {"C_in": 33, "C_out": 64}),
    ],
)
def test_an_open_batch(name: str, sizes: dict[str, int], scheduled: bool) -> None:
    operator = load(f"stdlib:{name}")
    values = assign(operator.definition, {**sizes, "N": 1})
    if scheduled:
        function = compile_kernel(operator.stages(**values), values, target_of(), open_sizes=["N"]).function
    else:
        function = compile_module(operator.to_tvm(open_sizes=["N"], **sizes))
    for batch in (1, 2, 5):
        now = values | {"N": batch}
        arrays = {key: array.astype("float32") for key, array in random_arrays(operator.definition, now).items()}
        wanted = operator.interpret(arrays, **now)
        out = np.full(wanted.shape, np.nan, "float32")
        function(*arrays.values(), out)
        np.testing.assert_allclose(out, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("conv2d", "H", "an index is computed from it"),
        ("global_average_pool", "H", "mean"),
        ("pixel_shuffle", "r", "part of"),
        ("linear", "nope", "no such size"),
    ],
)
def test_sizes_that_cannot_be_open(name: str, size: str, reason: str) -> None:
    definition = load(f"stdlib:{name}").definition
    sizes = dict.fromkeys([declared.name for declared in definition.sizes], 4)
    with pytest.raises(SynoError) as caught:
        check_open(schedule(definition, sizes), [size])
    (finding,) = caught.value.diagnostics
    assert finding.code == "E1306" and reason in finding.message
