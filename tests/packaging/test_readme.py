"""What the README shows is true: its operators are read, its commands and its Python run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syno_lang.cli.main import main

README = Path(__file__).resolve().parents[2] / "README.md"


def blocks(language: str) -> list[str]:
    text = README.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (operator,) = blocks("syno")
    Path("row_conv.syno").write_text(operator, encoding="utf-8")
    (console,) = blocks("console")
    shown = ""
    for line in console.splitlines():
        if line.startswith("$ syno "):
            assert main(line.split()[2:]) == 0
            shown += f"{line}\n{capsys.readouterr().out}"
    assert shown == console


def test_python() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("tvm")
    (code,) = blocks("python")
    exec(compile(code, str(README), "exec"), {})


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (README.parent / link).exists(), link
