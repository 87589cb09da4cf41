"""A stage program and the values of its sizes enter; arrays and blocks leave, as the template prints them.

Every stage is a block.  A stage whose sums need a last step (the division of a mean, the rounding of a
16-bit output) is two: a plain sum, which TVM may schedule as any other, and an element-wise block.
Shapes and loops are 32-bit, and 64-bit throughout where 32 bits are too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Mapping
from dataclasses import dataclass, replace as replace_field
from fractions import Fraction
from math import prod
from typing import Final

from syno_lang.backends.tvm.access import Place, distance
from syno_lang.backends.tvm.arrange import arrange, work_of
from syno_lang.backends.tvm.intervals import Linear, Variable, conditions, linear
from syno_lang.backends.tvm.names import Names, identifier
from syno_lang.backends.tvm.open_sizes import Open, check_open
from syno_lang.backends.tvm.tiles import rounded, vector_of
from syno_lang.ir.coordinates import Coordinate, replace, walk
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
from syno_lang.sizes import Size

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


@dataclass(frozen=True, slots=True)
class Copy:
    """An array that holds what a stage reads, by its places."""

    array: Array
    places: tuple[Place, ...]


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
    scale: float = 1
    divisor: int = 1
    stage: Stage | None = None

    @property
    def index(self) -> tuple[str, ...]:
        """Where in the array a value belongs: the loops of its axes come first."""
        return tuple(loop.variable for loop in self.loops[: len(self.array.shape)])

    @property
    def in_order(self) -> bool:
        """Whether the last loop walks through memory element by element, or stays."""
        last = self.loops[-1].variable
        reads = ((factor.index, factor.array.shape) for factor in self.factors if factor.array)
        return all(distance(index, shape, last) in (0, 1) for index, shape in reads)

    @property
    def sums(self) -> bool:
        """Whether there is a loop to sum over."""
        return any(loop.kind == "R" for loop in self.loops)


class Module:
    """The names, arrays and widest number of one emitted module; `nests` gives the blocks of a stage."""

    def __init__(
        self,
        program: StageProgram,
        sizes: Mapping[str, int],
        dtype: str,
        *,
        inside: bool = False,
        open_sizes: Iterable[str] = (),
    ) -> None:
        """With `inside` the module is one that a larger one calls: all in 64 bits, and memory is aligned.

        `open_sizes` are left to the call.  Raises `SynoError` (E1306) where one cannot be.
        """
        if dtype not in DTYPES:
            raise ValueError(f"dtype is one of {', '.join(DTYPES)}, not {dtype}")
        check_open(program, open_sizes)
        sizes = {**sizes, **dict.fromkeys(open_sizes, 1)}
        self.program = program = arrange(program, sizes)
        self.sizes, self.dtype = sizes, dtype
        self.accumulator = DTYPES[dtype]
        self.names = Names()
        self.open = {Size.variable(name): Open(self.names.fresh(name)) for name in open_sizes}
        # A caller that is a graph of operators works with 64 bits.
        self.inside = inside
        self.largest = 2**31 if inside else 0
        arguments = [*program.with_role("input"), *program.with_role("weight"), *program.with_role("output")]
        self.arguments = {buffer.name: self.array(buffer, dtype) for buffer in arguments}
        stages = {buffer.name: self.array(buffer, self.accumulator) for buffer in program.with_role("stage")}
        self.arrays = self.arguments | stages
        works = {stage.buffer: work_of(stage, sizes) for stage in program.stages}
        self.vectors = {name: vector_of(work) for name, work in works.items()}
        self.rounded = {name: rounded(work, self.vectors[name]) for name, work in works.items()}
        self.works = {
            stage.buffer: work_of(stage, sizes, rounded=self.rounded[stage.buffer])
            for stage in program.stages
        }
        # All arrays are named before any loop is, for they are in scope in every nest.
        self.totals = {stage.buffer: self.total(stage) for stage in program.stages if self.needs_total(stage)}
        self.copies = {stage.buffer: self.copied(stage) for stage in program.stages}
        copies = [item.array for found in self.copies.values() for item in found.values()]
        self.handles = {
            array.name: self.names.fresh(f"{array.name}_handle")
            for array in self.arguments.values()
            if any(isinstance(extent, Open) for extent in array.shape)
        }
        self.temporaries = (*stages.values(), *copies, *self.totals.values())

    @property
    def wide(self) -> bool:
        """Whether a number of elements or an index met so far needs 64 bits."""
        return self.largest >= 2**31

    def array(self, buffer: Buffer, dtype: str) -> Array:
        """Declare a buffer."""
        shape = tuple(self.extent(size) for size in buffer.shape)
        self.largest = max(self.largest, prod(shape))
        return Array(self.names.fresh(buffer.name), shape, dtype)

    def extent(self, size: Size) -> int:
        """The value of a size; of one that is left open, what prints as its name."""
        return self.open[size] if size in self.open else size.value(self.sizes)

    def total(self, stage: Stage) -> Array:
        """Declare what holds the sums of a stage before its last step."""
        array, further = self.arrays[stage.buffer], self.rounded[stage.buffer]
        shape = tuple(further.get(axis.name, self.extent(axis.domain)) for axis in stage.axes)
        self.largest = max(self.largest, prod(shape))
        return Array(self.names.fresh(f"{array.name}_sum"), shape, self.accumulator)

    def needs_total(self, stage: Stage) -> bool:
        """Whether the sums of a stage are not yet its values."""
        narrowed = self.arrays[stage.buffer].dtype != self.accumulator
        further = bool(self.rounded[stage.buffer])
        return bool(stage.reductions) and (narrowed or further or self.divisor(stage) > 1)

    def divisor(self, stage: Stage) -> int:
        """What the means of a stage divide by."""
        return prod(axis.domain.value(self.sizes) for axis in stage.reductions if axis.reducer == "mean")

    def copied(self, stage: Stage) -> dict[BufferRead, Copy]:
        """Declare the copies of what a stage reads."""
        work, vector = self.works[stage.buffer], self.vectors[stage.buffer]
        found = {}
        for item in work.accesses:
            if work.is_copied(item, vector):
                places = item.ordered(vector)
                name = f"{item.read.buffer}_{'padded' if item.guarded else 'packed'}"
                shape = tuple(self.open.get(place.coordinate.domain, place.extent) for place in places)
                self.largest = max(self.largest, prod(shape))
                found[item.read] = Copy(Array(self.names.fresh(name), shape, self.accumulator), places)
        return found

    def all_nests(self) -> list[Nest]:
        """Every block of the program, in order."""
        return [nest for stage in self.program.stages for nest in self.nests(stage)]

    def nests(self, stage: Stage) -> Iterate[Nest]:
        """The block of a stage, or its two blocks, after those that copy what it reads."""
        for wanted, copy in self.copies[stage.buffer].items():
            yield self.copy(wanted, copy)
        names = Names(self.names)
        axes = (*stage.axes, *stage.reductions)
        loops = [self.loop(axis, names, self.rounded[stage.buffer]) for axis in axes]
        variables = [Variable(loop.variable, loop.extent) for loop in loops]
        known = {axis.name: variable for axis, variable in zip(axes, variables, strict=True)}
        factors, scale = self.product(stage.value, known, self.copies[stage.buffer])
        array, total = self.arrays[stage.buffer], self.totals.get(stage.buffer)
        yield Nest(total or array, tuple(loops) or ONCE, factors, float(scale), stage=stage)
        if total:
            rank = len(stage.axes)
            read = Factor(total, tuple(Linear(((variable, 1),)) for variable in variables[:rank]), ())
            last = [
                replace_field(line, extent=extent) for line, extent in zip(loops, array.shape, strict=False)
            ]
            yield Nest(array, tuple(last) or ONCE, (read,), divisor=self.divisor(stage))

    def loop(self, axis: Axis, names: Names, rounded: Mapping[str, int]) -> LoopLine:
        """Name the loop of an axis and its variable."""
        if axis.reducer and axis.reducer not in REDUCERS:
            raise ValueError(f"no block is known for the reducer {axis.reducer}")
        name, variable = names.fresh(axis.name), names.fresh(f"v_{identifier(axis.name)}")
        extent = rounded.get(axis.name, self.extent(axis.domain))
        return LoopLine(name, variable, extent, "R" if axis.reducer else "S")

    def copy(self, read: BufferRead, copy: Copy) -> Nest:
        """The block that fills a copy, with zeros where the read is outside."""
        names = Names(self.names)
        loops: list[LoopLine] = []
        values: dict[str, Variable | Linear] = {}
        images: dict[Coordinate, Coordinate] = {}
        tests: list[str] = []
        for number, place in enumerate(copy.places):
            name = "_".join(leaf.name for leaf in walk(place.coordinate) if isinstance(leaf, Axis))
            line = LoopLine(
                names.fresh(name), names.fresh(f"v_{identifier(name)}"), copy.array.shape[number], "S"
            )
            value = Linear(((Variable(line.variable, line.extent), 1),), place.value.interval[0])
            images[place.coordinate] = Axis(f"place{number}", place.coordinate.domain)
            values[f"place{number}"] = value
            loops.append(line)
            if place.guarded:
                tests += conditions(value, place.coordinate.domain.value(self.sizes)) or ()
        index = [index_of(replace(item, images.get)) for item in read.index]
        position = tuple(self.simplify(item, values) for item in index)
        return Nest(copy.array, tuple(loops), (Factor(self.arrays[read.buffer], position, tuple(tests)),))

    def product(
        self, value: Expression, loops: Mapping[str, Variable], copies: Mapping[BufferRead, Copy]
    ) -> tuple[tuple[Factor, ...], Fraction]:
        """The factors of `value`, with what remains of their guards, and its constant factor."""
        factors, scale = [], Fraction(1)
        for item in _leaves(value):
            if isinstance(item, Extent):
                scale *= item.size.evaluate(self.sizes)
                continue
            if isinstance(item, BufferRead) and item in copies:
                factors.append(self.from_copy(copies[item], loops))
                continue
            index = item.index if isinstance(item, BufferRead) else (item.coordinate,)
            tests = self.tests(index, loops)
            if tests is None:
                return (), Fraction()
            if isinstance(item, BufferRead):
                position = tuple(self.simplify(index_of(coordinate), loops) for coordinate in index)
                factors.append(Factor(self.arrays[item.buffer], position, tests))
            elif tests:
                factors.append(Factor(None, (), tests))
        return tuple(factors), scale

    def from_copy(self, copy: Copy, loops: Mapping[str, Variable]) -> Factor:
        """A read of a copy.  What is left to test are the UNFOLDs below its places."""
        position = tuple(
            self.simplify(index_of(place.coordinate), loops) + Linear((), -place.value.interval[0])
            for place in copy.places
        )
        below = [operand for place in copy.places for operand in place.coordinate.operands]
        tests = self.tests(below, loops)
        assert tests is not None, "a read that is outside everywhere is not copied"
        return Factor(copy.array, position, tests)

    def tests(self, index: Iterable[Coordinate], loops: Mapping[str, Variable]) -> tuple[str, ...] | None:
        """The conditions under which every UNFOLD in `index` is inside, or `None` where none ever is."""
        found: list[str] = []
        for guard in guards_of(*index):
            left = conditions(self.simplify(guard.index, loops), guard.size.value(self.sizes))
            if left is None:
                return None
            found += left
        return tuple(dict.fromkeys(found))

    def simplify(
        self, index: Index, loops: Mapping[str, Variable | Linear] | Mapping[str, Variable]
    ) -> Linear:
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
