"""An operator enters; its stage programs leave from which a backend chooses: as written, and its normal form.

Both compute the same from the same tensors.  The normal form often has fewer views, but what is written may
suit a backend better: digits of one coordinate as halves of halves, say, are a reshape.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from syno_lang.ir.coordinates import walk
from syno_lang.ir.definition import Definition
from syno_lang.lower.cost import cost
from syno_lang.lower.schedule import TYPICAL, schedule
from syno_lang.lower.stages import StageProgram
from syno_lang.rewrite.canonicalize import canonicalize
from syno_lang.sizes.polynomial import Polynomial


def programs(
    definition: Definition, sizes: Mapping[str, int] | None = None, normal: bool = True
) -> tuple[StageProgram, ...]:
    """The program of `definition` as written, and then that of its normal form if `normal`.

    The normal form is under the exact rules that ship; it is left out where it says the same, and where it
    needs more FLOPs or moves more bytes at `sizes`, or at typical ones where they are not given.
    """
    written = schedule(definition, sizes)
    if not normal:
        return (written,)
    form = canonicalize(definition)
    if form.graph == definition.graph:
        return (written,)
    other = schedule(form, sizes)
    kinds = {size.name: TYPICAL[size.kind] for size in definition.sizes}
    values = kinds | definition.defaults | dict(sizes or {})
    first, second = (cost(program) for program in (written, other))
    pairs = ((first.flops, second.flops), (first.bytes, second.bytes))
    is_cheap = all(_value(more, values) <= _value(least, values) for least, more in pairs)
    return (written, other) if is_cheap else (written,)


def plainest(several: tuple[StageProgram, ...]) -> StageProgram:
    """The program with the fewest operations on indices, and the first one of those that have as many."""
    return min(several, key=_operations)


def _value(count: Polynomial, values: Mapping[str, int]) -> Fraction:
    return sum((number * size.evaluate(values) for number, size in count.terms), Fraction())


def _operations(program: StageProgram) -> int:
    nodes = [node for stage in program.stages for read in stage.reads for node in walk(*read.index)]
    return sum(bool(node.operands) for node in nodes)
