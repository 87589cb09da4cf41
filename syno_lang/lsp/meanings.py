"""A word of the language enters, how it is written and what it means leave: for hover and completion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syno_lang.ir.elaborate_index import USAGE
from syno_lang.synth.options import OPTIONS


@dataclass(frozen=True)
class Meaning:
    """How a word is written, and what it means, in Markdown."""

    usage: str
    text: str


PRIMITIVES: Final = {
    name: Meaning(USAGE[name], text)
    for name, text in {
        "split": "The coordinate `B*i + j`, where `B` is the domain of `j`: domains `G, B -> G*B`.",
        "merge": "The pair `i / B`, `i % B`: domains `N -> N/B, B`.  Both halves must be used.",
        "shift": "The coordinate `(i + d) % N`, around the end of the axis: domains `N -> N`.",
        "unfold": "The coordinate `i + j - K/2`, place `j` of the window around `i`: domains `N, K -> N`.  "
        "Where it leaves the axis, the whole product is 0.",
        "stride": "The coordinate `s*i`: domains `K -> s*K`.  As the window of an `unfold` it dilates.",
        "expand": "A factor 1: it says aloud that the product does not depend on `i`.",
        "share": "The same coordinate under two names, each of them used once.",
        "reduce": "Coordinates that are summed over, one for each domain.",
    }.items()
}

REDUCERS: Final = {
    "sum": Meaning("sum[r: D]", "The sum over every value of the coordinate `r`, which ranges over `D`."),
    "mean": Meaning("mean[r: D]", "The sum over every value of the coordinate `r`, divided by `D`."),
}

CONDITIONS: Final = {
    "divides": Meaning("divides(g, C)", "The size `g` divides the size `C`."),
    "odd": Meaning("odd(k)", "The size `k` is odd."),
    "even": Meaning("even(k)", "The size `k` is even."),
}

ALLOWANCES: Final = {
    "unused_output": "An output coordinate may be used by no factor: values are repeated along it.",
    "unused_sum": "A summed coordinate may be used by no factor: the result is only scaled.",
    "dropped_half": "One half of a `merge` may be left unused: data is thrown away.",
    "stride": "A `stride` may stand alone: data between its places is thrown away.",
    "diagonal": "One tensor may be read twice at the same coordinate: only a diagonal of it is read.",
    "large_window": "A window may be larger than its axis: some of its places are always 0.",
}

KEYWORDS: Final = {
    "operator": Meaning("operator name<sizes>(tensors) -> [shape] { ... }", "Defines an operator."),
    "use": Meaning("use stdlib.conv2d, ops.matmul as product", "Makes operators of other files known here."),
    "test": Meaning("test name { ... }", "States what must hold of an operator; `syno test` checks it."),
    "rule": Meaning("rule name(i: A*B) { left => right }", "An identity by which coordinates are rewritten."),
    "space": Meaning(
        "space name<sizes> { from [...] to [...] ... }", "A search space: operators from a shape to a shape."
    ),
    "weight": Meaning("weight w: [C_out, C_in]", "A tensor that is learned, not given."),
    "allow": Meaning("allow(dropped_half)", "Excuses the operator from a check of quality."),
    "where": Meaning("where (divides(g, C), odd(k), k <= H)", "Conditions that the sizes must satisfy."),
    "graph": Meaning("graph { ... }", "The body spells every primitive, one a line."),
    "equals": Meaning(
        "equals torch.nn.functional.conv2d(x, w) for N = 2",
        "The operator equals another one, a call, or numbers.",
    ),
    "flops": Meaning("flops N*C_in*C_out", "How many multiply-accumulates the operator costs."),
    "params": Meaning("params C_in*C_out", "How many numbers the weights hold."),
    "bytes": Meaning("bytes 4*N", "How many bytes are moved."),
    "for": Meaning("for N = 2, k = 3", "The sizes, and perhaps tensors, for which it is checked."),
    "as": Meaning("use ops.matmul as product", "Gives what is used a name of its own."),
}

#: What a clause of a space begins with, and what is limited in it.
CLAUSES: Final = {
    "from": Meaning("from [N, C_in: unordered, H, H]", "The shape of the input."),
    "to": Meaning("to [N, C_out: unordered, H, H]", "The shape of the output."),
    "keep": Meaning("keep N", "Axes that pass through as they are."),
    "at": Meaning("at most 12 primitives, 3 tensors, 2 C_in", "How many of each there may be."),
    "no": Meaning("no limit on merge, chain", "Lifts limits."),
    "allow": Meaning("allow weight_free", "Permits what is forbidden by default."),
    "normal": Meaning("normal under quotient_of_unfold", "Approximate rules under which members are normal."),
    "layer": Meaning(
        "layer C_in = 64, C_out = 64, H = 56 times 4", "Sizes at which the operator has to work."
    ),
    **{option.word: Meaning(option.usage, option.text) for option in OPTIONS},
}

OUTPUT: Final = Meaning("n, c = output", "The coordinates of the output, one for each of its axes.")
