"""The stage program: an ordered list of loop nests, each of which fills one buffer.

A stage has an axis per dimension of its buffer, reduction axes with their reducers, and one scalar
expression over reads of earlier buffers.  An index is a coordinate whose leaves are the axes of the
stage: a quasi-affine expression (`syno_lang.lower.affine`) that carries its own bounds guard, for a
read at an UNFOLD outside its domain is zero.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from dataclasses import dataclass
from typing import Literal

from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.sizes import Size

BufferRole = Literal["input", "weight", "stage", "output"]


class Axis(Coordinate):
    """A loop of a stage.  `reducer` is empty for an axis of the buffer, else `sum` or `mean`."""

    __slots__ = ()

    def __new__(cls, name: str, domain: Size, reducer: str = "") -> Axis:
        """The axis `name`, the same object for the same arguments."""
        return cls._intern(domain, name, domain, reducer)

    @property
    def name(self) -> str:
        """The name of the loop variable, unique in its stage."""
        return str(self.arguments[0])

    @property
    def reducer(self) -> str:
        """How the terms of this loop are joined; empty where the loop fills the buffer."""
        return str(self.arguments[2])


@dataclass(frozen=True, slots=True)
class Buffer:
    """A tensor that the program reads or writes."""

    name: str
    shape: tuple[Size, ...]
    role: BufferRole


@dataclass(frozen=True, slots=True)
class BufferRead:
    """A buffer at coordinates over the axes of the stage; zero where an UNFOLD leaves its domain."""

    buffer: str
    index: tuple[Coordinate, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """One where every UNFOLD in `coordinate` stays in its domain, else zero."""

    coordinate: Coordinate


@dataclass(frozen=True, slots=True)
class Extent:
    """The value of a size as a number; a size may be one over another here."""

    size: Size


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of expressions.  Today's only function is `multiply`; its arity is free."""

    function: Literal["multiply"]
    arguments: tuple[Expression, ...]


Expression = BufferRead | Inside | Extent | Apply


@dataclass(frozen=True, slots=True)
class Stage:
    """`buffer[axes] = reduce over reductions of value`; `mean` axes divide by their domains.

    An `Apply` of no arguments is the constant one.
    """

    buffer: str
    axes: tuple[Axis, ...]
    reductions: tuple[Axis, ...]
    value: Expression

    @property
    def factors(self) -> tuple[Expression, ...]:
        """The factors of the product that `value` is."""
        return self.value.arguments if isinstance(self.value, Apply) else (self.value,)

    @property
    def reads(self) -> tuple[BufferRead, ...]:
        """The factors that read a buffer."""
        return tuple(item for item in self.factors if isinstance(item, BufferRead))


@dataclass(frozen=True, slots=True)
class StageProgram:
    """A whole operator as loops.  `buffers` holds inputs and weights in the order of the file, then the
    buffers of the stages; the last stage fills the output.
    """

    name: str
    sizes: tuple[SizeDeclaration, ...]
    buffers: tuple[Buffer, ...]
    stages: tuple[Stage, ...]

    def buffer(self, name: str) -> Buffer:
        """The buffer of that name.  Raises `KeyError` where there is none."""
        return {buffer.name: buffer for buffer in self.buffers}[name]

    def with_role(self, *roles: BufferRole) -> Iterate[Buffer]:
        """The buffers of the given roles, in order."""
        return (buffer for buffer in self.buffers if buffer.role in roles)
