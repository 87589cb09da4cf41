"""Two arrays enter; where they differ most leaves, or nothing where they agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Arrays agree where no two numbers differ by more than this part of the largest number, or of 1.
TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Difference:
    """`found` and `wanted` at `place`, where they differ most; or shapes that differ."""

    place: tuple[int, ...]
    found: float
    wanted: float
    count: int
    total: int

    def __str__(self) -> str:
        several = f"; {self.count:,} of {self.total:,} numbers differ" if self.total > 1 else ""
        return f"at {list(self.place)} {short(self.found)} against {short(self.wanted)}{several}"


def difference(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> Difference | None:
    """Where two arrays of one shape differ most; `None` where they agree within `TOLERANCE`."""
    import numpy as np

    if not found.size:
        return None
    scale = float(np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0))
    apart = np.abs(found - wanted)
    # What is no number agrees with nothing.
    wrong = ~(apart <= TOLERANCE * scale)
    if not wrong.any():
        return None
    flat = int(np.argmax(np.nan_to_num(apart, nan=np.inf)))
    place = tuple(int(axis) for axis in np.unravel_index(flat, found.shape))
    return Difference(place, float(found[place]), float(wanted[place]), int(wrong.sum()), found.size)


def short(number: float) -> str:
    """A number as short as it can be told from its neighbours here."""
    return f"{number:.10g}"
