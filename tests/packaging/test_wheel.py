"""The wheel, built from the sources and installed in a fresh environment elsewhere, works there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.wheel


def run(*command: str | Path, cwd: Path) -> str:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    result = subprocess.run(
        [*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist and the wheel that was built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment, outside the checkout, with nothing but the wheel."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "venv", with_pip=True)
    programs = home / "venv" / "bin"
    (wheel,) = built.glob("*.whl")
    constraints = ROOT / "constraints.txt"
    run(programs / "python", "-m", "pip", "install", "-q", "-c", constraints, wheel, cwd=home)
    return programs


def test_every_data_file_is_in_the_wheel(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for source, target in (("grammar", "grammar"), ("stdlib", "stdlib"), ("docs/errors", "errors")):
        files = [path for path in (ROOT / source).rglob("*") if path.is_file()]
        assert files, source
        for path in files:
            assert f"syno_lang/_data/{target}/{path.relative_to(ROOT / source).as_posix()}" in names
    for path in (ROOT / "syno_lang").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert path.relative_to(ROOT).as_posix() in names


def test_the_sdist_can_run_its_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "constraints.txt", "tests/conftest.py", "grammar/syno.lark", "LICENSE"} <= names


def test_installed_syno_works_without_torch_and_tvm(installed: Path, tmp_path: Path) -> None:
    listed = run(installed / "python", "-m", "pip", "list", "--format", "freeze", cwd=tmp_path)
    assert not any(line.startswith(("torch==", "apache-tvm==")) for line in listed.splitlines())
    syno = installed / "syno"
    assert "op1 is fine" in run(syno, "check", "stdlib:op1", cwd=tmp_path)
    assert "operator op1" in run(syno, "show", "stdlib:op1", "--as", "graph", cwd=tmp_path)
    assert "E0101" in run(syno, "explain", "E0101", cwd=tmp_path)
    assert "parameters" in run(syno, "cost", "stdlib:op1", cwd=tmp_path)
    run(syno, "show", "stdlib:op1", "--as", "svg", "-o", "op1.svg", cwd=tmp_path)
    run(syno, "build", "stdlib:op1", "--to", "torch", "-o", "op1.py", cwd=tmp_path)
    sizes = [word for pair in ("N=1", "C_in=64", "C_out=64", "H=8") for word in ("--size", pair)]
    run(syno, "build", "stdlib:op1", "--to", "tvm", *sizes, "-o", "op1_tvm.py", cwd=tmp_path)
    for name in ("op1.svg", "op1.py", "op1_tvm.py"):
        assert "op1" in (tmp_path / name).read_text(encoding="utf-8")


def test_installed_python_interface(built: Path, installed: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    version = wheel.name.split("-")[1]
    code = (
        "import syno_lang, pathlib\n"
        f"assert not pathlib.Path(syno_lang.__file__).is_relative_to({str(ROOT)!r})\n"
        "op = syno_lang.load('stdlib:matmul')\n"
        "names = [item.name for item in (*op.definition.inputs, *op.definition.weights)]\n"
        "ones = {size: 1 for size in op.definition.graph.variables}\n"
        "shapes = {item.name: len(item.shape) for item in op.definition.tensors}\n"
        "import numpy\n"
        "arrays = {name: numpy.full([1] * shapes[name], 3.0) for name in names}\n"
        "print(op.interpret(arrays, **ones).item())\n"
        "print(syno_lang.__version__)\n"
    )
    assert run(installed / "python", "-c", code, cwd=tmp_path).split() == ["9.0", version]
