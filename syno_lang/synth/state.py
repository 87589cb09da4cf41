"""A partial operator: the coordinates that the data still holds, and everything decided so far.

States are sets of decisions, so the order in which they were made cannot be seen; equal reductions are
interchangeable, and numbered in a fixed way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import permutations, product as every

from syno_lang.ir.coordinates import Coordinate, Reduce, replace, walk
from syno_lang.sizes import Size

#: A unit at which weights alone cut a coordinate that the data keeps whole there.
Cut = tuple[Coordinate, Size]

Index = frozenset[Coordinate]


@lru_cache(maxsize=1 << 18)
def text(node: Coordinate) -> str:
    """What a coordinate is made of, the same on every machine."""
    arguments = ",".join(text(item) if isinstance(item, Coordinate) else str(item) for item in node.arguments)
    return f"{type(node).__name__}({arguments})"


@dataclass(frozen=True)
class State:
    """What is decided of an operator.

    `live` are the coordinates that the data has to read or to lose; `cuts` are MERGEs for weights alone;
    `expanded` are digits that nothing reads; `index` is the read of the data once it is decided, `weights`
    are those read so far, each a set of coordinates; `steps` is the number of primitives.
    """

    live: frozenset[Coordinate]
    reductions: frozenset[Reduce] = frozenset()
    cuts: frozenset[Cut] = frozenset()
    expanded: frozenset[Coordinate] = frozenset()
    index: tuple[Coordinate, ...] | None = None
    weights: frozenset[Index] = frozenset()
    steps: int = 0
    finished: bool = False
    _hash: int = field(default=0, compare=False, repr=False)

    def __post_init__(self) -> None:
        parts = (
            self.live,
            self.reductions,
            self.cuts,
            self.expanded,
            self.index,
            self.weights,
            self.finished,
        )
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        return self._hash

    @property
    def tops(self) -> tuple[Coordinate, ...]:
        """Everything that nothing consumes yet, without an order that means something."""
        read = self.index or tuple(self.live)
        return (*read, *self.live, *self.expanded, *(node for index in self.weights for node in index))

    @cached_property
    def nodes(self) -> frozenset[Coordinate]:
        """Every coordinate, whoever consumes it."""
        return frozenset(walk(*dict.fromkeys(self.tops)))

    @cached_property
    def key(self) -> str:
        """A text that equal states share, the same on every machine."""
        cuts = sorted(f"{text(base)}/{unit}" for base, unit in self.cuts)
        index = None if self.index is None else list(map(text, self.index))
        weights = sorted(",".join(sorted(map(text, item))) for item in self.weights)
        parts = (sorted(map(text, self.reductions)), sorted(map(text, self.live)), cuts)
        return f"{parts} {sorted(map(text, self.expanded))} {index} {weights} {self.steps} {self.finished}"

    def mapped(self, images: Mapping[Coordinate, Coordinate]) -> State:
        """The same with other coordinates in the place of some."""

        def image(nodes: Iterable[Coordinate]) -> tuple[Coordinate, ...]:
            return tuple(replace(node, images.get) for node in nodes)

        return State(
            frozenset(image(self.live)),
            frozenset(node for node in image(self.reductions) if isinstance(node, Reduce)),
            frozenset((image([base])[0], unit) for base, unit in self.cuts),
            frozenset(image(self.expanded)),
            None if self.index is None else image(self.index),
            frozenset(frozenset(image(item)) for item in self.weights),
            self.steps,
            self.finished,
        )


def numbered(state: State) -> State:
    """The state with equal reductions in their fixed order: that with the least key."""
    groups: dict[Size, list[Reduce]] = {}
    for node in sorted(state.reductions, key=lambda node: node.label):
        groups.setdefault(node.domain, []).append(node)
    if all(len(group) == 1 for group in groups.values()):
        return state
    choices = [list(permutations(group)) for group in groups.values()]
    several = []
    for chosen in every(*choices):
        images: dict[Coordinate, Coordinate] = {}
        for group, order in zip(groups.values(), chosen, strict=True):
            images.update(zip(group, order, strict=True))
        several.append(state.mapped(images))
    return min(several, key=lambda item: item.key)


def with_reduction(state: State, domain: Size) -> State:
    """One more REDUCE over `domain`; labels follow the sizes, so they do not tell what came first."""
    sizes = sorted([*(node.domain for node in state.reductions), domain], key=str)
    made = frozenset(Reduce(label, size) for label, size in enumerate(sizes))
    others = frozenset(node for node in state.live if not isinstance(node, Reduce))
    return State(others | made, made, steps=state.steps + 1)
