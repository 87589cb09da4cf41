"""A space enters; every proof that it has no member leaves, found without a search.

From the output to the input, only a sum multiplies the sizes at hand, and only windows, expansions and axes
of weights divide them.  So what the input has beyond the output has to be summed, and what the output has
beyond the input has to be taken away.  No proof here says that there is a member.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass

from syno_lang.sizes import Size
from syno_lang.sizes.monomial import product
from syno_lang.synth.space import Limits, Space

#: Bytes of a number in float32.
ELEMENT: int = 4


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no member: `option` is the word of the limit at fault, or the name of a size."""

    option: str
    message: str
    hint: str


def obstacles(space: Space) -> list[Obstacle]:
    """Every proof that `space` is empty; none where it may have members."""
    return [*_weights(space), *_sums(space), *_vanishing(space), *_few_primitives(space), *_totals(space)]


def balance(space: Space) -> tuple[Size, Size]:
    """The products of the sizes of the input and of the output, without the axes that pass through."""
    kept_in, kept_out = {pair[0] for pair in space.keep}, {pair[1] for pair in space.keep}
    return (
        product(axis.size for number, axis in enumerate(space.inputs) if number not in kept_in),
        product(axis.size for number, axis in enumerate(space.outputs) if number not in kept_out),
    )


def beyond(space: Space) -> tuple[dict[str, int], dict[str, int]]:
    """The powers of primary sizes that only the input has, and those that only the output has."""
    before, after = balance(space)
    primary = {item.declaration.name for item in space.sizes if item.declaration.kind == "primary"}
    powers = {name: power for name, power in (before / after).powers if name in primary}
    return (
        {name: power for name, power in powers.items() if power > 0},
        {name: -power for name, power in powers.items() if power < 0},
    )


def _uses(space: Space) -> dict[str, int]:
    return {item.declaration.name: item.uses for item in space.sizes if item.uses is not None}


def _weights(space: Space) -> Iterate[Obstacle]:
    limits = space.limits
    if limits.tensors < 2 and not limits.weight_free:
        message = "an operator has to have a weight, but the only tensor is the data"
        yield Obstacle("tensors", message, "allow 2 tensors, or `allow weight_free`")


def _sums(space: Space) -> Iterate[Obstacle]:
    """What the input has beyond the output comes from sums alone."""
    only_in, _ = beyond(space)
    uses = _uses(space)
    if only_in and space.limits.reduce == 0:
        names = " and ".join(f"`{name}`" for name in only_in)
        message = (
            f"the input has {names} and the output does not, so it has to be summed, but no sum is allowed"
        )
        yield Obstacle("reduce", message, "allow a sum: `at most 1 reduce`")
    for name, power in only_in.items():
        if uses.get(name, power) < power:
            message = (
                f"the input has `{name}` {_times(power)} more often than the output, so sums have to bring"
                f" it in, but it may be used at most {_times(uses[name])}"
            )
            yield Obstacle(name, message, f"allow more: `at most {power} {name}`")


def _vanishing(space: Space) -> Iterate[Obstacle]:
    """What the output has beyond the input vanishes in a weight, a window or an expansion."""
    _, only_out = beyond(space)
    limits, uses = space.limits, _uses(space)
    if limits.unfold != 0 or _expands(limits):
        return
    for name, power in only_out.items():
        if limits.tensors < 2:
            message = f"the output has `{name}` and the input does not, and no weight could have it"
            yield Obstacle("tensors", message, "allow 2 tensors")
        elif uses.get(name, power) < power:
            message = (
                f"the output has `{name}` {_times(power)} more often than the input, so weights have to"
                f" have it, but it may be used at most {_times(uses[name])}"
            )
            yield Obstacle(name, message, f"allow more: `at most {power} {name}`")


def _expands(limits: Limits) -> bool:
    return limits.expand != 0 and (limits.repeat is None or limits.repeat > 1)


def _few_primitives(space: Space) -> Iterate[Obstacle]:
    """A sum, a weight, and any change of shape take a primitive each."""
    only_in, _ = beyond(space)
    before, after = balance(space)
    needs = [f"a sum over `{min(only_in)}`"] if only_in else []
    needs += [] if space.limits.weight_free else ["a weight"]
    needs = needs or (["a change of shape"] if before != after else [])
    if len(needs) > space.limits.primitives:
        message = (
            f"{' and '.join(needs)} {'is' if len(needs) == 1 else 'are'} needed, which is more primitives"
        )
        message += f" than the {space.limits.primitives} that are allowed"
        yield Obstacle("primitives", message, f"allow more: `at most {len(needs)} primitives`")


def _totals(space: Space) -> Iterate[Obstacle]:
    """The least that all layers together need."""
    limits, layers = space.limits, space.layers
    if not layers:
        return
    least, most = limits.weight_params * len(layers), limits.params[1]
    if not limits.weight_free and most is not None and most < least:
        message = (
            f"{len(layers)} layers with a weight of at least {limits.weight_params:,} parameters each have"
        )
        message += f" at least {least:,}, but at most {most:,} are allowed"
        yield Obstacle("params", message, "raise the one limit or lower the other")
    shapes = (product(axis.size for axis in axes) for axes in (space.inputs, space.outputs))
    moved = ELEMENT * sum(size.evaluate(layer) for size in shapes for layer in layers)
    if limits.memory is not None and limits.memory < moved:
        message = f"the inputs and outputs of all layers take {int(moved):,} bytes, but at most"
        message += f" {limits.memory:,} are allowed"
        yield Obstacle("memory", message, f"allow more: `memory at most {int(moved)}`")


def _times(number: int) -> str:
    return {0: "0 times", 1: "once", 2: "twice"}.get(number, f"{number} times")
