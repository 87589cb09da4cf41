"""Two coordinates and a window size enter; the coordinate at which an UNFOLD gave the first leaves."""

from __future__ import annotations

from syno_lang.ir.coordinates import Coordinate, Unfold
from syno_lang.sizes import Size


class Fold(Unfold):
    """FOLD, an UNFOLD read backwards: `position - other + floor(K/2)`, with domain `N`.

    `unfold(i, w) = position` where `i = fold(position, w)` and where `w = fold(position, i)`.  As with an
    UNFOLD the whole product is zero where it leaves `0 .. N-1`.
    """

    __slots__ = ()

    def __new__(cls, position: Coordinate, other: Coordinate, window: Size, domain: Size) -> Fold:
        """The fold of `position`; `window` is K, `domain` N."""
        return cls._intern(domain, position, other, window, domain)

    @property
    def size(self) -> Size:
        """`K`, the size of the window of the UNFOLD."""
        return self.arguments[2]  # type: ignore[no-any-return]
