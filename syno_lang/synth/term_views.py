"""Coordinates by their labels enter; the label of a primitive of them leaves, unless a rule rewrites it."""

from __future__ import annotations

from typing import Any

from syno_lang.ir.coordinates import Coordinate, Reduce, Remainder, Shift, Split, Unfold, replace
from syno_lang.sizes import ONE
from syno_lang.synth.labels import Label
from syno_lang.synth.term_readers import TermReaders


class TermViews(TermReaders):
    """The primitives that there may be."""

    def split(self, one: Label, other: Label) -> Label | None:
        """The SPLIT of two coordinates, if it may be."""
        if self._joined_sums(one, other):
            return None
        sample = Split(one.node, _apart(one.node, other.node))
        most = self.limits.shift_pattern
        far = most is not None and self.layers.high(other.size) > most
        return self.view(
            "split", sample, (one, other), skips=one.skips or other.skips, detail=(_first(one), far)
        )

    def _joined_sums(self, one: Label, other: Label) -> bool:
        """Whether two sums are read together by the data, and by the same weights: they are one."""
        mine = _first(one)
        if one.kind != "reduce":
            return False
        return mine == (other.detail[0] if other.kind == "split" else _first(other))

    def unfold(self, one: Label, other: Label) -> Label | None:
        """The UNFOLD of a coordinate and its window, if it may be."""
        raw = other.is_free_sum and not self.limits.pooled_windows
        sample = Unfold(one.node, _apart(one.node, other.node))
        # Rules of the space may ask how large the window is.
        window = other.size if self.space.rules else None
        return self.view("unfold", sample, (one, other), skips=one.skips, raw=raw, detail=window)

    def shift(self, one: Label) -> Label | None:
        """The SHIFT of a coordinate by 1, if it may be."""
        if one.kind == "split" and one.detail[1]:
            return None
        if (
            one.kind == "iterator"
            and self.space.outputs[one.detail].unordered
            and not one.below & ~one.readers
        ):
            return None
        node: Coordinate = one.node
        if isinstance(node, Remainder):
            # The lower digit of a shifted coordinate is the shifted lower digit.
            inner = Shift(node.operands[0])
            return (
                None
                if self.refused(inner)
                else self.view("shift", Remainder(inner, node.block), (one,), skips=one.skips)
            )
        return self.view("shift", Shift(node), (one,), skips=one.skips)

    def view(
        self,
        kind: Any,
        sample: Coordinate,
        operands: tuple[Label, ...],
        *,
        skips: bool,
        raw: bool = False,
        detail: object = None,
    ) -> Label | None:
        """The label of a primitive of `operands`; `None` where rules rewrite it or the chain is too long."""
        height = 1 + max(item.height for item in operands)
        if (self.limits.chain is not None and height > self.limits.chain) or self.refused(sample):
            return None
        below, unread = 0, ONE
        for item in operands:
            below, unread, raw = below | item.below, unread * item.unread, raw or item.raw_window
        summed = all(item.summed for item in operands)
        return Label(kind, sample.domain, 0, below, height, summed, skips, unread, raw, detail, sample)


def _first(label: Label) -> object:
    """What a SPLIT on the left of this one has to know of its major part."""
    if label.kind == "reduce":
        return ("sum", label.readers)
    return label.detail if label.kind == "digit" else None


def _apart(one: Coordinate, other: Coordinate) -> Coordinate:
    """`other` with sums that are not those of `one`."""
    most = 1 + max((leaf.label for leaf in one.leaves if isinstance(leaf, Reduce)), default=-1)
    images: dict[Coordinate, Coordinate] = {
        leaf: Reduce(leaf.label + most, leaf.domain, leaf.reducer)
        for leaf in other.leaves
        if isinstance(leaf, Reduce)
    }
    return replace(other, images.get) if most and images else other
