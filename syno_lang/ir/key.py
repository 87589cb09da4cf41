"""The parts of a pGraph enter; what leaves does not depend on names or on the order of equal parts.

`key_of` gives the key that two graphs share exactly when they are equal.  `orders` are the orders of
reads and expanded coordinates that have to be tried for it: those that their structure leaves open.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Iterator as Iterate
from itertools import groupby, permutations
from itertools import product as every
from math import factorial, prod
from typing import Any, Final, TypeVar

from syno_lang.ir.coordinates import Coordinate, Reduce, walk
from syno_lang.ir.tensors import Read, Tensor
from syno_lang.sizes import Size

T = TypeVar("T", bound=Hashable)

#: The first bytes of every key: a change of the meaning of keys must change it.
KEY_VERSION: Final = "pgraph-1"

#: How many orders are tried.  Only six or more reads of one tensor that differ in nothing but the
#: reductions they name can have more; then the order of the text counts.
MAX_ORDERS: Final = 120

#: Reductions are told apart by their use, to this distance: enough for any operator of practice.
ROUNDS: Final = 3


def key_of(
    output: Sequence[Size], tensors: Sequence[Tensor], reads: Sequence[Read], expanded: Sequence[Coordinate]
) -> str:
    """The key: output, tensors, every coordinate once (bottom-up), reads and expanded coordinates."""
    nodes = list(walk(*(item for read in reads for item in read.index), *expanded))
    shapes = [output, *(tensor.shape for tensor in tensors)]
    sizes = [size for shape in shapes for size in shape] + [size for node in nodes for size in _of(node)]
    names = size_names(sizes)
    number = {node: place for place, node in enumerate(nodes)}

    def show(item: Any) -> str:
        if isinstance(item, Coordinate):
            return f"#{number[item]}"
        return str(item.rename(names)) if isinstance(item, Size) else str(item)

    def several(items: Iterable[Any]) -> str:
        return ",".join(map(show, items))

    roles = " ".join(f"{tensor.role}[{several(tensor.shape)}]" for tensor in tensors)
    listing = " ".join(f"{type(node).__name__}({several(node.arguments)})" for node in nodes)
    factors = " ".join(f"{read.tensor}[{several(read.index)}]" for read in reads)
    return f"{KEY_VERSION} [{several(output)}] {roles} : {listing} : {factors} / {several(expanded)}"


def size_names(sizes: Iterable[Size]) -> dict[str, str]:
    """New names `0, 1, ...` for the variables of `sizes`, by their powers alone.

    Variables that have the same power in every size are interchangeable: swapping them changes nothing.
    """
    ranked = _powers(sizes)
    return {name: str(number) for number, name in enumerate(sorted(ranked, key=ranked.__getitem__))}


def orders(
    shapes: Sequence[Sequence[Size]], tensors: int, reads: Sequence[Read], expanded: Sequence[Coordinate]
) -> Iterate[tuple[tuple[Read, ...], tuple[Coordinate, ...]]]:
    """The orders of `reads` (sorted by tensor) and of `expanded` that must be tried, at least one."""
    by_tensor = [[read for read in reads if read.tensor == number] for number in range(tensors)]
    if len(expanded) < 2 and all(len(group) < 2 for group in by_tensor):
        yield tuple(read for group in by_tensor for read in group), tuple(expanded)
        return
    sign = _signatures(shapes, reads, expanded)
    in_order = [read for group in by_tensor for read in group]
    factors = _ties(in_order, lambda read: (read.tensor, *map(sign, read.index)))
    leftovers = _ties(expanded, lambda item: (sign(item),))
    tries = _tries(factors) * _tries(leftovers)
    for first in _arranged(factors, tries):
        for second in _arranged(leftovers, tries):
            yield first, second


def _tries(groups: Iterable[Sequence[Hashable]]) -> int:
    return prod(factorial(len(group)) for group in groups if len(set(group)) > 1)


def _arranged(groups: Iterable[Sequence[T]], tries: int) -> Iterate[tuple[T, ...]]:
    """The members of all groups in one row, each group in every order (in the given one for too many)."""
    fixed = tries > MAX_ORDERS
    choices = ([group] if fixed or len(set(group)) == 1 else [*permutations(group)] for group in groups)
    for picked in every(*choices):
        yield tuple(item for group in picked for item in group)


def _ties(items: Iterable[T], key: Callable[[T], tuple[Any, ...]]) -> list[list[T]]:
    """`items` sorted by `key`, those with equal keys together."""
    return [list(group) for _, group in groupby(sorted(items, key=key), key)]


def _signatures(
    shapes: Sequence[Sequence[Size]], reads: Sequence[Read], expanded: Sequence[Coordinate]
) -> Callable[[Coordinate], str]:
    """A text for each coordinate that sees neither names nor labels: equal coordinates have equal ones."""
    ranked = _powers(size for shape in shapes for size in shape)
    tops = [(str(read.tensor), axis, item) for read in reads for axis, item in enumerate(read.index)]
    tops += [("expand", 0, item) for item in expanded]
    nodes = list(walk(*(item for _, _, item in tops)))
    uses = Counter(operand for node in nodes for operand in node.operands)
    colours: dict[Coordinate, str] = {node: str(uses[node]) for node in nodes if isinstance(node, Reduce)}
    for _ in range(ROUNDS):
        signed = _signed(nodes, colours, ranked)
        places: dict[Coordinate, list[tuple[str, int, str]]] = {node: [] for node in colours}
        for group, axis, item in tops:
            for leaf in item.leaves & places.keys():
                places[leaf].append((group, axis, signed[item]))
        colours = {node: _hash(signed[node], *sorted(found)) for node, found in places.items()}
    return _signed(nodes, colours, ranked).__getitem__


def _signed(
    nodes: Iterable[Coordinate], colours: Mapping[Coordinate, str], ranked: Mapping[str, Any]
) -> dict[Coordinate, str]:
    """Hash `nodes` bottom-up: reductions by colour, size variables by where they appear in the shapes."""
    signed: dict[Coordinate, str] = {}

    def size(item: Size) -> tuple[Any, ...]:
        powers = sorted((ranked.get(name, []), power) for name, power in item.powers)
        return (item.numerator, item.denominator, powers)

    for node in nodes:
        parts = node.arguments[1:] if isinstance(node, Reduce) else node.arguments
        shown = [
            signed[item] if isinstance(item, Coordinate) else size(item) if isinstance(item, Size) else item
            for item in parts
        ]
        signed[node] = _hash(type(node).__name__, colours.get(node, ""), *shown)
    return signed


def _powers(sizes: Iterable[Size]) -> dict[str, list[tuple[int, int]]]:
    """For every variable the places where it stands, with its powers; larger powers sort first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, size in enumerate(sizes):
        for name, power in size.powers:
            found.setdefault(name, []).append((place, -power))
    return found


def _of(node: Coordinate) -> list[Size]:
    return [node.domain, *(item for item in node.arguments if isinstance(item, Size))]


def _hash(*parts: Any) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()
