"""The layers of a space and a size enter; what the size is at all of them leaves, each found once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from weakref import ref

from syno_lang.sizes import Size
from syno_lang.synth.space import Space


@dataclass
class Layers:
    """Sizes at the layers of a space: values, bounds, and whether a size may be a domain.

    `primary` are the primary variables; those that no layer gives a value take that of the declaration.
    """

    values: Sequence[Mapping[str, int]]
    primary: frozenset[str]
    variables: int | None
    powers: int | None
    _bounds: dict[Size, tuple[Fraction, Fraction, bool]] = field(default_factory=dict)
    _legal: dict[Size, str] = field(default_factory=dict)
    _ranks: dict[Size, tuple[Fraction, str]] = field(default_factory=dict)

    def low(self, size: Size) -> Fraction:
        """The least value at any layer."""
        return self._at(size)[0]

    def high(self, size: Size) -> Fraction:
        """The greatest value at any layer."""
        return self._at(size)[1]

    def whole(self, size: Size) -> bool:
        """Whether the value is whole at every layer."""
        return self._at(size)[2]

    def total(self, size: Size) -> Fraction:
        """The sum of the values at all layers."""
        return sum((size.evaluate(layer) for layer in self.values), Fraction())

    def rank(self, size: Size) -> tuple[Fraction, str]:
        """By which sizes are sorted: by value, and by what they are where that is the same."""
        found = self._ranks.get(size)
        if found is None:
            found = self._ranks[size] = (self.total(size), str(size))
        return found

    def fault(self, size: Size) -> str:
        """Why `size` cannot be a domain, or nothing.

        A domain is whole and at least 1 at every layer, has no primary below the line, something above it
        where it has no primary at all, and as few variables and powers as the limits say.
        """
        found = self._legal.get(size)
        if found is None:
            found = self._legal[size] = self._fault(size)
        return found

    def _fault(self, size: Size) -> str:
        if not size.powers and size.denominator == 1:
            return "" if size.numerator > 1 else "it is 1"
        below = set(size.lower.variables)
        if below & self.primary:
            return "a primary size stands below the line"
        if (below or size.denominator > 1) and not self.primary & set(size.variables):
            return "coefficients alone do not divide each other"
        if self.variables is not None and len(size.powers) > self.variables:
            return f"it has more than {self.variables} variables"
        if self.powers is not None and sum(abs(power) for _, power in size.powers) > self.powers:
            return f"its powers sum to more than {self.powers}"
        if not self.whole(size):
            return "it is not whole at every layer"
        return "" if self.low(size) >= 1 else "it is less than 1 at a layer"

    def _at(self, size: Size) -> tuple[Fraction, Fraction, bool]:
        found = self._bounds.get(size)
        if found is None:
            values = [size.evaluate(layer) for layer in self.values]
            whole = all(value.denominator == 1 for value in values)
            found = self._bounds[size] = (min(values), max(values), whole)
        return found


def layers_of(space: Space) -> Layers:
    """The layers of `space`, found once; a space without layers has one, of the defaults of its sizes."""
    # A space holds mappings, which cannot be hashed; the same object is the same space.
    found = _KNOWN.get(id(space))
    if found is None or found[0]() is not space:
        declared = [size.declaration for size in space.sizes]
        defaults = {item.name: item.default for item in declared if item.default is not None}
        values = [{**defaults, **layer} for layer in space.layers] or [defaults]
        primary = frozenset(item.name for item in declared if item.kind == "primary")
        layers = Layers(values, primary, space.limits.variables, space.limits.powers)
        found = _KNOWN[id(space)] = (ref(space), layers)
    return found[1]


_KNOWN: dict[int, tuple[ref[Space], Layers]] = {}
