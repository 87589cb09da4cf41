"""Imports point one way, and what is heavy is loaded only by what needs it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "syno_lang"

# A module may import its own part and the parts before it.
ORDER = (
    "diagnostics",
    "resources",
    "sizes",
    "syntax",
    "ir",
    "modules",
    "rewrite",
    "lower",
    "checks",
    "backends",
    "importer",
    "synth",
    "nn",
    "evaluate",
    "api",
    "sampler",
    "search",
    "testing",
    "pytest_plugin",
    "highlight",
    "hook",
    "notebook",
    "lsp",
    "cli",
)

# Where a library may be named at all; NumPy may be used by everyone, but not at start-up.
HOMES = {
    "torch": ("backends/torch", "checks/call_torch.py", "nn", "sampler", "evaluate", "search/digits.py"),
    "tvm": ("backends/tvm", "evaluate"),
    "sympy": ("sizes", "rewrite"),
    "z3": ("rewrite",),
    "hypothesis": ("testing",),
    "pytest": ("pytest_plugin.py",),
    "jinja2": ("backends", "search"),
    "sklearn": ("search/digits.py",),
    "ray": ("search/cluster.py",),
    "click": ("cli",),
    "lark": ("syntax", "importer"),
    "pygments": ("highlight.py",),
    "IPython": ("notebook",),
    "pygls": ("lsp",),
    "lsprotocol": ("lsp",),
}

HEAVY = ("torch", "tvm", "sympy", "numpy", "jinja2", "pygments", "IPython", "pygls", "sklearn", "ray")

MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The absolute names of all modules that a file imports, at any depth of it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_part_has_its_place() -> None:
    parts = {part(path) for path in MODULES} - {"__init__", "__main__"}
    assert parts <= set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    own = part(path)
    if own in ("__init__", "__main__"):
        return
    for name in imported(path):
        top, _, rest = name.partition(".")
        if top == "syno_lang":
            other = rest.split(".")[0]
            assert ORDER.index(other) <= ORDER.index(own), f"{own} imports {other}"
        for home in HOMES.get(top, ("",)):
            if path.is_relative_to(PACKAGE / home):
                break
        else:
            pytest.fail(f"{own} imports {top}")


def test_backends_do_not_know_each_other() -> None:
    for path in MODULES:
        if part(path) == "backends" and len(path.relative_to(PACKAGE).parts) > 2:
            own = path.relative_to(PACKAGE).parts[1]
            others = {name.split(".")[2] for name in imported(path) if name.startswith("syno_lang.backends.")}
            assert others <= {own}, path


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that are loaded once `code` has run in a new Python."""
    report = f"import sys; print('loaded', *(name for name in {HEAVY} if name in sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("loaded"))
    return set(line.split()[1:])


def test_import_loads_nothing_heavy() -> None:
    assert loaded_by("import syno_lang") == set()


@pytest.mark.parametrize(
    "arguments",
    [["check", "stdlib:op1"], ["--help"], ["explain"], ["show", "stdlib:op1", "--as", "graph"]],
    ids=lambda arguments: arguments[0],
)
def test_verbs_load_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(f"from syno_lang.cli.main import main; assert main({arguments}) == 0") == set()


def test_the_report_sees_what_is_loaded() -> None:
    assert loaded_by("import jinja2") == {"jinja2"}


def test_emitting_loads_neither_torch_nor_tvm() -> None:
    sizes = "N=1, C_in=32, C_out=64, H=4"
    code = f"import syno_lang; op = syno_lang.load('stdlib:op1'); op.emit_torch(); op.emit_tvm({sizes}); op.show('svg')"
    assert not loaded_by(code) & {"torch", "tvm"}
