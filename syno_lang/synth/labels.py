"""A coordinate that the data consumes enters; what decides where it may be used next leaves, as a label.

Coordinates with one label are interchangeable for everything above them.  Rules are asked about one of them,
the `sample`, so they are those of the texts of the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from syno_lang.ir.coordinates import Coordinate
from syno_lang.sizes import ONE, Size

#: What a coordinate is: a leaf, a view, or a digit of something.
Kind = Literal["iterator", "reduce", "digit", "split", "unfold", "shift", "stride"]


@dataclass(frozen=True)
class Label:
    """The facts about a coordinate that rules and limits above it ask for."""

    kind: Kind
    size: Size
    #: Weights that read a leaf as it is.
    readers: int = 0
    #: Weights that read a part of it, or what it is made of: they cannot read what is made of it.
    below: int = 0
    #: Primitives on the longest way from a leaf.
    height: int = 0
    #: Whether all of its leaves are summed, and whether a STRIDE still has to be in a window.
    summed: bool = False
    skips: bool = False
    #: The product of the sums that no weight reads so far, and whether one of them is a whole window.
    unread: Size = ONE
    raw_window: bool = False
    #: Of a SPLIT what its major part is and whether the minor one is large for a SHIFT, of an UNFOLD the
    #: window, of a leaf or digit which one it is.
    detail: Any = None
    #: One of the coordinates with this label.
    sample: Coordinate | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        known = self.__dict__.get("_hash")
        if known is None:
            facts = (self.kind, self.size, self.readers, self.below, self.height, self.summed, self.skips)
            known = hash((facts, self.unread, self.raw_window, self.detail))
            object.__setattr__(self, "_hash", known)
        return known

    @property
    def node(self) -> Coordinate:
        """A coordinate with this label."""
        assert self.sample is not None
        return self.sample

    @property
    def is_free_sum(self) -> bool:
        """A sum that no weight reads as it is."""
        return self.kind == "reduce" and not self.readers
