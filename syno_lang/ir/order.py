"""The reads and expanded coordinates of a pGraph enter; the orders that have to be tried for its key leave.

Reads of one tensor, and expanded coordinates, have no order of their own.  They are told apart by what
they look like and by what they share, as in the usual canonical labelling of graphs: where that leaves
a tie, each member is marked in turn and the rest is looked at again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator as Iterate, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, Final

from syno_lang.ir.coordinates import Coordinate, Reduce, walk
from syno_lang.ir.key import appearances
from syno_lang.ir.tensors import Read
from syno_lang.sizes import Size

#: How many orders are tried at most.  More come only from many equal parts, and then any order will do.
MAX_ORDERS: Final = 24

#: To what distance the neighbours of a read are looked at before a tie is called one.
ROUNDS: Final = 3

#: A read as `(tensor, index)`, an expanded coordinate as `(number of tensors, (coordinate,))`.
Factor = tuple[int, tuple[Coordinate, ...]]

#: The tensor of a factor, its mark and a hash of what it looks like.
Look = tuple[int, int, str]

Orders = Iterate[tuple[tuple[Read, ...], tuple[Coordinate, ...]]]


def orders(
    shapes: Sequence[Sequence[Size]], tensors: int, reads: Sequence[Read], expanded: Sequence[Coordinate]
) -> Orders:
    """The orders of `reads` (sorted by tensor) and of `expanded` that must be tried, at least one.

    `shapes` are those of the output and of the tensors, `tensors` is how many there are.
    """
    factors = [(read.tensor, read.index) for read in reads] + [(tensors, (item,)) for item in expanded]
    counts = Counter(factors)
    if len({group for group, _ in factors}) == len(factors):
        found: Iterable[list[Factor]] = [sorted(factors, key=lambda factor: factor[0])]
    else:
        found_at = appearances(size for shape in shapes for size in shape)
        known = {place: rank for rank, place in enumerate(sorted({*map(tuple, found_at.values())}))}
        ranks = {name: known[tuple(places)] for name, places in found_at.items()}
        found = islice(_search(counts, {}, ranks), MAX_ORDERS)
    for order in found:
        repeated = [factor for factor in order for _ in range(counts[factor])]
        yield (
            tuple(Read(group, index) for group, index in repeated if group < tensors),
            tuple(index[0] for group, index in repeated if group == tensors),
        )


def _search(
    counts: Mapping[Factor, int], marks: Mapping[Factor, int], ranks: Mapping[str, int]
) -> Iterate[list[Factor]]:
    """Sort the factors by their looks; at the first tie, mark each of its members in turn and go on."""
    looks = _looks(counts, marks, ranks)
    groups = [list(group) for _, group in groupby(sorted(counts, key=looks.__getitem__), looks.__getitem__)]
    tie = next((group for group in groups if len(group) > 1), None)
    if tie is None:
        yield [factor for group in groups for factor in group]
        return
    for factor in tie:
        yield from _search(counts, {**marks, factor: len(marks)}, ranks)


def _looks(
    counts: Mapping[Factor, int], marks: Mapping[Factor, int], ranks: Mapping[str, int]
) -> dict[Factor, Look]:
    """What a factor looks like, without names and labels; factors that can be told apart differ."""
    nodes = list(walk(*(item for _, index in counts for item in index)))
    uses = Counter(operand for node in nodes for operand in node.operands)
    colours: dict[Coordinate, str] = {node: str(uses[node]) for node in nodes if isinstance(node, Reduce)}
    for _ in range(ROUNDS):
        signs = _signs(nodes, colours, ranks)
        # Marked ones come first, in the order of marks: so what is in order already stays as it is.
        looks = {
            factor: (
                factor[0],
                marks.get(factor, len(counts)),
                fingerprint(count, *map(signs.get, factor[1])),
            )
            for factor, count in counts.items()
        }
        places: dict[Coordinate, list[tuple[Look, int]]] = {node: [] for node in colours}
        for factor, look in looks.items():
            for axis, item in enumerate(factor[1]):
                for leaf in item.leaves & places.keys():
                    places[leaf].append((look, axis))
        colours = {node: fingerprint(signs[node], *sorted(found)) for node, found in places.items()}
    return looks


def _signs(
    nodes: Iterable[Coordinate], colours: Mapping[Coordinate, str], ranks: Mapping[str, int]
) -> dict[Coordinate, str]:
    """Hash `nodes` bottom-up: reductions by colour, size variables by where they stand in the shapes."""
    signs: dict[Coordinate, str] = {}

    def sign(item: Any) -> Any:
        if isinstance(item, Coordinate):
            return signs[item]
        if isinstance(item, Size):
            powers = sorted((ranks.get(name, -1), power) for name, power in item.powers)
            return (item.numerator, item.denominator, powers)
        return item

    for node in nodes:
        # A reduction has a label first, which means nothing.
        parts = node.arguments[1:] if isinstance(node, Reduce) else node.arguments
        signs[node] = fingerprint(type(node).__name__, colours.get(node, ""), *map(sign, parts))
    return signs


def fingerprint(*parts: Any) -> str:
    """64 bits of the parts as text, the same on every machine."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()
