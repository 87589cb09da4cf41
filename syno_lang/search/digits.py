"""An operator and layers enter; the accuracy of a small residual network on handwritten digits leaves.

The images are the 1,797 of scikit-learn, 8 × 8 pixels.  The operator stands in one residual block for each
layer, between 1 × 1 convolutions that bring the channels and the resolution that the layer asks for.
Training is on one thread with fixed seeds, so it gives the same accuracy each time on one machine.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any, Final

from syno_lang.api import Operator
from syno_lang.diagnostics import fail
from syno_lang.search.cost import sizes_at

TRAINING: Final = 1000
VALIDATION: Final = 400
BATCH: Final = 50
EPOCHS: Final = 12
RATE: Final = 3e-3
CLASSES: Final = 10

#: Training ends early where the accuracy is below the second number after the first number of epochs.
MILESTONES: Final = ((2, 0.2), (4, 0.5), (7, 0.8))


@dataclass(frozen=True)
class Shape:
    """What a layer takes and gives: channels, height and width."""

    before: tuple[int, int, int]
    after: tuple[int, int, int]


@cache
def data() -> Mapping[str, tuple[Any, Any]]:
    """Images `[N, 1, 8, 8]` and classes `[N]` of `training`, `validation` and `test`.

    Raises `SynoError` (E0701) without torch or scikit-learn.
    """
    for name, package in (("torch", "torch"), ("sklearn", "scikit-learn")):
        if find_spec(name) is None:
            raise fail("E0701", f"{package} is not installed", hint="run pip install 'syno_lang[search]'")
    import torch

    torch.set_num_threads(1)
    # scikit-learn has no types.
    found = import_module("sklearn.datasets").load_digits()
    images = torch.tensor(found.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    classes = torch.tensor(found.target, dtype=torch.long)
    order = torch.randperm(len(classes), generator=torch.Generator().manual_seed(0))
    parts = torch.split(order, [TRAINING, VALIDATION, len(order) - TRAINING - VALIDATION])
    names = ("training", "validation", "test")
    return {name: (images[part], classes[part]) for name, part in zip(names, parts, strict=True)}


def evaluate(operator: Operator, layers: Sequence[Mapping[str, int]], seed: int = 0) -> Mapping[str, float]:
    """`accuracy` on the validation images, `test_accuracy`, `loss`, `latency` (of 50 images) and `epochs`.

    Raises `SynoError` (E0603) where the operator is not `[N, C, H, W] -> [N, C', H', W']` at a layer.
    """
    import torch

    data()
    torch.manual_seed(seed)
    network = _network(operator, layers)
    epochs, loss = _train(network)
    return {
        "accuracy": _accuracy(network, "validation"),
        "test_accuracy": _accuracy(network, "test"),
        "loss": loss,
        "latency": _latency(network),
        "epochs": epochs,
    }


def _shape(operator: Operator, layer: Mapping[str, int]) -> Shape:
    sizes = sizes_at(operator.definition, layer)
    shapes = [tensor.shape for tensor in operator.definition.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or len(operator.definition.graph.output) != 4:
        message = f"{operator.name} cannot stand in a network for images"
        raise fail("E0603", message, hint="the digits need an operator [N, C_in, H, W] -> [N, C_out, H, W]")
    before = [size.value(sizes) for size in shapes[0]]
    after = [size.value(sizes) for size in operator.definition.graph.output]
    return Shape((before[1], before[2], before[3]), (after[1], after[2], after[3]))


def _made(operator: Operator, layer: Mapping[str, int]) -> Any:
    """The module of `operator` for `layer`; what its shapes tell it is left to them."""
    sizes: dict[str, Any] = dict(sizes_at(operator.definition, layer))
    made = operator.to_torch(**sizes)
    wanted = inspect.signature(made).parameters
    return made(**{name: sizes[name] for name in sizes if wanted[name].default is not None})


def _network(operator: Operator, layers: Sequence[Mapping[str, int]]) -> Any:
    """From images to scores of the classes."""
    from torch import nn

    parts: list[nn.Module] = []
    channels = 1
    for layer in layers:
        shape = _shape(operator, layer)
        parts += [
            nn.AdaptiveAvgPool2d(shape.before[1:]),
            nn.Conv2d(channels, shape.before[0], 3 if channels == 1 else 1, padding=int(channels == 1)),
            nn.ReLU(),
            _block(_made(operator, layer), shape),
        ]
        channels = shape.after[0]
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LazyLinear(CLASSES))


def _block(inner: Any, shape: Shape) -> Any:
    """A residual block around `inner`; the way past it is adapted where the shapes differ."""
    import torch
    from torch import Tensor, nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm2d(shape.before[0])
            self.inner = inner
            past: list[nn.Module] = []
            if shape.before[1:] != shape.after[1:]:
                past.append(nn.AdaptiveAvgPool2d(shape.after[1:]))
            if shape.before[0] != shape.after[0]:
                past.append(nn.Conv2d(shape.before[0], shape.after[0], 1))
            self.past = nn.Sequential(*past)
            self.after = nn.BatchNorm2d(shape.after[0])

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(self.past(x) + self.after(self.inner(self.norm(x))))

    return Block()


def _train(network: Any) -> tuple[int, float]:
    """Train; the number of epochs and the mean loss of the last one."""
    import torch
    from torch.nn.functional import cross_entropy

    # PyTorch types only some of what follows.
    functions: Any = torch
    images, classes = data()["training"]
    network(images[:2])
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, weight_decay=1e-4)
    steps = EPOCHS * -(-len(classes) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    loss = 0.0
    for epoch in range(1, EPOCHS + 1):
        network.train()
        total = 0.0
        for batch in functions.randperm(len(classes)).split(BATCH):
            optimizer.zero_grad()
            found: Any = cross_entropy(network(images[batch]), classes[batch])
            found.backward()
            optimizer.step()
            schedule.step()
            total += found.item() * len(batch)
        loss = total / len(classes)
        least = dict(MILESTONES).get(epoch, 0.0)
        if least and _accuracy(network, "validation") < least:
            return epoch, loss
    return EPOCHS, loss


def _accuracy(network: Any, part: str) -> float:
    import torch

    images, classes = data()[part]
    network.eval()
    with torch.no_grad():
        return int((network(images).argmax(1) == classes).sum()) / len(classes)


def _latency(network: Any) -> float:
    import torch

    images, _ = data()["training"]
    network.eval()
    times = []
    with torch.no_grad():
        for _ in range(7):
            started = time.perf_counter()
            network(images[:BATCH])
            times.append(time.perf_counter() - started)
    return median(times)
