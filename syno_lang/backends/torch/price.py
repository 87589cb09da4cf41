"""The statements of a stage enter; the seconds that they take on one CPU core leave, roughly.

The prices only rank forms of one stage.  They were measured with `benchmarks/torch_prices.py`, whose
output is in `docs/performance.md`, for float32 on an x86-64 core with AVX-512.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from math import ceil, prod
from typing import Final

from syno_lang.backends.torch.forms import MAX_RANK
from syno_lang.backends.torch.lines import Labels, Statement
from syno_lang.backends.torch.operations import (
    Carry,
    CarrySum,
    Convolve,
    Diagonal,
    Einsum,
    Every,
    Expand,
    Flatten,
    Matmul,
    Mean,
    Permute,
    Pool,
    Reshape,
    Same,
    Shear,
    Sum,
    Unflatten,
    Windows,
)
from syno_lang.ir.coordinates import Coordinate
from syno_lang.lower.schedule import TYPICAL
from syno_lang.lower.stages import StageProgram
from syno_lang.sizes import Size

#: Seconds per call: of an operation that only makes a view, and of one that computes.
VIEW: Final = 1e-6
CALL: Final = 5e-6
#: Seconds per element that is copied in order, copied out of it, summed, and summed over two dimensions.
MOVE: Final = 0.09e-9
SCATTER: Final = 0.3e-9
SUM: Final = 0.4e-9
SUMS: Final = 4.2e-9
#: Seconds per matrix of a stack.
MATRIX: Final = 0.12e-6
#: Seconds per multiply-accumulate in a matrix product, in a convolution, in one of every channel on its
#: own, and per entry of a pooling window.
MATMUL: Final = 1 / 52e9
CONVOLVE: Final = 1 / 110e9
DEPTHWISE: Final = 1 / 18e9
POOL: Final = 0.7e-9
#: A convolution computes result channels in blocks of so many, and reads at least so many.
OUTER: Final = 16
#: Seconds per element of a weight that is read once more, and how many elements stay close to a core.
READ: Final = 0.4e-9
CACHE: Final = 250_000
#: Of a single image with at most so many elements windows are unrolled.
UNROLLED: Final = 20_480
#: How many times as long a convolution in three dimensions takes as one in two.
SOLID: Final = 2.5
#: A matrix product takes as long as if its result had so many more rows and columns, at least twice so many
#: columns.
ROWS: Final = 8
COLUMNS: Final = 16
INNER: Final = 8

#: Operations that make a view of what is in order.
SHAPES: Final = (Flatten, Reshape)

Extent = Callable[[Size], float]

#: Operations that only make a view.
VIEWS: Final = (Diagonal, Every, Expand, Permute, Same, Unflatten)


def extents(program: StageProgram, sizes: Mapping[str, int]) -> Extent:
    """The number that a size counts as: that in `sizes`, its default, or what the scheduler takes for it.

    A batch counts as one: the first dimension of the first input, where it is a size that no weight has.
    """
    values = {
        size.name: TYPICAL[size.kind] if size.default is None else size.default for size in program.sizes
    }
    weighted = {
        name for buffer in program.with_role("weight") for size in buffer.shape for name in size.variables
    }
    for buffer in [*program.with_role("input")][:1]:
        batch = {name for size in buffer.shape[:1] for name in size.variables} - weighted
        values.update(dict.fromkeys(batch, 1))
    values.update({name: value for name, value in sizes.items() if name in values})
    return lambda size: max(float(size.evaluate(values)), 1.0)


def price(
    statements: Iterable[Statement],
    sources: Mapping[str, Labels],
    extent: Extent,
    folded: Collection[str] = (),
) -> float:
    """The seconds that `statements` take, at the sizes of `extent`.

    `sources` says what the dimensions of the variables that they begin with run over.  What needs those in
    `folded` alone is computed once for many calls, and costs nothing.
    """
    free = set(folded)
    labels = dict(sources)
    scattered: set[str] = set()
    total = 0.0
    for line in statements:
        operands = [labels.get(name, ()) for name in line.operands]
        copied = [labels.get(name, ()) for name in line.operands if name in scattered]
        labels[line.target] = line.axes
        if line.operands and free.issuperset(line.operands):
            free.add(line.target)
            continue
        free.discard(line.target)
        late = any(name in scattered for name in line.operands)
        if isinstance(line.operation, VIEWS) or (isinstance(line.operation, SHAPES) and not late):
            total += 0.0 if isinstance(line.operation, Same) else VIEW
            late |= isinstance(line.operation, (Diagonal, Permute))
        else:
            total += CALL + _work(line, operands, extent)
            total += SCATTER * sum(_points(item, extent) for item in copied)
            late = isinstance(line.operation, Windows)
        # What overlaps or is out of order is copied by the next operation that computes.
        (scattered.add if late else scattered.discard)(line.target)
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
            both = {one for one in inputs[0] if one in output and all(one in other for other in inputs[1:])}
            stack = [label for one, label in zip(inputs[0], operands[0], strict=True) if one in both]
            matrices = _points(stack, extent) if len(inputs) > 1 else 0.0
            terms = _points(met, extent)
            if len(inputs) == 2:
                rows, columns = (
                    _points((label for label in set(one) - set(other) if label in line.axes), extent)
                    for one, other in (operands, operands[::-1])
                )
                terms *= _idle(rows, columns)
            return max(MATMUL * terms, MOVE * written) + SCATTER * moved + MATRIX * matrices
        case Matmul():
            matrices = _points(line.axes[:-2], extent) if len(operands[1]) > 2 else 1.0
            rows, columns = _points(line.axes[-2:-1], extent), _points(line.axes[-1:], extent)
            terms = written * _points(operands[0][-1:], extent) * _idle(rows, columns)
            return max(MATMUL * terms, MOVE * written) + MATRIX * matrices
        case Convolve():
            weight = operands[1]
            if _is_unrolled(line.operation, operands[0], extent):
                window = prod(map(extent, line.operation.windows))
                terms = written * window * _points(weight[1:2], extent)
                return MATMUL * terms + SCATTER * window * _points(operands[0], extent)
            moved = 0.0
            if all(window.is_one for window in line.operation.windows):
                # Such a one gains little, and brings the data into its own order and back.
                moved += _points(operands[0], extent) + written
            # The weight is put into another order at every call, and a large one is read again per image.
            size = _points(weight, extent)
            read = READ * max(size - CACHE, 0) * (_points(line.axes[:1], extent) - 1)
            return _convolution(line, line.operation, weight, extent) + MOVE * moved + SCATTER * size + read
        case Pool(windows):
            return POOL * written * prod(map(extent, windows))
        case Windows(_, windows):
            return MOVE * written / prod(map(extent, windows))
        case Shear():
            return 2 * MOVE * written
        case CarrySum():
            return CALL + 1.5 * MOVE * sum(_points(labels, extent) for labels in operands)
        case Carry():
            return CALL + 1.5 * MOVE * written
        case Sum(dims) | Mean(dims):
            return (SUM if len(dims) == 1 else SUMS) * sum(_points(labels, extent) for labels in operands)
    return MOVE * written


def _idle(rows: float, columns: float) -> float:
    """How many times as long a product takes whose result has few rows or columns."""
    return (rows + ROWS) / rows * (max(columns, COLUMNS) + COLUMNS) / columns


def _is_matrix(letters: str, inputs: Sequence[str], output: str) -> bool:
    """Whether an operand is a stack of matrices as it stands: what is summed lies side by side, and so on."""
    roles = [(all(one in other for other in inputs), one in output) for one in letters]
    return len([*groupby(roles)]) == len({*roles})


def _is_product(inputs: Sequence[str], output: str) -> bool:
    """Whether the result stands as a product of stacks of matrices leaves it."""
    both = [one for one in inputs[0] if all(one in other for other in inputs)]
    alone = [one for letters in inputs for one in letters if one not in both]
    return "".join(one for one in (*both, *alone) if one in output) == output


def _convolution(line: Statement, operation: Convolve, weight: Labels, extent: Extent) -> float:
    groups = extent(operation.groups)
    outer, inner = (extent(label.domain) for label in weight[:2])
    terms = _points(line.axes, extent) * prod(map(extent, operation.windows)) / outer
    if inner == 1 and outer == groups > 1:
        return DEPTHWISE * terms * outer
    channels = groups * max(inner, INNER) * OUTER * ceil(outer / groups / OUTER)
    # One place wide, it is a matrix product.
    single = all(window.is_one for window in operation.windows)
    solid = SOLID if len(operation.windows) == MAX_RANK else 1
    return (MATMUL if single else CONVOLVE) * terms * channels * solid


def _is_unrolled(operation: Convolve, data: Labels, extent: Extent) -> bool:
    """Whether torch unrolls the windows of small data and multiplies: it has its own rule for that."""
    alone = extent(operation.groups) * _points(data[:1], extent) == 1
    small = _points(data, extent) <= UNROLLED and len(operation.windows) < MAX_RANK
    return alone and small and min(map(extent, operation.windows)) <= 3


def _points(labels: Iterable[Coordinate], extent: Extent) -> float:
    return prod(extent(label.domain) for label in labels)
