"""Operator 1 of the Syno paper from its text to PyTorch and to TVM, beside a standard 3x3 convolution.

Both are checked against the reference interpreter, at a small size and at that of a ResNet layer; the
second is measured too.  The TVM code is untuned: its loops run as they are written.

    python examples/demo.py          # prints a table and writes demo/op1.svg
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

import syno_lang
from syno_lang.backends.tvm.load import compile_module

Arrays = dict[str, NDArray[np.float32]]
Sizes = dict[str, Any]  # numbers; `Any` as keywords of other types stand beside the sizes

TOLERANCE = 1e-5
REPEATS = 10

OPERATOR_1 = syno_lang.load("stdlib:op1")
CONV2D = syno_lang.load("stdlib:conv2d")

SMALL: dict[str, Sizes] = {
    "op1": dict(N=2, C_in=8, C_out=16, H=7, g=4, k=3, s=2),
    "conv2d": dict(N=2, C_in=8, C_out=16, H=7, W=7, k=3),
}
REAL: dict[str, Sizes] = {
    "op1": dict(N=1, C_in=64, C_out=64, H=56, g=32, k=3, s=2),
    "conv2d": dict(N=1, C_in=64, C_out=64, H=56, W=56, k=3),
}


class Row(NamedTuple):
    """One line of the table: multiply-adds, parameters, the largest relative error, seconds."""

    operator: str
    runs_on: str
    flops: int
    parameters: int
    error: float
    latency: float


def main() -> int:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    folder = Path("demo")
    folder.mkdir(exist_ok=True)
    (folder / "op1.svg").write_text(OPERATOR_1.show("svg"), encoding="utf-8")

    print(OPERATOR_1.show("formula"))
    rows = [*compare(OPERATOR_1), *compare(CONV2D), library_convolution()]
    shape = ", ".join(f"{name} = {value}" for name, value in REAL["op1"].items())
    print(f"{shape}; float32, one thread, median of {REPEATS} runs\n")
    print_table(rows)
    print(f"\nwrote {folder / 'op1.svg'}")
    wrong = [row for row in rows if not row.error <= TOLERANCE]
    for row in wrong:
        print(f"{row.operator} on {row.runs_on} differs from the interpreter", file=sys.stderr)
    return 1 if wrong else 0


def compare(operator: syno_lang.Operator) -> list[Row]:
    """The rows of an operator that is compiled by both ways."""
    rows = []
    for runs_on, prepare in (("PyTorch eager", on_torch), ("TVM untuned", on_tvm)):
        errors = []
        for sizes in (SMALL[operator.name], REAL[operator.name]):
            arrays = random_arrays(operator, sizes)
            run = prepare(operator, arrays, sizes)
            errors.append(relative_error(run(), operator.interpret(arrays, **sizes)))
        cost = operator.cost(**sizes)
        rows.append(Row(operator.name, runs_on, cost.flops, cost.parameters, max(errors), latency(run)))
    return rows


def library_convolution() -> Row:
    """The row of `torch.nn.functional.conv2d`."""
    sizes = REAL["conv2d"]
    arrays = random_arrays(CONV2D, sizes)
    x, weight = (torch.from_numpy(array) for array in arrays.values())

    def run() -> NDArray[np.float32]:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(x, weight, padding=1).numpy()

    error = relative_error(run(), CONV2D.interpret(arrays, **sizes))
    count = CONV2D.cost(**sizes)
    return Row("conv2d", "torch F.conv2d", count.flops, count.parameters, error, latency(run))


def on_torch(operator: syno_lang.Operator, arrays: Arrays, sizes: Sizes) -> Callable[[], NDArray[np.float32]]:
    """What runs the PyTorch module of `operator` with the weights of `arrays`."""
    module = operator.to_torch(**sizes)(**sizes)
    inputs = [torch.from_numpy(arrays[item.name]) for item in operator.definition.inputs]
    weights = {item.name: torch.from_numpy(arrays[item.name]) for item in operator.definition.weights}
    module.load_state_dict(weights)

    def run() -> NDArray[np.float32]:
        with torch.inference_mode():
            result: NDArray[np.float32] = module(*inputs).numpy()
        return result

    return run


def on_tvm(operator: syno_lang.Operator, arrays: Arrays, sizes: Sizes) -> Callable[[], NDArray[np.float32]]:
    """What runs the TVM module of `operator`: `main` takes the tensors in order, then the output."""
    function: Any = compile_module(operator.to_tvm(**sizes))
    out = np.empty([size.value(sizes) for size in operator.definition.graph.output], np.float32)

    def run() -> NDArray[np.float32]:
        function(*arrays.values(), out)
        return out

    return run


def random_arrays(operator: syno_lang.Operator, sizes: Sizes) -> Arrays:
    """Every input and weight by name, in the order of the file."""
    random = np.random.default_rng(0)
    return {
        item.name: random.standard_normal([size.value(sizes) for size in item.shape]).astype(np.float32)
        for item in (*operator.definition.inputs, *operator.definition.weights)
    }


def relative_error(found: NDArray[np.float32], expected: NDArray[np.float64]) -> float:
    """The largest difference, relative to the largest value that is expected."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def latency(run: Callable[[], object]) -> float:
    """The median of a few runs in seconds; the first, which warms the caches, does not count."""
    run()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def print_table(rows: list[Row]) -> None:
    head = ("operator", "runs on", "FLOPs*", "parameters", "max rel. error", "latency")
    lines = [
        (
            row.operator,
            row.runs_on,
            f"{row.flops / 1e6:.1f} M",
            f"{row.parameters:,}",
            f"{row.error:.1e}",
            f"{row.latency * 1e3:.2f} ms",
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, tuple("-" * width for width in widths), *lines):
        cells = (
            text.ljust(width) if number < 2 else text.rjust(width)
            for number, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join(cells))
    print("* multiply-accumulates")


if __name__ == "__main__":
    sys.exit(main())
