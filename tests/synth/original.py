"""An operator of ours that the original does not find enters; the name of what keeps it from finding it leaves.

Computed from the operator alone, by the rules that the original is documented to have.
"""

from __future__ import annotations

from syno_lang.ir.coordinates import Quotient, Remainder, Shift, Split, Stride, Unfold, walk
from syno_lang.sizes import Size
from syno_lang.synth.candidate import Candidate
from syno_lang.synth.digits import digit
from tests.synth.replay import Replay

#: What each name means, for the table.
MEANINGS = {
    "equal_sums": "a duplicate there: equal sums, and axes of weights, in another order",
    "weight_reindexed": "a duplicate there: a weight that is read at a one-to-one view of the same coordinates",
    "unfold_over_shift": "an approximation there: no UNFOLD along a SHIFT, as SHIFT of UNFOLD is almost the same",
    "unfold_over_split": "an approximation there: no UNFOLD along a SPLIT, as SPLIT of UNFOLD is almost the same",
    "merge_within_window": "no MERGE there of an UNFOLD by a block that divides its window",
    "merge_over_stride": "no MERGE there of a STRIDE by a block of its factor or more",
    "spelled_longer": "a weight that reads a half of what the data keeps whole costs a SPLIT more there",
    "shift_over_join": "a SHIFT of a SPLIT of large blocks, where here the coordinate was never taken apart",
    "slack": "its distance is above the primitives that are needed at some point of every way to the operator",
}


def why_not_there(item: Candidate) -> str:
    """The first name that fits; nothing where none does."""
    for node in item.graph.coordinates:
        if isinstance(node, Unfold) and isinstance(node.operand, Shift):
            return "unfold_over_shift"
        if isinstance(node, Unfold) and isinstance(node.operand, Split):
            return "unfold_over_split"
        if isinstance(node, (Quotient, Remainder)):
            base = digit(node).base
            block = digit(node).low if isinstance(node, Quotient) else digit(node).high
            if isinstance(base, Unfold) and _proper(base.window.domain / block, item):
                return "merge_within_window"
            if isinstance(base, Stride) and item.layers.low(block / base.factor) >= 1:
                return "merge_over_stride"
    replay = Replay(item)
    if replay.primitives > item.space.limits.primitives:
        return "spelled_longer"
    if _shifted_join(item):
        return "shift_over_join"
    return "" if replay.found else "slack"


def _shifted_join(item: Candidate) -> bool:
    """Whether a coordinate that weights alone cut is shifted: there that is the SHIFT of a SPLIT."""
    most = item.space.limits.shift_pattern
    for node in walk(*item.data.index):
        if isinstance(node, Shift) and most is not None:
            base = digit(node.operands[0]).base
            private = item.uses.cuts(base) - item.data_uses.cuts(base)
            if any(item.layers.high(unit) > most for unit in private):
                return True
    return False


def _proper(ratio: Size, item: Candidate) -> bool:
    powers = ratio.powers
    return bool(powers) and all(power > 0 and name not in item.layers.primary for name, power in powers)
