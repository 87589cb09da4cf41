"""An operator enters; whether the original reaches it leaves: its primitives in every order, with its distance.

The order of primitives there: REDUCE first; SHIFT, STRIDE and MERGE only over what the latest contraction
shared, if there was one; no state whose distance is above the primitives left; in a state whose distance is
equal to them neither a contraction nor a SHIFT nor a STRIDE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from syno_lang.ir.coordinates import Coordinate, Reduce, Shift, Split, Stride, Unfold, walk
from syno_lang.sizes import Size, product
from syno_lang.synth.candidate import Candidate
from syno_lang.synth.digits import Digit, covered, digit, overlaps


@dataclass(frozen=True)
class Dim:
    """A coordinate of the frontier: what it is, how long its chain is, and the weights that share it below."""

    node: Digit
    height: int = 0
    shares: frozenset[int] = frozenset()
    just_shared: bool = False
    discards: bool = False


@dataclass(frozen=True)
class Op:
    """A primitive: its kind, the digits that it takes and gives, and how many primitives it stands for."""

    kind: str
    takes: tuple[Digit, ...]
    gives: tuple[Digit, ...]
    cost: int = 1


Frontier = frozenset[Dim]


class Replay:
    """The original's ways to one operator."""

    def __init__(self, item: Candidate) -> None:
        self.item, self.layers = item, item.layers
        self.limits = item.space.limits
        self.views = list(self._views())
        kept = {place for place, _ in item.space.keep}
        self.wanted = tuple(axis.size for place, axis in enumerate(item.space.inputs) if place not in kept)
        self.final = {digit(node) for place, node in enumerate(item.data.index) if place not in kept}
        self.weights = [[digit(node) for node in read.index] for read in item.weights]
        self.sums = len(item.graph.reductions)

    @property
    def primitives(self) -> int:
        """How many primitives the operator has there."""
        return self.sums + sum(op.cost for op in self.views) + len(self.weights)

    def _views(self) -> Iterate[Op]:
        data = set(walk(*self.item.data.index))
        for base in self.item.uses.digits:
            yield from self._merges(base)
        for node in data:
            if isinstance(node, (Split, Unfold, Shift, Stride)):
                takes = tuple(map(digit, node.operands))
                end = self.item.data_uses.ends.get(node, node.domain)
                if isinstance(node, Shift):
                    takes = (Digit(takes[0].base, takes[0].low, takes[0].low * end),)
                yield Op(type(node).__name__.lower(), takes, (Digit(node, digit(node).low, end),))

    def _merges(self, base: Coordinate) -> Iterate[Op]:
        """MERGEs through the minor halves, and SPLITs of what the data has whole."""
        end = self.item.uses.ends.get(base, base.domain)
        cuts = sorted(self.item.uses.cuts(base), key=self.layers.total, reverse=True)
        one = digit(base)
        high = end
        for unit in cuts:
            yield Op(
                "merge",
                (_raw(base, one.low, high, bool(cuts) and high == end),),
                (Digit(base, unit, high), Digit(base, one.low, unit)),
            )
            high = unit
        units = [one.low, *reversed(cuts), end]
        for wanted in dict.fromkeys(self.item.data_uses.digits.get(base, ())):
            inside = [unit for unit in units if self._within(unit, wanted)]
            parts = tuple(Digit(base, low, high) for low, high in pairwise(inside))
            if len(parts) > 1:
                yield Op("split", parts, (wanted,), len(parts) - 1)

    def _within(self, unit: Size, wanted: Digit) -> bool:
        return self.layers.low(unit / wanted.low) >= 1 and self.layers.low(wanted.high / unit) >= 1

    @cached_property
    def cut(self) -> set[Coordinate]:
        """The coordinates that have a MERGE."""
        return {op.gives[0].base for op in self.views if op.kind == "merge"}

    @cached_property
    def found(self) -> bool:
        """Whether some order of the primitives is one that the original goes."""
        leaves = [*self.item.graph.iterators, *self.item.graph.reductions]
        kept = {self.item.graph.iterators[place] for _, place in self.item.space.keep}
        start = frozenset(
            Dim(self._start(node), int(isinstance(node, Reduce))) for node in leaves if node not in kept
        )
        left = self.limits.primitives - self.sums
        seen: set[tuple[Frontier, frozenset[int], frozenset[int]]] = set()
        pending = [(start, frozenset[int](), frozenset[int](), left)]
        while pending:
            frontier, views, weights, room = pending.pop()
            if (frontier, views, weights) in seen or self.distance(frontier) > room:
                continue
            seen.add((frontier, views, weights))
            if len(views) == len(self.views) and len(weights) == len(self.weights):
                if {dim.node for dim in frontier} == self.final:
                    return True
                continue
            critical = self.distance(frontier) == room
            for place, op in enumerate(self.views):
                if place not in views and not (critical and op.kind in ("shift", "stride")):
                    for following in self._apply(op, frontier, weights):
                        pending.append((following, views | {place}, weights, room - op.cost))
            if not critical:
                for place, index in enumerate(self.weights):
                    if place not in weights:
                        for following in self._contract(place, index, frontier, weights):
                            pending.append((following, views, weights | {place}, room - 1))
        return False

    def _start(self, node: Coordinate) -> Digit:
        one = digit(node)
        return _raw(node, one.low, one.high, node in self.cut)

    def _apply(self, op: Op, frontier: Frontier, weights: frozenset[int]) -> Iterate[Frontier]:
        by_digit = {dim.node: dim for dim in frontier}
        if any(taken not in by_digit for taken in op.takes):
            return
        taken = [by_digit[item] for item in op.takes]
        latest = len(weights)
        inside = [not weights or latest in dim.shares for dim in taken]
        most = self.limits.chain
        if most is not None and any(dim.height >= most for dim in taken):
            return
        if op.kind in ("shift", "merge", "stride") and not inside[0]:
            return
        if op.kind in ("shift", "merge") and taken[0].just_shared:
            return
        if op.kind == "split" and not any(inside):
            return
        if op.kind == "unfold" and isinstance(taken[1].node.base, Reduce) and not taken[1].just_shared:
            return
        height = max(dim.height for dim in taken) + op.cost
        shares = frozenset[int]().union(*(dim.shares for dim in taken))
        discards = op.kind == "stride" or any(
            dim.discards for dim in (taken[:1] if op.kind == "unfold" else taken)
        )
        given = [self._given(item, op) for item in op.gives]
        yield (frontier - set(taken)) | {Dim(item, height, shares, False, discards) for item in given}

    def _given(self, item: Digit, op: Op) -> Digit:
        whole = (
            op.kind not in ("merge",)
            and item.base in self.cut
            and item.high == self.item.uses.ends.get(item.base, item.base.domain)
        )
        joined = op.kind == "split" and not (
            isinstance(item.base, Split) and item.base not in {x.base for x in op.takes}
        )
        return _raw(item.base, item.low, item.high, True) if whole and not joined else item

    def _contract(
        self, place: int, index: Sequence[Digit], frontier: Frontier, weights: frozenset[int]
    ) -> Iterate[Frontier]:
        number = len(weights) + 1
        shared = {dim for dim in frontier if not dim.discards and self._provides(dim.node, index)}
        provided = [one for dim in shared for one in self._parts(dim.node)]
        if not all(covered(one, provided, self.layers) for one in index):
            return
        others = [
            one for n, other in enumerate(self.weights) if n not in weights and n != place for one in other
        ]
        needed = [*others, *(one for digits in self.item.data_uses.digits.values() for one in digits)]
        made = set()
        for dim in shared:
            if any(overlaps(part, needed, self.layers) for part in self._parts(dim.node)):
                made.add(Dim(dim.node, dim.height + 1, dim.shares | {number}, True, False))
        yield (frontier - shared) | made

    def _provides(self, one: Digit, index: Sequence[Digit]) -> bool:
        """Whether a weight at a coordinate of the frontier is a weight at coordinates of the index."""
        return all(
            overlaps(part, index, self.layers) and covered(part, index, self.layers)
            for part in self._parts(one)
        )

    def _parts(self, one: Digit) -> list[Digit]:
        base = one.base.node if isinstance(one.base, Before) else one.base
        plain = Digit(base, one.low, one.high)
        if isinstance(base, Split) and one.is_major:
            return [part for node in base.operands for part in self._parts(digit(node))]
        if isinstance(base, Shift) and not any(base is item.base for index in self.weights for item in index):
            below = digit(base.operands[0])
            return self._parts(Digit(below.base, below.low, below.low * one.high))
        return [plain]

    def distance(self, frontier: Frontier) -> int:
        """The original's shape distance of the coordinates that the data has."""
        most = self.limits.chain
        left = [
            (dim.node.domain, 1 if most is None else most - dim.height)
            for dim in frontier
            if not dim.discards
        ]
        extra = sum(dim.discards for dim in frontier)
        sizes = tuple(sorted(((size, length > 0) for size, length in left), key=str))
        return extra + shape_distance(sizes, self.wanted, self.layers.primary)


