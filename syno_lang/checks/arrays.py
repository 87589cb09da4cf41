"""A definition and sizes enter; arrays for its tensors leave, and whether a test can afford them."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Final

from syno_lang.diagnostics import Span, fail
from syno_lang.ir.definition import Definition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The most numbers that a tensor, a factor over the coordinates that it reads, or the output may have.
MAX_NUMBERS: Final = 10_000_000

#: The most points of the definition as a single loop nest.
MAX_POINTS: Final = 10**9


def random_arrays(
    definition: Definition, sizes: Mapping[str, int], seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """A float64 array of standard normal numbers per tensor of `definition`, by name."""
    import numpy as np

    random = np.random.default_rng(seed)
    return {
        tensor.name: random.standard_normal([size.value(sizes) for size in tensor.shape])
        for tensor in definition.tensors
    }


def arrays_with(
    definition: Definition, sizes: Mapping[str, int], given: Mapping[str, Any]
) -> dict[str, NDArray[np.float64]]:
    """As `random_arrays`, with the arrays that are `given`."""
    import numpy as np

    fixed = {name: np.array(value, dtype=np.float64) for name, value in given.items()}
    return random_arrays(definition, sizes) | fixed


def check_affordable(definition: Definition, sizes: Mapping[str, int], place: Span) -> None:
    """Refuse what would take too much memory or time.  Raises `SynoError` (E0908)."""
    largest, points = extent(definition, sizes)
    if largest > MAX_NUMBERS or points > MAX_POINTS:
        number, limit, noun = (largest, MAX_NUMBERS, "numbers in one array")
        if largest <= MAX_NUMBERS:
            number, limit, noun = (points, MAX_POINTS, "points")
        shown = f"{number:,}" if number < 10**15 else "more than 10^15"
        hint = f"choose smaller sizes: a test has up to {limit:,}"
        raise fail("E0908", f"`{definition.name}` has {shown} {noun} at these sizes", span=place, hint=hint)


def extent(definition: Definition, sizes: Mapping[str, int]) -> tuple[int, int]:
    """How many numbers the interpreter holds in its largest array, and the points of the definition."""
    graph = definition.graph
    shapes = [graph.output, *(tensor.shape for tensor in graph.tensors)]
    for index in (*(read.index for read in graph.reads), *((item,) for item in graph.expanded)):
        leaves = {leaf for item in index for leaf in item.leaves}
        shapes.append(tuple(leaf.domain for leaf in leaves))
    points = (leaf.domain.value(sizes) for leaf in (*graph.iterators, *graph.reductions))
    return max(prod(size.value(sizes) for size in shape) for shape in shapes), prod(points)
