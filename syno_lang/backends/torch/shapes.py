"""A signature enters; which sizes a constructor takes and how `forward` finds the others leave.

Known to the constructor are the sizes of the weights, sizes with a default, and what no shape of an
input tells.  Every other size is solved at run time from one axis of an input in which it is the
only unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from dataclasses import dataclass

from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Condition, variables


@dataclass(frozen=True, slots=True)
class Place:
    """Axis number `axis` of an input, where the file writes the size `size`."""

    tensor: str
    axis: int
    size: Size


@dataclass(frozen=True, slots=True)
class Solution:
    """`variable` is the length of the axis at `place` divided by `rest`."""

    variable: str
    place: Place

    @property
    def rest(self) -> Size:
        """What else stands on the axis."""
        return self.place.size / Size.variable(self.variable)


@dataclass(frozen=True, slots=True)
class Division:
    """The condition that `size` is whole; `origins` are the axes that told its variables."""

    size: Size
    origins: tuple[Solution, ...] = ()


@dataclass(frozen=True, slots=True)
class SizePlan:
    """`required`, `defaulted` and `optional` are the keywords of the constructor, in this order.

    The constructor tests the `early` divisions and the `stated` conditions on known sizes.  `forward`
    solves in order, compares the axes of `checks` and tests the `late` divisions and the other conditions.
    """

    required: tuple[SizeDeclaration, ...]
    defaulted: tuple[SizeDeclaration, ...]
    solutions: tuple[Solution, ...]
    checks: tuple[Place, ...]
    early: tuple[Division, ...]
    late: tuple[Division, ...]
    stated: tuple[Condition, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """The sizes that the constructor always knows."""
        return tuple(size.name for size in (*self.required, *self.defaulted))

    @property
    def optional(self) -> tuple[str, ...]:
        """The sizes that may be given and are then compared with the shapes."""
        return tuple(solution.variable for solution in self.solutions)

    def conditions(self, *, early: bool) -> tuple[Condition, ...]:
        """The stated conditions on what the constructor knows, or the others."""
        known = set(self.known)
        return tuple(item for item in self.stated if (set(variables([item])) <= known) is early)


def plan_sizes(definition: Definition) -> SizePlan:
    """Decide for each size of `definition` where its value comes from."""
    used = {*definition.graph.variables, *variables(definition.conditions)}
    open_sizes = [size for size in definition.sizes if size.name in used and size.default is None]
    defaulted = tuple(size for size in definition.sizes if size.name in used and size.default is not None)
    places = [Place(one.name, axis, size) for one in definition.inputs for axis, size in enumerate(one.shape)]
    needed = _variables(definition.weights)
    while True:
        known = needed | {size.name for size in defaulted}
        solutions = tuple(_solve(places, known))
        told = {solution.variable for solution in solutions}
        missing = [size for size in open_sizes if size.name not in known | told]
        if not missing:
            break
        # A coefficient first: it tells nothing by itself, and a primary size may follow from it.
        needed = needed | {min(missing, key=lambda size: size.kind != "coefficient").name}
    required = tuple(size for size in open_sizes if size.name in needed)
    # An axis that told a size needs no comparison; whether it divides is tested where it is solved.
    checks = tuple(place for place in places if place not in {solution.place for solution in solutions})
    divisions = tuple(_divisions(definition, solutions))
    early = tuple(item for item in divisions if not item.origins)
    late = tuple(item for item in divisions if item.origins)
    return SizePlan(required, defaulted, solutions, checks, early, late, definition.conditions)


def _variables(tensors: Iterable[TensorDeclaration]) -> frozenset[str]:
    return frozenset(name for tensor in tensors for size in tensor.shape for name in size.variables)


def _solve(places: Sequence[Place], known: Iterable[str]) -> Iterate[Solution]:
    """Solutions in an order in which each needs only `known` and those before it."""
    found = set(known)
    while True:
        candidates = [
            Solution(unknown[0], place)
            for place in places
            if len(unknown := [name for name in place.size.variables if name not in found]) == 1
            and dict(place.size.powers)[unknown[0]] == 1
        ]
        if not candidates:
            return
        best = next((item for item in candidates if item.rest.is_one), candidates[0])
        found.add(best.variable)
        yield best


def _divisions(definition: Definition, solutions: Sequence[Solution]) -> Iterate[Division]:
    """The fractions among the sizes that must be whole, without those that the others imply."""
    told = [solution.place.size for solution in solutions]
    needed = [size for size in definition.graph.sizes if not size.lower.is_one and size not in told]
    # The deepest first: what they divide by is what the others need less of.
    for size in sorted(needed, key=lambda size: len(str(size.lower)), reverse=True):
        others = [other for other in needed if other != size]
        if _implied(size, (*others, *told)):
            needed = others
    for size in needed:
        yield Division(size, tuple(item for item in solutions if item.variable in size.variables))


def _implied(size: Size, others: Sequence[Size]) -> bool:
    """Whether `size` is whole because one of `others` is, or two of them are."""
    rests = [size / other for other in others]
    return any(rest.lower.is_one or any((rest / other).lower.is_one for other in others) for rest in rests)
