"""The demonstration runs and finds what it compiles equal to the interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_demo(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("tvm")
    script = ROOT / "examples" / "demo.py"
    result = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for text in ("op1       PyTorch eager", "op1       TVM untuned", "conv2d    torch F.conv2d"):
        assert text in result.stdout
    assert ElementTree.parse(tmp_path / "demo" / "op1.svg").getroot().tag.endswith("svg")
