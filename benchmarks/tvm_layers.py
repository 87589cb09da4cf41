"""Nothing enters; a table of ResNet-34's seven layers leaves: TVM kernels of Operators 1, 2 and convolution.

    python benchmarks/tvm_layers.py [--trials 0] [--threads 1] [--compile] [--csv FILE] [--svg FILE]

Per layer: the convolution, Operator 1 and Operator 2, each by our schedule without tuning and, with trials,
by the best of so many schedules of MetaSchedule; the convolution in PyTorch, with `--compile` compiled; and
TVM's own convolution (`tvm.topi`), tuned with as many trials.  All are timed in turn.  Times are the
least in milliseconds, which other work on the machine disturbs least; ratios are against the convolution that
is as much tuned.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

import syno_lang
from syno_lang.backends.tvm.devices import Here
from syno_lang.backends.tvm.kernel import compile_kernel
from syno_lang.backends.tvm.nests import Array
from syno_lang.backends.tvm.targets import target_of
from syno_lang.backends.tvm.tune import tune
from syno_lang.evaluate.measure import geometric_mean, interleaved
from syno_lang.ir.assign import assign

#: Channels in, channels out and the side of the image.
LAYERS = (
    (64, 64, 56), (64, 128, 28), (128, 128, 28), (128, 256, 14), (256, 256, 14), (256, 512, 7), (512, 512, 7),
)  # fmt: skip

OPERATORS = ("conv2d", "op1", "op2")


def of_operator(
    name: str, layer: tuple[int, int, int], trials: int, target: Any
) -> dict[str, Callable[[], Any]]:
    """The operator at a layer, untuned and, with trials, tuned."""
    definition = syno_lang.load(f"stdlib:{name}").definition
    given = {"N": 1, "C_in": layer[0], "C_out": layer[1], "H": layer[2], "W": layer[2]}
    sizes = assign(
        definition, {size.name: given[size.name] for size in definition.sizes if size.name in given}
    )
    program = syno_lang.load(f"stdlib:{name}").stages(**sizes)
    modules: dict[str, Any] = {name: None}
    if trials:
        from syno_lang.backends.tvm.records import tuned_module

        with tempfile.TemporaryDirectory() as folder:
            tune(program, sizes, "float32", target, folder, trials)
            modules[f"{name} tuned"] = tuned_module(program, sizes, "float32", target, folder)
    found = {}
    for label, module in modules.items():
        kernel = compile_kernel(program, sizes, target, tuned=module)
        arrays = [np.random.default_rng(0).random(array.shape, "float32") for array in kernel.arguments]
        function = kernel.function
        found[label] = lambda function=function, arrays=arrays: function(*arrays)
    return found


def of_torch(layer: tuple[int, int, int], compiled: bool) -> dict[str, Callable[[], Any]]:
    """The convolution in PyTorch."""
    made = torch.nn.Conv2d(layer[0], layer[1], 3, padding=1, bias=False).eval()
    x = torch.rand(1, layer[0], layer[2], layer[2])

    def eager() -> object:
        with torch.inference_mode():
            return made(x)

    found: dict[str, Callable[[], Any]] = {"torch": eager}
    if compiled:
        fast = torch.compile(made, fullgraph=True)

        def run() -> object:
            with torch.inference_mode():
                return fast(x)

        found["torch compiled"] = run
    return found


def of_topi(layer: tuple[int, int, int], trials: int, target: Any) -> dict[str, Callable[[], Any]]:
    """TVM's own convolution by MetaSchedule alone; untuned it is a plain loop, a hundred times slower."""
    if not trials:
        return {}
    import tvm
    from tvm import te, topi

    from syno_lang.backends.tvm.metaschedule import search

    channels, filters, side = layer
    x = te.placeholder((1, channels, side, side), name="x")
    w = te.placeholder((filters, channels, 3, 3), name="w")
    y = topi.nn.conv2d_nchw(x, w, 1, 1, 1)
    module = tvm.IRModule({"main": te.create_prim_func([x, w, y])})
    shapes = ((1, channels, side, side), (filters, channels, 3, 3), (1, filters, side, side))
    arguments = [Array(f"array{number}", shape, "float32") for number, shape in enumerate(shapes)]
    best: list[tuple[float, Any]] = []

    def measure(candidate: Any) -> float:
        seconds = Here().measure(candidate, target, arguments)
        best.append((seconds, candidate))
        return seconds

    with tempfile.TemporaryDirectory() as folder:
        search(module, target, Path(folder), trials, measure, 1)
    function = tvm.compile(min(best, key=lambda pair: pair[0])[1], target=target)["main"]
    arrays = [tvm.runtime.tensor(np.random.default_rng(0).random(shape, "float32")) for shape in shapes]
    return {"topi tuned": lambda: function(*arrays)}


