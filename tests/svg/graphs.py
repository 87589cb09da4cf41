"""Operators as hand-made definitions, so that the picture is tested without the front end."""

from __future__ import annotations

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.ir.pgraph import PGraph, Read, Role, Tensor
from syno_lang.sizes import Size

N, C_IN, C_OUT, H, G, K, S = (Size.variable(name) for name in ("N", "C_in", "C_out", "H", "g", "k", "s"))


def define(
    name: str,
    output: tuple[Size, ...],
    tensors: dict[str, tuple[Role, tuple[Coordinate, ...]]],
    names: dict[Coordinate, str],
    expanded: tuple[Coordinate, ...] = (),
) -> Definition:
    """A definition whose tensors have the shapes at which they are read, each once."""
    shapes = {key: tuple(item.domain for item in index) for key, (_, index) in tensors.items()}
    graph = PGraph.make(
        output,
        [Tensor(role, shapes[key]) for key, (role, _) in tensors.items()],
        [Read(number, index) for number, (_, index) in enumerate(tensors.values())],
        expanded,
    )
    declarations = tuple(TensorDeclaration(key, role, shapes[key]) for key, (role, _) in tensors.items())
    sizes = tuple(SizeDeclaration(item, "primary") for item in graph.variables)
    return Definition(name, sizes, declarations, graph, names)


def operator_1() -> Definition:
    """Operator 1 of the paper (figure 7)."""
    n, co, h, w = (Iterator(number, size) for number, size in enumerate((N, C_OUT, H, H)))
    a, c, p, q, r = (Reduce(number, size) for number, size in enumerate((G, C_IN / G, K, K, C_OUT / (G * S))))
    channel = Split(a, c)
    return define(
        "op1",
        (N, C_OUT, H, H),
        {
            "x": ("input", (n, channel, Unfold(h, p), Unfold(w, q))),
            "u": ("weight", (a, p, q, co, r)),
            "v": ("weight", (channel, q, r)),
        },
        {n: "n", co: "co", h: "h", w: "w", a: "a", c: "c", p: "p", q: "q", r: "r"},
    )


def every_primitive() -> Definition:
    """Every primitive at least once."""
    n, c, h = Iterator(0, N), Iterator(1, C_OUT), Iterator(2, H)
    r = Reduce(0, K, "mean")
    window = Unfold(h, Stride(r, S))
    quotient, remainder = Quotient(c, G), Remainder(c, G)
    return define(
        "every",
        (N, C_OUT, H),
        {"x": ("input", (n, Shift(window, -1), quotient)), "w": ("weight", (Split(r, quotient),))},
        {n: "n", c: "c", h: "h", r: "r", quotient: "block", remainder: "within"},
        (remainder,),
    )
