"""Reads enter of whose tensors some may be laid out anew; the same reads over plainer axes leave.

A weight that is read at a view of coordinates may be stored as that view: what the operator can be is the
same. So each step here exchanges axes of a tensor, and says where those it had are found over the new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

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
    replace as put,
    walk,
)
from syno_lang.ir.tensors import Read
from syno_lang.rewrite.engine import Engine
from syno_lang.rewrite.reads import Free, Reads
from syno_lang.sizes import ONE, Size

#: What one axis of a tensor is read at, by each read of the tensor.
Axis = tuple[Coordinate, ...]


def axes_of(reads: Reads, tensor: int) -> list[Axis]:
    """What each axis of a tensor is read at."""
    return list(zip(*(read.index for read in reads.reads if read.tensor == tensor), strict=True))


def plainer(reads: Reads, free: Free, engine: Engine) -> Reads | None:
    """One axis of a free tensor plainer, or two that are halves of one joined; `None` where all are plain."""
    axes, groups = axes_of(reads, free.tensor), free.groups
    for place, axis in enumerate(axes):
        if groups[place] < 0:
            continue
        known = None if free.is_whole else _known(axes, place)
        if known is not None:
            return _changed(reads, free, _without(axes, place), _images(axes, place, known), place)
        if engine.facts.divides(axis[0].domain, ONE) and not (
            free.is_whole and groups.count(groups[place]) == 1
        ):
            return _changed(reads, free, _without(axes, place), _images(axes, place, None), place).also(axis)
        found = _below(axis)
        if found is not None and not (free.is_whole and isinstance(axis[0], Stride)):
            return _exchanged(reads, free, [place], found[0], [found[1]])
    return _joined(reads, free, axes, engine)


def _known(axes: Sequence[Axis], place: int) -> tuple[int, Coordinate] | None:
    """Another axis that says where this one is read, and this one over an iterator in its place."""
    for other, base in enumerate(axes):
        if other == place or (axes[place] == base and other > place):
            continue
        mark = Iterator(-1, base[0].domain)
        views = {put(item, {one: mark}.get) for item, one in zip(axes[place], base, strict=True)}
        view = views.pop()
        if not views and view.leaves == {mark} and not any(isinstance(item, Unfold) for item in walk(view)):
            return other, view
    return None


def _below(axis: Axis) -> tuple[list[Axis], Callable[..., Coordinate]] | None:
    """The axes that make up one that is read at a view alone, and the view."""
    first, kind = axis[0], type(axis[0])
    if kind not in (Split, Stride) or any(type(item) is not kind for item in axis):
        return _turned(axis)
    operands = [item.operands for item in axis]
    if kind is Split:
        minors = {item[1].domain for item in operands}
        return (list(zip(*operands, strict=True)), Split) if len(minors) == 1 else None
    factor = first.arguments[1]
    if any(item.arguments[1] != factor for item in axis):
        return None
    return [tuple(item[0] for item in operands)], lambda leaf: Stride(leaf, factor)


def _turned(axis: Axis) -> tuple[list[Axis], Callable[..., Coordinate]] | None:
    """An axis turned such that its reads are shifted as little as can be, as sums are."""
    parts = [_unturned(item) for item in axis]

    def shifted(by: int) -> tuple[int, int, int]:
        amounts = [amount - by for _, amount in parts]
        return sum(map(bool, amounts)), sum(map(abs, amounts)), sum(amount < 0 for amount in amounts)

    best = min((0, *(amount for _, amount in parts)), key=shifted)
    if best == 0:
        return None
    turned = tuple(Shift(plain, amount - best) if amount != best else plain for plain, amount in parts)
    return [turned], lambda leaf: Shift(leaf, best)


def _unturned(node: Coordinate) -> tuple[Coordinate, int]:
    """A coordinate as a shift of another: `shift(a, d) % B` is one of `a % B`, though rules say it so."""
    if isinstance(node, Shift):
        return node.operands[0], node.amount
    if isinstance(node, Remainder) and isinstance(below := node.operands[0], Shift):
        return Remainder(below.operands[0], node.block), below.amount
    return node, 0


def _joined(reads: Reads, free: Free, axes: Sequence[Axis], engine: Engine) -> Reads | None:
    """Two axes that are read at neighbouring digits of one coordinate as one axis."""
    for (place, major), (other, minor) in permutations(enumerate(axes), 2):
        if free.groups[place] < 0 or free.groups[place] != free.groups[other]:
            continue
        found = [_whole(one, two, engine) for one, two in zip(major, minor, strict=True)]
        turns = {item[1] for item in found if item is not None}
        if len(turns) == 1 and None not in found:
            made = tuple(item[0] for item in found if item is not None)
            return _exchanged(reads, free, [place, other], [made], _halves(minor[0].domain, *turns))
        if not free.is_whole:
            several = [_united(one, two, engine) for one, two in zip(major, minor, strict=True)]
            images = {item[1:] for item in several if item is not None}
            if len(images) == 1 and None not in several:
                made = tuple(item[0] for item in several if item is not None)
                return _exchanged(reads, free, [place, other], [made], _digits(*images.pop()))
    return None


def _united(
    major: Coordinate, minor: Coordinate, engine: Engine
) -> tuple[Coordinate, Size, Size, Size] | None:
    """What has the digits of two coordinates that share some, and where those of each stand in it.

    Those of `major` go from one size to another; those of `minor` begin below it and end at a third.
    """
    (base, first, last), (other, start, end) = _interval(major), _interval(minor)
    divides = engine.facts.divides
    if base is not other or not divides(start, first) or not divides(first, end):
        return None
    if divides(end, last):
        top = last
    elif divides(last, end):
        top = end
    else:
        return None
    if first == end or (first, last) == (start, end) or (first != start and divides(first, start)):
        return None
    whole = Remainder(Quotient(base, start), top / start)
    return whole, first / start, last / start, end / start


def _interval(node: Coordinate) -> tuple[Coordinate, Size, Size]:
    """A coordinate as `(a / first) % (last / first)`: the digits of `a` from `first` up to `last`."""
    if isinstance(node, Quotient):
        return node.operands[0], node.block, node.operands[0].domain
    if isinstance(node, Remainder):
        base, first, _ = _interval(node.operands[0])
        return base, first, first * node.block
    return node, ONE, node.domain


def _digits(first: Size, last: Size, end: Size) -> list[Callable[..., Coordinate]]:
    """The digits from `first` up to `last`, and those up to `end`."""
    return [
        lambda leaf: Quotient(Remainder(leaf, last), first),
        lambda leaf: Remainder(leaf, end),
    ]


def _whole(major: Coordinate, minor: Coordinate, engine: Engine) -> tuple[Coordinate, int] | None:
    """The coordinate whose upper digits `major` is, and how far its digits below are turned from `minor`."""
    block = minor.domain
    upper = major.operands[0] if isinstance(major, Remainder) else major
    if not isinstance(upper, Quotient) or not engine.facts.divides(block, upper.block):
        return None
    whole: Coordinate = Quotient(upper.operands[0], upper.block / block)
    if isinstance(major, Remainder):
        whole = Remainder(whole, major.block * block)
    lower, amount = _unturned(engine.normal(Remainder(engine.normal(whole), block)))
    return (whole, amount) if engine.normal(lower) is minor else None


def loosened(reads: Reads, view: Coordinate) -> Reads:
    """`view` of sums, a split or a shift, in the place of those sums where a free tensor has them as axes."""
    for free in reads.free:
        axes = axes_of(reads, free.tensor)
        alone = [(item,) * len(axes[0]) for item in view.operands] if axes else []
        places = [axes.index(axis) for axis in alone if axis in axes]
        groups = {free.groups[place] for place in places}
        if len(places) == len(view.operands) and len(groups) == 1 and min(groups) >= 0:
            reads = _exchanged(reads, free, places, [(view,) * len(axes[0])], _inverses(view))
    return reads


def _inverses(view: Coordinate) -> list[Callable[..., Coordinate]]:
    if isinstance(view, Shift):
        amount = -view.amount
        return [lambda leaf: Shift(leaf, amount)]
    assert isinstance(view, Split)
    return _halves(view.operands[1].domain)


def _halves(block: Size, amount: int = 0) -> list[Callable[..., Coordinate]]:
    """Both halves of an axis, the lower one turned back."""
    return [lambda leaf: Quotient(leaf, block), lambda leaf: Shift(Remainder(leaf, block), -amount)]


def _exchanged(
    reads: Reads,
    free: Free,
    places: Sequence[int],
    made: Sequence[Axis],
    images: Sequence[Callable[..., Coordinate]],
) -> Reads:
    """The axes at `places` exchanged for `made`; each image is the old axis over the new ones."""
    axes = axes_of(reads, free.tensor)
    kept = [place for place in range(len(axes)) if place not in places]
    before = sum(place < min(places) for place in kept)
    new = [*(axes[place] for place in kept[:before]), *made, *(axes[place] for place in kept[before:])]
    leaves: list[Coordinate] = [Iterator(place, axis[0].domain) for place, axis in enumerate(new)]
    own, rest = leaves[before : before + len(made)], [*leaves[:before], *leaves[before + len(made) :]]
    old = dict(zip(kept, rest, strict=True))
    old |= {place: image(*own) for place, image in zip(places, images, strict=True)}
    groups = [free.groups[place] for place in kept]
    groups[before:before] = [free.groups[places[0]]] * len(made)
    changed = replace(free, groups=tuple(groups))
    return _changed(reads, changed, new, [old[place] for place in range(len(axes))])


def _images(axes: Sequence[Axis], gone: int, known: tuple[int, Coordinate] | None) -> list[Coordinate]:
    """The old axes over those that are left without one, which another one says, or which is 0."""
    rest = _without(axes, gone)
    leaves: list[Coordinate] = [Iterator(place, axis[0].domain) for place, axis in enumerate(rest)]
    if known is None:
        image: Coordinate = Quotient(leaves[0], leaves[0].domain) if leaves else Reduce(0, ONE)
    else:
        other, view = known
        (mark,) = view.leaves
        image = put(view, {mark: leaves[other - (other > gone)]}.get)
    return [*leaves[:gone], image, *leaves[gone:]]


def _without(axes: Sequence[Axis], place: int) -> list[Axis]:
    return [*axes[:place], *axes[place + 1 :]]


def _changed(
    reads: Reads, free: Free, axes: Sequence[Axis], old: Sequence[Coordinate], gone: int | None = None
) -> Reads:
    """The reads with other axes of a tensor, one of them `gone`; `old` are those it had over the new ones."""
    number = sum(read.tensor == free.tensor for read in reads.reads)
    new = iter(zip(*axes, strict=True) if axes else [()] * number)
    changed = tuple(
        Read(free.tensor, next(new)) if read.tensor == free.tensor else read for read in reads.reads
    )
    groups = tuple(group for place, group in enumerate(free.groups) if place != gone)
    laid = replace(free, view=over(free.view, old), groups=groups)
    others = (laid if item.tensor == free.tensor else item for item in reads.free)
    return replace(reads, reads=changed, free=tuple(others))


def over(view: Sequence[Coordinate], axes: Sequence[Coordinate]) -> tuple[Coordinate, ...]:
    """A view with `axes` in the place of the axes it is over."""

    def image(node: Coordinate) -> Coordinate | None:
        return axes[node.position] if isinstance(node, Iterator) else None

    return tuple(put(item, image) for item in view)
