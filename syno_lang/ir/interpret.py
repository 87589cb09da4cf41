"""A pGraph, arrays and sizes enter; the value of the operator leaves, straight from its definition.

This is the oracle: NumPy in float64, `out[i] = reduce over r of the product of the reads`, where every
read is gathered at the value of its coordinates.  It shares nothing with the lowering.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.ir.coordinates import (
    Coordinate,
    Quotient,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
    walk,
)
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def interpret(definition: Definition, arrays: Mapping[str, ArrayLike], sizes: Mapping[str, int]) -> Floats:
    """The output for `arrays`, given by tensor name, as float64 in the shape of the output.

    `sizes` gives every size variable of the operator.  Raises `SynoError` (E0603, E0604) where arrays
    are missing, unknown, no numbers or of another shape, or where the result is larger than the memory.
    """
    values = _arrays(definition, arrays, sizes)
    try:
        return evaluate(definition.graph, values, sizes)
    except (MemoryError, ValueError) as error:
        loops = (*definition.graph.iterators, *definition.graph.reductions)
        # NumPy has a ValueError for arrays that no machine could hold.
        if isinstance(error, ValueError) and prod(loop.domain.value(sizes) for loop in loops) < 2**50:
            raise
        message = f"{definition.name} does not fit into the memory at these sizes: {error}"
        raise fail("E0603", message, hint="choose smaller sizes") from None


def _arrays(
    definition: Definition, arrays: Mapping[str, ArrayLike], sizes: Mapping[str, int]
) -> list[Floats]:
    """One array for each tensor, in the order of the file.  Raises `SynoError` with every finding."""
    findings: list[Diagnostic] = []
    known = {tensor.name: tensor for tensor in definition.tensors}
    for name in [name for name in arrays if name not in known]:
        hint = f"the tensors are {', '.join(known)}"
        findings.append(Diagnostic("E0604", f"{definition.name} has no tensor {name}", hint=hint))
    values = []
    for tensor in definition.tensors:
        try:
            array = _array(arrays[tensor.name])
        except KeyError:
            hint = "give an array for every input and weight"
            findings.append(Diagnostic("E0604", f"no array is given for {tensor.name}", hint=hint))
            continue
        except (TypeError, ValueError) as error:
            message = f"what is given for {tensor.name} is no array of numbers: {error}"
            hint = "give nested lists of numbers, or a NumPy array"
            findings.append(Diagnostic("E0604", message, hint=hint))
            continue
        wanted = tuple(size.value(sizes) for size in tensor.shape)
        if array.shape != wanted:
            shape = ", ".join(f"{size} = {value}" for size, value in zip(tensor.shape, wanted, strict=True))
            message = f"{tensor.name} has shape {list(array.shape)}, not {list(wanted)}"
            findings.append(Diagnostic("E0603", message, hint=f"its axes are [{shape}]"))
        values.append(array)
    if findings:
        raise SynoError(findings)
    return values


def _array(value: Any) -> Floats:
    """Numbers as float64; a tensor that takes part in a gradient is taken for its numbers."""
    detach = getattr(value, "detach", None)
    array = np.asarray(value if detach is None else detach().cpu().double())
    if array.dtype.kind not in "biuf":
        raise TypeError(f"these are no real numbers but {array.dtype}")
    return array.astype(np.float64)


def evaluate(graph: PGraph, tensors: Sequence[Floats], sizes: Mapping[str, int]) -> Floats:
    """The output of `graph` for `tensors` in its order.

    Every factor becomes an array over the leaves that it depends on; `einsum` multiplies and sums them.
    """
    leaves: list[Coordinate] = [*graph.iterators, *graph.reductions]
    number = {leaf: position for position, leaf in enumerate(leaves)}
    operands: list[Any] = []
    for read in graph.reads:
        operands += _factor(tensors[read.tensor], read.index, number, sizes)
    for coordinate in graph.expanded:
        operands += _factor(None, (coordinate,), number, sizes)
    # An axis that no factor has is a factor of ones.
    present = {label for labels in operands[1::2] for label in labels}
    for leaf, label in number.items():
        if label not in present:
            operands += [np.ones(leaf.domain.value(sizes)), [label]]
    if not operands:
        return np.ones(())
    result = np.einsum(*operands, list(range(len(graph.iterators))), optimize="greedy")
    divisor = prod(item.domain.value(sizes) for item in graph.reductions if item.reducer == "mean")
    return np.asarray(result, dtype=np.float64) / divisor


def _factor(
    tensor: Floats | None,
    index: Sequence[Coordinate],
    number: Mapping[Coordinate, int],
    sizes: Mapping[str, int],
) -> list[Any]:
    """`tensor[index]` over the leaves below `index`, zero outside; without a tensor, one inside."""
    leaves = sorted({leaf for item in index for leaf in item.leaves}, key=lambda leaf: number[leaf])
    extents = [leaf.domain.value(sizes) for leaf in leaves]
    values: dict[Coordinate, Ints] = {}
    for axis, (leaf, extent) in enumerate(zip(leaves, extents, strict=True)):
        shape = [extent if other == axis else 1 for other in range(len(leaves))]
        values[leaf] = np.arange(extent, dtype=np.int64).reshape(shape)
    inside = np.ones([1] * len(leaves), dtype=bool)
    for node in walk(*index):
        if node.operands:
            values[node] = _value(node, [values[operand] for operand in node.operands], sizes)
        if isinstance(node, Unfold):
            bound = node.domain.value(sizes)
            inside = inside & (values[node] >= 0) & (values[node] < bound)
            # Outside, any legal place will do: the product is zero there.
            values[node] = np.clip(values[node], 0, bound - 1)
    read = np.ones(()) if tensor is None else tensor[tuple(values[item] for item in index)]
    factor = np.where(np.broadcast_to(inside, np.broadcast_shapes(inside.shape, read.shape)), read, 0.0)
    return [np.broadcast_to(factor, extents), [number[leaf] for leaf in leaves]]


def _value(node: Coordinate, below: Sequence[Ints], sizes: Mapping[str, int]) -> Ints:
    """One primitive: the value of a coordinate from the values of its operands."""
    match node:
        case Split(operands=(_, minor)):
            return minor.domain.value(sizes) * below[0] + below[1]
        case Quotient():
            return below[0] // node.block.value(sizes)
        case Remainder():
            return below[0] % node.block.value(sizes)
        case Shift():
            return (below[0] + node.amount) % node.domain.value(sizes)
        case Unfold():
            return below[0] + below[1] - node.window.domain.value(sizes) // 2
        case Stride():
            return node.factor.value(sizes) * below[0]
    raise TypeError(f"{node!r} is no primitive")
