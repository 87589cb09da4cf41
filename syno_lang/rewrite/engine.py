"""Coordinates and rules between them enter; normal forms leave, with what was dropped and a trace.

Rules are tried bottom-up in their order until none fits.  That ends, as every rule is smaller on its right
side (`syno_lang.rewrite.order`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from syno_lang.ir.coordinates import Coordinate, Quotient, Split, Stride, Unfold, walk
from syno_lang.ir.definition import Definition
from syno_lang.rewrite.amounts import Facts
from syno_lang.rewrite.reads import Reads
from syno_lang.rewrite.rules import CoordinateRule

#: The name in a trace of what has no text: an axis of one value is read at one coordinate, whatever it was.
ONE_VALUE = "one_value"


@dataclass(frozen=True)
class Step:
    """One rewriting of a trace: what became what by which rule.

    `origin` is the operator whose leaves the coordinates have.  `reads` is what a rule over the whole
    operator left; of a rule between coordinates it is `None`, for it holds wherever its left side stands.
    """

    rule: str
    before: tuple[Coordinate, ...]
    after: tuple[Coordinate, ...]
    origin: Definition | None = field(default=None, compare=False, repr=False)
    reads: Reads | None = field(default=None, compare=False, repr=False)


#: A normal form, and what was dropped on the way to it.
_Normal = tuple[Coordinate, frozenset[Coordinate]]


def zero_on_grid(node: Coordinate) -> Coordinate | None:
    """`S*i + S*0 = S*i`, at the end of a chain of splits or within one; `None` where `node` is neither.

    The right side is no smaller, but what it is made of is in normal form and has one coordinate less.
    """
    if not isinstance(node, Split):
        return None
    major, minor = node.operands
    if _is_grid_of_zero(minor):
        return Stride(major, minor.arguments[1])
    if isinstance(minor, Split) and _is_grid_of_zero(minor.operands[0]):
        return Split(Stride(major, minor.operands[0].arguments[1]), minor.operands[1])
    return None


def _is_grid_of_zero(node: Coordinate) -> bool:
    if not isinstance(node, Stride) or not node.operands[0].domain.is_one:
        return False
    return not any(isinstance(item, Unfold) for item in walk(node))


@dataclass
class Engine:
    """Normal forms of coordinates under `rules`; each is found once.

    `iterators` are those of the output: a coordinate of one value, 0, is written as the first that has a
    single value, or else as the first over its whole domain.
    """

    rules: Sequence[CoordinateRule]
    facts: Facts = field(default_factory=Facts)
    iterators: Sequence[Coordinate] = ()
    trace: list[Step] = field(default_factory=list)
    _known: dict[Coordinate, _Normal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_kind: dict[type[Coordinate], list[CoordinateRule]] = {}
        for rule in self.rules:
            self.by_kind.setdefault(rule.left.kind, []).append(rule)
        single = [item for item in self.iterators if item.domain.is_one]
        whole = [Quotient(item, item.domain) for item in self.iterators]
        self.zero = next(iter([*single, *whole]), None)

    def normal(self, node: Coordinate) -> Coordinate:
        """The normal form of a coordinate."""
        return self._normal(node)[0]

    def dropped(self, node: Coordinate) -> frozenset[Coordinate]:
        """What stands in `node`, or in what it became on the way, and not in its normal form."""
        return self._normal(node)[1]

    def snapshot(self) -> tuple[int, dict[Coordinate, _Normal]]:
        """What has been done so far, for `restore`."""
        return len(self.trace), dict(self._known)

    def restore(self, state: tuple[int, dict[Coordinate, _Normal]]) -> None:
        """Forget what was done since the snapshot."""
        del self.trace[state[0] :]
        self._known = state[1]

    def _normal(self, node: Coordinate) -> _Normal:
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._found(node)
        return found

    def _found(self, node: Coordinate) -> _Normal:
        if self.zero is not None and self._is_zero(node):
            return self._step(ONE_VALUE, node, self.zero, (node,))
        if not node.operands:
            return node, frozenset()
        images = {item: self._normal(item) for item in node.operands}
        inner = type(node)(
            *(images[item][0] if isinstance(item, Coordinate) else item for item in node.arguments)
        )
        dropped = frozenset[Coordinate]().union(*(image[1] for image in images.values()))
        if inner is not node:
            result, more = self._normal(inner)
            return result, dropped | more
        along = zero_on_grid(inner)
        if along is not None:
            return self._step(ONE_VALUE, inner, along, (inner,))
        for rule in self.by_kind.get(type(inner), ()):
            applied = rule.apply(inner, self.facts)
            if applied is not None:
                return self._step(rule.name, inner, *applied)
        return inner, dropped

    def _is_zero(self, node: Coordinate) -> bool:
        if not node.domain.is_one or node is self.zero:
            return False
        return not any(isinstance(item, Unfold) for item in walk(node))

    def _step(
        self, rule: str, before: Coordinate, after: Coordinate, dropped: Iterable[Coordinate]
    ) -> _Normal:
        self.trace.append(Step(rule, (before,), (after,)))
        result, more = self._normal(after)
        return result, more.union(dropped)
