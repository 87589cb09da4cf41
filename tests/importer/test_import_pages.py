"""The pages of the codes of imports show what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from syno_lang.diagnostics import CODES
from tests.docs.run import run

ERRORS = Path(__file__).resolve().parents[2] / "docs" / "errors"


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("E08")])
def test_page(code: str, tmp_path: Path) -> None:
    page = (ERRORS / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: {CODES[code]}\n")
    assert f"error[{code}]" in page
    assert run(page, tmp_path) == page
