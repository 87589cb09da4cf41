"""The tensor operations that a forward pass is made of: plain data, one template macro per class.

Dimensions are positions; sizes are monomials that a template prints over the names of its class.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass, fields

from syno_lang.sizes import Size


class Operation:
    """What one line of a forward pass does to its operands."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        """The name of the template macro."""
        return type(self).__name__

    @property
    def sizes(self) -> Iterate[Size]:
        """Every size that the line refers to."""
        for item in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, item.name)
            parts = value if isinstance(value, tuple) else (value,)
            yield from (part for part in parts if isinstance(part, Size))


@dataclass(frozen=True, slots=True)
class Unflatten(Operation):
    """SPLIT: dimension `dim` becomes two of the sizes `major` and `minor`."""

    dim: int
    major: Size
    minor: Size


@dataclass(frozen=True, slots=True)
class Windows(Operation):
    """UNFOLD: per dimension of `dims` append one of `windows`, the window around each place, zero outside."""

    dims: tuple[int, ...]
    windows: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Shear(Operation):
    """UNFOLD by a coordinate that dimension `by` runs over: entry `j` of it moves `dim` by `j - size / 2`."""

    dim: int
    by: int
    size: Size

    @property
    def sizes(self) -> Iterate[Size]:
        """The size is that of a dimension, so no line states it."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Roll(Operation):
    """SHIFT: the result at `i` is the operand at `i + amount`, circularly."""

    dim: int
    amount: int


@dataclass(frozen=True, slots=True)
class Every(Operation):
    """STRIDE: every `step`-th entry of `dim`."""

    dim: int
    step: Size


@dataclass(frozen=True, slots=True)
class Join(Operation):
    """MERGE: flatten dimensions `major` and `minor` into one, which stands in the place of `major`."""

    major: int
    minor: int

    @property
    def dim(self) -> int:
        """Where the joined dimension is."""
        return self.major - (self.minor < self.major)


@dataclass(frozen=True, slots=True)
class Carry(Operation):
    """SHIFT of a SPLIT: the result at `i`, `j` is the operand at the digits of `i * n + j + amount`.

    `major` and `minor` are the dimensions of the digits, `n` is the length of the second one.  The first
    digit is moved `whole` further, and is circular.
    """

    major: int
    minor: int
    amount: int
    whole: int = 0


@dataclass(frozen=True, slots=True)
class CarrySum(Operation):
    """As `Carry`, then summed over `minor`."""

    major: int
    minor: int
    amount: int
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Flatten(Operation):
    """Make one dimension of `count` neighbours, the first of which is `dim`."""

    dim: int
    count: int


@dataclass(frozen=True, slots=True)
class Repeat(Operation):
    """The major half of a MERGE alone: every entry of `dim` `times` times in a row."""

    dim: int
    times: Size


@dataclass(frozen=True, slots=True)
class Tile(Operation):
    """The minor half of a MERGE alone: dimension `dim` of `rank` as a whole, `times` times."""

    dim: int
    rank: int
    times: Size


@dataclass(frozen=True, slots=True)
class Diagonal(Operation):
    """One coordinate on two dimensions: keep where they are equal, as a new last dimension."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Ones(Operation):
    """A tensor of ones with the type and place of the operand, if there is one."""

    shape: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Einsum(Operation):
    """Multiply the operands and sum: a letter per dimension of each operand and of the result."""

    inputs: tuple[str, ...]
    output: str


@dataclass(frozen=True, slots=True)
class Matmul(Operation):
    """The product of two stacks of matrices."""


@dataclass(frozen=True, slots=True)
class Convolve(Operation):
    """Convolve the last dimensions of the first operand with those of the second.

    Per dimension: the length of the window, and how far it and the places in it are apart.  A window
    of length K reaches K // 2 to the left, zero outside; `tiled` ones lie side by side.
    """

    windows: tuple[Size, ...]
    strides: tuple[Size, ...]
    dilations: tuple[Size, ...]
    groups: Size
    tiled: bool

    @property
    def sizes(self) -> Iterate[Size]:
        """The windows are the shape of the second operand, so no line states them."""
        return (size for size in (*self.strides, *self.dilations, self.groups))


@dataclass(frozen=True, slots=True)
class Pool(Operation):
    """Average over windows on the last dimensions; the fields are those of `Convolve`."""

    windows: tuple[Size, ...]
    strides: tuple[Size, ...]
    tiled: bool


@dataclass(frozen=True, slots=True)
class Sum(Operation):
    """Sum over dimensions."""

    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mean(Operation):
    """Average over dimensions."""

    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scale(Operation):
    """Multiply by the number `factor`, which may be a fraction."""

    factor: Size


@dataclass(frozen=True, slots=True)
class Permute(Operation):
    """Dimension `order[i]` of the operand becomes dimension `i`."""

    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reshape(Operation):
    """The same entries in another shape."""

    shape: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Same(Operation):
    """The operand itself."""


@dataclass(frozen=True, slots=True)
class Expand(Operation):
    """Insert dimensions at the places `new` of the result and repeat along them up to `shape`."""

    new: tuple[int, ...]
    shape: tuple[Size, ...]

    @property
    def inserted(self) -> tuple[int, ...]:
        """Where to insert dimensions beforehand; `expand` itself adds those that come first."""
        return () if self.new == tuple(range(len(self.new))) else self.new
