"""A definition enters; the fan-in of each weight leaves, such that the output has the variance of the input.

With independent inputs and weights of mean 0, the variance of an output is the number of summed terms
times the variances of one factor of each tensor.  So a weight of variance `1/fan_in` is right where the
product of all fan-ins is that number: each sum counts for the weights that it indexes, by an equal root
for several, and for all weights if it indexes none.  A mean counts as its inverse, for it divides too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from syno_lang.ir.coordinates import Reduce
from syno_lang.ir.definition import Definition
from syno_lang.sizes import ONE, Size


@dataclass(frozen=True, slots=True)
class FanIn:
    """`product of size^exponent` over `terms`, for the weight of that name."""

    weight: str
    terms: tuple[tuple[Size, Fraction], ...]


def fan_ins(definition: Definition, known: Iterable[str]) -> tuple[FanIn, ...]:
    """The fan-in of each weight; sums over sizes that are not `known` to a constructor are left out."""
    graph = definition.graph
    reads = Counter(read.tensor for read in graph.reads)
    weights = [number for number, tensor in enumerate(graph.tensors) if tensor.role == "weight"]
    terms: dict[int, dict[Fraction, Size]] = {number: {} for number in weights}
    for reduction in graph.reductions:
        if not set(reduction.domain.variables) <= set(known):
            continue
        sharing = [number for number in weights if _indexes(definition, reduction, number)] or weights
        for number in sharing:
            # Every further read of a weight brings its variance in once more.
            exponent = Fraction(_power(definition, reduction), len(sharing) * max(reads[number], 1))
            terms[number][exponent] = terms[number].get(exponent, ONE) * reduction.domain
    return tuple(FanIn(definition.tensors[number].name, _ordered(powers)) for number, powers in terms.items())


def _ordered(powers: Mapping[Fraction, Size]) -> tuple[tuple[Size, Fraction], ...]:
    return tuple((powers[exponent], exponent) for exponent in sorted(powers, reverse=True) if exponent)


def _indexes(definition: Definition, reduction: Reduce, tensor: int) -> bool:
    reads = (read for read in definition.graph.reads if read.tensor == tensor)
    return any(reduction in item.leaves for read in reads for item in read.index)


def _power(definition: Definition, reduction: Reduce) -> int:
    """The power of its domain in the variance of the output."""
    read = any(reduction in item.leaves for one in definition.graph.reads for item in one.index)
    if reduction.reducer == "mean":
        return -1 if read else 0
    # A sum of equal terms multiplies their variance by the square of their number.
    return 1 if read else 2
