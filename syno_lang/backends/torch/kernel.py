"""A compiled function of tensors enters; a `torch.nn.Module` that calls it leaves, for inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch


class KernelModule(torch.nn.Module):
    """Calls a kernel on tensors where they lie, without copying, and without gradients.

    `weights` gives their shapes by name, in the order of the kernel; they are parameters that do not ask for
    gradients, so that `load_state_dict` of the PyTorch module of the same operator fits.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        weights: Mapping[str, Sequence[int]],
        output: Sequence[int],
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.function = function
        self.output = tuple(output)
        self.dtype: torch.dtype = getattr(torch, dtype)
        self.names = tuple(weights)
        for name, shape in weights.items():
            empty = torch.empty(tuple(shape), dtype=self.dtype)
            self.register_parameter(name, torch.nn.Parameter(empty, requires_grad=False))

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The output for these inputs.  Raises `RuntimeError` where an input asks for gradients."""
        if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
            raise RuntimeError("this kernel records no gradients: call it under torch.no_grad()")
        weights = [getattr(self, name).detach() for name in self.names]
        dense = [tensor.detach().contiguous() for tensor in inputs]
        out = torch.empty(self.output, dtype=self.dtype)
        self.function(*dense, *weights, out)
        return out
