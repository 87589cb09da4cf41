"""A definition: a pGraph together with the names and declarations of the text that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from syno_lang.diagnostics import Source
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.pgraph import PGraph, Role
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Condition, Divides, divisions

SizeKind = Literal["primary", "coefficient"]


@dataclass(frozen=True, slots=True)
class SizeDeclaration:
    """A size variable: primary (large, never in a denominator) or coefficient (small, may divide)."""

    name: str
    kind: SizeKind
    default: int | None = None


@dataclass(frozen=True, slots=True)
class TensorDeclaration:
    """A tensor of the signature, under its name in the file."""

    name: str
    role: Role
    shape: tuple[Size, ...]


@dataclass(frozen=True)
class Definition:
    """An operator of a file.  `tensors` stand in the order of the file, as in `graph.tensors`.

    `names` gives coordinates the names of the file; a coordinate without one is known by its position.
    `conditions` are those that the file states with `where`.
    """

    name: str
    sizes: tuple[SizeDeclaration, ...]
    tensors: tuple[TensorDeclaration, ...]
    graph: PGraph
    names: Mapping[Coordinate, str] = field(default_factory=dict, repr=False)
    allowed: frozenset[str] = frozenset()
    source: Source | None = field(default=None, repr=False)
    conditions: tuple[Condition, ...] = ()

    @property
    def divisions(self) -> tuple[Divides, ...]:
        """What must divide for every size of the operator to be whole: inferred, not stated."""
        return divisions(self.graph.sizes)

    @property
    def inputs(self) -> tuple[TensorDeclaration, ...]:
        """The data inputs in the order of the file."""
        return tuple(tensor for tensor in self.tensors if tensor.role == "input")

    @property
    def weights(self) -> tuple[TensorDeclaration, ...]:
        """The weights in the order of the file."""
        return tuple(tensor for tensor in self.tensors if tensor.role == "weight")

    @property
    def defaults(self) -> dict[str, int]:
        """The sizes that the file gives a value."""
        return {size.name: size.default for size in self.sizes if size.default is not None}
