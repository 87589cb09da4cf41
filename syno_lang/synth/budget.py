"""The limits of a space enter; numbers that add up what the parts of an operator take leave.

All that is counted stands in one integer, so that parts are put together by one addition: guarded fields
for what has a limit (their sum sets a bit when it is too large) and above them, signed, the powers of every
variable in products that are judged when the operator is complete.  Facts that hold of the whole when they
hold of a part are bits of a second integer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from syno_lang.sizes import Size
from syno_lang.synth.layers import Layers
from syno_lang.synth.space import Space

#: What is counted, by the names of the limits.
KINDS: Final = ("reduce", "merge", "split", "shift", "unfold", "stride", "expand", "share")

#: Bits for the power of a variable in a product.
_POWER_BITS: Final = 8

#: What a part takes, and what holds of it.
Amount = tuple[int, int]
NOTHING: Final[Amount] = (0, 0)


@dataclass
class Budget:
    """How amounts are written for operators of `space` with `weights` weights."""

    space: Space
    layers: Layers
    weights: int
    bias: int = 0
    guard: int = 0
    half: int = 0
    units: dict[str, int] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    products: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        limits = self.space.limits
        bounds = {"primitives": limits.primitives - self.weights}
        bounds |= {kind: most for kind in KINDS if (most := getattr(limits, kind)) is not None}
        for size in self.space.sizes:
            if size.uses is not None:
                bounds["uses:" + size.declaration.name] = size.uses
        place = 0
        for name, most in bounds.items():
            bits = most.bit_length()
            self.units[name], self.limits[name] = 1 << place, most
            self.bias |= ((1 << bits) - 1 - most) << place
            self.guard |= 1 << (place + bits)
            place += bits + 1
        self.variables = tuple(size.declaration.name for size in self.space.sizes)
        names = ["summed", "pooled", "outer", "repeated", *(f"weight:{n}" for n in range(self.weights))]
        for name in names:
            self.products[name] = place
            for _ in self.variables:
                # Powers are signed: with half of the range added to each, none borrows from the next.
                self.half += 1 << (place + _POWER_BITS - 1)
                place += _POWER_BITS

    def fits(self, taken: int) -> bool:
        """Whether nothing is over its limit, where it was not in any of two parts."""
        return not (taken + self.bias) & self.guard

    def count(self, kind: str, number: int = 1) -> int:
        """`number` primitives of a kind."""
        return self.units["primitives"] * number + self.units.get(kind, 0) * number

    def share(self, number: int) -> int:
        """`number` axes of weights."""
        return self.units.get("share", 0) * number

    def uses(self, size: Size, primary_only: bool = False) -> int | None:
        """All powers in `size` as uses of its variables; `None` where that alone is too much."""
        taken = 0
        for name, power in size.powers:
            unit = self.units.get("uses:" + name)
            if unit is not None and not (primary_only and name not in self.layers.primary):
                if abs(power) > self.limits["uses:" + name]:
                    return None
                taken += unit * abs(power)
        return taken

    def product(self, name: str, size: Size) -> int:
        """`size` as a factor of a product."""
        start = self.products[name]
        powers = dict(size.powers)
        return sum(
            powers.get(variable, 0) << (start + _POWER_BITS * place)
            for place, variable in enumerate(self.variables)
        )

    def of_product(self, name: str, taken: int) -> Size:
        """The product that was added up."""
        start, half = self.products[name], 1 << (_POWER_BITS - 1)
        lifted = taken + self.half
        powers = {
            variable: ((lifted >> (start + _POWER_BITS * place)) & (2 * half - 1)) - half
            for place, variable in enumerate(self.variables)
        }
        return Size.make(1, 1, powers)

    def used(self, name: str, taken: int) -> int:
        """How much was added up of what has a limit."""
        unit = self.units[name]
        return (taken // unit) & ((1 << (self.limits[name].bit_length() + 1)) - 1)

    # What holds of the whole when it holds of a part, as bits.

    def inner(self, weight: int) -> int:
        """Weight number `weight` has an axis that the data has too."""
        return 1 << weight

    def gone(self, weight: int, others: int) -> int:
        """It has an axis that is eliminated, and that the weights in the mask `others` read too."""
        return 1 << (self.weights + (weight << self.weights) + others)

    def lacks(self, one: int, other: int) -> int:
        """Weight `one` has an axis that weight `other` has not."""
        start = self.weights + (self.weights << self.weights)
        return 1 << (start + one * self.weights + other)

    def spare(self, name: str, number: int) -> int:
        """At least `number` uses of a variable have to be left."""
        start = self.weights + (self.weights << self.weights) + self.weights**2
        return 1 << (start + 8 * self.variables.index(name) + min(number, 7))

    def accepts(self, amount: Amount) -> bool:
        """Whether a complete operator that takes `amount` keeps to the limits."""
        return self._products(amount[0]) and self._spared(amount) and self._weights(amount)

    def _products(self, taken: int) -> bool:
        limits, layers = self.space.limits, self.layers
        kept = {axis for axis, _ in self.space.keep}
        ratio = self.of_product("summed", taken)
        for place, axis in enumerate(self.space.inputs):
            ratio = ratio if place in kept else ratio / axis.size
        bounds: Mapping[str, float | None] = {
            "pooled": limits.pooling,
            "outer": limits.outer,
            "repeated": limits.repeat,
        }
        if limits.reduction_ratio is not None and layers.high(ratio) > limits.reduction_ratio:
            return False
        if any(
            most is not None and layers.high(self.of_product(name, taken)) > most
            for name, most in bounds.items()
        ):
            return False
        sizes = (self.of_product(f"weight:{number}", taken) for number in range(self.weights))
        return all(layers.low(size) >= limits.weight_params for size in sizes)

    def _spared(self, amount: Amount) -> bool:
        for name in self.variables:
            if "uses:" + name in self.units:
                left = self.limits["uses:" + name] - self.used("uses:" + name, amount[0])
                if any(amount[1] & self.spare(name, number) for number in range(left + 1, 8)):
                    return False
        return True

    def _weights(self, amount: Amount) -> bool:
        everyone = range(self.weights)
        holds = amount[1]
        if not all(self._has_axis(holds, one) for one in everyone):
            return False
        if any(not holds & self.lacks(one, other) for one in everyone for other in everyone if one != other):
            return False
        if not self.weights:
            return self.space.limits.weight_free
        return self.space.limits.depthwise or self._in_order(holds, frozenset(everyone))

    def _has_axis(self, holds: int, one: int) -> bool:
        return bool(holds & self.inner(one)) or any(
            holds & self.gone(one, m) for m in range(1 << self.weights)
        )

    def _in_order(self, holds: int, left: frozenset[int]) -> bool:
        """Whether the weights `left` can be contracted one after the other."""
        if not left:
            return True
        return any(
            self._first(holds, one, left - {one}) and self._in_order(holds, left - {one}) for one in left
        )

    def _first(self, holds: int, one: int, later: Iterable[int]) -> bool:
        """Whether `one` eliminates an axis that none of `later` reads, and has another axis."""
        mask = sum(1 << other for other in later)
        kinds = [others for others in range(1 << self.weights) if holds & self.gone(one, others)]
        ends = any(not others & mask for others in kinds)
        return ends and bool(holds & self.inner(one) or any(others & mask for others in kinds))