def measured(layer: tuple[int, int, int], options: argparse.Namespace, target: Any) -> dict[str, float]:
    """Milliseconds by the name of what was measured."""
    functions = {**of_torch(layer, options.compile), **of_topi(layer, options.trials, target)}
    for name in OPERATORS:
        functions |= of_operator(name, layer, options.trials, target)
    return {name: times.least * 1e3 for name, times in interleaved(functions, rounds=options.rounds).items()}


def ratios(row: Mapping[str, float]) -> dict[str, float]:
    """How many times as fast as which convolution."""
    found = {f"{name} / conv2d": row["conv2d"] / row[name] for name in ("op1", "op2")}
    found["conv2d / torch"] = row["torch"] / row["conv2d"]
    if "conv2d tuned" in row:
        found |= {f"{name} tuned / topi": row["topi tuned"] / row[f"{name} tuned"] for name in OPERATORS}
        found |= {f"{name}: tuned / untuned": row[name] / row[f"{name} tuned"] for name in OPERATORS}
    return found


def plot(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Bars of milliseconds by layer, as SVG."""
    names = list(next(iter(rows.values())))
    fills = ("#808080", "#b0b0b0", "#2a78b5", "#8fb8d6", "#d1682a", "#edb48c", "#3a9a5b", "#9fd3b0")
    longest = max(max(row.values()) for row in rows.values())
    lines, top = [], 20.0
    for layer, row in rows.items():
        lines.append(f'<text x="0" y="{top:.0f}" font-weight="bold" fill="#808080">{layer}</text>')
        for number, name in enumerate(names):
            top += 16
            width = 420 * row[name] / longest
            fill = fills[number % len(fills)]
            lines.append(f'<text x="140" y="{top:.0f}" text-anchor="end" fill="#808080">{name}</text>')
            lines.append(f'<rect x="148" y="{top - 10:.0f}" width="{width:.1f}" height="12" fill="{fill}"/>')
            lines.append(
                f'<text x="{154 + width:.1f}" y="{top:.0f}" fill="#808080">{row[name]:.3f} ms</text>'
            )
        top += 28
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {top:.0f}" font-family="sans-serif" '
        f'font-size="11">\n{body}\n</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--trials", type=int, default=0, help="of MetaSchedule, for each kernel of each layer"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--layers", type=int, nargs="*", default=range(len(LAYERS)), help="numbers from 0")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    os.environ["TVM_NUM_THREADS"] = str(options.threads)
    torch.set_num_threads(options.threads)
    target = target_of(cores=options.threads)
    rows = {}
    for number in options.layers:
        name = "{}-{} {}x{}".format(*LAYERS[number], LAYERS[number][2])
        rows[name] = measured(LAYERS[number], options, target)
        print(name, *(f"  {key} {value:.3f}" for key, value in rows[name].items()), sep="\n", flush=True)
    for key in ratios(next(iter(rows.values()))):
        print(f"{key:24} {geometric_mean(ratios(row)[key] for row in rows.values()):.2f}")
    if options.csv:
        with options.csv.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["layer", *next(iter(rows.values()))])
            writer.writerows(
                [layer, *(f"{value:.4f}" for value in row.values())] for layer, row in rows.items()
            )
    if options.svg:
        options.svg.write_text(plot(rows))


if __name__ == "__main__":
    sys.exit(main())
