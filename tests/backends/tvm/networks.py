"""Models of our own: residual networks and a transformer block, with layers that a test may choose."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

#: Channels in, channels out and the side of the image: a 3x3 convolution, or what stands in its place.
Convolution = Callable[[int, int, int], nn.Module]


class Block(nn.Module):
    """Two convolutions beside a shortcut; the first one halves the image where the channels double."""

    def __init__(self, before: int, after: int, side: int, convolution: Convolution) -> None:
        super().__init__()
        self.one = (
            convolution(before, after, side)
            if before == after
            else nn.Conv2d(before, after, 3, 2, 1, bias=False)
        )
        self.two = convolution(after, after, side)
        self.norms = nn.ModuleList(nn.BatchNorm2d(after) for _ in range(2))
        self.short = (
            nn.Identity()
            if before == after
            else nn.Sequential(nn.Conv2d(before, after, 1, 2, bias=False), nn.BatchNorm2d(after))
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norms[0](self.one(x)))
        return F.relu(self.norms[1](self.two(y)) + self.short(x))


def resnet(depths: tuple[int, ...], width: int, side: int, convolution: Convolution) -> nn.Sequential:
    """ResNet-18 is `(2, 2, 2, 2)`, ResNet-34 `(3, 4, 6, 3)`, both with 64 channels and 224 pixels."""
    layers: list[nn.Module] = [nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, 1))
    channels, side = width, side // 4
    for stage, depth in enumerate(depths):
        for _ in range(depth):
            after = width << stage
            side = side if after == channels else side // 2
            layers.append(Block(channels, after, side, convolution))
            channels = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


class Transformer(nn.Module):
    """A block of GPT-2; `project` makes queries, keys and values, three times as wide as its input."""

    def __init__(self, width: int, heads: int, project: nn.Module) -> None:
        super().__init__()
        self.heads = heads
        self.project = project
        self.out = nn.Linear(width, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        parts = self.project(self.norms[0](x)).reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / (width // self.heads) ** 0.5
        future = torch.triu(torch.full((length, length), -1e9), 1)
        mixed = (torch.softmax(scores + future, -1) @ value).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(mixed)
        return x + self.narrow(F.gelu(self.wide(self.norms[1](x)), approximate="tanh"))
