"""A rule and numbers for its variables enter; two small operators that it says are equal leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from random import Random
from typing import TYPE_CHECKING, Final

from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce, Unfold
from syno_lang.ir.pgraph import PGraph
from syno_lang.ir.tensors import Read, Tensor
from syno_lang.rewrite.amounts import Binding, Facts, Value, as_size, evaluate
from syno_lang.rewrite.patterns import Hole, Pattern, build, numbers_of, parts
from syno_lang.rewrite.rules import ConstantRule, CoordinateRule, ExpandRule, Rule, SumRule, UsedRule
from syno_lang.sizes import Size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What sizes and amounts are tried.
SIZES: Final = (1, 2, 3, 4, 6, 2, 3, 5, 8, 12)
AMOUNTS: Final = tuple(range(-7, 8))

#: The most points at which the sides of one instance are compared.
_MAX_POINTS: Final = 20_000


@dataclass(frozen=True)
class Instance:
    """A rule at numbers: both sides as operators over `holes`; `right` is `None` if a size is not whole."""

    numbers: Mapping[str, int]
    holes: tuple[str, ...]
    left: PGraph
    right: PGraph | None


@dataclass(frozen=True)
class Differences:
    """At how many of the points the sides differ, and the first such point with both values."""

    wrong: int
    points: int
    place: tuple[int, ...] = ()
    values: tuple[float, float] = (0.0, 0.0)


def instance(rule: Rule, numbers: Mapping[str, int]) -> Instance | None:
    """The rule at `numbers`; `None` where its left side or its guard does not allow them."""
    binding: Binding = {name.text: Size.constant(numbers[name.text]) for name in rule.node.sizes}
    binding.update({name.text: numbers[name.text] for name in rule.node.amounts})
    if not rule.allows(binding, Facts()):
        return None
    found = _sides(rule, binding)
    if found is None:
        return None
    holes, left, right = found
    if left is None or not _is_whole(left) or _points(left) > _MAX_POINTS:
        return None
    return Instance(numbers, holes, left, right if right is not None and _is_whole(right) else None)


def compare(found: Instance, seed: int = 0) -> Differences:
    """Evaluate both sides by the interpreter, for numbers that tell every place of a tensor apart."""
    import numpy as np

    from syno_lang.ir.interpret import evaluate as interpret

    left, right = found.left, found.right
    if right is None:
        return Differences(1, 1)
    random = np.random.default_rng(seed)
    arrays = [_array(tensor, random) for tensor in left.tensors]
    one, other = interpret(left, arrays, {}), interpret(right, arrays, {})
    if one.shape != other.shape:
        return Differences(1, 1)
    places = np.argwhere(~np.isclose(one, other, rtol=1e-9, atol=1e-9))
    if not len(places):
        return Differences(0, one.size)
    place = tuple(int(item) for item in places[0])
    return Differences(len(places), one.size, place, (float(one[place]), float(other[place])))


#: What was made of a rule for numbers that were drawn before.
Drawn = dict[tuple[int, ...], "Instance | None"]


def draw(rule: Rule, random: Random, drawn: Drawn, tries: int = 2000) -> Instance | None:
    """A random instance; `None` where none is found."""
    sizes = [name.text for name in rule.node.sizes]
    amounts = [name.text for name in rule.node.amounts]
    for _ in range(tries):
        values = (*(random.choice(SIZES) for _ in sizes), *(random.choice(AMOUNTS) for _ in amounts))
        if values not in drawn:
            drawn[values] = instance(rule, dict(zip((*sizes, *amounts), values, strict=True)))
        found = drawn[values]
        if found is not None:
            return found
    return None


def smallest(rule: Rule, wrong: Instance, seed: int) -> Instance:
    """The instance with the smallest numbers, up to those of `wrong`, at which the sides differ."""
    names = list(wrong.numbers)
    ranges = [_up_to(wrong.numbers[name], name, rule) for name in names]
    if prod(map(len, ranges)) > _MAX_POINTS:
        return wrong
    for values in sorted(product(*ranges), key=lambda values: sum(map(abs, values))):
        found = instance(rule, dict(zip(names, values, strict=True)))
        if found is not None and compare(found, seed).wrong:
            return found
    return wrong


def _up_to(value: int, name: str, rule: Rule) -> range:
    is_amount = name in {item.text for item in rule.node.amounts}
    return range(-abs(value), abs(value) + 1) if is_amount else range(1, value + 1)


def _array(tensor: Tensor, random: np.random.Generator) -> NDArray[np.float64]:
    """One coordinate's values tell themselves; several are told apart by random whole numbers."""
    import numpy as np

    shape = [size.value({}) for size in tensor.shape]
    if len(shape) == 1:
        return np.arange(1, shape[0] + 1, dtype=np.float64)
    return random.integers(1, 1000, shape).astype(np.float64)


def _is_whole(graph: PGraph) -> bool:
    return all(size.denominator == 1 for size in graph.sizes)


