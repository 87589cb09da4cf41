"""The statements of a stage enter; the seconds that they take on one CPU core leave, roughly.

The prices only rank forms of one stage.  They were measured with `benchmarks/torch_prices.py`, whose
output is in `docs/performance.md`, for float32 on an x86-64 core with AVX-512.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from math import ceil, prod
from typing import Final

from syno_lang.backends.torch.lines import Labels, Statement
from syno_lang.backends.torch.operations import (
    Convolve,
    Diagonal,
    Einsum,
    Every,
    Expand,
    Matmul,
    Mean,
    Permute,
    Pool,
    Same,
    Sum,
    Unflatten,
    Windows,
)
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.schedule import TYPICAL
from syno_lang.lower.stages import StageProgram
from syno_lang.sizes import Size

#: Seconds per call: of an operation that only makes a view, and of one that computes.
VIEW: Final = 1.5e-6
CALL: Final = 6e-6
#: Seconds per element that is read and written once, in order and out of it.
MOVE: Final = 0.15e-9
SCATTER: Final = 0.5e-9
#: Seconds per multiply-accumulate in a matrix product, in a convolution, and per entry of a pooling window.
MATMUL: Final = 1 / 50e9
CONVOLVE: Final = 1 / 100e9
POOL: Final = 0.3e-9
#: Channels are computed in blocks of so many, but for a convolution of every channel on its own.
BLOCK: Final = 16

Extent = Callable[[Size], float]

_VIEWS: Final = (Diagonal, Every, Expand, Permute, Same, Unflatten)


def extents(program: StageProgram) -> Extent:
    """The number that a size counts as: its default, or what the scheduler takes for typical."""
    values = {
        size.name: TYPICAL[size.kind] if size.default is None else size.default for size in program.sizes
    }
    return lambda size: max(float(size.evaluate(values)), 1.0)


def price(
    statements: Iterable[Statement], sources: Mapping[str, Labels], stored: Collection[str], extent: Extent
) -> float:
    """The seconds that `statements` take, at the sizes of `extent`.

    `sources` says what the dimensions of the variables that they begin with run over; those of `stored`
    can be permuted for nothing.
    """
    labels = dict(sources)
    scattered: set[str] = set()
    total = 0.0
    for line in statements:
        operands = [labels.get(name, ()) for name in line.operands]
        late = any(name in scattered for name in line.operands)
        if isinstance(line.operation, _VIEWS):
            total += VIEW
            late |= isinstance(line.operation, (Diagonal, Permute)) and line.operands[0] not in stored
        else:
            copied = (labels.get(name, ()) for name in line.operands if name in scattered)
            total += CALL + _work(line, operands, extent)
            total += SCATTER * sum(_points(item, extent) for item in copied)
            late = isinstance(line.operation, Windows)
        # What overlaps or is out of order is copied by the next operation that computes.
        (scattered.add if late else scattered.discard)(line.target)
        labels[line.target] = line.axes
    return total


def _work(line: Statement, operands: Sequence[Labels], extent: Extent) -> float:
    written = _points(line.axes, extent)
    match line.operation:
        case Einsum(inputs, output):
            met = {axis for labels in operands for axis in labels}
            moved = sum(
                _points(labels, extent)
                for letters, labels in zip(inputs, operands, strict=True)
                if not _is_matrix(letters, inputs, output)
            )
            moved += written if not _is_product(inputs, output) else 0
            return max(MATMUL * _points(met, extent), MOVE * written) + SCATTER * moved
        case Matmul():
            return max(MATMUL * written * _points(operands[0][-1:], extent), MOVE * written)
        case Convolve(windows, _, _, groups):
            places = written / _points(line.axes[1:2], extent)
            outer, inner = (_points((label,), extent) for label in operands[1][:2])
            channels = _blocks(inner) * _blocks(outer / extent(groups)) * extent(groups)
            if inner == 1 and outer == extent(groups):
                channels = outer
            return CONVOLVE * places * channels * prod(map(extent, windows)) + MOVE * written
        case Pool(windows):
            return POOL * written * prod(map(extent, windows))
        case Windows(_, windows):
            return MOVE * written / prod(map(extent, windows))
        case Sum() | Mean():
            return MOVE * sum(_points(labels, extent) for labels in operands)
    return MOVE * written


def _is_matrix(letters: str, inputs: Sequence[str], output: str) -> bool:
    """Whether an operand is a stack of matrices as it stands: what is summed lies side by side, and so on."""
    roles = [(all(one in other for other in inputs), one in output) for one in letters]
    return len([*groupby(roles)]) == len({*roles})


def _is_product(inputs: Sequence[str], output: str) -> bool:
    """Whether the result stands as a product of stacks of matrices leaves it."""
    both = [one for one in inputs[0] if all(one in other for other in inputs)]
    alone = [one for letters in inputs for one in letters if one not in both]
    return "".join(one for one in (*both, *alone) if one in output) == output


def _blocks(channels: float) -> float:
    return BLOCK * ceil(channels / BLOCK)


def _points(labels: Iterable[Coordinate], extent: Extent) -> float:
    return prod(extent(label.domain) for label in labels)
