"""The page about notebooks shows what happens: its cells are run, and their outputs compared.

`SYNO_UPDATE_DOCS=1 pytest tests/notebook` writes the outputs of today into it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("IPython", reason="IPython is not installed")

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "notebook.md"
BLOCK = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="this is no checkout")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    displayhook, path = sys.displayhook, list(sys.path)
    config = Config()
    config.HistoryManager.enabled = False
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()
    sys.displayhook, sys.path = displayhook, path


def test_page(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    printed = ""

    def run(block: re.Match[str]) -> str:
        nonlocal printed
        if not block[1].startswith(("%", "rows.")):
            return f"```text\n{printed.rstrip()}\n```"
        capsys.readouterr()
        shell.run_cell(block[1])
        printed = re.sub(r"\x1b\[[0-9;]*m|Out\[\d+\]: ", "", capsys.readouterr().out)
        return block[0]

    found = BLOCK.sub(run, page)
    if os.environ.get("SYNO_UPDATE_DOCS") == "1":
        PAGE.write_text(found, encoding="utf-8")
        page = found
    assert len(BLOCK.findall(page)) == 8
    assert found == page
