"""Random operators, written as the original would write them, come back as the same graph."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from syno_lang import Operator, parse
from syno_lang.diagnostics import Source, SynoError
from syno_lang.importer import Kernel, import_kernel
from syno_lang.importer.metadata import Metadata
from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, walk
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.testing import definitions, random_arrays
from tests.importer.listings import listing
from tests.importer.published import FOLDERS, needs_corpus

Case = tuple[Definition, dict[str, int]]


def kernel_of(definition: Definition, *, with_metadata: bool = True) -> Kernel:
    graph = definition.graph
    metadata = Metadata(
        "metadata.json",
        tuple(tensor.shape for tensor in graph.tensors),
        graph.output,
        frozenset(size.name for size in definition.sizes if size.kind == "primary"),
        definition.defaults,
    )
    return Kernel(Source("loops", listing(definition)), "drawn", metadata if with_metadata else None)


def as_loops_tell(graph: PGraph) -> PGraph:
    """Loops leave no trace of EXPAND: what is not read, and the other half of what is, is expanded.

    (An UNFOLD that is expanded would still make the product zero outside; nothing in the loops does.)
    """
    read = set(walk(*(item for one in graph.reads for item in one.index)))
    unread: list[Coordinate] = [leaf for leaf in graph.iterators if leaf not in read]
    leaves = set().union(*(item.leaves for item in graph.expanded)) if graph.expanded else set()
    unread += [leaf for leaf in leaves if leaf not in read and leaf not in unread]
    for node in read:
        if isinstance(node, (Quotient, Remainder)):
            halves = (kind(node.operands[0], node.block) for kind in (Quotient, Remainder))
            unread += [half for half in halves if half not in read]
    return PGraph.make(graph.output, graph.tensors, graph.reads, unread)


@given(definitions(means=False))
def test_import_reads_what_was_written(case: Case) -> None:
    definition, _ = case
    wanted = as_loops_tell(definition.graph).digest
    found = parse(import_kernel(kernel_of(definition)))
    assert found.digest == wanted
    assert parse(found.show("graph")).digest == wanted
    assert parse(import_kernel(kernel_of(definition, with_metadata=False))).digest == wanted


@given(definitions(max_points=2_000))
def test_import_keeps_the_value(case: Case) -> None:
    """Means included: which of several equal sums is the mean is open, the value is not."""
    definition, sizes = case
    found = parse(import_kernel(kernel_of(definition)))
    written = replace(definition, graph=as_loops_tell(definition.graph))
    arrays = random_arrays(definition, sizes)
    known = {size.name for size in found.definition.sizes}
    wanted = Operator(written).interpret(arrays, **sizes)
    given = dict(zip([item.name for item in found.definition.tensors], arrays.values(), strict=True))
    value = found.interpret(given, **{name: number for name, number in sizes.items() if name in known})
    np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-12)


def mutate(text: str, seed: int) -> str:
    """`text` with a few characters or stretches removed, doubled, exchanged or replaced."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 1, 2, 10, 200)))
        other = chance.choice(
            ("", "*", "%", "(", ")", "]", "0", "1", "N", " ", "\x00", "i_9", "^", "-", "²", text[start:end])
        )
        text = text[:start] + other + text[end + chance.choice((0, 0, 3)) :]
    return text


def check_survives(text: str) -> None:
    try:
        parse(import_kernel(Kernel(Source("loops", text), "mutant", None)))
    except SynoError as error:
        assert all(item.code[:3] in ("E01", "E08") or item.code == "E0206" for item in error.diagnostics), (
            error
        )
        assert all(item.span is not None for item in error.diagnostics if text.strip()), error


@needs_corpus
@pytest.mark.parametrize("folder", FOLDERS[::5], ids=lambda folder: folder.name)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_listing_is_read_or_refused(folder: Path, seed: int) -> None:
    text = (folder / "nested_loops.h").read_text().partition("/* Loops 0")[0]
    check_survives(mutate(text, seed))


@pytest.mark.heavy
@given(definitions(), st.integers(0, 2**32))
def test_a_mutated_drawn_listing_is_read_or_refused(case: Case, seed: int) -> None:
    check_survives(mutate(listing(case[0]), seed))


@needs_corpus
def test_every_cut_is_noticed() -> None:
    """No proper beginning of a file is taken for a whole one, but those that end with a kernel."""
    text = (FOLDERS[0] / "nested_loops.h").read_text()
    whole = {
        text.index("/* Loops", 1),
        *(place for place in range(len(text)) if text.startswith("/* Loops", place)),
    }
    wanted = parse(import_kernel(Kernel(Source("loops", text), "whole", None))).digest
    for end in range(0, len(text), 7):
        try:
            found = parse(import_kernel(Kernel(Source("loops", text[:end]), "cut", None)))
        except SynoError as error:
            assert error.diagnostics[0].code == "E0801"
        else:
            assert text[end:].strip() == "" or any(
                text[end:place].strip() == "" for place in whole if place >= end
            )
            assert found.digest == wanted
