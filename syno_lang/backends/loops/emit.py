"""A stage program enters; plain loop nests leave as Python text, to be read by people.

A program of one nest is the definition itself.  Every UNFOLD shows its bounds as an `if`.

    def conv1d(x, w, C, H, k=3):
        out = zeros(C, H)
        for c in range(C):
            for h in range(H):
                for p in range(k):
                    if 0 <= h + p - k // 2 < H:
                        out[c, h] += x[h + p - k // 2] * w[c, p]
        return out
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate

from syno_lang.backends.loops.index_to_text import factor_text, guard_text, index_text, size_text
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.lower.affine import guards_of, index_of
from syno_lang.lower.stages import Axis, BufferRead, Extent, Inside, Stage, StageProgram
from syno_lang.sizes import product

INDENT = "    "


def emit(program: StageProgram) -> str:
    """The whole program as one function; its stages follow each other, each with its own buffer."""
    tensors = [buffer.name for buffer in program.with_role("input", "weight")]
    # Python wants parameters with defaults last.
    sizes = sorted(program.sizes, key=lambda size: size.default is not None)
    parameters = ", ".join((*tensors, *(_parameter(size) for size in sizes)))
    lines = [line for stage in program.stages for line in _nest(stage)]
    body = "".join(f"{INDENT}{line}\n" for line in (*lines, f"return {program.stages[-1].buffer}"))
    return f"def {program.name}({parameters}):\n{body}"


def _parameter(size: SizeDeclaration) -> str:
    return size.name if size.default is None else f"{size.name}={size.default}"


def _nest(stage: Stage) -> Iterate[str]:
    yield f"{stage.buffer} = zeros({', '.join(size_text(axis.domain) for axis in stage.axes)})"
    yield from _loops(stage.axes, 0)
    outer = len(stage.axes)
    yield from _loops(stage.reductions, outer)
    inner = outer + len(stage.reductions)
    guards = guards_of(*_coordinates(stage))
    if guards:
        yield f"{INDENT * inner}if {' and '.join(guard_text(guard) for guard in guards)}:"
        inner += 1
    target = _at(stage.buffer, stage.axes)
    yield f"{INDENT * inner}{target} {'+=' if stage.reductions else '='} {_product(stage)}"
    means = [axis.domain for axis in stage.reductions if axis.reducer == "mean"]
    if means:
        yield f"{INDENT * outer}{target} /= {size_text(product(means))}"


def _loops(axes: Iterable[Axis], depth: int) -> Iterate[str]:
    for level, axis in enumerate(axes, start=depth):
        yield f"{INDENT * level}for {axis.name} in range({size_text(axis.domain)}):"


def _coordinates(stage: Stage) -> Iterate[Coordinate]:
    """Every coordinate that brings guards along."""
    for factor in stage.factors:
        match factor:
            case BufferRead(_, index):
                yield from index
            case Inside(coordinate):
                yield coordinate


def _product(stage: Stage) -> str:
    reads = [_at(read.buffer, read.index) for read in stage.reads]
    extents = [factor_text(factor.size) for factor in stage.factors if isinstance(factor, Extent)]
    return " * ".join((*reads, *extents)) or "1"


def _at(buffer: str, index: Iterable[Coordinate]) -> str:
    return f"{buffer}[{', '.join(index_text(index_of(item)) for item in index) or '()'}]"
