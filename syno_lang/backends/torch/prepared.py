"""The stages of a forward pass enter; what depends on weights alone leaves, and the stages without it.

That part can be computed once for many inputs, where the weights no longer change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator as Iterate, Sequence
from dataclasses import dataclass, replace

from syno_lang.backends.torch.forward import StageLines
from syno_lang.backends.torch.lines import Statement
from syno_lang.backends.torch.operations import Permute
from syno_lang.backends.torch.price import SHAPES, VIEWS
from syno_lang.sizes import Size


@dataclass(frozen=True, slots=True)
class Prepared:
    """`statements` need weights and sizes of the module alone; `stages` read what they leave in `names`."""

    stages: tuple[StageLines, ...]
    statements: tuple[Statement, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def sizes(self) -> Iterate[Size]:
        """Every size that a statement refers to."""
        return (size for line in self.statements for size in line.operation.sizes)


def prepared(stages: Sequence[StageLines], weights: Collection[str], known: Collection[str]) -> Prepared:
    """Split off what needs `weights` and the `known` sizes alone; nothing where that is only views."""
    early = [*_early(stages, weights, known)]
    several = {id(line) for line in early}
    # Without a change of order a shape is a view too.
    free = VIEWS if any(isinstance(line.operation, Permute) for line in early) else (*VIEWS, *SHAPES)
    if all(isinstance(line.operation, free) for line in early):
        return Prepared(tuple(stages))
    late = [line for stage in stages for line in stage.statements if id(line) not in several]
    made = dict.fromkeys(line.target for line in early)
    read = {name for line in late for name in line.operands} | {stages[-1].target}
    left = tuple(
        replace(stage, statements=tuple(line for line in stage.statements if id(line) not in several))
        for stage in stages
    )
    return Prepared(left, tuple(early), tuple(name for name in made if name in read))


def _early(
    stages: Sequence[StageLines], weights: Collection[str], known: Collection[str]
) -> Iterate[Statement]:
    """The statements that can run before all others, in order."""
    early, taken = set(weights), set[str]()
    for line in (line for stage in stages for line in stage.statements):
        sizes = {name for size in line.operation.sizes for name in size.variables}
        # A variable that something else has read or written must keep its place in the order.
        fits = bool(line.operands) and early.issuperset(line.operands) and sizes <= set(known)
        if fits and line.target not in taken:
            early.add(line.target)
            yield line
        else:
            early.discard(line.target)
            taken |= {line.target, *line.operands}
