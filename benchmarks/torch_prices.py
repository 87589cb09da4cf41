"""Nothing enters; what tensor operations cost on this machine leaves, as `backends/torch/price.py` has it.

    python benchmarks/torch_prices.py [--threads 1]

Best of many calls, float32.  The prices only rank the forms of a stage, so they need not be exact.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from torch.nn.functional import avg_pool2d, conv2d, pad

from syno_lang.evaluate.measure import interleaved

PLACES = 56 * 56


def main() -> None:
    """Read the command line, measure, print a line per price."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    with torch.no_grad():
        _calls()
        _elements()
        _contractions()


def _calls() -> None:
    x = torch.randn(2, 3, 4)
    print(f"VIEW       {_best(lambda: x.permute(2, 0, 1)) * 1e6:8.2f} us per call")
    print(f"CALL       {_best(lambda: x.permute(2, 0, 1).contiguous()) * 1e6:8.2f} us per call")


def _elements() -> None:
    x = torch.randn(1, 64, 56, 56)
    windows = pad(x, (1, 1)).unfold(3, 3, 1)
    tiles = x.unflatten(2, (28, 2)).unflatten(4, (28, 2))
    _per_element("MOVE", x, lambda: x.roll(-1, 2))
    _per_element("SCATTER", x, lambda: x.permute(0, 2, 3, 1).contiguous())
    _per_element("SCATTER", windows, lambda: windows.permute(0, 1, 4, 2, 3).contiguous())
    _per_element("SUM", windows, lambda: windows.sum(4))
    _per_element("SUM", tiles, lambda: tiles.sum(3))
    _per_element("SUMS", tiles, lambda: tiles.sum((3, 5)))
    print(f"POOL       {_best(lambda: avg_pool2d(x, 3, 1, 1)) * 1e9 / x.numel() / 9:8.2f} ns per entry")


def _per_element(name: str, x: torch.Tensor, function: Callable[[], object]) -> None:
    print(f"{name:10s} {_best(function) * 1e9 / x.numel():8.2f} ns per element")


def _contractions() -> None:
    for outer, inner in ((64, 64), (16, 64), (8, 64), (64, 576)):
        left, right = torch.randn(outer, inner), torch.randn(inner, PLACES)
        _per_term("MATMUL", f"{outer} x {inner}", outer * inner, lambda left=left, right=right: left @ right)
    stack = torch.randn(3584, 1, 2), torch.randn(3584, 2, 56)
    print(f"MATRIX     {_best(lambda: stack[0] @ stack[1]) * 1e6 / 3584:8.2f} us per matrix of a stack")
    for groups, inner, outer, window in (
        (1, 64, 64, 3), (1, 16, 64, 3), (1, 4, 64, 3), (1, 64, 16, 3), (1, 64, 8, 3), (1, 64, 64, 1),
        (8, 8, 8, 3), (16, 4, 4, 3), (32, 2, 2, 3), (32, 1, 2, 3), (32, 2, 3, 1), (64, 1, 1, 3),
    ):  # fmt: skip
        x = torch.randn(1, groups * inner, 56, 56)
        weight = torch.randn(groups * outer, inner, window, window)
        text = f"{groups} groups of {inner} to {outer}, {window} x {window}"
        terms = weight.numel()
        run = lambda x=x, weight=weight, groups=groups, side=window // 2: conv2d(  # noqa: E731
            x, weight, padding=side, groups=groups
        )
        _per_term("DEPTHWISE" if groups == 64 else "CONVOLVE", text, terms, run)


def _per_term(name: str, text: str, terms: int, function: Callable[[], object]) -> None:
    print(
        f"{name:10s} {terms * PLACES / _best(function) / 1e9:8.1f} G multiply-accumulates per second, {text}"
    )


def _best(function: Callable[[], object]) -> float:
    return interleaved({"it": function}, rounds=31, seconds=0.001)["it"].least


if __name__ == "__main__":
    main()
