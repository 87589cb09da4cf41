"""What a pGraph reads: tensors by shape and role, and the coordinates at which each is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syno_lang.ir.coordinates import Coordinate
from syno_lang.sizes import Size

Role = Literal["input", "weight"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that the operator reads: data input or weight, with the size of each axis."""

    role: Role
    shape: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One factor of the product: tensor number `tensor` at `index`, a coordinate per axis."""

    tensor: int
    index: tuple[Coordinate, ...]
