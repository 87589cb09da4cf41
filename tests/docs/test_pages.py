"""What the documentation shows is what happens: every example is run, and its output compared.

`SYNO_UPDATE_DOCS=1 pytest tests/docs` writes the outputs and pictures of today into the pages.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest

from syno_lang.diagnostics import Source, SynoError
from syno_lang.syntax.format import format_text
from tests.docs.blocks import blocks
from tests.docs.run import run

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if not {"_build", "errors"} & set(path.parts))

UPDATE = os.environ.get("SYNO_UPDATE_DOCS") == "1"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_page(path: Path, tmp_path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    for library in ("torch", "tvm"):
        needed = (f"import {library}", f"from {library}", *(["syno_lang.nn"] if library == "torch" else []))
        if any(word in block.text for block in blocks(page) for word in needed):
            pytest.importorskip(library)
    found = run(formatted(page) if UPDATE else page, tmp_path)
    pictures = [picture for picture in tmp_path.glob("*.svg") if f"]({picture.name})" in page]
    if UPDATE:
        path.write_text(found, encoding="utf-8")
        page = found
        for picture in pictures:
            (path.parent / picture.name).write_text(picture.read_text(encoding="utf-8"), encoding="utf-8")
    assert found == page
    for picture in pictures:
        assert (path.parent / picture.name).read_text(encoding="utf-8") == picture.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_operators_are_laid_out(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert page == formatted(page)


def formatted(page: str) -> str:
    """The page with its operators as `syno fmt` lays them out, except those that cannot be read."""
    for block in reversed([block for block in blocks(page) if block.language == "syno"]):
        with contextlib.suppress(SynoError):
            page = page[: block.start] + format_text(Source("page", block.text)) + page[block.end :]
    return page


def test_every_picture_is_drawn_by_its_page() -> None:
    for picture in DOCS.rglob("*.svg"):
        if "_build" in picture.parts:
            continue
        pages = [path.read_text(encoding="utf-8") for path in picture.parent.glob("*.md")]
        users = [page for page in pages if f"]({picture.name})" in page]
        assert any(re.search(rf"-o {re.escape(picture.name)}$", page, re.M) for page in users), picture
