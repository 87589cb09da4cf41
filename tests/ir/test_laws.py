"""Laws of the pGraph, on random operators: the oracle, the printer and the parser agree."""

import copy
import dataclasses
import pickle
from typing import Any

import numpy as np
from hypothesis import given, strategies as st

from syno_lang.diagnostics import Source
from syno_lang.ir import print as printer
from syno_lang.ir.coordinates import Coordinate, Reduce, replace
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import elaborate
from syno_lang.ir.interpret import evaluate
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.ir.verify import verify
from syno_lang.sizes import Size
from syno_lang.syntax.parse import parse
from syno_lang.testing import definitions
from tests.ir.brute import brute_force


def read_back(text: str) -> Definition:
    source = Source("<printed>", text)
    (definition,) = elaborate(parse(source), source).values()
    return definition


def random_tensors(graph: PGraph, sizes: dict[str, int]) -> list[Any]:
    random = np.random.default_rng(0)
    return [random.normal(size=[size.value(sizes) for size in tensor.shape]) for tensor in graph.tensors]


@given(definitions(max_points=400))
def test_the_oracle_is_the_definition(case: tuple[Definition, dict[str, int]]) -> None:
    definition, sizes = case
    tensors = random_tensors(definition.graph, sizes)
    expected = brute_force(definition.graph, tensors, sizes)
    np.testing.assert_allclose(evaluate(definition.graph, tensors, sizes), expected, rtol=1e-12, atol=1e-12)


@given(definitions())
def test_random_graphs_are_valid(case: tuple[Definition, dict[str, int]]) -> None:
    verify(case[0].graph)


@given(definitions())
def test_both_notations_read_back(case: tuple[Definition, dict[str, int]]) -> None:
    definition = dataclasses.replace(case[0], allowed=frozenset({"diagonal", "large_window"}))
    for notation in (printer.formula, printer.graph):
        text = notation(definition)
        again = read_back(text)
        assert again.graph == definition.graph, text
        assert again.graph.digest == definition.graph.digest
        assert notation(again) == text


@given(definitions(), st.randoms(use_true_random=False))
def test_equality_sees_no_names_and_no_order(case: tuple[Definition, dict[str, int]], random: Any) -> None:
    graph = case[0].graph
    labels = list(range(50, 50 + len(graph.reductions)))
    random.shuffle(labels)
    names = {name: f"z{number}" for number, name in enumerate(reversed(graph.variables))}
    pairs = zip(graph.reductions, labels, strict=True)
    images = {item: Reduce(label, item.domain, item.reducer) for item, label in pairs}

    def disguise(node: Coordinate) -> Coordinate:
        return rename(replace(node, images.get), names)

    reads = [Read(read.tensor, tuple(disguise(item) for item in read.index)) for read in graph.reads]
    random.shuffle(reads)
    tensors = [Tensor(item.role, tuple(size.rename(names) for size in item.shape)) for item in graph.tensors]
    output = [size.rename(names) for size in graph.output]
    other = PGraph.make(output, tensors, reads, [disguise(item) for item in graph.expanded])
    assert other == graph
    assert hash(other) == hash(graph)
    assert other.digest == graph.digest


def rename(node: Coordinate, names: dict[str, str]) -> Coordinate:
    """The coordinate over other size names."""

    def image(item: Any) -> Any:
        if isinstance(item, Coordinate):
            return rename(item, names)
        return item.rename(names) if isinstance(item, Size) else item

    return type(node)(*(image(item) for item in node.arguments))


@given(definitions())
def test_copies_are_the_same_coordinates(case: tuple[Definition, dict[str, int]]) -> None:
    graph = case[0].graph
    assert pickle.loads(pickle.dumps(graph)) == graph
    for top in graph.tops:
        assert copy.deepcopy(top) is top
        assert pickle.loads(pickle.dumps(top)) is top
