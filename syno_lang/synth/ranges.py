"""Ranges for the powers of variables enter; every size within them leaves."""

from __future__ import annotations

from collections.abc import Iterator as Iterate, Sequence

from syno_lang.sizes import Size

#: A variable, and its least and greatest power.
Range = tuple[str, int, int]


def sizes_within(ranges: Sequence[Range], variables: int | None) -> list[Size]:
    """Every size with powers in `ranges` and at most so many variables."""
    return [Size(1, 1, powers) for powers in _powers(tuple(sorted(ranges)), variables)]


def _powers(ranges: tuple[Range, ...], variables: int | None) -> Iterate[tuple[tuple[str, int], ...]]:
    if not ranges:
        yield ()
        return
    (name, low, high), rest = ranges[0], ranges[1:]
    for power in range(low, high + 1):
        if not power:
            yield from _powers(rest, variables)
        elif variables != 0:
            left = None if variables is None else variables - 1
            for powers in _powers(rest, left):
                yield ((name, power), *powers)
