"""`syno build --to tvm`, `syno tune` and `syno bench --vs tvm`, as they are called."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from syno_lang.cli.main import main

pytest.importorskip("tvm", reason="apache-tvm is not installed")

LINEAR = ["stdlib:linear", *(part for size in ("N=4", "C_in=16", "C_out=16") for part in ("--size", size))]


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert main(arguments) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_a_target_arranges_the_loops(capsys: pytest.CaptureFixture[str]) -> None:
    plain, _ = printed(capsys, "build", *LINEAR, "--to", "tvm")
    arranged, _ = printed(capsys, "build", *LINEAR, "--to", "tvm", "--target", "llvm")
    assert "T.vectorized" in arranged and "T.vectorized" not in plain


def test_generated_code(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = printed(capsys, "build", *LINEAR, "--to", "tvm", "--emit", "source")
    assert "define" in out and "__tvm_ffi_main" in out
    out, _ = printed(capsys, "build", *LINEAR, "--to", "tvm", "--emit", "source", "--arch", "sm_90")
    assert "__global__" in out


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")
def test_a_library(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, err = printed(capsys, "build", *LINEAR, "--to", "tvm", "--emit", "so", "-o", "linear.so")
    assert err.splitlines() == ["wrote linear.so", "wrote linear.h", "wrote load_linear.py"]
    assert {path.name for path in tmp_path.iterdir()} == {"linear.so", "linear.h", "load_linear.py"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--emit", "so"], 2, "-o NAME.so"),
        (["--target", "gpu"], 1, "E1301"),
        (["--target", "llvm", "--arch", "sm_90"], 1, "E1301"),
        (["--open", "C_in"], 0, ""),
        (["--open", "nope"], 1, "E0605"),
        (["--gradient", "nope"], 1, "E0202"),
        (["--emit", "so", "--open", "C_in", "-o", "linear.so"], 1, "E1306"),
    ],
)
def test_commands(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str) -> None:
    _, err = printed(capsys, "build", *LINEAR, "--to", "tvm", *arguments, code=code)
    assert said in err


def test_tuning_is_kept_for_build(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVM_NUM_THREADS", "1")
    out, _ = printed(capsys, "tune", *LINEAR, "--trials", "2", "--json")
    found = json.loads(out)
    assert found["trials"] == 2 and 0 < found["best"] <= found["untuned"]
    _, err = printed(capsys, "build", *LINEAR, "--to", "tvm", "--target", "llvm")
    assert "using the schedule that was tuned for linear in linear.tvm" in err
    out, _ = printed(capsys, "tune", *LINEAR, "--trials", "2")
    assert "measured    2 schedules" in out
    (best,) = Path("linear.tvm").glob("*/best.json")
    best.write_text("{")
    _, err = printed(capsys, "build", *LINEAR, "--to", "tvm", "--target", "llvm", code=1)
    assert "E1302" in err


def test_a_tuning_that_cannot_begin(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = printed(capsys, "tune", "stdlib:linear", "--size", "N=1", code=1)
    assert "E0601" in err
    _, err = printed(capsys, "tune", *LINEAR, "--rpc", "nowhere", code=2)
    assert "--rpc HOST:PORT and --key KEY" in err
    _, err = printed(capsys, "tune", *LINEAR, "--trials", "0", code=2)
    assert "--trials" in err


def test_bench(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    out, _ = printed(capsys, "bench", *LINEAR, "--vs", "tvm", "--json")
    assert "tvm" in [one["name"] for one in json.loads(out)["candidates"]]
    _, err = printed(capsys, "bench", *LINEAR, "--vs", "tvm-tuned", code=1)
    assert "E1302" in err
