"""A graph without names enters, names that a person would give leave.

Output coordinates are called after their size (`N` gives n, `C_out` co, `H` h and w), windows p and q,
other reductions after the channel that they run over, or a short letter.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import count
from typing import Final

from syno_lang.ir.coordinates import Coordinate, Reduce, Unfold
from syno_lang.ir.pgraph import PGraph
from syno_lang.sizes import Size

#: Words of the language that stand in a body; a coordinate of that name would confuse.
WORDS: Final = frozenset(
    "out x sum mean max min split merge shift unfold stride expand share reduce output "
    "operator weight graph allow where use test".split()
)

_WINDOWS: Final = ("p", "q", "u", "v")
_GROUPS: Final = ("a", "b", "d", "e", "j", "l", "m")
_OTHERS: Final = ("r", "t", "u", "y", "z")


def tensor_names(number: int, taken: Iterable[str]) -> list[str]:
    """`x`, `w1`, `w2` ... for `number` tensors; a name that is taken gets underscores."""
    used = set(taken)
    names = []
    for place in range(number):
        name = f"w{place}" if place else "x"
        while name in used:
            name += "_"
        used.add(name)
        names.append(name)
    return names


def coordinate_names(graph: PGraph, primaries: Container[str], taken: Iterable[str]) -> dict[Coordinate, str]:
    """A name for each leaf of `graph`, different from all in `taken`."""
    used = {*taken, *WORDS}
    names: dict[Coordinate, str] = {}
    windows = {node.window for node in graph.coordinates if isinstance(node, Unfold)}
    for node in (*graph.iterators, *graph.reductions):
        wishes = _for_window() if node in windows else _wishes(node, primaries)
        names[node] = next(name for name in wishes if name not in used)
        used.add(names[node])
    return names


def _for_window() -> Iterator[str]:
    yield from _WINDOWS
    yield from _numbered("p")


def _wishes(node: Coordinate, primaries: Container[str]) -> Iterator[str]:
    """What a coordinate would best be called, best first; there is no end of them."""
    channel = _initials(node.domain, primaries)
    is_size = len(node.domain.powers) == 1 and node.domain.powers[0][1] == 1
    if isinstance(node, Reduce):
        # A part of an axis is not the axis: `C_in` gives ci, `C_in/g` c.
        yield from (channel if is_size else channel[:1],) if channel else _GROUPS
        yield from _OTHERS
    else:
        yield from (channel, "w") if channel == "h" else (channel,) if channel else _GROUPS
    yield from _numbered(channel or "r")


def _initials(domain: Size, primaries: Container[str]) -> str:
    """`co` for a domain with the primary `C_out` above the line; nothing where there is no primary."""
    above = [name for name, power in domain.powers if power > 0 and name in primaries]
    parts = [part for part in above[-1].split("_") if part] if above else []
    return "".join(part[0] for part in parts).lower() if parts and parts[0][0].isalpha() else ""


def _numbered(stem: str) -> Iterator[str]:
    return (f"{stem}{number}" for number in count(2))
