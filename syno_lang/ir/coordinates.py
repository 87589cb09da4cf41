"""Coordinates: the edges of a pGraph, hash-consed, each the result of one primitive.

Read bottom-up (paper, section 4.1): the leaves are output iterators and reductions, every other
coordinate is computed from coordinates below it, and at the top a tensor is read at coordinates.
A coordinate ranges over `0 .. domain-1`.  Equal coordinates are one object, so `is` is equality.

SHARE is a coordinate with more than one use and EXPAND one that no tensor reads; both belong to
the graph (`syno_lang.ir.pgraph`), not to a coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator as Iterate
from typing import Any, ClassVar, TypeVar
from weakref import WeakValueDictionary

from syno_lang.sizes import Size

C = TypeVar("C", bound="Coordinate")


class Coordinate:
    """A coordinate with its `domain`, its `operands` (one step below) and its `leaves`."""

    __slots__ = ("__weakref__", "arguments", "domain", "leaves", "operands")

    arguments: tuple[Any, ...]
    domain: Size
    operands: tuple[Coordinate, ...]
    leaves: frozenset[Coordinate]

    _interned: ClassVar[WeakValueDictionary[tuple[Any, ...], Coordinate]] = WeakValueDictionary()

    @classmethod
    def _intern(cls: type[C], domain: Size, *arguments: Any) -> C:
        key = (cls, *arguments)
        found = Coordinate._interned.get(key)
        if found is None:
            found = object.__new__(cls)
            found.arguments = arguments
            found.domain = domain
            found.operands = tuple(item for item in arguments if isinstance(item, Coordinate))
            below = (operand.leaves for operand in found.operands)
            found.leaves = frozenset().union(*below) if found.operands else frozenset((found,))
            Coordinate._interned[key] = found
        return found  # type: ignore[return-value]  # the key holds the class

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self.arguments)

    def __copy__(self: C) -> C:
        return self

    def __deepcopy__(self: C, memo: object) -> C:
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(str(item) for item in self.arguments)})"


class Iterator(Coordinate):
    """Output coordinate number `position`: ` -> domain`."""

    __slots__ = ()

    def __new__(cls, position: int, domain: Size) -> Iterator:
        return cls._intern(domain, position, domain)

    @property
    def position(self) -> int:
        """The output axis, from 0."""
        return int(self.arguments[0])


class Reduce(Coordinate):
    """REDUCE: ` -> domain`, an inner loop over `domain` whose terms `reducer` joins.

    `label` tells equal reductions of one graph apart; `PGraph` numbers them in a fixed way.
    """

    __slots__ = ()

    def __new__(cls, label: int, domain: Size, reducer: str = "sum") -> Reduce:
        return cls._intern(domain, label, domain, reducer)

    @property
    def label(self) -> int:
        """A number that is unique among the reductions of a graph."""
        return int(self.arguments[0])

    @property
    def reducer(self) -> str:
        """`sum` or `mean`."""
        return str(self.arguments[2])


class Split(Coordinate):
    """SPLIT: `B*major + minor`, domains `G, B -> G*B`."""

    __slots__ = ()

    def __new__(cls, major: Coordinate, minor: Coordinate) -> Split:
        return cls._intern(major.domain * minor.domain, major, minor)


class Quotient(Coordinate):
    """The major half of a MERGE: `operand / block`, domain `N/B`."""

    __slots__ = ()

    def __new__(cls, operand: Coordinate, block: Size) -> Quotient:
        return cls._intern(operand.domain / block, operand, block)

    @property
    def block(self) -> Size:
        """`B`, the domain of the minor half."""
        return self.arguments[1]  # type: ignore[no-any-return]


class Remainder(Coordinate):
    """The minor half of a MERGE: `operand % block`, domain `B`."""

    __slots__ = ()

    def __new__(cls, operand: Coordinate, block: Size) -> Remainder:
        return cls._intern(block, operand, block)

    @property
    def block(self) -> Size:
        """`B`, the domain of this half."""
        return self.arguments[1]  # type: ignore[no-any-return]


class Shift(Coordinate):
    """SHIFT: `(operand + amount) % N`, circular, domain `N`."""

    __slots__ = ()

    def __new__(cls, operand: Coordinate, amount: int = 1) -> Shift:
        return cls._intern(operand.domain, operand, amount)

    @property
    def amount(self) -> int:
        """How far, a whole number of either sign."""
        return int(self.arguments[1])


class Unfold(Coordinate):
    """UNFOLD: `operand + window - floor(K/2)`, domains `N, K -> N`.

    Where that leaves `0 .. N-1`, the whole product of the operator is zero.
    """

    __slots__ = ()

    def __new__(cls, operand: Coordinate, window: Coordinate) -> Unfold:
        return cls._intern(operand.domain, operand, window)

    @property
    def operand(self) -> Coordinate:
        """The coordinate that walks along the axis."""
        return self.operands[0]

    @property
    def window(self) -> Coordinate:
        """The coordinate that walks in the window; its domain is `K`."""
        return self.operands[1]


class Stride(Coordinate):
    """STRIDE: `factor * operand`, domain `K -> s*K`."""

    __slots__ = ()

    def __new__(cls, operand: Coordinate, factor: Size) -> Stride:
        return cls._intern(operand.domain * factor, operand, factor)

    @property
    def factor(self) -> Size:
        """`s`."""
        return self.arguments[1]  # type: ignore[no-any-return]


def walk(*tops: Coordinate) -> Iterate[Coordinate]:
    """Every coordinate at or below `tops`, each once, operands before their users."""
    seen: set[Coordinate] = set()
    stack: list[tuple[Coordinate, bool]] = [(top, False) for top in reversed(tops)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((operand, False) for operand in reversed(node.operands))


def replace(top: Coordinate, image: Callable[[Coordinate], Coordinate | None]) -> Coordinate:
    """Rebuild `top` with `image(node)` in the place of every node for which it is not `None`.

    The highest such node wins: nothing below it is looked at.  Linear in the number of coordinates.
    """
    built: dict[Coordinate, Coordinate] = {}

    def rebuild(node: Coordinate) -> Coordinate:
        if node not in built:
            found = image(node)
            built[node] = _with_operands(node, rebuild) if found is None else found
        return built[node]

    return rebuild(top)


def _with_operands(node: Coordinate, rebuild: Callable[[Coordinate], Coordinate]) -> Coordinate:
    arguments = [rebuild(item) if isinstance(item, Coordinate) else item for item in node.arguments]
    return type(node)(*arguments) if node.operands else node
