"""A definition enters; the stage program with the fewest FLOPs leaves.

FLOPs are multiply-accumulates: a stage costs its points (axes times reductions) once per factor that
it multiplies to the first, or once where it only sums; moving data is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Final

from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import Definition
from syno_lang.lower.factors import factors_of
from syno_lang.lower.plan import best, single
from syno_lang.lower.plan_to_stages import stages_of
from syno_lang.lower.stages import Stage, StageProgram
from syno_lang.sizes import product

#: How many plans are made for each that may be kept.
SPARE: Final = 4

#: What a size without a value counts as when plans are compared.
TYPICAL: Final = {"primary": 64, "coefficient": 3}


def schedule(definition: Definition, sizes: Mapping[str, int] | None = None) -> StageProgram:
    """Choose contraction order and staged reductions of `definition`; the result holds for all sizes.

    Plans are ranked at `sizes`, then the defaults of the file, then 64 for primary sizes and 3 for
    coefficients.  The choice is the cheapest of all within the bounds of `syno_lang.lower.plan`
    (20000 steps weighed, 6 reductions summed at once), else the best met; never worse than one nest.
    """
    return schedules(definition, sizes, 1)[0]


def schedules(
    definition: Definition, sizes: Mapping[str, int] | None = None, count: int = 8
) -> tuple[StageProgram, ...]:
    """At most `count` different programs of `definition`, that of `schedule` first, then by their FLOPs.

    Beside the first one, programs with a stage that only moves what another one has filled are left out.
    """
    ranked = (
        {size.name: TYPICAL[size.kind] for size in definition.sizes} | definition.defaults | dict(sizes or {})
    )

    @cache
    def extent(node: Coordinate) -> int | Fraction:
        value = max(node.domain.evaluate(ranked), Fraction(1))
        return value.numerator if value.denominator == 1 else value

    several = 1 if count == 1 else SPARE * count
    plans = best(factors_of(definition.graph), definition.graph.iterators, extent, several)
    first, *others = (stages_of(definition, plan) for plan in plans)
    kept = [program for program in others if not any(_moves(stage, program) for stage in program.stages)]
    return (first, *kept[: count - 1])


def _moves(stage: Stage, program: StageProgram) -> bool:
    """Whether `stage` only puts all numbers of an earlier one in another order."""
    if stage.reductions or len(stage.factors) != 1 or len(stage.reads) != 1:
        return False
    read = program.buffer(stage.reads[0].buffer)
    return read.role == "stage" and product(read.shape) == product(axis.domain for axis in stage.axes)


def naive(definition: Definition) -> StageProgram:
    """The definition itself as one loop nest, without intermediates."""
    return stages_of(definition, single(factors_of(definition.graph), definition.graph.iterators))
