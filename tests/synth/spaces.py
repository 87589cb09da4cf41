"""Small spaces for tests."""

from __future__ import annotations

from dataclasses import replace

from syno_lang.ir.definition import SizeDeclaration
from syno_lang.sizes import Size
from syno_lang.synth.space import Axis, Limits, Space, SpaceSize


def size(text: str) -> Size:
    """`H/s`, `k^2` or `C*s` as a size."""
    found = Size.constant(1)
    above, _, below = text.partition("/")
    for part, power in ((above, 1), (below, -1)):
        for factor in filter(None, part.split("*")):
            name, _, exponent = factor.partition("^")
            found = found * Size.variable(name) ** (power * int(exponent or 1))
    return found


def variable(name: str, value: int, uses: int | None = 2) -> SpaceSize:
    """A size: primary if its name starts with a capital letter."""
    return SpaceSize(SizeDeclaration(name, "primary" if name[0].isupper() else "coefficient", value), uses)


BASE = Limits(
    primitives=4, tensors=2, reduce=2, stride=None, expand=0, chain=6, variables=None, powers=None,
    reduction_ratio=32, window_ratio=1, shift_pattern=None, repeat=1, outer=None, weight_params=1, pooling=None,
)  # fmt: skip


def space(
    inputs: str, outputs: str, sizes: tuple[SpaceSize, ...], rules: tuple[str, ...] = (), **limits: object
) -> Space:
    """`space("C H", "D: H", ...)`: axes are separated by blanks, a colon makes one unordered."""

    def axes(text: str) -> tuple[Axis, ...]:
        return tuple(Axis(size(part.rstrip(":")), part.endswith(":")) for part in text.split())

    layer = {item.declaration.name: item.declaration.default or 1 for item in sizes}
    made = replace(BASE, **limits)  # type: ignore[arg-type]
    return Space("small", sizes, axes(inputs), axes(outputs), (), (layer,), made, (), rules)


H, C, D = variable("H", 16, 3), variable("C", 4), variable("D", 6)
S, K = variable("s", 2, 1), variable("k", 3, 1)

LINE = space("H", "H", (H, S), primitives=4)
FREE = space("H", "H", (H, S), primitives=3, weight_free=True, depthwise=True)
WINDOW = space("C H", "D H", (C, D, variable("H", 12, 0), K), primitives=4)
CHANNELS = space("C: H", "D: H", (C, D, variable("H", 12, 0), S), primitives=3)
SQUARE = space("C H H", "D H H", (C, D, variable("H", 12, 0), K), primitives=3)
REPEAT = space("H", "H", (H, S), primitives=3, expand=None, repeat=4, tile=True, weight_free=True)
THREE = space("C", "D", (variable("C", 12), variable("D", 8), K), primitives=4, tensors=3)

SPACES = {
    "line": LINE, "free": FREE, "window": WINDOW, "channels": CHANNELS, "square": SQUARE, "repeat": REPEAT,
    "three": THREE,
}  # fmt: skip
