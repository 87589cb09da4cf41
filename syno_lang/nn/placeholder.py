"""A layer of a model, or only its sizes, enters; a module whose operator can be exchanged leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import index
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn

from syno_lang.diagnostics import fail

#: What becomes of a layer that strides: its input is pooled, the result is thinned, or it stays as it is.
Stride = Literal["pool", "slice", "keep"]
STRIDES: Final = ("pool", "slice", "keep")

MappingFunction = Callable[[torch.Size, torch.Size], Mapping[str, int]]


class Placeholder(nn.Module):
    """The place of an operator in a model.

    `mappings` are sizes, such as `{"H": 32, "W": 32}`.  `referred_layer` is what stands there until there is
    an operator; `mapping_func` makes sizes of the shapes of its input and output.  As in the original, all
    three may be given by position.

    For a layer that strides, `stride` has a number for each of the last axes; `stride_by` says whether the
    input is pooled before the operator, or the result thinned after it.  A bias is added along `bias_axis`.
    """

    def __init__(
        self,
        mappings: Mapping[str, int] | None = None,
        referred_layer: nn.Module | None = None,
        mapping_func: MappingFunction | None = None,
        *,
        stride: tuple[int, ...] = (),
        stride_by: Stride = "pool",
        bias: Tensor | None = None,
        bias_axis: int = 1,
    ) -> None:
        super().__init__()
        self.mappings = checked_sizes(mappings or {})
        #: What is known of all sizes once a sampler or `infer_sizes` has seen the model.
        self.sizes: dict[str, int] = dict(self.mappings)
        self.referred_layer = referred_layer
        self.mapping_func = mapping_func
        self.stride = stride
        self.stride_by = stride_by
        self.bias_axis = bias_axis
        self.kernel: nn.Module | None = None
        self.register_parameter("bias", None)
        self.flops = 0
        self.params = 0
        # Neither may be registered: both belong to the layer that is replaced.
        self._set_aside: list[Any] = [None, bias]
        self._trace: Callable[[Placeholder, Tensor, Tensor | None], Tensor] | None = None

    def reload(self, kernel: nn.Module, compile: bool = False) -> None:
        """Put `kernel` in the place of the layer, which is set aside; with `compile`, compiled by torch."""
        if self.kernel is None:
            self._set_aside = [self.referred_layer, self._set_aside[1]]
            self.referred_layer = None
            own = self._set_aside[1]
            # A copy, so that the layer comes back as it was.
            self.bias = None if own is None else nn.Parameter(own.detach().clone())
        kernel.train(self.training)
        if compile:
            # Compiled in place, it stays a module that has the same state.
            kernel.compile(dynamic=False)
        self.kernel = kernel

    def restore(self) -> None:
        """Put the layer that was set aside back, on the device of the model."""
        if self.kernel is None:
            return
        layer = self._set_aside[0]
        place = next(self.kernel.parameters(), None)
        if layer is not None:
            layer.train(self.training)
            if place is not None:
                layer.to(place.device)
        self.kernel, self.bias, self.referred_layer = None, None, layer
        self._set_aside = [None, self._set_aside[1]]

    @property
    def original(self) -> nn.Module | None:
        """The layer that the placeholder stands for, in use or set aside; `None` where there is none."""
        layer: nn.Module | None = self.referred_layer if self.kernel is None else self._set_aside[0]
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """The value of the operator, or of the layer where there is none yet.

        Raises `SynoError` (E1155) where there is neither.
        """
        if self.kernel is not None and self._trace is None:
            y: Tensor = self.kernel(self._before(x))
            return self._after(y)
        out: Tensor | None = self.referred_layer(x) if self.referred_layer is not None else None
        if self._trace is not None:
            return self._trace(self, x, out)
        if out is None:
            hint = "replace it first: `sampler.replace(net, operator)`"
            raise fail("E1155", "this placeholder has neither an operator nor a layer", hint=hint)
        return out

    def extra_repr(self) -> str:
        """The sizes that are known."""
        sizes = ", ".join(f"{name}={value}" for name, value in self.sizes.items())
        return sizes + (f", stride={self.stride} by {self.stride_by}" if self.strided else "")

    @property
    def strided(self) -> bool:
        """Whether the layer strides."""
        return any(step != 1 for step in self.stride)

    def around(
        self, before: tuple[int, ...], after: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of the input and output of the operator, given those of the layer."""
        if not self.strided:
            return before, after
        rank = len(self.stride)
        if self.stride_by == "pool":
            return (*before[:-rank], *after[-rank:]), after
        return before, (*after[:-rank], *before[-rank:])

    def _before(self, x: Tensor) -> Tensor:
        if not self.strided or self.stride_by != "pool":
            return x
        pool = (nn.functional.avg_pool1d, nn.functional.avg_pool2d, nn.functional.avg_pool3d)[
            len(self.stride) - 1
        ]
        # A convolution that strides keeps what is left over at the end of an axis, so the pool does too.
        pooled: Tensor = pool(x, self.stride, self.stride, 0, True)
        return pooled

    def _after(self, y: Tensor) -> Tensor:
        if self.strided and self.stride_by == "slice":
            for axis, step in enumerate(reversed(self.stride), 1):
                y = y.movedim(-axis, 0)[::step].movedim(0, -axis)
        if self.bias is None:
            return y
        shape = [1] * y.dim()
        shape[self.bias_axis] = -1
        shifted: Tensor = y + self.bias.view(shape)
        return shifted


def find_placeholders(net: nn.Module) -> dict[str, Placeholder]:
    """The placeholders of a model by their names in it, each once."""
    return {name: item for name, item in net.named_modules() if isinstance(item, Placeholder)}


def checked_sizes(sizes: Mapping[str, int]) -> dict[str, int]:
    """`sizes` as whole numbers.  Raises `SynoError` (E1154)."""
    found: dict[str, int] = {}
    for name, value in sizes.items():
        try:
            number = 0 if isinstance(value, bool) else index(value)
        except TypeError:
            number = 0
        if number < 1 or not isinstance(name, str):
            hint = 'write sizes as `{"H": 32, "W": 32}`'
            raise fail("E1154", f"{name} = {value!r} is no positive whole number", hint=hint)
        found[name] = number
    return found