def _points(graph: PGraph) -> int:
    return prod(leaf.domain.value({}) for leaf in (*graph.iterators, *graph.reductions))


_Sides = tuple[tuple[str, ...], PGraph | None, PGraph | None]


def _sides(rule: Rule, binding: Binding) -> _Sides | None:
    """The names of the holes, and both sides; `None` where a domain is none."""
    match rule:
        case CoordinateRule():
            return _of_coordinates(rule, binding)
        case SumRule():
            return _of_sums(rule, binding)
        case ExpandRule(left=left, right=right):
            return _of_expand((), (left,), (), right, binding)
        case UsedRule(used=used):
            return _of_expand((used,), (used,), (used,), (), binding)
        case ConstantRule():
            return _of_constants(rule, binding)
    raise TypeError(f"{type(rule).__name__} has no instances")


def _leaves(holes: Iterable[Hole], binding: Binding, reducer: str | None = None) -> list[Coordinate] | None:
    """A leaf for every hole, which it is bound to."""
    found: list[Coordinate] = []
    for hole in holes:
        domain = as_size(evaluate(hole.domain, binding))
        if domain is None:
            return None
        leaf: Coordinate = Iterator(len(found), domain)
        if reducer is not None:
            leaf = Reduce(len(found), domain, reducer)
        found.append(leaf)
        binding[hole.name] = leaf
    return found


def _all_holes(*patterns: Pattern) -> list[Hole]:
    found = (part for pattern in patterns for part in parts(pattern))
    return list(dict.fromkeys(part for part in found if isinstance(part, Hole)))


def _graph(
    leaves: Sequence[Coordinate], tops: Sequence[Coordinate | None], expanded: Sequence[Coordinate | None]
) -> PGraph | None:
    """One tensor read at `tops`, if there are any, over the output `leaves`, all of which count as used."""
    read = [item for item in tops if item is not None]
    wide = [item for item in expanded if item is not None]
    if len(read) != len(tops) or len(wide) != len(expanded):
        return None
    tensors = [Tensor("input", tuple(item.domain for item in read))] if read else []
    reads = [Read(0, tuple(read))] if read else []
    return PGraph.make([leaf.domain for leaf in leaves], tensors, reads, [*leaves, *wide])


def _of_coordinates(rule: CoordinateRule, binding: Binding) -> _Sides | None:
    holes = _all_holes(rule.left)
    leaves = _leaves(holes, binding)
    if leaves is None:
        return None
    sides = [_graph(leaves, [build(side, binding)], []) for side in (rule.left, rule.right)]
    return tuple(hole.name for hole in holes), sides[0], sides[1]


def _of_sums(rule: SumRule, binding: Binding) -> _Sides | None:
    own = (*rule.before, *rule.after)
    free = [hole for hole in _all_holes(*rule.left) if hole not in own]
    leaves = _leaves(free, binding)
    if leaves is None:
        return None
    sides = []
    for binders, patterns in ((rule.before, rule.left), (rule.after, rule.right)):
        if _leaves(binders, binding, "sum") is None:
            return None
        # What may differ from place to place does so: each such place is there twice.
        other = {**binding, **{name: _other(binding[name]) for name in rule.local}}
        several = [pattern for pattern in rule.left if numbers_of(pattern) & rule.local]
        twice = [patterns[rule.left.index(pattern)] for pattern in several]
        tops = [build(pattern, binding) for pattern in patterns] + [build(item, other) for item in twice]
        sides.append(_graph(leaves, tops, []))
    return tuple(hole.name for hole in free), sides[0], sides[1]


def _other(value: Value) -> Value:
    assert isinstance(value, int)
    return 1 - 2 * value


def _of_expand(
    read: Sequence[Pattern],
    before: Sequence[Pattern],
    read_after: Sequence[Pattern],
    after: Sequence[Pattern],
    binding: Binding,
) -> _Sides | None:
    """Coordinates that have windows, for what is expanded is 0 where they are outside."""
    holes = _all_holes(*before)
    leaves: list[Coordinate] = []
    for hole in holes:
        domain = as_size(evaluate(hole.domain, binding))
        if domain is None:
            return None
        pair = Iterator(len(leaves), domain), Iterator(len(leaves) + 1, Size.constant(3))
        binding[hole.name] = Unfold(*pair)
        leaves += pair
    sides = [
        _graph(leaves, [build(item, binding) for item in tops], [build(item, binding) for item in wide])
        for tops, wide in ((read, before), (read_after, after))
    ]
    names = tuple(name for hole in holes for name in (hole.name, f"window of {hole.name}"))
    return names, sides[0], sides[1]


def _of_constants(rule: ConstantRule, binding: Binding) -> _Sides | None:
    sides = []
    for binders in (rule.before, rule.after):
        leaves = _leaves(binders, binding, rule.reducer)
        if leaves is None:
            return None
        sides.append(PGraph.make([], [], [], leaves))
    return (), sides[0], sides[1]
