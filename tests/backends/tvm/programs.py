"""Stage programs made by hand, for the tests of the TVM backend."""

from __future__ import annotations

from syno_lang.ir.coordinates import Coordinate, Split, Unfold
from syno_lang.lower.stages import (
    Apply,
    Axis,
    Buffer,
    BufferRead,
    BufferRole,
    Expression,
    Stage,
    StageProgram,
)
from syno_lang.sizes import Size

H, W, K, N, C, k, s = (Size.variable(name) for name in ("H", "W", "K", "N", "C", "k", "s"))


def times(*factors: Expression) -> Apply:
    return Apply("multiply", factors)


def program(stages: list[Stage], inputs: dict[str, tuple[Size, ...]], **weights: tuple[Size, ...]) -> StageProgram:
    """A program of these tensors; the last stage fills the output."""
    roles: dict[str, BufferRole] = {stage.buffer: "stage" for stage in stages}
    roles[stages[-1].buffer] = "output"
    buffers = [
        *(Buffer(name, shape, "input") for name, shape in inputs.items()),
        *(Buffer(name, shape, "weight") for name, shape in weights.items()),
        *(Buffer(item.buffer, tuple(axis.domain for axis in item.axes), roles[item.buffer]) for item in stages),
    ]
    return StageProgram("made", (), tuple(buffers), tuple(stages))


def pointwise(coordinate: Coordinate, *axes: Axis) -> StageProgram:
    """`out[axes] = x[coordinate]`."""
    return program([Stage("out", axes, (), BufferRead("x", (coordinate,)))], {"x": (coordinate.domain,)})


def matmul() -> StageProgram:
    i, j, r = Axis("i", H), Axis("j", N), Axis("r", K, "sum")
    value = times(BufferRead("x", (i, r)), BufferRead("w", (r, j)))
    return program([Stage("out", (i, j), (r,), value)], {"x": (H, K)}, w=(K, N))


def conv2d(reducer: str = "sum") -> StageProgram:
    n, co, h, w = Axis("n", N), Axis("co", K), Axis("h", H), Axis("w", W)
    ci, p, q = Axis("ci", C, "sum"), Axis("p", k, reducer), Axis("q", k, reducer)
    data = BufferRead("x", (n, ci, Unfold(h, p), Unfold(w, q)))
    value = times(data, BufferRead("w", (co, ci, p, q)))
    return program([Stage("out", (n, co, h, w), (ci, p, q), value)], {"x": (N, C, H, W)}, w=(K, C, k, k))


def staged_windows() -> StageProgram:
    """Figure 4 of the paper: blocks of `s` are summed first, windows of `k` of those sums after it."""
    i, r = Axis("i", H / s), Axis("r", s, "sum")
    j, p = Axis("j", H / s), Axis("p", k, "sum")
    first = Stage("t1", (i,), (r,), BufferRead("x", (Split(i, r),)))
    second = Stage("out", (j,), (p,), times(BufferRead("t1", (Unfold(j, p),)), BufferRead("w", (p,))))
    return program([first, second], {"x": (H,)}, w=(k,))


def mean_of_all() -> StageProgram:
    """A mean over one axis and a sum over the other: no axis is left."""
    i, j = Axis("i", H, "mean"), Axis("j", K, "sum")
    return program([Stage("out", (), (i, j), BufferRead("x", (i, j)))], {"x": (H, K)})
