"""No input; a row per stdlib operator leaves: what it computes, said with torch alone, and sizes to try.

The first sizes of a row are small enough for finite differences.  Windows are centred as the language
centres them, so where PyTorch pads evenly (odd windows) the references are its own functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

OPERATORS = Path(__file__).parents[2] / "stdlib" / "operators"


@dataclass(frozen=True)
class Case:
    """`reference(sizes, *tensors)` with the sizes as attributes and the tensors in the order of the file."""

    reference: Callable[..., Tensor]
    sizes: tuple[dict[str, int], ...]


def case(reference: Callable[..., Tensor], *sizes: dict[str, int]) -> Case:
    return Case(reference, sizes)


def at(**sizes: int) -> dict[str, int]:
    return sizes


def padded(x: Tensor, window: int, axes: int) -> Tensor:
    """Zeros around the last `axes` axes, as a centred window of this size needs them."""
    return F.pad(x, (window // 2, window - 1 - window // 2) * axes)


def dilated(z: Any, x: Tensor, weight: Tensor) -> Tensor:
    # The window of size d*k is centred; its last d-1 places hold no tap.
    left = z.d * z.k // 2
    return F.conv2d(F.pad(x, (left, z.d * (z.k - 1) - left) * 2), weight, dilation=z.d)


def factored(z: Any, x: Tensor, u: Tensor, v: Tensor) -> Tensor:
    left, right = z.k // 2, z.k - 1 - z.k // 2
    middle = F.conv2d(F.pad(x, (0, 0, left, right)), u[:, :, :, None])
    return F.conv2d(F.pad(middle, (left, right)), v[:, :, None, :])


def overlap_add1d(z: Any, x: Tensor) -> Tensor:
    """Window by window, into a line with room on both sides."""
    line = torch.zeros(z.N, z.C, z.s * (z.L + 2 * z.m), dtype=x.dtype)
    windows = x.reshape(z.N, z.C, z.m, z.s, z.L)
    for i in range(z.L):
        for j in range(z.m):
            start = z.s * (i - j + z.m // 2 + z.m)
            line[:, :, start : start + z.s] += windows[:, :, j, :, i]
    return line[:, :, z.s * z.m : z.s * (z.m + z.L)]


def overlap_add2d(z: Any, x: Tensor) -> Tensor:
    """`fold` with every window turned around, then cut to the places that windows are centred at."""
    turned = x.reshape(z.N, z.C, z.k * z.k, z.H * z.W).flip(2).reshape(z.N, -1, z.H * z.W)
    whole = F.fold(turned, (z.H + z.k - 1, z.W + z.k - 1), z.k)
    first = z.k - 1 - z.k // 2
    return whole[:, :, first : first + z.H, first : first + z.W]


def windows(z: Any, x: Tensor) -> Tensor:
    """`[n, a, c, h, w, p, q]`: the windows of a square image, its channels in g groups."""
    return padded(x, z.k, 2).unfold(2, z.k, 1).unfold(3, z.k, 1).unflatten(1, (z.g, -1))


def op1(z: Any, x: Tensor, u: Tensor, v: Tensor) -> Tensor:
    return torch.einsum("nachwpq,apqor,acqr->nohw", windows(z, x), u, v.unflatten(0, (z.g, -1)))


def op2(z: Any, x: Tensor, u: Tensor, v: Tensor) -> Tensor:
    return torch.einsum("nachwpq,oapr,acqr->nohw", windows(z, x.roll(-1, 2)), u, v.unflatten(0, (z.g, -1)))


def gpt2_projection(z: Any, x: Tensor, w: Tensor) -> Tensor:
    return torch.einsum("nlbr,grc->nlgbc", x.unflatten(2, (z.k, -1)), w).flatten(2)


def twice(convolution: Callable[..., Tensor], axes: int) -> Callable[..., Tensor]:
    def reference(z: Any, x: Tensor, u: Tensor, v: Tensor) -> Tensor:
        return convolution(padded(convolution(padded(x, z.k, axes), u), z.k, axes), v)

    return reference


ONE = {"N": 1, "C_in": 1, "C_out": 1, "H": 1, "W": 1, "k": 1}

CASES: dict[str, Case] = {
    "matmul": case(
        lambda z, a, b: a @ b,
        at(M=2, K=3, N=4), at(M=1, K=1, N=1), at(M=7, K=33, N=5), at(M=1, K=20, N=3),
    ),
    "batched_matmul": case(
        lambda z, a, b: torch.bmm(a, b),
        at(B=2, M=2, K=3, N=2), at(B=1, M=1, K=1, N=1), at(B=3, M=5, K=7, N=4),
    ),
    "linear": case(
        lambda z, x, weight: F.linear(x, weight),
        at(N=2, C_in=3, C_out=4), at(N=1, C_in=1, C_out=1), at(N=5, C_in=32, C_out=11),
    ),
    "pointwise_conv2d": case(
        lambda z, x, weight: F.conv2d(x, weight[:, :, None, None]),
        at(N=1, C_in=2, C_out=3, H=2, W=3), at(N=1, C_in=1, C_out=1, H=1, W=1),
        at(N=2, C_in=8, C_out=5, H=7, W=4),
    ),
    "conv1d": case(
        lambda z, x, weight: F.conv1d(padded(x, z.k, 1), weight),
        at(N=1, C_in=2, C_out=2, L=4, k=3), at(N=1, C_in=1, C_out=1, L=1, k=1),
        at(N=2, C_in=3, C_out=4, L=9, k=5), at(N=2, C_in=3, C_out=4, L=8, k=4),
        at(N=1, C_in=2, C_out=3, L=3, k=7),
    ),
    "conv2d": case(
        lambda z, x, weight: F.conv2d(padded(x, z.k, 2), weight),
        at(N=1, C_in=2, C_out=2, H=3, W=4, k=3), ONE,
        at(N=2, C_in=4, C_out=8, H=7, W=5, k=3), at(N=2, C_in=3, C_out=4, H=5, W=6, k=2),
        at(N=1, C_in=3, C_out=2, H=6, W=1, k=5), at(N=1, C_in=2, C_out=3, H=4, W=9, k=4),
    ),
    "conv3d": case(
        lambda z, x, weight: F.conv3d(padded(x, z.k, 3), weight),
        at(N=1, C_in=1, C_out=2, D=2, H=3, W=2, k=3), at(N=1, C_in=1, C_out=1, D=1, H=1, W=1, k=1),
        at(N=2, C_in=3, C_out=2, D=4, H=5, W=3, k=3), at(N=1, C_in=2, C_out=3, D=3, H=4, W=5, k=2),
    ),
    "grouped_conv2d": case(
        lambda z, x, weight: F.conv2d(padded(x, z.k, 2), weight, groups=z.g),
        at(N=1, C_in=4, C_out=2, H=3, W=2, g=2, k=3), at(**ONE, g=1),
        at(N=2, C_in=6, C_out=9, H=5, W=4, g=3, k=3), at(N=1, C_in=4, C_out=8, H=4, W=5, g=4, k=2),
    ),
    "depthwise_conv2d": case(
        lambda z, x, weight: F.conv2d(padded(x, z.k, 2), weight[:, None], groups=z.C),
        at(N=1, C=2, H=3, W=4, k=3), at(N=1, C=1, H=1, W=1, k=1), at(N=2, C=5, H=7, W=4, k=5),
        at(N=1, C=3, H=4, W=6, k=4),
    ),
    "dilated_conv2d": case(
        dilated,
        at(N=1, C_in=2, C_out=1, H=3, W=4, d=2, k=2), at(**ONE, d=1), at(**ONE | {"H": 4}, d=3),
        at(N=2, C_in=3, C_out=2, H=9, W=7, d=2, k=3), at(N=1, C_in=2, C_out=3, H=8, W=9, d=3, k=3),
        at(N=1, C_in=2, C_out=3, H=6, W=5, d=1, k=4), at(N=1, C_in=2, C_out=2, H=7, W=8, d=3, k=2),
    ),
    "strided_conv2d": case(
        lambda z, x, weight: F.conv2d(padded(x, z.k, 2), weight, stride=z.s),
        at(N=1, C_in=1, C_out=2, H=4, W=2, k=3, s=2), at(**ONE, s=1),
        at(N=2, C_in=3, C_out=4, H=8, W=6, k=3, s=2), at(N=1, C_in=2, C_out=3, H=6, W=9, k=5, s=3),
        at(N=1, C_in=2, C_out=3, H=4, W=8, k=4, s=2), at(N=1, C_in=2, C_out=3, H=2, W=2, k=2, s=2),
    ),
    "transposed_conv2d": case(
        lambda z, x, weight: F.conv_transpose2d(x, weight, stride=z.s),
        at(N=1, C_in=2, C_out=2, H=2, W=1, s=2), at(N=1, C_in=1, C_out=1, H=1, W=1, s=1),
        at(N=2, C_in=3, C_out=4, H=3, W=5, s=2), at(N=1, C_in=4, C_out=2, H=2, W=3, s=3),
    ),
    "factored_conv2d": case(
        factored,
        at(N=1, C_in=2, C_mid=1, C_out=2, H=3, W=2, k=3), at(**ONE, C_mid=1),
        at(N=2, C_in=3, C_mid=5, C_out=4, H=7, W=5, k=3), at(N=1, C_in=3, C_mid=2, C_out=4, H=5, W=6, k=4),
    ),
    "stacked_conv1d": case(
        twice(F.conv1d, 1),
        at(N=1, C_in=2, C_mid=2, C_out=1, L=4, k=3), at(N=1, C_in=1, C_mid=1, C_out=1, L=1, k=1),
        at(N=2, C_in=3, C_mid=4, C_out=5, L=9, k=3), at(N=1, C_in=3, C_mid=2, C_out=2, L=6, k=4),
        at(N=1, C_in=1, C_mid=2, C_out=1, L=3, k=5),
    ),
    "stacked_conv2d": case(
        twice(F.conv2d, 2),
        at(N=1, C_in=1, C_mid=2, C_out=1, H=3, W=2, k=2), at(**ONE, C_mid=1),
        at(N=2, C_in=2, C_mid=3, C_out=2, H=5, W=4, k=3), at(N=1, C_in=2, C_mid=2, C_out=3, H=3, W=5, k=2),
    ),
    "patch_embedding": case(
        lambda z, x, weight: F.conv2d(x, weight, stride=z.p).flatten(2).transpose(1, 2),
        at(N=1, C=2, D=2, H=4, W=2, p=2), at(N=1, C=1, D=1, H=1, W=1, p=1),
        at(N=2, C=3, D=5, H=6, W=9, p=3), at(N=1, C=3, D=4, H=32, W=16, p=16),
    ),
    "average_pool1d": case(
        lambda z, x: F.avg_pool1d(x, z.k),
        at(N=1, C=2, L=6, k=2), at(N=1, C=1, L=1, k=1), at(N=2, C=3, L=9, k=3), at(N=1, C=2, L=4, k=4),
    ),
    "average_pool2d": case(
        lambda z, x: F.avg_pool2d(x, z.k),
        at(N=1, C=1, H=4, W=2, k=2), at(N=1, C=1, H=1, W=1, k=1), at(N=2, C=3, H=9, W=6, k=3),
    ),
    "average_pool1d_windows": case(
        lambda z, x: F.avg_pool1d(padded(x, z.k, 1), z.k, stride=z.s),
        at(N=1, C=2, L=6, k=3, s=2), at(N=1, C=1, L=1, k=1, s=1), at(N=2, C=3, L=8, k=4, s=2),
        at(N=1, C=2, L=5, k=3, s=1), at(N=1, C=2, L=9, k=5, s=3),
    ),
    "average_pool2d_windows": case(
        lambda z, x: F.avg_pool2d(padded(x, z.k, 2), z.k, stride=z.s),
        at(N=1, C=1, H=4, W=2, k=3, s=2), at(N=1, C=1, H=1, W=1, k=1, s=1),
        at(N=2, C=3, H=6, W=8, k=2, s=2), at(N=1, C=2, H=5, W=4, k=3, s=1),
    ),
    "global_average_pool": case(
        lambda z, x: x.mean((2, 3)),
        at(N=2, C=2, H=2, W=3), at(N=1, C=1, H=1, W=1), at(N=3, C=4, H=7, W=5),
    ),
    "pixel_shuffle": case(
        lambda z, x: F.pixel_shuffle(x, z.r),
        at(N=1, C=1, H=2, W=1, r=2), at(N=1, C=1, H=1, W=1, r=1), at(N=2, C=2, H=3, W=4, r=3),
    ),
    "pixel_unshuffle": case(
        lambda z, x: F.pixel_unshuffle(x, z.r),
        at(N=1, C=1, H=2, W=1, r=2), at(N=1, C=1, H=1, W=1, r=1), at(N=2, C=2, H=3, W=4, r=3),
    ),
    "channel_shuffle": case(
        lambda z, x: F.channel_shuffle(x, z.g),
        at(N=1, C=6, H=2, W=1, g=2), at(N=1, C=1, H=1, W=1, g=1), at(N=2, C=12, H=3, W=2, g=3),
    ),
    "space_shift": case(
        lambda z, x: x.roll((-1, -1), (2, 3)),
        at(N=1, C=1, H=3, W=2), at(N=1, C=1, H=1, W=1), at(N=2, C=3, H=5, W=4), at(N=1, C=2, H=1, W=5),
    ),
    "upsample1d": case(
        lambda z, x: x.repeat_interleave(z.s, 2),
        at(N=1, C=2, L=3, s=2), at(N=1, C=1, L=1, s=1), at(N=2, C=3, L=5, s=3),
    ),
    "upsample2d": case(
        lambda z, x: F.interpolate(x, scale_factor=z.s, mode="nearest"),
        at(N=1, C=1, H=2, W=3, s=2), at(N=1, C=1, H=1, W=1, s=1), at(N=2, C=3, H=4, W=3, s=3),
    ),
    "tile": case(
        lambda z, x: x.tile(z.s),
        at(N=1, C=2, L=3, s=2), at(N=1, C=1, L=1, s=1), at(N=2, C=3, L=5, s=3),
    ),
    "overlap_add1d": case(
        overlap_add1d,
        at(N=1, C=1, L=3, m=2, s=2), at(N=1, C=1, L=1, m=1, s=1), at(N=2, C=2, L=5, m=3, s=4),
        at(N=1, C=2, L=4, m=4, s=3), at(N=1, C=3, L=6, m=3, s=1),
    ),
    "overlap_add2d": case(
        overlap_add2d,
        at(N=1, C=1, H=2, W=3, k=2), at(N=1, C=1, H=1, W=1, k=1), at(N=2, C=3, H=5, W=4, k=3),
        at(N=1, C=2, H=3, W=6, k=4),
    ),
    "op1": case(
        op1,
        at(N=1, C_in=2, C_out=4, H=3, g=2, k=2, s=1), at(N=1, C_in=1, C_out=1, H=1, g=1, k=1, s=1),
        at(N=2, C_in=8, C_out=12, H=5, g=2, k=3, s=2), at(N=1, C_in=6, C_out=6, H=4, g=3, k=4, s=2),
        at(N=1, C_in=64, C_out=64, H=6, g=32, k=3, s=2),
    ),
    "op2": case(
        op2,
        at(N=1, C_in=2, C_out=4, H=3, g=2, k=2, s=1), at(N=1, C_in=1, C_out=1, H=1, g=1, k=1, s=1),
        at(N=2, C_in=8, C_out=12, H=5, g=2, k=3, s=2), at(N=1, C_in=6, C_out=6, H=4, g=3, k=4, s=2),
        at(N=1, C_in=64, C_out=64, H=6, g=32, k=3, s=2),
    ),
    "gpt2_projection": case(
        gpt2_projection,
        at(N=1, T=2, C=4, k=1, t=2), at(N=1, T=1, C=1, k=1, t=1), at(N=2, T=5, C=48, k=2, t=3),
        at(N=1, T=3, C=64, k=2, t=2),
    ),
}  # fmt: skip

#: Every row at each of its sizes, and the ids of the tests.
ROWS = [(name, sizes) for name, row in CASES.items() for sizes in row.sizes]
IDS = [f"{name}-{'-'.join(f'{key}{value}' for key, value in sizes.items())}" for name, sizes in ROWS]


def expected(name: str, sizes: dict[str, int], tensors: list[Tensor]) -> Tensor:
    """What the operator `name` must give."""
    return CASES[name].reference(SimpleNamespace(**sizes), *tensors)
