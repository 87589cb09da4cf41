"""Loading emitted text: visible to tracebacks and `inspect`, and clear about a missing torch."""

from __future__ import annotations

import importlib.util
import inspect
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch

import syno_lang
from syno_lang.diagnostics import SynoError


def test_the_source_is_known_to_inspect_and_to_tracebacks() -> None:
    operator = syno_lang.load("stdlib:conv2d")
    cls = operator.to_torch()
    assert inspect.getsource(cls) in operator.emit_torch()
    assert inspect.getsource(cls).startswith("class Conv2d(nn.Module):")
    with pytest.raises(ValueError) as raised:
        cls(C_in=1, C_out=1)(torch.zeros(1))
    shown = "".join(traceback.format_exception(raised.value))
    assert '_check_rank(self, "x", x, 4, "[N, C_in, H, W]")' in shown


def test_the_same_text_gives_the_same_class() -> None:
    operator = syno_lang.load("stdlib:conv2d")
    assert operator.to_torch() is operator.to_torch()
    module = operator.to_torch()(C_in=1, C_out=1)
    assert torch.equal(pickle.loads(pickle.dumps(module)).weight, module.weight)


def test_without_torch_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SynoError) as raised:
        syno_lang.load("stdlib:conv2d").to_torch()
    (finding,) = raised.value.diagnostics
    assert finding.code == "E0701"
    assert "syno_lang[torch]" in finding.hint


def test_emitting_needs_no_torch_and_the_text_nothing_else(tmp_path: Path) -> None:
    code = "import sys, syno_lang; print(syno_lang.load('stdlib:op1').emit_torch()); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (tmp_path / "layer.py").write_text(done.stdout)
    use = "import sys, torch, layer; print(layer.Op1(C_in=64, C_out=64)(torch.zeros(1, 64, 4, 4)).shape)"
    use += "; assert not any(name.startswith('syno_lang') for name in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", use], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "torch.Size([1, 64, 4, 4])"
