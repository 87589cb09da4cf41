"""A partial operator enters; a number of primitives that it needs at least leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syno_lang.synth.check_views import skips
from syno_lang.synth.finish import may_vanish
from syno_lang.synth.state import State

if TYPE_CHECKING:
    from syno_lang.synth.extend import Extend


def primitives_needed(extend: Extend, state: State) -> int:
    """Views for axes that nothing has the size of and for what cannot vanish, and a weight if one is missing.

    A view makes at most two coordinates and consumes at most two.
    """
    weights = extend.limits.tensors - 1 - len(state.weights)
    missing_weight = not state.weights and not extend.limits.weight_free
    if state.index is not None:
        return int(bool(state.live) or missing_weight)
    unmatched = [axis.size for axis in extend.space.inputs]
    free = {node: may_vanish(extend, node, weights) for node in state.live}
    stuck = vanishing = 0
    # What cannot vanish has to be an axis first of all.
    for node in sorted(state.live, key=free.__getitem__):
        if node.domain in unmatched and not skips(node):
            unmatched.remove(node.domain)
        elif free[node]:
            vanishing += 1
        else:
            stuck += 1
    views = max((len(unmatched) + 1) // 2, (stuck + 1) // 2)
    # What vanishes now may also serve as a part of what is missing.
    return views + int(missing_weight or (vanishing > 0 and not unmatched and not stuck))
