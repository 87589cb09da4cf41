"""The loops and indices of a listing enter, the pGraph that it computes leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syno_lang.diagnostics import Span, SynoError, fail
from syno_lang.importer.expressions_to_coordinates import Coordinates
from syno_lang.importer.listing import Access, Bound, Listing
from syno_lang.importer.metadata import Metadata
from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder, walk
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.sizes import ONE, Size

#: How many reductions are tried for a mean.
MAX_MEANS = 16


def graph_of(listing: Listing, metadata: Metadata | None) -> PGraph:
    """The pGraph that `listing` computes.  Raises `SynoError` (E0802-E0805).

    What no tensor reads (an unread loop, the other half of a merge) is expanded.
    """
    output = tuple(bound.size for bound in listing.outer)
    scope: dict[str, Coordinate] = {
        bound.name: Iterator(position, bound.size) for position, bound in enumerate(listing.outer)
    }
    means = _means(listing)
    for label, bound in enumerate(listing.inner):
        scope[bound.name] = Reduce(label, bound.size, "mean" if bound in means else "sum")
    coordinates = Coordinates(scope)
    reads = [_read(access, coordinates) for access in listing.reads]
    tensors = _tensors(reads, listing)
    if metadata is not None:
        _compare(output, reads, listing, metadata)
    expanded = _expanded(scope.values(), [read for read, _ in reads])
    return PGraph.make(output, tensors, [read for read, _ in reads], expanded)


def _means(listing: Listing) -> Sequence[Bound]:
    """The reductions whose domains multiply to what the sum is divided by; the fewest, from outside."""
    if listing.divisor == ONE:
        return ()
    ways: dict[Size, tuple[Bound, ...]] = {ONE: ()}
    for bound in listing.inner[:MAX_MEANS]:
        for size, chosen in list(ways.items()):
            ways.setdefault(size * bound.size, (*chosen, bound))
    found = ways.get(listing.divisor)
    if found is None:
        message = f"the sum is divided by `{listing.divisor}`, which is no product of summed sizes"
        hint = "a mean divides by the size of what it sums"
        raise fail("E0802", message, span=listing.divisor_span, hint=hint)
    return found


def _read(access: Access, coordinates: Coordinates) -> tuple[Read, Access]:
    prefix, _, number = access.name.partition("_")
    if prefix != "in" or not number.isdigit() or len(number) > 3 or str(int(number)) != number:
        hint = "tensors are called `in_0`, `in_1` and so on"
        raise fail("E0802", f"there is no tensor `{access.name[:40]}`", span=access.span, hint=hint)
    index = tuple(coordinates.read(item) for item in access.index)
    return Read(int(number), index), access


def _tensors(reads: Sequence[tuple[Read, Access]], listing: Listing) -> list[Tensor]:
    """The tensors with the shapes that their coordinates give them."""
    shapes: dict[int, tuple[Size, ...]] = {}
    for read, access in reads:
        shape = tuple(item.domain for item in read.index)
        if shapes.setdefault(read.tensor, shape) != shape:
            message = f"`in_{read.tensor}` is read in two shapes"
            hint = f"it was {_spelt(shapes[read.tensor])} before"
            raise fail("E0804", message, span=access.span, hint=hint)
    for number in range(len(shapes)):
        if number not in shapes:
            hint = "tensors are numbered from 0 without gaps"
            raise fail("E0802", f"`in_{number}` is never read", span=listing.span, hint=hint)
    return [Tensor("weight" if number else "input", shapes[number]) for number in range(len(shapes))]


def _compare(
    output: tuple[Size, ...], reads: Sequence[tuple[Read, Access]], listing: Listing, metadata: Metadata
) -> None:
    """Compare the shapes of the listing with those of the metadata."""
    if metadata.output != output:
        span = listing.outer[0].span if listing.outer else listing.span
        raise _differs("the output", output, metadata.output, metadata.origin, span)
    count = 1 + max(read.tensor for read, _ in reads)
    if len(metadata.inputs) != count:
        message = f"the listing reads {count} tensors, {metadata.origin} gives {len(metadata.inputs)}"
        raise fail("E0805", message, span=listing.span, hint="take both files of one kernel")
    for read, access in reads:
        shape = tuple(item.domain for item in read.index)
        wanted = metadata.inputs[read.tensor]
        if len(shape) != len(wanted):
            raise _differs(f"`in_{read.tensor}`", shape, wanted, metadata.origin, access.span)
        for item, size, node in zip(read.index, wanted, access.index, strict=True):
            if item.domain != size:
                raise _differs(f"`in_{read.tensor}`", shape, wanted, metadata.origin, node.span)


def _differs(what: str, found: Sequence[Size], wanted: Sequence[Size], origin: str, span: Span) -> SynoError:
    message = f"{what} has the shape {_spelt(found)} here, and {_spelt(wanted)} in {origin}"
    return fail("E0805", message, span=span, hint="take both files of one kernel")


def _spelt(shape: Sequence[Size]) -> str:
    return f"`[{', '.join(map(str, shape))}]`"


def _expanded(leaves: Iterable[Coordinate], reads: Sequence[Read]) -> list[Coordinate]:
    """What EXPAND consumes without leaving a trace in the loops."""
    tops = [item for read in reads for item in read.index]
    present = list(walk(*tops))
    known = set(present)
    found = [leaf for leaf in leaves if leaf not in known]
    for node in present:
        if isinstance(node, (Quotient, Remainder)):
            other = Remainder if isinstance(node, Quotient) else Quotient
            half = other(node.operands[0], node.block)
            if half not in known:
                known.add(half)
                found.append(half)
    return found
