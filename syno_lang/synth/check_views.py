"""An operator in normal form enters; a reason leaves for every view that its space does not have."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence
from itertools import combinations

from syno_lang.ir.coordinates import (
    Coordinate,
    Quotient,
    Reduce,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.rewrite.local import matcher
from syno_lang.sizes import ONE, Size
from syno_lang.synth.candidate import Candidate, Reason
from syno_lang.synth.digits import gaps, overlaps, uses
from syno_lang.synth.layers import Layers
from syno_lang.synth.space import Space


def cuts(item: Candidate) -> Iterate[Reason]:
    """A MERGE leaves two halves that can be sizes, with powers near those of the coordinate that it cuts."""
    left = powers_left(item)
    most = item.space.limits.power
    for base in item.uses.digits:
        whole = item.uses.ends.get(base, base.domain)
        for unit in item.uses.cuts(base):
            fault = item.layers.fault(unit) or item.layers.fault(whole / unit)
            if fault:
                yield Reason("size", f"`{whole}` cannot be merged by `{unit}`: {fault}")
            name = far_power(unit, whole, left, most, item.layers)
            if name:
                yield Reason(
                    "power", f"the power of {name} in the block `{unit}` is out of range for `{whole}`"
                )


def far_power(block: Size, whole: Size, left: dict[str, int | None], most: int, layers: Layers) -> str:
    """A variable whose power in a block is too far from 0 .. its power in the whole, or nothing."""
    own, given = dict(block.powers), dict(whole.powers)
    for name in sorted({*own, *given}):
        power, bound = own.get(name, 0), given.get(name, 0)
        spare = 0 if name in layers.primary else most
        remaining = left.get(name)
        if remaining is not None:
            spare = min(spare, max(remaining, 0))
        if not min(0, bound) - spare <= power <= max(0, bound) + spare:
            return name
    return ""


def powers_left(item: Candidate) -> dict[str, int | None]:
    """How many uses of each variable remain; `None` where there is no bound."""
    used = usage(
        item.graph.coordinates, [size for read in item.weights for size in domains(read.index)], item
    )
    return {
        size.declaration.name: None if size.uses is None else size.uses - used.get(size.declaration.name, 0)
        for size in item.space.sizes
    }


def domains(index: Sequence[Coordinate]) -> list[Size]:
    """The sizes of the axes that are read at `index`."""
    return [node.domain for node in index]


def usage(nodes: Sequence[Coordinate], shared: Sequence[Size], item: Candidate) -> dict[str, int]:
    """Uses of the variables: all powers of REDUCE and STRIDE, those of primaries in the axes of weights."""
    found: dict[str, int] = {}
    brought = [node.domain for node in nodes if isinstance(node, Reduce)]
    brought += [node.factor for node in nodes if isinstance(node, Stride)]
    powers = [power for size in brought for power in size.powers]
    powers += [power for size in shared for power in size.powers if power[0] in item.layers.primary]
    for name, power in powers:
        found[name] = found.get(name, 0) + abs(power)
    return found


def merges(item: Candidate) -> Iterate[Reason]:
    """What is left unread of a MERGE is repeated, as often as the space allows."""
    limits = item.space.limits
    missing = [gap for base in item.uses.digits for gap in gaps(base, item.uses, item.layers)]
    repeated = ONE
    for gap in missing:
        repeated = repeated * gap.domain
        if gap.is_major and not limits.tile:
            yield Reason("tile", f"the major digit `{gap.domain}` of a merge is not read")
    if missing and limits.repeat is not None and item.layers.high(repeated) > limits.repeat:
        yield Reason(
            "repeat", f"elements are repeated `{repeated}` times, at most {limits.repeat} are allowed"
        )


def windows(item: Candidate) -> Iterate[Reason]:
    """Windows are small, odd if the space says so, and slide over something that is put out."""
    read = {leaf for one in item.weights for node in one.index for leaf in node.leaves}
    for node in item.graph.coordinates:
        if isinstance(node, Unfold):
            yield from _window(node, item.space, item.layers)
            if (
                not item.space.limits.pooled_windows
                and isinstance(node.window, Reduce)
                and node.window not in read
            ):
                yield Reason("pooled_windows", "a window is summed and no weight reads it")


def _window(node: Unfold, space: Space, layers: Layers) -> Iterate[Reason]:
    limits, window = space.limits, node.window.domain
    if limits.window is not None and layers.high(window) > limits.window:
        yield Reason("window", f"a window of `{window}` is larger than {limits.window} at a layer")
    if limits.window_ratio is not None and layers.low(node.domain / window) < limits.window_ratio:
        text = f"an axis of `{node.domain}` is less than {limits.window_ratio} windows of `{window}`"
        yield Reason("window_ratio", text)
    if limits.odd_windows and any(window.evaluate(values) % 2 == 0 for values in layers.values):
        yield Reason("odd_windows", f"a window of `{window}` is even at a layer")
    if all(isinstance(leaf, Reduce) for leaf in node.operand.leaves):
        yield Reason("unfold_of_sum", "a window slides over a coordinate that is summed")


def strides(item: Candidate) -> Iterate[Reason]:
    """What a STRIDE skips is read in the window of an UNFOLD, and it is small."""
    for node in item.graph.coordinates:
        if isinstance(node, Stride):
            yield from _stride(node, item.space, item.layers)
    if any(skips(top) for top in item.graph.tops):
        yield Reason("stride_unpaired", "a stride is in no window, so that elements are skipped")


def _stride(node: Stride, space: Space, layers: Layers) -> Iterate[Reason]:
    if space.limits.strided is not None and layers.high(node.domain) > space.limits.strided:
        yield Reason("strided", f"a strided domain of `{node.domain}` is larger than {space.limits.strided}")


def skips(top: Coordinate) -> bool:
    """Whether a STRIDE is reached from the top without passing through the window of an UNFOLD."""
    stack = [top]
    while stack:
        node = stack.pop()
        if isinstance(node, Stride):
            return True
        stack.extend(node.operands[:1] if isinstance(node, Unfold) else node.operands)
    return False


def shifts(item: Candidate) -> Iterate[Reason]:
    """A SHIFT is by one, and far from SPLIT and MERGE with blocks that are large beside it."""
    for node in item.graph.coordinates:
        yield from _shift(node, item.space, item.layers)


def _shift(node: Coordinate, space: Space, layers: Layers) -> Iterate[Reason]:
    if isinstance(node, Shift) and node.amount != 1:
        yield Reason("shift_amount", f"a shift by {node.amount}, where only 1 is searched")
    block, most = _block_beside_shift(node), space.limits.shift_pattern
    if block is not None and most is not None and layers.high(block) > most:
        yield Reason("shift_pattern", f"a shift stands next to blocks of `{block}`")


def view_fault(node: Coordinate, space: Space, layers: Layers) -> Reason | None:
    """The first reason why a coordinate can be in no member, whatever else there is."""
    fault = layers.fault(node.domain)
    if fault and not any(node.domain == axis.size for axis in (*space.inputs, *space.outputs)):
        return Reason("size", f"`{node.domain}` cannot be the size of a coordinate: {fault}")
    found: list[Reason] = list(_shift(node, space, layers))
    if isinstance(node, Unfold):
        found += _window(node, space, layers)
    if isinstance(node, Stride):
        found += _stride(node, space, layers)
    return found[0] if found else None


def _block_beside_shift(node: Coordinate) -> Size | None:
    inner = node.operands[0] if node.operands else node
    if isinstance(node, Shift) and isinstance(inner, Split):
        return inner.operands[1].domain
    # The minor half is a shift of the minor half, at every point: only the major one says that both are read.
    return node.block if isinstance(node, Quotient) and isinstance(inner, Shift) else None


def linear(item: Candidate) -> Iterate[Reason]:
    """Within one read every coordinate is consumed once, or by digits that have no place in common."""
    for read in item.graph.reads:
        for digits in uses(read.index, item.layers).digits.values():
            pairs = combinations(digits, 2)
            if any(overlaps(one, [other], item.layers) for one, other in pairs):
                yield Reason("diagonal", "one tensor is read twice at one coordinate, so only at a diagonal")
                break


def rules(item: Candidate) -> Iterate[Reason]:
    """No approximate rule of the space fits."""
    if not item.space.rules:
        return
    found = matcher(item.space.rules, item.layers.values)
    for node in item.graph.coordinates:
        rule = found.rule_for(node)
        if rule:
            yield Reason(f"rule_{rule}", f"the rule {rule} of the space rewrites a part of it")
