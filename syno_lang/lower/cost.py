"""A stage program enters; FLOPs, parameters, bytes moved and the number of stages leave.

FLOPs are multiply-accumulates: a stage costs its points (axes times reductions) for every read after
the first, or once where it only sums one; moving data and dividing by the length of a mean are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, overload

from syno_lang.lower.stages import Stage, StageProgram
from syno_lang.sizes import Size, product
from syno_lang.sizes.polynomial import Polynomial

Q = TypeVar("Q", Polynomial, int)

#: The bytes of a float32.
ELEMENT_BYTES: Final = 4


@dataclass(frozen=True, repr=False)
class Cost(Generic[Q]):
    """What a stage program costs: `Cost[Polynomial]` for all sizes, `Cost[int]` for given ones.

    `bytes` counts, stage by stage, every buffer that it reads once and the one that it writes.
    """

    flops: Q
    parameters: Q
    bytes: Q
    stages: int

    def __repr__(self) -> str:
        counts = (f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__}({', '.join(counts)})"

    def __str__(self) -> str:
        return "\n".join(f"{name:<10}  {value}" for name, value in vars(self).items())


@overload
def cost(
    program: StageProgram, sizes: None = None, *, element_bytes: int = ELEMENT_BYTES
) -> Cost[Polynomial]: ...


@overload
def cost(
    program: StageProgram, sizes: Mapping[str, int], *, element_bytes: int = ELEMENT_BYTES
) -> Cost[int]: ...


def cost(
    program: StageProgram, sizes: Mapping[str, int] | None = None, *, element_bytes: int = ELEMENT_BYTES
) -> Cost[Polynomial] | Cost[int]:
    """Count `program`: for all sizes, or for `sizes`, which then has a value for each.

    For the cost of the definition as one nest count `syno_lang.lower.schedule.naive`.

        cost(schedule(definition)).flops                    # N*C_in*C_out
        cost(schedule(definition), {"N": 1, ...}).flops     # 4096
    """
    flops = Polynomial.make((work_per_point(stage), _points(stage)) for stage in program.stages)
    parameters = Polynomial.make((1, product(buffer.shape)) for buffer in program.with_role("weight"))
    moved = (
        Polynomial.make((1, size) for stage in program.stages for size in _moved(stage, program))
        * element_bytes
    )
    count = len(program.stages)
    if sizes is None:
        return Cost(flops, parameters, moved, count)
    return Cost(flops.value(sizes), parameters.value(sizes), moved.value(sizes), count)


def work_per_point(stage: Stage) -> int:
    """The multiply-accumulates of one point of `stage`."""
    return max(len(stage.reads) - 1, 1 if stage.reductions else 0)


def _points(stage: Stage) -> Size:
    return product(axis.domain for axis in (*stage.axes, *stage.reductions))


def _moved(stage: Stage, program: StageProgram) -> list[Size]:
    names = dict.fromkeys((*(read.buffer for read in stage.reads), stage.buffer))
    return [product(program.buffer(name).shape) for name in names]
