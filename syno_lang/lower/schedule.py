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
from syno_lang.lower.plan import cheapest, single
from syno_lang.lower.plan_to_stages import stages_of
from syno_lang.lower.stages import StageProgram

#: What a size without a value counts as when plans are compared.
TYPICAL: Final = {"primary": 64, "coefficient": 3}


def schedule(definition: Definition, sizes: Mapping[str, int] | None = None) -> StageProgram:
    """Choose contraction order and staged reductions of `definition`; the result holds for all sizes.

    Plans are ranked at `sizes`, then the defaults of the file, then 64 for primary sizes and 3 for
    coefficients.  The choice is the cheapest of all within the bounds of `syno_lang.lower.plan`
    (20000 steps weighed, 6 reductions summed at once), else the best met; never worse than one nest.
    """
    ranked = (
        {size.name: TYPICAL[size.kind] for size in definition.sizes} | definition.defaults | dict(sizes or {})
    )

    @cache
    def extent(node: Coordinate) -> int | Fraction:
        value = max(node.domain.evaluate(ranked), Fraction(1))
        return value.numerator if value.denominator == 1 else value

    return stages_of(definition, cheapest(factors_of(definition.graph), definition.graph.iterators, extent))


def naive(definition: Definition) -> StageProgram:
    """The definition itself as one loop nest, without intermediates."""
    return stages_of(definition, single(factors_of(definition.graph), definition.graph.iterators))
