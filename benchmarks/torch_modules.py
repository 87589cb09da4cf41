"""Nothing enters; a table leaves: emitted modules, their plain einsum form and the native call, timed.

    python benchmarks/torch_modules.py [--threads 1] [--batch 1] [--train] [--compile] [--tune]
        [--fold] [--cpu-time] [--device cpu] [--json FILE]

Convolutions and pooling run beside the native call that computes the same, Operators 1 and 2 beside the
3x3 convolution that they replace, on the layer shapes of ResNet-34.  A cell gives milliseconds: the least,
and the quartiles of the rounds.  The ratios are of the least times, which other work on the machine
disturbs least.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

import syno_lang
from syno_lang.backends.torch.emit import class_name, emit
from syno_lang.backends.torch.load import load_class
from syno_lang.evaluate.candidates import Setting
from syno_lang.evaluate.measure import Times, geometric_mean, interleaved, wait_for
from syno_lang.evaluate.tune import tune

Native = Callable[[torch.Tensor, dict[str, torch.Tensor]], torch.Tensor]

#: Channels in, channels out and the side of the image.
RESNET34 = (
    (64, 64, 56), (64, 128, 28), (128, 128, 28), (128, 256, 14), (256, 256, 14), (256, 512, 7), (512, 512, 7),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An operator at sizes, and the native call beside it, which is `same` if it computes the same."""

    operator: str
    sizes: dict[str, int]
    native: Native
    same: bool = True


def cases() -> Iterator[Case]:
    """The convolution family, pooling and pixel shuffle; Operators 1 and 2."""
    image = {"C_in": 64, "C_out": 64, "H": 56, "W": 56, "k": 3}
    yield Case("conv2d", image, lambda x, w: F.conv2d(x, w["weight"], padding=1))
    yield Case("strided_conv2d", image | {"s": 2}, lambda x, w: F.conv2d(x, w["weight"], stride=2, padding=1))
    yield Case(
        "dilated_conv2d",
        image | {"d": 2},
        # Its window reaches 3 places to the left and, since the last 2 are in no step of it, 1 to the right.
        lambda x, w: F.conv2d(F.pad(x, (3, 1, 3, 1)), w["weight"], dilation=2),
    )
    yield Case("grouped_conv2d", image | {"g": 4}, lambda x, w: F.conv2d(x, w["weight"], padding=1, groups=4))
    yield Case(
        "depthwise_conv2d",
        image | {"C": 64},
        lambda x, w: F.conv2d(x, w["weight"][:, None], padding=1, groups=64),
    )
    yield Case("pointwise_conv2d", image, lambda x, w: F.conv2d(x, w["weight"][:, :, None, None]))
    yield Case("patch_embedding", image | {"C": 3, "D": 192, "H": 224, "W": 224, "p": 16}, _patches)
    yield Case("average_pool2d", image | {"C": 64, "k": 2}, lambda x, w: F.avg_pool2d(x, 2))
    yield Case("pixel_shuffle", image | {"C": 16, "r": 2}, lambda x, w: F.pixel_shuffle(x, 2))
    for operator in ("op1", "op2"):
        for c_in, c_out, side in RESNET34:
            sizes = {"C_in": c_in, "C_out": c_out, "H": side, "g": 32, "k": 3, "s": 2}
            replaced = torch.randn(c_out, c_in, 3, 3)
            yield Case(operator, sizes, lambda x, w, v=replaced: F.conv2d(x, v, padding=1), same=False)


def _patches(x: torch.Tensor, weights: dict[str, torch.Tensor]) -> torch.Tensor:
    return F.conv2d(x, weights["weight"], stride=16).flatten(2).transpose(1, 2)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--train", action="store_true", help="forward and backward")
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    parser.add_argument("--tune", action="store_true", help="the form of ours that is fastest of a few")
    parser.add_argument("--fold", action="store_true", help="compute what needs our weights alone once")
    parser.add_argument("--cpu-time", action="store_true", help="of one thread, without what others take")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", default="", help="operators whose name contains this")
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    rows = [_row(case, options) for case in cases() if options.only in case.operator]
    for operator in dict.fromkeys(row["operator"] for row in rows):
        mine = [row for row in rows if row["operator"] == operator]
        ratios = [geometric_mean(row[other]["least"] / row["ours"]["least"] for row in mine)
                  for other in ("einsum", "native")]  # fmt: skip
        print(f"{operator:18s} {ratios[0]:6.2f} x as fast as einsum, {ratios[1]:6.2f} x as the native call")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def _row(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    torch.compiler.reset()
    operator = syno_lang.load(f"stdlib:{case.operator}")
    definition = operator.definition
    sizes = {name: size for name, size in case.sizes.items() if name in definition.graph.variables}
    sizes["N"] = options.batch
    name = class_name(definition.name)
    clock = time.process_time if options.cpu_time else None
    values = definition.defaults | sizes
    setting = Setting(definition, values, device=options.device)
    purpose = "training" if options.train else "folded" if options.fold else "inference"
    text = tune(setting, purpose, clock=clock).text if options.tune else operator.emit_torch(**values)
    classes = [load_class(one, name) for one in (text, emit([definition], None, ("einsum",)))]
    known = classes[0].__init__.__kwdefaults__ or {}
    given = {key: value for key, value in sizes.items() if known.get(key, 0) is not None}
    ours, einsum = (cls(**given, device=options.device) for cls in classes)
    einsum.load_state_dict(ours.state_dict())
    x = torch.randn([size.value(sizes) for size in definition.inputs[0].shape], device=options.device)
    weights = {key: value.detach().clone() for key, value in ours.named_parameters()}
    native = _Native(case.native, weights)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), einsum(x), rtol=1e-3, atol=1e-4)
        if case.same:
            torch.testing.assert_close(ours(x), native(x), rtol=1e-3, atol=1e-4)
    modules = {"ours": ours, "einsum": einsum, "native": native}
    if options.fold and hasattr(ours, "fold"):
        ours.fold()
    calls = {key: _call(one, x, options) for key, one in modules.items()}
    times = interleaved(calls, rounds=options.rounds, wait=wait_for(options.device), clock=clock)
    shape = ", ".join(f"{key}={value}" for key, value in sizes.items())
    print(f"{case.operator:18s} {shape}")
    for key, one in times.items():
        print(f"    {key:8s} {_shown(one):40s} {one.least / times['ours'].least:6.2f}", flush=True)
    return {"operator": case.operator, "sizes": sizes, **{key: asdict(one) for key, one in times.items()}}


def _shown(times: Times) -> str:
    least, *quartiles = (f"{1e3 * value:.3f}" for value in asdict(times).values())
    return f"{least} / {' '.join(quartiles)}"


class _Native(torch.nn.Module):
    def __init__(self, function: Native, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.function = function
        self.weights = torch.nn.ParameterDict(weights)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, self.weights)


def _call(module: Any, x: torch.Tensor, options: argparse.Namespace) -> Callable[[], object]:
    run = torch.compile(module, fullgraph=True) if options.compile else module
    if not options.train:
        return torch.no_grad()(lambda: run(x))
    needed = [x.requires_grad_(), *module.parameters()]
    return lambda: torch.autograd.grad(run(x).sum(), needed, allow_unused=True)


if __name__ == "__main__":
    main()
