"""The original's spaces, enumerated: what it finds we find, and whatever only one finds has a named reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from syno_lang.synth.candidate import Candidate
from syno_lang.synth.normal import normal_form
from tests.synth.golden import FOLDER, read
from tests.synth.original import MEANINGS, why_not_there
from tests.synth.parity import parity

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "synthesis.md"

SMALL = ["sq3", "matmul2", "matmul3", "conv1d3"]
LARGE = ["sq4", "conv2d", "conv1d5", "conv1d5u", "conv1d6u3", "conv2d7"]

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the golden enumerations are not beside the checkout"
)


def row_of_page(name: str) -> list[str]:
    """The cells of the table on the page."""
    lines = (line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{name}` |"))
    return [cell.strip().replace("`", "") for cell in next(lines).strip("|").split("|")][1:]


def check(name: str) -> None:
    found = parity(read(name))
    assert "" not in found.missing and "" not in found.extra
    assert {*found.extra, *found.duplicates} <= set(MEANINGS)
    assert found.row == row_of_page(name)


@pytest.mark.parametrize("name", SMALL)
def test_small(name: str) -> None:
    check(name)


@pytest.mark.heavy
@pytest.mark.parametrize("name", LARGE)
def test_large(name: str) -> None:
    check(name)


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_reasons_do_not_fit_what_the_original_finds(name: str) -> None:
    """The names would mean nothing if they were given to operators that are there."""
    golden = read(name)
    for graph in golden.graphs[::3]:
        assert why_not_there(Candidate(golden.space, normal_form(golden.space, graph))) == ""
