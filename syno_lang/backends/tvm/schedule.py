"""The blocks of an emitted module and a target enter; the module with its loops rearranged leaves.

Deterministic, and without measuring anything.  On a CPU a sum keeps a tile of its output in registers,
written back once; on a GPU the rules of TVM bind loops to threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.nests import Module, Nest
from syno_lang.backends.tvm.tiles import LANES, Tile, lanes_of, tile

#: Blocks of fewer points are left to one thread: starting the others takes longer.
PARALLEL_POINTS: Final = 1 << 14

#: The bytes of an element.
BYTES: Final = {"float32": 4, "float64": 8}


@dataclass(frozen=True)
class Machine:
    """What a schedule asks of a CPU: the bytes of a vector register, and how many there are."""

    bytes: int
    registers: int


def schedule(module: Any, nests: Module, target: Any) -> Any:
    """Rearrange the loops of the `IRModule` that `nests` was printed as."""
    if dialect.is_gpu(target):
        return dialect.schedule_gpu(module, target)
    machine = Machine(*dialect.vector_registers(target))
    schedule = dialect.new_schedule(module)
    for nest in nests.all_nests():
        block = schedule.get_sblock(nest.array.name)
        if nest.sums and nest.stage is not None:
            _sum(schedule, block, nest, nests, machine)
        else:
            _fill(schedule, block, nest)
    return schedule.mod


def _fill(schedule: Any, block: Any, nest: Nest) -> None:
    """An element-wise block or a copy: in vectors where it reads in order, else in blocks of both orders."""
    loops = schedule.get_loops(block)
    extents = [loop.extent for loop in nest.loops]
    width = lanes_of(extents[-1], LANES)
    if any(factor.conditions for factor in nest.factors):
        outer = loops[:-1]
    elif nest.in_order:
        around, inner = schedule.split(loops[-1], [None, width])
        schedule.vectorize(inner)
        outer = loops[:-1]
    else:
        around, inner = schedule.split(loops[-1], [None, width])
        schedule.reorder(around, *loops[:-1], inner)
        outer = [around, *loops[:-1]]
    if outer and prod(extents) >= PARALLEL_POINTS:
        schedule.parallel(schedule.fuse(*outer))


def _sum(schedule: Any, block: Any, nest: Nest, nests: Module, machine: Machine) -> None:
    """A sum: its tile in registers, its reductions around that, everything else in parallel."""
    assert nest.stage is not None
    name = nest.stage.buffer
    work, vector = nests.works[name], nests.vectors[name]
    if vector is None or not nest.factors:
        return
    lanes = machine.bytes // BYTES[nests.accumulator]
    chosen = tile(work, vector, lanes, machine.registers)
    names = [*work.axes, *work.reductions]
    loops = dict(zip(names, schedule.get_loops(block), strict=True))
    if vector in work.reductions:
        _sum_in_vectors(schedule, block, loops, list(work.axes), chosen, work.points)
    else:
        _sum_in_registers(schedule, block, loops, list(work.axes), chosen, work.points)


def _sum_in_registers(
    schedule: Any, block: Any, loops: Mapping[str, Any], axes: Sequence[str], tile: Tile, points: int
) -> None:
    outer, inner = _tiled(schedule, loops, axes, tile)
    reductions = [loop for name, loop in loops.items() if name not in axes]
    schedule.reorder(*outer, *reductions, *inner)
    around = schedule.fuse(*outer) if len(outer) > 1 else outer[0]
    if points >= PARALLEL_POINTS:
        schedule.parallel(around)
    written = schedule.cache_write(block, 0, "global")
    order = sorted(range(len(axes)), key=lambda place: (axes[place] == tile.vector, axes[place] == tile.row))
    if order[-1] != len(axes) - 1:
        # In memory as in registers: the elements of a vector side by side.
        schedule.transform_layout(block, ("write", 0), lambda *index: [index[place] for place in order])
    schedule.reverse_compute_at(written, around)
    if tile.lanes > 1:
        schedule.vectorize(inner[-1])
    for loop in inner[:-1]:
        schedule.unroll(loop)
    schedule.decompose_reduction(block, reductions[0])


def _tiled(
    schedule: Any, loops: Mapping[str, Any], axes: Sequence[str], tile: Tile
) -> tuple[list[Any], list[Any]]:
    """Split the axes into the loops around a tile, in their order, and those of the tile."""
    outer, rows, vectors = [], [], []
    for name in axes:
        if name == tile.vector:
            around, *vectors = schedule.split(loops[name], [None, tile.vectors, tile.lanes])
            outer.append(around)
        elif name == tile.row and tile.rows > 1:
            around, *rows = schedule.split(loops[name], [None, tile.rows])
            outer.append(around)
        else:
            outer.append(loops[name])
    return outer, [*rows, *vectors]


def _sum_in_vectors(
    schedule: Any, block: Any, loops: Mapping[str, Any], axes: Sequence[str], tile: Tile, points: int
) -> None:
    """Partial sums side by side in a vector, added up at the end (rfactor)."""
    rest, lanes = schedule.split(loops[tile.vector], [None, tile.lanes])
    around = [loops[name] for name in axes]
    others = [loop for name, loop in loops.items() if name not in axes and name != tile.vector]
    schedule.reorder(*around, *others, rest, lanes)
    partial = schedule.rfactor(lanes, len(axes))
    if axes and points >= PARALLEL_POINTS:
        for item in (block, partial):
            schedule.parallel(schedule.fuse(*schedule.get_loops(item)[: len(axes)]))
    inner = schedule.get_loops(partial)[-2 - len(others) :]
    schedule.vectorize(inner[-1])
    schedule.decompose_reduction(partial, inner[0])
