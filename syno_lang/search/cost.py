"""A definition and the layers that it is for enter; FLOPs and parameters of all layers together leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.lower.cost import cost
from syno_lang.lower.schedule import schedule


def sizes_at(definition: Definition, layer: Mapping[str, int]) -> dict[str, int]:
    """The sizes of `definition` at a layer that may have more.  Raises `SynoError` where they do not fit."""
    own = {size.name for size in definition.sizes}
    return assign(definition, {name: value for name, value in layer.items() if name in own})


def cost_at(definition: Definition, layers: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """`flops` and `params`, summed over the layers, each with its own best schedule.

    Raises `SynoError` where the operator does not fit a layer.
    """
    total = {"flops": 0, "params": 0}
    for layer, times in Counter(tuple(sorted(layer.items())) for layer in layers).items():
        sizes = sizes_at(definition, dict(layer))
        found = cost(schedule(definition, sizes), sizes)
        total["flops"] += times * found.flops
        total["params"] += times * found.parameters
    return total
