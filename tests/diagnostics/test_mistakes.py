"""What is said of each mistake: `mistakes/*.syno`, made as a user makes them, with the findings beside each.

`SYNO_UPDATE_MISTAKES=1 pytest tests/diagnostics/test_mistakes.py` writes the findings of today into the `.txt`
files.  Read the difference: the place must be exact, the reason one to act on, the hint right.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syno_lang.diagnostics import Source, SynoError
from syno_lang.ir.elaborate import elaborate
from syno_lang.syntax.parse import parse, read

FOLDER = Path(__file__).parent / "mistakes"
MISTAKES = sorted(path.stem for path in FOLDER.glob("*.syno"))


def findings(name: str) -> str:
    source = Source(f"{name}.syno", read(FOLDER / f"{name}.syno").text)
    with pytest.raises(SynoError) as caught:
        elaborate(parse(source), source)
    return f"{caught.value}\n"


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said_of_a_mistake(name: str) -> None:
    expected = FOLDER / f"{name}.txt"
    found = findings(name)
    if os.environ.get("SYNO_UPDATE_MISTAKES") == "1":
        expected.write_text(found, encoding="utf-8", newline="")
    assert found == expected.read_text(encoding="utf-8")


def test_every_expectation_has_a_mistake() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(MISTAKES)
    assert len(MISTAKES) >= 40
