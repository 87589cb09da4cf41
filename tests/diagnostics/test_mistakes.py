"""What is said of each mistake: `mistakes/*.syno`, made as a user makes them, with the findings beside each.

`SYNO_UPDATE_MISTAKES=1 pytest tests/diagnostics/test_mistakes.py` writes the findings of today into the `.txt`
files.  Read the difference: the place must be exact, the reason one to act on, the hint right.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syno_lang.checks.read import read_tests
from syno_lang.diagnostics import Source, SynoError
from syno_lang.modules.load import Loader
from syno_lang.syntax.parse import read
from syno_lang.synth.ast_to_space import read_spaces

FOLDER = Path(__file__).parent / "mistakes"
MISTAKES = sorted(path.stem for path in FOLDER.glob("*.syno"))


def findings(name: str) -> str:
    source = Source(f"{name}.syno", read(FOLDER / f"{name}.syno").text)
    loader = Loader(("used",))
    with pytest.raises(SynoError) as caught:
        loaded = loader.text(source)
        read_tests(loaded, loader)
        read_spaces(loaded, loader)
    return f"{caught.value}\n"


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said_of_a_mistake(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)  # where the files in the folder `used` are found
    expected = FOLDER / f"{name}.txt"
    found = findings(name)
    if os.environ.get("SYNO_UPDATE_MISTAKES") == "1":
        expected.write_text(found, encoding="utf-8", newline="")
    assert found == expected.read_text(encoding="utf-8")


def test_every_expectation_has_a_mistake() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(MISTAKES)
    assert len(MISTAKES) >= 40
