"""A form and the operands of a stage enter; the lines of one matrix product, convolution or pooling leave.

The dimensions of both operands are sorted by what they do and fused, a dimension of the native call each:
*leading* ones are the data's alone and come first in it, *groups* are read by both and kept, *inner* ones
are read by both and summed, *outer* ones are the weight's alone, and the rest are the data's windows and
the axes beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from syno_lang.backends.torch.forms import MAX_RANK, Form, window_of
from syno_lang.backends.torch.lines import Labels, Lines
from syno_lang.backends.torch.operand import Axes, Operand, permuted
from syno_lang.backends.torch.operations import Convolve, Expand, Matmul, Pool, Reshape, Scale, Sum
from syno_lang.backends.torch.views import views_of
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.stages import Axis
from syno_lang.sizes import ONE, product

Parts = Sequence[Labels]


@dataclass(frozen=True, slots=True)
class _Roles:
    """What the dimensions of data and weight do."""

    leading: Axes
    groups: Axes
    inner: Axes
    outer: Axes
    rest: Labels


def native(form: Form, kept: Axes, operands: Sequence[Operand], lines: Lines) -> Operand:
    """The product of `operands`, reduced to the axes in `kept`, whose order is up to the native call."""
    if form.kind == "pooling":
        return _pool(operands[0], lines)
    read = [*chain(*(_axes(operand.axes) for operand in operands))]
    once = {axis for axis in read if axis not in kept and read.count(axis) == 1}
    data, weight = (_summed(operands[place], once, lines) for place in (form.data, 1 - form.data))
    if form.kind == "slices":
        return _slices(kept, data, weight, lines)
    roles = _roles(data.axes, weight.axes, kept)
    if form.kind == "linear" or (form.kind == "pointwise" and not roles.rest):
        return _linear(roles, data, weight, lines)
    multiply = _matmul if form.kind == "matmul" else _convolve
    return multiply(roles, data, weight, lines)


def _axes(labels: Labels) -> Axes:
    """The axes that dimensions run over, both of a window."""
    windows = ((label, window_of(label)) for label in labels)
    return tuple(
        axis
        for label, window in windows
        for axis in ((window.place, window.offset) if window else (label,))
        if isinstance(axis, Axis)
    )


def _summed(operand: Operand, once: set[Axis], lines: Lines) -> Operand:
    dims = tuple(place for place, label in enumerate(operand.axes) if label in once)
    left = tuple(label for label in operand.axes if label not in once)
    return operand.line(lines, Sum(dims), left) if dims else operand


def _roles(data: Labels, weight: Labels, kept: Collection[Axis]) -> _Roles:
    both = tuple(label for label in data if label in weight)
    alone = [label not in both and isinstance(label, Axis) for label in data]
    first = alone.index(False) if False in alone else len(data)
    read = _axes(data)
    return _Roles(
        leading=_plain(data[:first]),
        groups=_plain(label for label in both if label in kept),
        inner=_plain(label for label in both if label not in kept),
        outer=_plain(label for label in weight if label not in read),
        rest=tuple(label for label in data[first:] if label not in both),
    )


def _plain(labels: Iterable[Coordinate]) -> Axes:
    return tuple(label for label in labels if isinstance(label, Axis))


def _matmul(roles: _Roles, data: Operand, weight: Operand, lines: Lines) -> Operand:
    """Weight times data: for each of the leading axes, and for each group."""
    rest, groups = _plain(roles.rest), ((roles.groups,) if roles.groups else ())
    if not rest and not groups:
        return _linear(roles, data, weight, lines)
    leading = (roles.leading,) if roles.leading else ()
    left = _fused(weight, (*groups, roles.outer, roles.inner), lines)
    if leading and not groups:
        # One matrix for all of a stack: as a view, for a product that broadcasts would copy the data.
        shape = (_joint(roles.leading), *left.axes)
        operation = Expand((0,), tuple(axis.domain for axis in shape))
        left = Operand(left.name, left.axes, left.view).line(lines, operation, shape)
    right = _fused(data, (*leading, *groups, roles.inner, rest), lines)
    ends = (*leading, *groups, roles.outer, rest)
    return _apart(ends, _product(left, right, ends, lines), lines)


def _linear(roles: _Roles, data: Operand, weight: Operand, lines: Lines) -> Operand:
    """Data times weight: the channels come last."""
    several = (*roles.leading, *_plain(roles.rest))
    parts = (*((axis,) for axis in several), roles.inner)
    left, right = _fused(data, parts, lines), _fused(weight, (roles.inner, roles.outer), lines)
    ends: Parts = (*((axis,) for axis in several), roles.outer)
    return _apart(ends, _product(left, right, ends, lines), lines)


def _slices(kept: Axes, data: Operand, weight: Operand, lines: Lines) -> Operand:
    """Contract at every place of the axes that windows walk along; then sum over the windows."""
    whole = {label: _whole(label) for label in data.axes if window_of(label)}
    found = [window for window in map(window_of, whole) if window]
    places, offsets = {window.place for window in found}, {window.offset for window in found}
    early = {*kept, *whole.values(), *offsets} - places
    plain = tuple(whole.get(label, label) for label in data.axes)
    data = Operand(data.name, plain, data.view)
    result = _matmul(_roles(data.axes, weight.axes, early), data, weight, lines)
    back: dict[Coordinate, Coordinate] = {axis: node for node, axis in whole.items()}
    result = Operand(result.name, tuple(back.get(label, label) for label in result.axes), lines.target)
    for operation, labels in views_of(result.axes):
        result = result.line(lines, operation, labels, lines.target)
    return _summed(result, offsets, lines)


def _product(left: Operand, right: Operand, ends: Parts, lines: Lines) -> Operand:
    axes = tuple(_joint(part) for part in ends)
    return Operand(lines.add(Matmul(), (left.name, right.name), axes), axes)


def _convolve(roles: _Roles, data: Operand, weight: Operand, lines: Lines) -> Operand:
    fields = [tuple(run) for _, run in groupby(roles.rest, key=lambda label: window_of(label) or ONE)]
    if len(roles.rest) <= MAX_RANK:
        fields = [(label,) for label in roles.rest]
    leading = roles.leading
    while len(fields) > MAX_RANK:
        plain = next(field for field in fields if window_of(field[0]) is None)
        fields.remove(plain)
        leading += _plain(plain)
    windows = [window_of(field[0]) for field in fields]
    offsets = [(window.offset,) if window else () for window in windows]
    places = [(window.place,) if window else field for window, field in zip(windows, fields, strict=True)]
    left = _fused(data, (leading, (*roles.groups, *roles.inner), *fields), lines)
    right = _fused(weight, ((*roles.groups, *roles.outer), roles.inner, *offsets), lines)
    operation = Convolve(
        tuple(window.offset.domain if window else ONE for window in windows),
        tuple(window.stride if window else ONE for window in windows),
        tuple(window.dilation if window else ONE for window in windows),
        product(axis.domain for axis in roles.groups),
        all(window.tiled for window in windows if window),
    )
    ends: Parts = (leading, (*roles.groups, *roles.outer), *places)
    axes = tuple(_joint(part) for part in ends)
    return _apart(ends, Operand(lines.add(operation, (left.name, right.name), axes), axes), lines)


def _pool(data: Operand, lines: Lines) -> Operand:
    found = [window for window in map(window_of, data.axes) if window]
    nodes = tuple(label for label in data.axes if window_of(label))
    others = _plain([label for label in data.axes if label not in nodes])
    # The native call wants a batch and channels, or channels alone.
    parts: Parts = tuple((axis,) for axis in others) if len(others) in (1, 2) else (others,)
    places = [(window.place,) for window in found]
    left = _fused(data, (*parts, *((node,) for node in nodes)), lines)
    sizes = tuple(window.offset.domain for window in found)
    operation = Pool(sizes, tuple(window.stride for window in found), any(window.tiled for window in found))
    ends = (*parts, *places)
    axes = tuple(_joint(part) for part in ends)
    result = Operand(lines.add(operation, (left.name,), axes), axes)
    if found[0].offset.reducer == "sum":
        result = Operand(lines.add(Scale(product(sizes)), (result.name,), axes), axes)
    return _apart(ends, result, lines)


def _fused(operand: Operand, parts: Parts, lines: Lines) -> Operand:
    """One dimension per part."""
    operand = permuted(operand, tuple(chain(*parts)), lines)
    if all(len(part) == 1 for part in parts):
        return operand
    axes = tuple(_joint(part) for part in parts)
    return operand.line(lines, Reshape(tuple(axis.domain for axis in axes)), axes)


def _apart(parts: Parts, result: Operand, lines: Lines) -> Operand:
    """Undo the fusion of axes in the variable of the stage."""
    axes = _plain(chain(*parts))
    if all(len(part) == 1 for part in parts):
        return Operand(result.name, axes)
    return Operand(lines.add(Reshape(tuple(axis.domain for axis in axes)), (result.name,), axes), axes)


def _joint(part: Labels) -> Coordinate:
    """One coordinate for the axes of `part`."""
    if len(part) == 1:
        return part[0]
    name = "_".join(axis.name for axis in _plain(part)) or "one"
    return Axis(name, product(axis.domain for axis in part))


def _whole(node: Coordinate) -> Axis:
    """The axis that a window walks along."""
    name = "_".join(sorted(leaf.name for leaf in _plain(node.leaves)))
    return Axis(name, node.domain)
