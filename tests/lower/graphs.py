"""Definitions for the tests of the lowering, from text."""

from syno_lang.diagnostics import Source
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import elaborate
from syno_lang.syntax.parse import parse


def define(text: str) -> Definition:
    """The one operator of `text`."""
    source = Source("<test>", text)
    (definition,) = elaborate(parse(source), source).values()
    return definition


# Figure 4 of the paper: a blocked sum under a window, `k*H` in one nest.
FIGURE_4 = define(
    """
operator figure4<H; k = 3, s = 2>(x: [H]) -> [H/s] {
    out[i] = sum[j: k, a: s] x[split(unfold(i, j), a)]
}
"""
)

# Figure 7 of the paper.
OP1 = define(
    """
operator op1<N, C_in, C_out, H; g = 32, k = 3, s = 2>(
    x: [N, C_in, H, H],
    weight u: [g, k, k, C_out, C_out/(g*s)],
    weight v: [C_in, k, C_out/(g*s)],
) -> [N, C_out, H, H] {
    out[n, co, h, w] = sum[a: g, c: C_in/g, p: k, q: k, r: C_out/(g*s)]
        x[n, split(a, c), unfold(h, p), unfold(w, q)] * u[a, p, q, co, r] * v[split(a, c), q, r]
}
"""
)

CONV1D = define(
    """
operator conv1d<C_in, C_out, L; k = 3>(x: [C_in, L], weight w: [C_out, C_in, k]) -> [C_out, L] {
    out[co, l] = sum[ci: C_in, p: k] x[ci, unfold(l, p)] * w[co, ci, p]
}
"""
)

MATRIX_CHAIN = define(
    """
operator chain<A, B, C, D>(x: [A, B], weight y: [B, C], weight z: [C, D]) -> [A, D] {
    out[a, d] = sum[b: B, c: C] x[a, b] * y[b, c] * z[c, d]
}
"""
)

PIXEL_SHUFFLE = define(
    """
operator pixel_shuffle<C, H; s = 2>(x: [C*s, H]) -> [C, H*s] {
    out[c, h] = x[split(c, h % s), h / s]
}
"""
)
