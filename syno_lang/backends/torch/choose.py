"""Stage programs of one operator enter; the best ways to compute them leave, a form for each stage.

A way is plain data, so any of them can be emitted, measured, and chosen for what was measured.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator as Iterate, Mapping
from dataclasses import dataclass
from itertools import count as counter
from typing import Final

from syno_lang.backends.torch.forms import KINDS, Form, Kind, forms_of
from syno_lang.backends.torch.forward import Way, reordered, sources, write_stage
from syno_lang.backends.torch.halves import halved
from syno_lang.backends.torch.late import late
from syno_lang.backends.torch.lines import Lines
from syno_lang.backends.torch.price import Extent, extents, price
from syno_lang.lower.stages import Stage, StageProgram


@dataclass(frozen=True, slots=True)
class Prices:
    """At which extents ways are priced, and whether what needs weights alone is computed only once."""

    extent: Extent
    folded: bool


#: How many ways to compute the stages so far are followed, at least.
BEAM: Final = 8


def ways(
    programs: Iterable[StageProgram],
    kinds: Collection[Kind] = KINDS,
    sizes: Mapping[str, int] | None = None,
    count: int = 1,
    *,
    folded: bool = False,
) -> tuple[Way, ...]:
    """The `count` ways that are cheapest, in this order, of all that `programs` have.

    Of the forms of a stage those are tried whose kind is in `kinds`; an einsum where there is none.
    Prices are those at `sizes`, else at typical ones; `folded` modules compute only once what needs weights
    alone.
    """
    variants = dict.fromkeys(variant for program in programs for variant in (program, late(program)))
    found = [
        way
        for program in variants
        for way in _ways(program, kinds, Prices(extents(program, sizes or {}), folded), max(count, BEAM))
    ]
    return tuple(sorted(found, key=lambda way: way.seconds)[:count])


def _ways(program: StageProgram, kinds: Collection[Kind], prices: Prices, beam: int) -> list[Way]:
    """The cheapest ways to compute all stages of `program`.

    The form of a stage decides what the next one finds, so the `beam` best ways so far are followed.
    """
    found = [Way(program)]
    for stage in program.stages:
        longer = [way for shorter in found for way in _longer(shorter, stage, kinds, prices)]
        found = sorted(longer, key=lambda way: way.seconds)[:beam]
    return found


def _longer(way: Way, stage: Stage, kinds: Collection[Kind], prices: Prices) -> Iterate[Way]:
    """`way` and then `stage`, in each of its forms."""
    program, numbers = way.program, counter()
    variables = {buffer.name: buffer.name for buffer in program.buffers}
    free = _of_weights(program) if prices.folded else ()
    found = halved(reordered(stage, way.orders))
    for form in [form for form in forms_of(found.stage) if form.kind in kinds] or [Form()]:
        lines = Lines(stage.buffer, lambda stem: f"{stem} {next(numbers)}", "")
        trial = write_stage(found, form, variables, lines, stage is program.stages[-1])
        added = price(trial.statements, sources(found.stage, variables), prices.extent, free)
        order = tuple(stage.axes.index(axis) for axis in trial.stage.axes)
        orders = {**way.orders, stage.buffer: order}
        yield Way(program, way.seconds + added, (*way.forms, form), orders)


def _of_weights(program: StageProgram) -> set[str]:
    """The weights, and the buffers of stages that read nothing else."""
    found = {buffer.name for buffer in program.with_role("weight")}
    for stage in program.stages:
        if stage.reads and found.issuperset(read.buffer for read in stage.reads):
            found.add(stage.buffer)
    return found
