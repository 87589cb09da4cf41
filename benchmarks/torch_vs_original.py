"""A checkout of the published artifact enters; a table of its PyTorch modules' times beside ours leaves.

The artifact is the public repository `Yongqi-Zhuo/Syno-AE`.  Its `kernels.py` hold a class per layer shape;
ours are built from `examples/published/*.syno` and get the same weights.  Both must give the same numbers
before they are timed.  The direction of SHIFT is random there and -1 is what the artifact's other
backend computes, so it is set to that.

    python benchmarks/torch_vs_original.py --original CHECKOUT [--batch 1] [--threads 1] [--train]
        [--tune] [--fold] [--cpu-time]

A row gives milliseconds, the least and the quartiles, and the ratio of the least.  Their batch is part of
their code, 1 or 128.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

import syno_lang
from syno_lang.backends.torch.emit import class_name
from syno_lang.backends.torch.load import load_class
from syno_lang.evaluate.candidates import Setting
from syno_lang.evaluate.measure import Times, geometric_mean, interleaved
from syno_lang.evaluate.tune import tune

PUBLISHED = Path(__file__).parent.parent / "examples" / "published"
_PAIR = re.compile(r"([A-Za-z_0-9]+): (\d+)(?: -> (\d+))?")


def main() -> None:
    """Read the command line, measure, print."""
    options = _options()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    rows = []
    for path in sorted(PUBLISHED.glob("*.syno")):
        if options.only in path.stem:
            rows += list(_operator(path, options))
    ratios = [row["theirs"]["least"] / row["ours"]["least"] for row in rows]
    if ratios:
        print(f"{len(rows)} layers: geometric mean {geometric_mean(ratios):.2f} x faster,", end=" ")
        print(f"slowest {min(ratios):.2f} x, fastest {max(ratios):.2f} x")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--original", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--train", action="store_true", help="forward and backward")
    parser.add_argument("--tune", action="store_true", help="the form of ours that is fastest of a few")
    parser.add_argument("--fold", action="store_true", help="compute what needs our weights alone once")
    parser.add_argument("--cpu-time", action="store_true", help="of one thread, without what others take")
    parser.add_argument("--only", default="", help="operators whose name contains this")
    parser.add_argument("--batch", type=int, help="layers of this batch alone; theirs is 1 or 128")
    parser.add_argument("--json")
    return parser.parse_args()


def _operator(path: Path, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    identity = path.stem.removeprefix("op_")
    folder = _folder(options.original, identity)
    if folder is None:
        print(f"{identity}: not in {options.original.name}")
        return
    kernels = _module(folder / "kernels.py")
    ours = syno_lang.load(path)
    layers = json.loads((folder / "metadata.json").read_text())["validPlaceholders"]
    for number, layer in enumerate(layers):
        sizes = {name: (int(plain), int(padded or plain)) for name, plain, padded in
                 _PAIR.findall(layer["constsDescription"])}  # fmt: skip
        if any(plain != padded for plain, padded in sizes.values()):
            print(f"{identity} {number}: padded there, so not the same work")
            continue
        if options.batch is not None and sizes.get("N", (1, 1))[0] != options.batch:
            continue
        theirs = getattr(kernels, f"kernel_generated_{number}")(number)
        yield _layer(ours, theirs, {name: plain for name, (plain, _) in sizes.items()}, options)


def _folder(checkout: Path, identity: str) -> Path | None:
    """The first folder of that kernel whose modules have a batch of one, else the first one."""
    found = sorted(checkout.glob(f"**/*_{identity}/**/kernels.py"))
    single = [path for path in found if "N: 1 " in (path.parent / "metadata.json").read_text()
              or "N: 1," in (path.parent / "metadata.json").read_text()]  # fmt: skip
    return next((path.parent for path in (*single, *found)), None)


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("original_kernels", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _layer(ours: Any, theirs: Any, sizes: dict[str, int], options: argparse.Namespace) -> dict[str, Any]:
    theirs.shift_direction = -1
    definition = ours.definition
    names = [size.name for size in definition.sizes]
    given = {name: sizes[name] for name in names}
    clock = time.process_time if options.cpu_time else None
    purpose = "training" if options.train else "folded" if options.fold else "inference"
    setting = Setting(definition, given)
    text = tune(setting, purpose, clock=clock).text if options.tune else ours.emit_torch(**given)
    cls = load_class(text, class_name(definition.name))
    known = cls.__init__.__kwdefaults__ or {}
    given = {name: sizes[name] for name in names if known.get(name, 0) is not None}
    module = cls(**given)
    scale = {
        one.name: weight.detach() * 0.05
        for one, weight in zip(definition.weights, theirs.weights, strict=True)
    }
    with torch.no_grad():
        for weight, value in zip(theirs.weights, scale.values(), strict=True):
            weight.copy_(value)
    module.load_state_dict(scale)
    x = torch.randn([size.value(sizes) for size in definition.inputs[0].shape])
    with torch.no_grad():
        torch.testing.assert_close(module(x), theirs(x), rtol=1e-3, atol=1e-3)
    if options.fold and hasattr(module, "fold"):
        module.fold()
    functions = {"ours": _call(module, x, options.train), "theirs": _call(theirs, x, options.train)}
    few = sizes.get("N", 1) > 1
    times: dict[str, Times] = interleaved(functions, rounds=3 if few else options.rounds, clock=clock)
    shape = ", ".join(f"{name}={sizes[name]}" for name in names)
    print(
        f"{definition.name:26s} {shape:60s} ours {_shown(times['ours'])}  theirs {_shown(times['theirs'])}",
        end="",
    )
    print(f"  {times['theirs'].least / times['ours'].least:6.2f} x", flush=True)
    return {"operator": definition.name, "sizes": sizes, **{name: asdict(one) for name, one in times.items()}}


def _shown(times: Times) -> str:
    least, *quartiles = (f"{1e3 * value:.3f}" for value in asdict(times).values())
    return f"{least} / {' '.join(quartiles)}"


def _call(module: Any, x: torch.Tensor, train: bool) -> Any:
    if not train:
        return torch.no_grad()(lambda: module(x))
    parameters = [x.requires_grad_(), *module.parameters()]
    return lambda: torch.autograd.grad(module(x).sum(), parameters)


if __name__ == "__main__":
    main()
