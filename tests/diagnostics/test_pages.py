"""Every error code has a page, and what the page shows is what happens.

`SYNO_UPDATE_DOCS=1 pytest tests/diagnostics/test_pages.py` writes the outputs of today into the pages.
"""

import os
import re
from pathlib import Path

import pytest

from syno_lang.diagnostics import CODES
from tests.docs.blocks import blocks
from tests.docs.run import run

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "errors"


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in FOLDER.glob("E*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_page(code: str, tmp_path: Path) -> None:
    path = FOLDER / f"{code}.md"
    page = path.read_text(encoding="utf-8")
    needed = ("import torch", "from torch", "to_torch", "syno_lang.nn")
    if any(word in block.text for block in blocks(page) for word in needed):
        pytest.importorskip("torch")
    if any("backends.tvm" in block.text or "--target" in block.text for block in blocks(page)):
        pytest.importorskip("tvm", reason="apache-tvm is not installed")
    found = run(page, tmp_path)
    if os.environ.get("SYNO_UPDATE_DOCS") == "1":
        path.write_text(found, encoding="utf-8")
        page = found
    assert found == page


@pytest.mark.parametrize("code", CODES)
def test_page_has_a_title_a_wrong_and_a_right_example(code: str) -> None:
    page = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: {CODES[code]}\n")
    wrong, right = page.split("\n## Wrong\n")[1].split("\n## Right\n")
    assert f"fails={code}" in wrong or f"error[{code}]" in wrong
    assert re.search(r"^```", right, re.MULTILINE)
    assert f"error[{code}]" not in right
