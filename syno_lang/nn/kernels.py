"""An operator and the sizes of a layer enter; a `torch.nn.Module` that computes it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from inspect import Parameter, signature
from typing import Any

import torch
from torch import nn

from syno_lang.backends.torch.emit import class_name, emit
from syno_lang.backends.torch.load import load_class
from syno_lang.diagnostics import fail
from syno_lang.ir.definition import Definition
from syno_lang.lower.schedule import schedule


def make_kernel(
    definition: Definition,
    sizes: Mapping[str, int],
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> nn.Module:
    """The module of `definition` at `sizes`; what the operator does not have is left out.

    Sizes that the data tells, such as the batch, stay open.  The module can be copied and pickled, and read
    back by another process.  Raises `SynoError` (E1153) where the operator does not exist at these sizes.
    """
    own = {size.name for size in definition.sizes}
    known = {name: value for name, value in sizes.items() if name in own}
    text = emit([definition], {definition.name: schedule(definition, known)})
    kind = _class(text, class_name(definition.name))
    parameters = signature(kind).parameters
    fixed = {name: value for name, value in known.items() if parameters[name].default is not None}
    missing = [
        name
        for name, item in parameters.items()
        if item.default is Parameter.empty and item.kind is Parameter.KEYWORD_ONLY and name not in fixed
    ]
    if missing:
        message = f"the layer has no value for {', '.join(missing)} of {definition.name}"
        raise fail("E1153", message, hint="give it in the mappings of the placeholder")
    try:
        module: nn.Module = kind(**fixed, device=device, dtype=dtype)
    except ValueError as error:
        hint = "leave this layer out of the model's placeholders, or choose another operator"
        raise fail("E1153", str(error), hint=hint) from error
    return module


def parameters_of(definition: Definition, sizes: Mapping[str, int]) -> int:
    """How many numbers the weights hold at these sizes."""
    total = 0
    for tensor in definition.weights:
        elements = 1
        for size in tensor.shape:
            elements *= size.value(sizes)
        total += elements
    return total


def flops_of(definition: Definition, sizes: Mapping[str, int]) -> int:
    """The multiply-accumulates at these sizes, in the cheapest order; 0 where a size is open."""
    from syno_lang.lower.cost import cost

    own = {size.name for size in definition.sizes}
    known = definition.defaults | {name: value for name, value in sizes.items() if name in own}
    if len(known) < len(own):
        return 0
    return cost(schedule(definition, known), known).flops


@lru_cache(maxsize=256)
def _class(text: str, name: str) -> type[Any]:
    """The class of an emitted text, made such that its instances say how they are made again."""
    emitted = load_class(text, name)

    def reduce(self: nn.Module, protocol: int) -> tuple[Any, ...]:
        return _empty, (text, name), self.__dict__.copy()

    return type(name, (emitted,), {"__reduce_ex__": reduce, "__doc__": emitted.__doc__})


def _empty(text: str, name: str) -> nn.Module:
    """An instance without its state, which pickle then fills in."""
    module: nn.Module = object.__new__(_class(text, name))
    return module
