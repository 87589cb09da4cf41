"""An operator and sizes enter; the fastest of the few ways that promise most leaves, with all times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator as Iterate, Mapping
from dataclasses import dataclass
from typing import Final

from syno_lang.backends.torch.choose import ways
from syno_lang.backends.torch.emit import emit
from syno_lang.backends.torch.forward import Way
from syno_lang.evaluate.bench import bench
from syno_lang.evaluate.candidates import Setting, of_module
from syno_lang.ir.definition import Definition
from syno_lang.lower.schedule import naive, schedules
from syno_lang.lower.stages import StageProgram
from syno_lang.rewrite.canonicalize import canonicalize

#: How many stage programs are looked at, and how many ways to compute them are measured.
PROGRAMS: Final = 16
MEASURED: Final = 8
#: How many ways are ranked for each that is measured, and how many of one program are measured.
SPARE: Final = 8
ALIKE: Final = 3
#: How many times the lowest price may be exceeded.
FAR: Final = 8


@dataclass(frozen=True)
class Tuned:
    """The way that was fastest, its text, and what a comment in the emitted file says of the others."""

    way: Way
    text: str
    notes: tuple[str, ...]


def candidate_ways(
    definition: Definition, sizes: Mapping[str, int], count: int = MEASURED, *, folded: bool = False
) -> dict[str, Way]:
    """At most `count` ways to compute `definition`, by the text that they give, the most promising first."""
    normal = canonicalize(definition)
    forms = [definition] if normal.graph == definition.graph else [definition, normal]
    programs = [program for form in forms for program in (*schedules(form, sizes, PROGRAMS), naive(form))]
    found: dict[str, Way] = {}
    alike: Counter[StageProgram] = Counter()
    ranked = ways(programs, sizes=sizes, count=SPARE * count, folded=folded)
    for way in ranked:
        # Forms of quite another price may not even fit into memory.
        if way.seconds > FAR * ranked[0].seconds:
            break
        text = emit([definition], {definition.name: way})
        if len(found) < count and text not in found and alike[way.program] < ALIKE:
            found[text] = way
            alike[way.program] += 1
    return found


def tune(
    setting: Setting,
    purpose: str = "inference",
    *,
    rounds: int = 15,
    count: int = MEASURED,
    checkpoint: bool = False,
    clock: Callable[[], float] | None = None,
) -> Tuned:
    """Measure the `count` most promising ways, of which the emitted text of `setting` need not be one.

    What counts is the least time, which other work disturbs least: of a forward pass, for the purpose
    `folded` of one after `fold`, for `training` of one with its gradients.
    """
    definition, folded = setting.definition, purpose == "folded"
    found = candidate_ways(definition, setting.sizes, count, folded=folded)
    candidates = [
        of_module(str(number), text, definition, setting.sizes, setting, folded=folded)
        for number, text in enumerate(found)
    ]
    measured = bench(
        candidates, setting, backward=purpose == "training", rounds=rounds, memory=False, clock=clock
    )
    times = [(one.training or one.forward).least for one in measured]
    order = sorted(range(len(times)), key=times.__getitem__)
    several = [*found.values()]
    best = several[order[0]]
    notes = tuple(_notes(setting, [(times[number], several[number]) for number in order], purpose))
    name = definition.name
    text = emit([definition], {name: best}, notes={name: notes}, checkpoint=checkpoint)
    return Tuned(best, text, notes)


def _notes(setting: Setting, measured: list[tuple[float, Way]], purpose: str) -> Iterate[str]:
    import torch

    shape = ", ".join(f"{name}={value}" for name, value in setting.sizes.items())
    threads = f", {torch.get_num_threads()} threads" if setting.device == "cpu" else ""
    yield f"Measured at {shape}:"
    yield f"{purpose}, {setting.dtype}, {setting.device}{threads}, least milliseconds."
    for place, (seconds, way) in enumerate(measured):
        yield f"{seconds * 1e3:9.3f}  {way}{'' if place else '  <- this one'}"