class Before(Coordinate):
    """A coordinate before it is taken apart, where it is put together again later."""

    __slots__ = ()

    def __new__(cls, node: Coordinate) -> Before:
        return cls._intern(node.domain, node)

    @property
    def node(self) -> Coordinate:
        """The coordinate."""
        return self.operands[0]


def _raw(base: Coordinate, low: Size, high: Size, before: bool) -> Digit:
    return Digit(Before(base) if before else base, low, high)


UNREACHABLE = 1000


@cache
def shape_distance(
    sizes: tuple[tuple[Size, bool], ...], wanted: tuple[Size, ...], primary: frozenset[str]
) -> int:
    """Least cost over all groupings: joins, parts, two steps for what is left over with an axis, one without."""
    best = UNREACHABLE
    for groups in _groupings(sizes, wanted):
        total = 0
        for members, axes in groups:
            rest = product(size for size, _ in members) / product(axes)
            below = {name for name, power in rest.powers if power < 0}
            if below & primary or (below and not primary & set(rest.variables)) or not members:
                total = UNREACHABLE
                break
            stuck = any(not free for _, free in members)
            if stuck and not (len(members) == len(axes) == 1 and not rest.powers):
                total = UNREACHABLE
                break
            total += len(members) - 1 + max(len(axes) - 1, 0)
            total += (2 if axes else 1) if rest.powers or not axes else 0
        best = min(best, total)
    return best


Group = tuple[list[tuple[Size, bool]], list[Size]]


def _groupings(sizes: Iterable[tuple[Size, bool]], wanted: Sequence[Size]) -> Iterate[list[Group]]:
    items: list[tuple[object, bool]] = [(size, True) for size in sizes] + [(size, False) for size in wanted]

    def place(number: int, groups: list[Group]) -> Iterate[list[Group]]:
        if number == len(items):
            yield [(list(members), list(axes)) for members, axes in groups]
            return
        item, is_member = items[number]
        for group in [*groups, None]:
            target: Group = ([], []) if group is None else group
            chosen: list[object] = target[0 if is_member else 1]  # type: ignore[assignment]
            chosen.append(item)
            yield from place(number + 1, [*groups, target] if group is None else groups)
            chosen.pop()

    yield from place(0, [])
