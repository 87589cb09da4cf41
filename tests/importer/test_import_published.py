"""Every published kernel is imported: read again, checked, run and compiled, it is what its loops say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syno_lang import load, parse
from syno_lang.diagnostics import Source
from syno_lang.importer import Kernel, import_kernel, read_kernels
from syno_lang.syntax.format import format_text
from tests.importer.published import (
    CORPUS,
    EXAMPLES,
    FOLDERS,
    by_the_loops,
    imported,
    needs_corpus,
    samples,
    shapes,
)

pytestmark = needs_corpus

folders = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_the_corpus_is_there() -> None:
    assert len(FOLDERS) == 20
    assert len(samples()) == 114


@folders
def test_both_notations_are_one_graph(folder: Path) -> None:
    operator = imported(folder)
    assert operator.name == f"op_{folder.name}"
    assert parse(operator.show("formula")).digest == operator.digest
    assert parse(operator.show("graph")).digest == operator.digest


@folders
def test_value_is_that_of_the_loops(folder: Path) -> None:
    operator = imported(folder)
    text = (folder / "nested_loops.h").read_text()
    sizes, arrays, wanted = by_the_loops(text, shapes(folder), operator)
    assert np.abs(wanted).max() > 0
    np.testing.assert_allclose(operator.interpret(arrays, **sizes), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("identity", samples())
def test_samples_have_the_value_of_their_loops(identity: str) -> None:
    kernel = samples()[identity]
    operator = parse(import_kernel(kernel))
    assert kernel.metadata is not None
    written = [f"[{', '.join(map(in_their_spelling, shape))}]" for shape in kernel.metadata.inputs]
    sizes, arrays, wanted = by_the_loops(kernel.listing.text, written, operator)
    assert parse(operator.show("graph")).digest == operator.digest
    np.testing.assert_allclose(operator.interpret(arrays, **sizes), wanted, rtol=1e-12, atol=1e-12)


def in_their_spelling(size: Any) -> str:
    return "*".join(f"{name}^{power}" for name, power in size.powers) or "1"


@folders
def test_torch_computes_the_loops(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    operator = imported(folder)
    sizes, arrays, wanted = by_the_loops((folder / "nested_loops.h").read_text(), shapes(folder), operator)
    inside = {
        name for tensor in operator.definition.weights for size in tensor.shape for name in size.variables
    }
    coefficients = {size.name for size in operator.definition.sizes if size.kind == "coefficient"}
    given = {name: value for name, value in sizes.items() if name in inside | coefficients}
    module = operator.to_torch()(**given).double()
    with torch.no_grad():
        for tensor in operator.definition.weights:
            getattr(module, tensor.name).copy_(torch.from_numpy(arrays[tensor.name]))
        found = module(torch.from_numpy(arrays["x"])).numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10)


@folders
def test_tvm_computes_the_loops(folder: Path) -> None:
    tvm = pytest.importorskip("tvm")
    operator = imported(folder)
    text = (folder / "nested_loops.h").read_text()
    sizes, arrays, wanted = by_the_loops(text, shapes(folder), operator, points=20_000)
    compiled = tvm.compile(operator.to_tvm(**sizes), target="llvm")
    tensors = [*operator.definition.inputs, *operator.definition.weights]
    given = [tvm.runtime.tensor(arrays[tensor.name].astype("float32")) for tensor in tensors]
    out = tvm.runtime.tensor(np.zeros(wanted.shape, "float32"))
    compiled["main"](*given, out)
    np.testing.assert_allclose(out.numpy(), wanted, rtol=1e-4, atol=1e-4)


@folders
def test_examples_are_what_the_importer_writes(folder: Path) -> None:
    (kernel,) = read_kernels(folder)
    text = import_kernel(kernel)
    assert (EXAMPLES / f"{kernel.name}.syno").read_text() == text
    assert format_text(Source("example", text)) == text


def test_there_are_no_other_examples() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {f"op_{folder.name}" for folder in FOLDERS}


def test_op1_is_the_operator_of_the_paper() -> None:
    operator = imported(CORPUS / "15252107013978896537")
    assert operator == load("stdlib:op1")
    assert operator.definition.defaults == {"g": 32, "k_1": 3, "s": 2}
    assert [tensor.name for tensor in operator.definition.tensors] == ["x", "w1", "w2"]
    leaves = [operator.definition.names[item] for item in operator.definition.graph.iterators]
    assert leaves == ["n", "co", "h", "w"]


@folders
def test_a_listing_alone_is_enough(folder: Path) -> None:
    """The loops give every shape, and here even the kind of each size."""
    (kernel,) = read_kernels(folder)
    alone = parse(import_kernel(Kernel(kernel.listing, kernel.identity, None)))
    whole = imported(folder)
    assert alone.digest == whole.digest
    kinds = [{size.name: size.kind for size in item.definition.sizes} for item in (alone, whole)]
    assert kinds[0] == kinds[1]
