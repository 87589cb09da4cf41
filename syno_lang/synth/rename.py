"""An operator with sizes of its own enters; the same over the sizes of a space leaves."""

from __future__ import annotations

from collections.abc import Mapping

from syno_lang.diagnostics import fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph, Read
from syno_lang.ir.tensors import Tensor
from syno_lang.sizes import Size
from syno_lang.synth.define import definition_of
from syno_lang.synth.space import Axis, Space


def in_sizes_of(space: Space, definition: Definition, chosen: Mapping[str, str] | None = None) -> Definition:
    """`definition` with the sizes of `space` in the place of its own.

    `chosen` says which size stands for which.  Any other one stays, if the space has a size of its name;
    else it is that of the axis where both shapes have it, or the one coefficient with the same default.
    Raises `SynoError` (E1104) for a size that nothing stands for.
    """
    known = [item.declaration for item in space.sizes]
    images = _chosen(space, definition, chosen or {})
    names = {item.name for item in known}
    own = {item.name for item in definition.sizes}
    if images or not own <= names:
        _by_axes(space, definition, images)
        for size in definition.sizes:
            if size.name in names:
                images.setdefault(size.name, Size.variable(size.name))
        used = {name for size in images.values() for name in size.variables}
        for size in definition.sizes:
            free = [item.name for item in known if item.name not in used and item.kind == "coefficient"]
            same = [item.name for item in known if item.name in free and item.default == size.default]
            if size.name not in images and size.default is not None and len(same) == 1:
                images[size.name] = Size.variable(same[0])
                used.add(same[0])
        missing = [name for name in own if name not in images]
        if missing:
            message = f"{definition.name} has the size {min(missing)}, and {space.name} has none for it"
            hint = f"say which: `--as {min(missing)}=...`, one of {', '.join(sorted(names)) or 'none'}"
            raise fail("E1104", message, hint=hint)
        definition = definition_of(space, _substituted(definition.graph, images), definition.name)
    return definition


def _chosen(space: Space, definition: Definition, chosen: Mapping[str, str]) -> dict[str, Size]:
    names = [item.declaration.name for item in space.sizes]
    own = [item.name for item in definition.sizes]
    for one, other in chosen.items():
        for name, known, what in ((one, own, definition.name), (other, names, space.name)):
            if name not in known:
                hint = did_you_mean(name, known) or f"its sizes are {', '.join(known) or 'none'}"
                raise fail("E1104", f"{what} has no size {name}", hint=hint)
    return {one: Size.variable(other) for one, other in chosen.items()}


def _by_axes(space: Space, definition: Definition, images: dict[str, Size]) -> None:
    """The images of sizes that are those of whole axes."""
    shapes: list[tuple[tuple[Size, ...], tuple[Axis, ...]]] = [(definition.graph.output, space.outputs)]
    if len(definition.inputs) == 1:
        shapes.append((definition.inputs[0].shape, space.inputs))
    for shape, axes in shapes:
        if len(shape) != len(axes):
            continue
        for size, axis in zip(shape, axes, strict=True):
            if size.powers and size == Size.variable(size.powers[0][0]):
                images.setdefault(size.powers[0][0], axis.size)


def _substituted(graph: PGraph, images: Mapping[str, Size]) -> PGraph:
    def size(old: Size) -> Size:
        new = Size(old.numerator, old.denominator, ())
        for name, power in old.powers:
            new = new * images[name] ** power
        return new

    def rebuild(node: Coordinate) -> Coordinate:
        below = [rebuild(item) for item in node.operands]
        match node:
            case Iterator():
                return Iterator(node.position, size(node.domain))
            case Reduce():
                return Reduce(node.label, size(node.domain), node.reducer)
            case Split():
                return Split(below[0], below[1])
            case Quotient():
                return Quotient(below[0], size(node.block))
            case Remainder():
                return Remainder(below[0], size(node.block))
            case Shift():
                return Shift(below[0], node.amount)
            case Unfold():
                return Unfold(below[0], below[1])
            case Stride():
                return Stride(below[0], size(node.factor))
        raise TypeError(type(node).__name__)

    return PGraph.make(
        tuple(map(size, graph.output)),
        [Tensor(item.role, tuple(map(size, item.shape))) for item in graph.tensors],
        [Read(read.tensor, tuple(map(rebuild, read.index))) for read in graph.reads],
        tuple(map(rebuild, graph.expanded)),
    )
