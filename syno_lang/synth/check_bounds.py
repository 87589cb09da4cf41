"""An operator in normal form enters; a reason leaves for every amount that is beyond a bound of its space."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Mapping

from syno_lang.ir.coordinates import Reduce, Stride
from syno_lang.lower.cost import ELEMENT_BYTES, cost
from syno_lang.lower.schedule import schedule
from syno_lang.lower.stages import StageProgram
from syno_lang.sizes import Size, product
from syno_lang.synth.candidate import Candidate, Reason
from syno_lang.synth.check_views import powers_left
from syno_lang.synth.define import definition_of


def reductions(item: Candidate) -> Iterate[Reason]:
    """Uses of sizes, how much is summed for each element of the input, how much no weight reads."""
    limits, layers = item.space.limits, item.layers
    for name, left in powers_left(item).items():
        if left is not None and left < 0:
            yield Reason("uses", f"{name} is used {-left} times more than it may be")
    for node in item.graph.coordinates:
        size = node.domain if isinstance(node, Reduce) else node.factor if isinstance(node, Stride) else None
        name = "" if size is None else steep(size, limits.power, layers.primary)
        if name:
            yield Reason("power", f"`{size}` has a power of {name} that is out of range")
    summed = product(node.domain for node in item.graph.reductions)
    ratio = summed / elements(item)
    if limits.reduction_ratio is not None and layers.high(ratio) > limits.reduction_ratio:
        yield Reason("reduction_ratio", f"sums of `{summed}` are more than {limits.reduction_ratio} inputs")
    read = {leaf for one in item.weights for node in one.index for leaf in node.leaves}
    pooled = product(node.domain for node in item.graph.reductions if node not in read)
    if limits.pooling is not None and layers.high(pooled) > limits.pooling:
        yield Reason("pooling", f"sums of `{pooled}` that no weight reads, more than {limits.pooling}")


def elements(item: Candidate) -> Size:
    """The elements of the input without the axes that pass through."""
    kept = {axis for axis, _ in item.space.keep}
    return product(axis.size for place, axis in enumerate(item.space.inputs) if place not in kept)


def steep(size: Size, most: int, primary: frozenset[str]) -> str:
    """A variable with too large a power, or nothing."""
    return next((name for name, power in size.powers if abs(power) > most * (1 + (name in primary))), "")


def weight_sizes(item: Candidate) -> Iterate[Reason]:
    """No weight is too small at any layer."""
    least = item.space.limits.weight_params
    for read in item.weights:
        size = product(node.domain for node in read.index)
        if item.layers.low(size) < least:
            yield Reason("weight_params", f"a weight of `{size}` has fewer than {least} elements at a layer")


def costs(item: Candidate) -> Iterate[Reason]:
    """Multiply-accumulates, parameters and bytes over all layers."""
    limits = item.space.limits
    found: dict[str, int] = {}
    if limits.params != (None, None):
        sizes = [product(node.domain for node in read.index) for read in item.weights]
        found["params"] = int(sum(item.layers.total(size) for size in sizes))
    if limits.flops != (None, None) or limits.memory is not None:
        found |= _run(item)
    bounds = {"params": limits.params, "flops": limits.flops, "memory": (None, limits.memory)}
    for name, value in found.items():
        least, most = bounds[name]
        if (least is not None and value < least) or (most is not None and value > most):
            bound = f"at most {most}" if most is not None and value > most else f"at least {least}"
            yield Reason(name, f"{value} over all layers, where {bound} are allowed")


def _run(item: Candidate) -> dict[str, int]:
    """FLOPs and bytes of the cheapest schedule at each layer, summed."""
    definition = definition_of(item.space, item.graph)
    flops = memory = 0
    for values in item.layers.values:
        program = schedule(definition, values)
        flops += cost(program, values).flops
        memory += _elements(program, values) * ELEMENT_BYTES
    return {"flops": flops, "memory": memory}


def _elements(program: StageProgram, values: Mapping[str, int]) -> int:
    return sum(product(buffer.shape).value(values) for buffer in program.buffers)
