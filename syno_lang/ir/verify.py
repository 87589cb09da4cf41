"""A pGraph enters; nothing leaves, or an error that names the broken invariant.

Texts are checked while they are elaborated; this guards graphs that a program builds.
"""

from __future__ import annotations

from collections.abc import Iterator as Iterate

from syno_lang.ir.coordinates import Iterator
from syno_lang.ir.pgraph import PGraph


class InvalidGraph(ValueError):
    """A graph breaks an invariant: a mistake of the program that built it, not of a user."""


def verify(graph: PGraph) -> None:
    """Raise `InvalidGraph` with every broken invariant of `graph`."""
    broken = [*_leaves(graph), *_reads(graph), *_uses(graph)]
    if broken:
        raise InvalidGraph("; ".join(broken))


def _leaves(graph: PGraph) -> Iterate[str]:
    known = set(graph.iterators)
    for node in graph.coordinates:
        if isinstance(node, Iterator) and node not in known:
            yield f"{node} is no axis of the output"
    labels = [item.label for item in graph.reductions]
    if labels != list(range(len(labels))):
        yield f"the reductions are labelled {labels}"


def _reads(graph: PGraph) -> Iterate[str]:
    for read in graph.reads:
        if not 0 <= read.tensor < len(graph.tensors):
            yield f"there is no tensor {read.tensor}"
            continue
        domains = tuple(item.domain for item in read.index)
        if domains != graph.tensors[read.tensor].shape:
            yield f"tensor {read.tensor} is read over other domains than its shape"
    missing = set(range(len(graph.tensors))) - {read.tensor for read in graph.reads}
    if missing:
        yield f"the tensors {sorted(missing)} are never read"


def _uses(graph: PGraph) -> Iterate[str]:
    """Every output coordinate has a use."""
    used = {leaf for top in graph.tops for leaf in top.leaves}
    for iterator in graph.iterators:
        if iterator not in used:
            yield f"{iterator} is neither read nor expanded"
