"""The published loop nests: our operators equal them, and every one of them can be read and run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import syno_lang
from tests.corpus.loops import Kernel, evaluate, read, shape_of, small_values, whole

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the published operators are not beside the checkout"
)


def published() -> dict[str, tuple[str, dict[str, Any]]]:
    """The loop text and the metadata of each corpus entry."""
    return {
        path.parent.name: (path.read_text(), json.loads((path.parent / "metadata.json").read_text()))
        for path in sorted(CORPUS.glob("*/nested_loops.h"))
    }


def sampled() -> dict[str, tuple[str, dict[str, Any]]]:
    """The same for the operators that were sampled from the original."""
    path = CORPUS / "sampled.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
    return {
        row["id"]: (row["loops"], {"inputsShapes": row["inputs"], "outputShape": row["output"]})
        for row in rows
    }


EVERY = {**published(), **sampled()}

def at(**sizes: int) -> dict[str, int]:
    return sizes


#: Ours, the entry that it is, and how its sizes are called there.
OURS = {
    "op1": ("15252107013978896537", {"k": "k_1"}),
    "op2": ("18091915762600937904", {"k": "k_1"}),
    "gpt2_projection": ("10993262425417760381", {"k": "k_1", "T": "seq_len", "C": "H_in"}),
}

SIZES = [
    ("op1", at(N=2, C_in=8, C_out=12, H=5, g=2, k=3, s=2)),
    ("op1", at(N=1, C_in=6, C_out=6, H=4, g=3, k=4, s=2)),
    ("op1", at(N=1, C_in=1, C_out=1, H=1, g=1, k=5, s=1)),
    ("op2", at(N=2, C_in=8, C_out=12, H=5, g=2, k=3, s=2)),
    ("op2", at(N=1, C_in=6, C_out=6, H=4, g=3, k=2, s=2)),
    ("op2", at(N=1, C_in=1, C_out=1, H=1, g=1, k=5, s=1)),
    ("gpt2_projection", at(N=2, T=3, C=48, k=2, t=3)),
    ("gpt2_projection", at(N=1, T=1, C=1, k=1, t=1)),
    ("gpt2_projection", at(N=1, T=2, C=162, k=3, t=2)),
]  # fmt: skip


def inputs(kernel: Kernel, values: dict[str, int]) -> list[NDArray[np.float64]]:
    random = np.random.default_rng(0)
    return [random.standard_normal(shape) for shape in kernel.input_shapes(values)]


@pytest.mark.parametrize(("name", "sizes"), SIZES)
def test_ours_equals_the_published_loops(name: str, sizes: dict[str, int]) -> None:
    entry, renamed = OURS[name]
    text, metadata = EVERY[entry]
    kernel = read(text, metadata["inputsShapes"])
    values = {renamed.get(size, size): value for size, value in sizes.items()}
    arrays = inputs(kernel, values)
    wanted = evaluate(kernel, arrays, values)
    operator = syno_lang.load(f"stdlib:{name}")
    names = [tensor.name for tensor in operator.definition.tensors]
    found = operator.interpret(dict(zip(names, arrays, strict=True)), **sizes)
    assert np.abs(wanted).max() > 0
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_ours_has_the_defaults_of_the_paper() -> None:
    for name, (entry, renamed) in OURS.items():
        description = EVERY[entry][1]["validPlaceholders"][0]["constsDescription"]
        defaults = syno_lang.load(f"stdlib:{name}").definition.defaults
        for size, value in defaults.items():
            assert re.search(rf"\b{renamed.get(size, size)}: {value}\b", description)


def test_the_corpus_is_whole() -> None:
    assert len(published()) == 20
    assert len(sampled()) == 114


@pytest.mark.parametrize("entry", EVERY)
def test_every_loop_nest_can_be_run(entry: str) -> None:
    """At a few points, the vectorised value is that of the text, run line by line as Python."""
    text, metadata = EVERY[entry]
    kernel = read(text, metadata["inputsShapes"])
    values = small_values(kernel)
    arrays = inputs(kernel, values)
    result = evaluate(kernel, arrays, values)
    assert result.shape == tuple(whole(size, values) for size in shape_of(metadata["outputShape"]))
    random = np.random.default_rng(1)
    for _ in range(5):
        point = tuple(int(random.integers(extent)) for extent in result.shape)
        wanted = at_point(kernel, text, arrays, values, point)
        assert result[point] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


class Outside(Exception):
    """A `restrict` forbids the product."""


def restrict(value: int, low: int, high: int) -> int:
    if not low <= value < high:
        raise Outside
    return value


def at_point(
    kernel: Kernel,
    text: str,
    arrays: list[NDArray[np.float64]],
    values: dict[str, int],
    point: tuple[int, ...],
) -> float:
    """One value of the output: the product of the text as Python code, in Python's loops and arithmetic."""
    line = next(line for line in text.splitlines() if "in_0[" in line)
    product = line[line.index("in_0[") :].rstrip("; ").replace(" / ", " // ")
    # A size is written without blanks, and binds as one token.
    size = re.compile(r"(?<![\w.])(?!r?i_\d|in_|restrict)[A-Za-z]\w*(?:[\^*][-\w]+)*")
    product = size.sub(lambda found: f"({whole_text(found[0], values)})", product)
    scope = {"restrict": restrict, **{f"in_{number}": array for number, array in enumerate(arrays)}}
    code = compile(product, "<loops>", "eval")
    total = 0.0
    for inner in nest(kernel, values):
        try:
            total += eval(code, scope, {**dict(zip(kernel.outer, point, strict=True)), **inner})
        except Outside:
            continue
    return total


def whole_text(size: str, values: dict[str, int]) -> int:
    """`g^-1*C` by Python's arithmetic."""
    value = eval(size.replace("^", "**"), {}, {name: Fraction(value) for name, value in values.items()})
    assert value == int(value)
    return int(value)


def nest(kernel: Kernel, values: dict[str, int]) -> Iterator[dict[str, int]]:
    extents = [whole(kernel.loops[name], values) for name in kernel.inner]
    for places in np.ndindex(*extents):
        yield dict(zip(kernel.inner, places, strict=True))
