"""A small space for tests: convolution-like operators that take any subset of six decisions.

The order of the decisions does not count, so most states are reached in many ways; `BROKEN` together with
`mix` is no member, which makes dead ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from syno_lang.api import parse
from syno_lang.ir.definition import Definition

CHOICES = ("window_h", "window_w", "mix", "shift_h", "shift_w", "scale")
STOP = "stop"
LAYERS = ({"N": 4, "C": 8, "H": 8, "k": 3}, {"N": 4, "C": 16, "H": 4, "k": 3})


@dataclass(frozen=True)
class ToyStep:
    key: str

    @property
    def kind(self) -> str:
        return self.key.partition("_")[0]


@dataclass(frozen=True)
class ToyState:
    taken: frozenset[str] = frozenset()
    stopped: bool = False


@dataclass(frozen=True)
class Toy:
    """`counts=False` hides the counts; `broken` are sets that no member has all of.

    `ordered` lets decisions be taken in one order only, so that there is one way to every operator.
    """

    counts: bool = True
    ordered: bool = False
    broken: tuple[frozenset[str], ...] = (frozenset({"mix", "scale"}),)
    name: str = "toy"

    def root(self) -> ToyState:
        return ToyState()

    def steps(self, state: ToyState) -> list[ToyStep]:
        if state.stopped:
            return []
        return [ToyStep(key) for key in (*self._left(state.taken), STOP)]

    def after(self, state: ToyState, step: ToyStep) -> ToyState:
        if step.key == STOP:
            return ToyState(state.taken, True)
        return ToyState(state.taken | {step.key})

    def result(self, state: ToyState) -> Definition | None:
        if not state.stopped or not self._legal(state.taken):
            return None
        return definition(state.taken)

    def count(self, state: ToyState) -> int | None:
        if not self.counts:
            return None
        if state.stopped:
            return int(self._legal(state.taken))
        return count(self, state.taken)

    def key(self, state: ToyState) -> str:
        return ",".join(sorted(state.taken)) + ("." if state.stopped else "")

    def _left(self, taken: frozenset[str]) -> list[str]:
        last = max((CHOICES.index(key) for key in taken), default=-1) if self.ordered else -1
        return [key for key in CHOICES[last + 1 :] if key not in taken]

    def _legal(self, taken: frozenset[str]) -> bool:
        return not any(several <= taken for several in self.broken)


@cache
def count(toy: Toy, taken: frozenset[str]) -> int:
    left = toy._left(taken)
    subsets = (frozenset(key for i, key in enumerate(left) if n >> i & 1) for n in range(1 << len(left)))
    return sum(toy._legal(taken | more) for more in subsets)


@cache
def definition(taken: frozenset[str]) -> Definition:
    return parse(text(taken)).definition


def text(taken: frozenset[str]) -> str:
    """The operator of a set of decisions."""
    h, w = ("shift(h, 1)" if "shift_h" in taken else "h"), ("shift(w, 1)" if "shift_w" in taken else "w")
    sums, axes, index = [], ["C"], ["c"]
    if "mix" in taken:
        sums.append("d: C")
        axes.append("C")
        index.append("d")
    if "window_h" in taken:
        sums.append("p: k")
        axes.append("k")
        index.append("p")
        h = f"unfold({h}, p)"
    if "window_w" in taken:
        sums.append("q: k")
        axes.append("k")
        index.append("q")
        w = f"unfold({w}, q)"
    if "scale" in taken:
        axes.append("H")
        index.append("h")
    coefficients = "; k = 3" if "k" in axes else ""
    body = f"x[n, {'d' if 'mix' in taken else 'c'}, {h}, {w}] * wt[{', '.join(index)}]"
    head = f"sum[{', '.join(sums)}] " if sums else ""
    return (
        f"operator toy<N, C, H{coefficients}>(x: [N, C, H, H], weight wt: [{', '.join(axes)}])"
        f" -> [N, C, H, H] {{\n    out[n, c, h, w] = {head}{body}\n}}\n"
    )


MEMBERS = 2**6 - 2**4
