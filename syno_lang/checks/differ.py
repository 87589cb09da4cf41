"""Two operators whose pGraphs differ enter; a small input on which they differ leaves, if there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from syno_lang.checks.arrays import random_arrays
from syno_lang.checks.compare import Difference, difference, short
from syno_lang.checks.match import renamed, small_sizes
from syno_lang.ir.definition import Definition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: At how many sizes values are compared, and how many numbers are shown or made simpler.
_MAX_SIZES: Final = 40
_MAX_SHOWN: Final = 64


@dataclass(frozen=True)
class Comparison:
    """At how many sizes two operators were compared, the last of both, and the input on which they differ."""

    count: int
    sizes: Mapping[str, int]
    theirs: Mapping[str, int]
    arrays: Mapping[str, NDArray[np.float64]] | None = None
    difference: Difference | None = None

    @property
    def settings(self) -> str:
        """The sizes, and the arrays unless they are large, as they are written after `for`."""
        items = [f"{name} = {value}" for name, value in self.sizes.items()]
        if self.arrays and sum(array.size for array in self.arrays.values()) <= _MAX_SHOWN:
            items += [f"{name} = {_shown(array.tolist())}" for name, array in self.arrays.items()]
        return ", ".join(items)


def compare(one: Definition, other: Definition) -> Comparison:
    """Compare values at small sizes, the smallest first, until they differ."""
    tried = list(_spread([*small_sizes(one, other)]))
    for own, theirs in tried:
        found = _counterexample(one, own, other, theirs)
        if found is not None:
            return Comparison(len(tried), own, theirs, *found)
    return Comparison(len(tried), *(tried[-1] if tried else ({}, {})))


def _spread(items: list[Any]) -> Iterator[Any]:
    """At most `_MAX_SIZES` of the items, from the first to the last."""
    step = max(1, -(-len(items) // _MAX_SIZES))
    return iter(items[::step])


def _counterexample(
    one: Definition, own: Mapping[str, int], other: Definition, theirs: Mapping[str, int]
) -> tuple[dict[str, NDArray[np.float64]], Difference] | None:
    """Small whole numbers on which the two differ, most of them 0, and how they differ."""
    from syno_lang.ir.interpret import interpret

    def apart() -> Difference | None:
        found = interpret(one, arrays, own)
        return difference(found, interpret(other, renamed(arrays, one, other), theirs))

    arrays = {name: _ranks(array) for name, array in random_arrays(one, own).items()}
    if apart() is None:
        return None
    if sum(array.size for array in arrays.values()) <= _MAX_SHOWN:
        for array in arrays.values():
            for place in range(array.size):
                _simplify(array.reshape(-1), place, apart)
    found = apart()
    assert found is not None
    return arrays, found


def _ranks(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Different whole numbers in the order of the numbers of `array`."""
    import numpy as np

    ranks = array.reshape(-1).argsort().argsort() + 1
    return ranks.reshape(array.shape).astype(np.float64)


def _simplify(array: NDArray[np.float64], place: int, apart: Any) -> None:
    """Put the simplest number at `place` with which the two still differ."""
    before = array[place]
    for value in (0.0, 1.0, before):
        array[place] = value
        if apart() is not None:
            return


def _shown(numbers: Any) -> str:
    if isinstance(numbers, list):
        return f"[{', '.join(_shown(item) for item in numbers)}]"
    return short(numbers + 0.0)  # no negative zero
