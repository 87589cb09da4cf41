"""Where the published kernels lie, and an independent reader of their loops (`tests/corpus/loops.py`)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from syno_lang import Operator, parse
from syno_lang.importer import Kernel, import_kernel, read_kernels
from tests.corpus import loops

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
EXAMPLES = ROOT / "examples" / "published"

FOLDERS = sorted(path.parent for path in CORPUS.glob("*/nested_loops.h"))
SAMPLES = CORPUS / "sampled.jsonl"

needs_corpus = pytest.mark.skipif(not FOLDERS, reason="the published kernels are not beside the checkout")


@cache
def samples() -> dict[str, Kernel]:
    return {kernel.identity: kernel for kernel in read_kernels(SAMPLES)} if SAMPLES.is_file() else {}


@cache
def imported(folder: Path) -> Operator:
    (kernel,) = read_kernels(folder)
    return parse(import_kernel(kernel))


def shapes(folder: Path) -> list[str]:
    found: dict[str, Any] = json.loads((folder / "metadata.json").read_text())
    shapes: list[str] = found["inputsShapes"]
    return shapes


def by_the_loops(
    text: str, shapes: list[str], operator: Operator, points: int = 100_000
) -> tuple[dict[str, int], dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Small sizes, arrays for the tensors of `operator`, and what the loops of `text` make of them."""
    kernel = loops.read(text, shapes)
    sizes = loops.small_values(kernel, points)
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(shape) for shape in kernel.input_shapes(sizes)]
    names = [tensor.name for tensor in operator.definition.tensors]
    return sizes, dict(zip(names, arrays, strict=True)), loops.evaluate(kernel, arrays, sizes)
