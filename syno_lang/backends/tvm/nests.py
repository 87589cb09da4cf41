"""A stage program and the values of its sizes enter; arrays and blocks leave, as the template prints them.

Every stage is a block.  A stage whose sums need a last step (the division of a mean, the rounding of a
16-bit output) is two: a plain sum, which TVM may schedule as any other, and an element-wise block.
Shapes and loops are 32-bit, and 64-bit throughout where 32 bits are too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from syno_lang.backends.tvm.intervals import Linear, Variable, conditions, linear
from syno_lang.backends.tvm.names import Names, identifier
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.affine import Index, guards_of, index_of
from syno_lang.lower.stages import (
    Apply,
    Axis,
    Buffer,
    BufferRead,
    Expression,
    Extent,
    Inside,
    Stage,
    StageProgram,
)

#: The dtypes of inputs, weights and output, each with the dtype in which it is computed.
DTYPES: Final = {"float32": "float32", "float64": "float64", "float16": "float32", "bfloat16": "float32"}

REDUCERS: Final = ("sum", "mean")


@dataclass(frozen=True, slots=True)
class Array:
    """A buffer as the text declares it."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class LoopLine:
    """A loop, and the variable of the block that is bound to it; `kind` is `S` or, for a sum, `R`."""

    name: str
    variable: str
    extent: int
    kind: str


#: The loop around a block that has none of its own.
ONCE: Final = (LoopLine("once", "v_once", 1, "S"),)


@dataclass(frozen=True, slots=True)
class Factor:
    """`array[index]`, or 1 without an array; 0 where a condition fails."""

    array: Array | None
    index: tuple[Linear, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nest:
    """A block: `array = scale * factors / divisor`, summed over its `R` loops."""

    array: Array
    loops: tuple[LoopLine, ...]
    factors: tuple[Factor, ...]
    scale: int = 1
    divisor: int = 1

    @property
    def index(self) -> tuple[str, ...]:
        """Where in the array a value belongs: the loops of its axes come first."""
        return tuple(loop.variable for loop in self.loops[: len(self.array.shape)])

    @property
    def sums(self) -> bool:
        """Whether there is a loop to sum over."""
        return any(loop.kind == "R" for loop in self.loops)


class Module:
    """The names, arrays and widest number of one emitted module; `nests` gives the blocks of a stage."""

    def __init__(self, program: StageProgram, sizes: Mapping[str, int], dtype: str) -> None:
        self.sizes = sizes
        self.accumulator = DTYPES[dtype]
        self.names = Names()
        self.largest = 0
        arguments = [*program.with_role("input"), *program.with_role("weight"), *program.with_role("output")]
        self.arguments = {buffer.name: self.array(buffer, dtype) for buffer in arguments}
        stages = {buffer.name: self.array(buffer, self.accumulator) for buffer in program.with_role("stage")}
        self.arrays = self.arguments | stages
        # All arrays are named before any loop is, for they are in scope in every nest.
        self.totals = {stage.buffer: self.total(stage) for stage in program.stages if self.needs_total(stage)}
        self.temporaries = (*stages.values(), *self.totals.values())

    @property
    def wide(self) -> bool:
        """Whether a number of elements or an index met so far needs 64 bits."""
        return self.largest >= 2**31

    def array(self, buffer: Buffer, dtype: str) -> Array:
        """Declare a buffer."""
        shape = tuple(size.value(self.sizes) for size in buffer.shape)
        self.largest = max(self.largest, prod(shape))
        return Array(self.names.fresh(buffer.name), shape, dtype)

    def total(self, stage: Stage) -> Array:
        """Declare what holds the sums of a stage before its last step."""
        array = self.arrays[stage.buffer]
        return Array(self.names.fresh(f"{array.name}_sum"), array.shape, self.accumulator)

    def needs_total(self, stage: Stage) -> bool:
        """Whether the sums of a stage are not yet its values."""
        rounded = self.arrays[stage.buffer].dtype != self.accumulator
        return bool(stage.reductions) and (rounded or self.divisor(stage) > 1)

    def divisor(self, stage: Stage) -> int:
        """What the means of a stage divide by."""
        return prod(axis.domain.value(self.sizes) for axis in stage.reductions if axis.reducer == "mean")

    def nests(self, stage: Stage) -> Iterate[Nest]:
        """The block of a stage, or its two blocks."""
        names = Names(self.names)
        axes = (*stage.axes, *stage.reductions)
        loops = [self.loop(axis, names) for axis in axes]
        variables = [Variable(loop.variable, loop.extent) for loop in loops]
        known = {axis.name: variable for axis, variable in zip(axes, variables, strict=True)}
        factors, scale = self.product(stage.value, known)
        array, total = self.arrays[stage.buffer], self.totals.get(stage.buffer)
        yield Nest(total or array, tuple(loops) or ONCE, factors, scale)
        if total:
            rank = len(stage.axes)
            read = Factor(total, tuple(Linear(((variable, 1),)) for variable in variables[:rank]), ())
            yield Nest(array, tuple(loops[:rank]) or ONCE, (read,), divisor=self.divisor(stage))

    def loop(self, axis: Axis, names: Names) -> LoopLine:
        """Name the loop of an axis and its variable."""
        if axis.reducer and axis.reducer not in REDUCERS:
            raise ValueError(f"no block is known for the reducer {axis.reducer}")
        name, variable = names.fresh(axis.name), names.fresh(f"v_{identifier(axis.name)}")
        return LoopLine(name, variable, axis.domain.value(self.sizes), "R" if axis.reducer else "S")

    def product(self, value: Expression, loops: Mapping[str, Variable]) -> tuple[tuple[Factor, ...], int]:
        """The factors of `value`, with what remains of their guards, and its constant factor."""
        factors, scale = [], 1
        for item in _leaves(value):
            if isinstance(item, Extent):
                scale *= item.size.value(self.sizes)
                continue
            index = item.index if isinstance(item, BufferRead) else (item.coordinate,)
            tests = self.tests(index, loops)
            if tests is None:
                return (), 0
            if isinstance(item, BufferRead):
                position = tuple(self.simplify(index_of(coordinate), loops) for coordinate in index)
                factors.append(Factor(self.arrays[item.buffer], position, tests))
            elif tests:
                factors.append(Factor(None, (), tests))
        return tuple(factors), scale

    def tests(self, index: Iterable[Coordinate], loops: Mapping[str, Variable]) -> tuple[str, ...] | None:
        """The conditions under which every UNFOLD in `index` is inside, or `None` where none ever is."""
        found: list[str] = []
        for guard in guards_of(*index):
            left = conditions(self.simplify(guard.index, loops), guard.size.value(self.sizes))
            if left is None:
                return None
            found += left
        return tuple(dict.fromkeys(found))

    def simplify(self, index: Index, loops: Mapping[str, Variable]) -> Linear:
        """An index at the sizes of the module."""
        simple = linear(index, loops, self.sizes)
        self.largest = max(self.largest, *map(abs, simple.interval))
        return simple


def _leaves(value: Expression) -> Iterate[BufferRead | Inside | Extent]:
    """The factors of nested products."""
    if not isinstance(value, Apply):
        yield value
    elif value.function == "multiply":
        for argument in value.arguments:
            yield from _leaves(argument)
    else:
        raise ValueError(f"no expression is known for the function {value.function}")
