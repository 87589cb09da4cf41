"""Nothing in a file is evaluated as Python: names and texts that try to break out are refused or are plain data."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from syno_lang.checks.functions import FUNCTIONS
from syno_lang.checks.run import run_tests
from syno_lang.diagnostics import SynoError

PACKAGE = Path(__file__).resolve().parents[2] / "syno_lang"

COPY = "operator copy<N>(x: [N]) -> [N] { out[n] = x[n] }\n"

CALLS = [
    "os.system", "eval", "exec", "compile", "open", "__import__", "getattr", "torch.load", "torch.save", "torch.hub.load",
    "torch.os.system", "torch.sys.exit", "torch.nn.functional.__class__", "torch.nn.functional.__init__",
    "torch.nn.functional.conv2d.__call__", "torch.nn.functional.conv2d.__self__", "torch.__builtins__.eval",
    "torch.nn.functional.warnings.sys.exit", "torch.serialization.load", "torch.jit.load", "torch.classes.load_library",
    "torch.ops.load_library", "torch.utils.cpp_extension.load_inline", "torch.set_default_dtype", "torch.manual_seed",
    "numpy.load", "stdlib.conv2d", "copy.deepcopy", "subprocess.run", "x.__class__", "torch.nn.functional",
]  # fmt: skip

TEXTS = [
    "__import__('os').system('touch broken')",
    "'); import os; os.system('touch broken'); ('",
    "{{ cycler.__init__.__globals__ }}",
    "%(x)s",
    "${x}",
    "\\n__import__",
    "../../../etc/passwd",
    "i->i; import os",
]


TRAPPED = (
    (builtins, ("eval", "exec", "compile", "input")),
    (os, ("system", "popen", "remove")),
    (subprocess, ("run", "Popen")),
    (torch, ("load", "save", "set_default_dtype")),
)


def warm(folder: Path) -> None:
    """Run every kind of claim once: Python itself executes modules where they are first imported."""
    path = folder / "warm.syno"
    path.write_text(f"{COPY}test copy {{ equals torch.roll(x, 3) for N = 3 equals stdlib.tile flops 1 }}", encoding="utf-8")
    assert [outcome.status for outcome in run_tests(path)] == ["ok", "failed", "failed"]
    path.unlink()


def codes(path: Path) -> list[str]:
    """The codes of what is found in a file; nothing that a file must not reach may be called meanwhile."""
    warm(path.parent)
    sprung: list[str] = []

    def trap(name: str) -> Any:
        def called(*_: object, **__: object) -> None:
            sprung.append(name)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for module, names in TRAPPED:
            for name in names:
                patch.setattr(module, name, trap(f"{module.__name__}.{name}"))
        try:
            found = [finding for outcome in run_tests(path) for finding in outcome.diagnostics]
        except SynoError as error:
            found = [*error.diagnostics]
    assert sprung == []
    return [finding.code for finding in found]


@pytest.mark.parametrize("name", CALLS)
def test_only_the_table_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.syno"
    for arguments in ("x", '"touch broken"', 'x, "rb"'):
        path.write_text(f"{COPY}test copy {{ equals {name}({arguments}) for N = 2 }}", encoding="utf-8")
        assert codes(path) == ["E0905"]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "t.syno"
    for call in (f'torch.einsum("{text}", x)', f'torch.nn.functional.pad(x, [0, 0], mode = "{text}")'):
        path.write_text(f"{COPY}test copy {{ equals {call} for N = 2 }}", encoding="utf-8")
        assert codes(path) == ["E0906"]
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize("text", ['"a\nb"', '"a', '"a\\"b"', "'a'", '"""a"""', 'f"a"', "b'a'", "`a`"])
def test_a_text_ends_at_its_quote(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.syno"
    path.write_text(f"{COPY}test copy {{ equals torch.einsum({text}, x) for N = 2 }}", encoding="utf-8")
    assert set(codes(path)) <= {"E0101", "E0906"}
    assert codes(path)


@pytest.mark.parametrize("name", ["__class__", "torch", "os", "lambda", "self", "import", "None"])
def test_names_are_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.syno"
    for claim in (f"equals torch.roll({name}, 1)", f"flops {name}", f"equals copy for {name} = 1", f"equals {name}"):
        path.write_text(f"{COPY}test copy {{ {claim} for N = 2 }}".replace(" = 1 for", " = 1,"), encoding="utf-8")
        assert codes(path)


def test_homoglyphs_are_no_names(tmp_path: Path) -> None:
    path = tmp_path / "t.syno"
    path.write_text(f"{COPY}test copy {{ equals tоrch.roll(x, 1) for N = 2 }}", encoding="utf-8")
    assert codes(path) == ["E0101"]


def test_the_table_holds_functions_of_torch_alone() -> None:
    for name in FUNCTIONS:
        assert name.startswith("torch.")
        assert all(part.isidentifier() and not part.startswith("_") for part in name.split("."))


@pytest.mark.parametrize("path", sorted((*PACKAGE.glob("checks/*.py"), *PACKAGE.glob("modules/*.py"))), ids=lambda path: path.name)
def test_the_code_evaluates_nothing(path: Path) -> None:
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__", "getattr", "globals", "vars"}


def test_a_run_leaves_no_trace(tmp_path: Path) -> None:
    """In a process of its own, with everything in one file."""
    claims = "\n".join(f'equals {name}("touch broken") for N = 2' for name in CALLS)
    (tmp_path / "t.syno").write_text(f"{COPY}test copy {{ {claims} }}", encoding="utf-8")
    command = [sys.executable, "-m", "syno_lang", "test", "t.syno"]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert os.listdir(tmp_path) == ["t.syno"]
