"""The page about notebooks shows what happens: its cells are run, and their outputs compared."""

from __future__ import annotations

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
    cells, printed = 0, ""
    for text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if text.startswith(("%", "rows.")):
            capsys.readouterr()
            shell.run_cell(text, store_history=True)
            printed = re.sub(r"\x1b\[[0-9;]*m|Out\[\d+\]: ", "", capsys.readouterr().out)
            cells += 1
        else:
            assert printed.rstrip() == text.rstrip()
    assert cells == 5
