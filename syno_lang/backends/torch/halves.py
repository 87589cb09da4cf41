"""A stage enters; an equal one leaves in which an axis that is read by halves is two axes.

Where a read takes `i / B` or `i % B` of an axis `i`, the axis becomes a major and a minor one: then both
halves are plain axes, every other use of `i` is their SPLIT, and nothing has to be repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Split, replace, walk
from syno_lang.lower.stages import Apply, Axis, BufferRead, Expression, Inside, Stage

Image = Callable[[Coordinate], "Coordinate | None"]


@dataclass(frozen=True, slots=True)
class Halved:
    """A `stage`, equal to the `original`, whose axes may be halves; `origins` says what they and
    their SPLIT are in terms of the original axes.

    `widths` gives, per axis of the original stage, how many neighbouring axes it has become.
    """

    original: Stage
    stage: Stage
    origins: dict[Coordinate, Coordinate]
    widths: tuple[int, ...]


def halved(stage: Stage) -> Halved:
    """Halve axes of `stage` until no read takes a half of one."""
    origins: dict[Coordinate, Coordinate] = {}
    owners = list(range(len(stage.axes)))
    original = stage
    while (node := _half_of_axis(stage)) is not None:
        major, minor = _new_axes(node, stage, 2 * (len(origins) // 3))
        axis = node.operands[0]
        whole = replace(axis, origins.get)
        images = {
            Quotient(axis, node.block): major,
            Remainder(axis, node.block): minor,
            axis: Split(major, minor),
        }
        origins[major], origins[minor] = Quotient(whole, node.block), Remainder(whole, node.block)
        origins[Split(major, minor)] = whole
        if axis in stage.axes:
            place = stage.axes.index(axis)
            owners.insert(place, owners[place])
        stage = Stage(
            stage.buffer,
            _instead(stage.axes, axis, (major, minor)),
            _instead(stage.reductions, axis, (major, minor)),
            _rebuilt(stage.value, images.get),
        )
    return Halved(original, stage, origins, tuple(owners.count(place) for place in dict.fromkeys(owners)))


def _half_of_axis(stage: Stage) -> Quotient | Remainder | None:
    tops = [item for factor in stage.factors for item in _coordinates(factor)]
    halves = (node for node in walk(*tops) if isinstance(node, (Quotient, Remainder)))
    return next((node for node in halves if isinstance(node.operands[0], Axis)), None)


def _new_axes(node: Quotient | Remainder, stage: Stage, number: int) -> tuple[Axis, Axis]:
    axis = node.operands[0]
    assert isinstance(axis, Axis)
    taken = {one.name for one in (*stage.axes, *stage.reductions)}
    name = axis.name
    while {f"{name}_{number}", f"{name}_{number + 1}"} & taken:
        name += "_"
    major = Axis(f"{name}_{number}", axis.domain / node.block, axis.reducer)
    return major, Axis(f"{name}_{number + 1}", node.block, axis.reducer)


def _coordinates(factor: Expression) -> tuple[Coordinate, ...]:
    match factor:
        case BufferRead(_, index):
            return index
        case Inside(coordinate):
            return (coordinate,)
    return ()


def _instead(axes: tuple[Axis, ...], old: Coordinate, new: tuple[Axis, ...]) -> tuple[Axis, ...]:
    return tuple(item for axis in axes for item in (new if axis is old else (axis,)))


def _rebuilt(value: Expression, image: Image) -> Expression:
    match value:
        case BufferRead(buffer, index):
            return BufferRead(buffer, tuple(replace(item, image) for item in index))
        case Inside(coordinate):
            return Inside(replace(coordinate, image))
        case Apply(function, arguments):
            return Apply(function, tuple(_rebuilt(item, image) for item in arguments))
    return value
