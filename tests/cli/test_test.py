"""`syno test`: a line per claim, a summary, JSON, and an exit code that is 0 only if everything was tried and holds."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from syno_lang.cli.main import main

COPY = "operator copy<N>(x: [N]) -> [N] { out[n] = x[n] }\n"
GOOD = COPY + "test copy {\n    params 0\n    equals torch.mul(x, 1) for N = 3\n}\n"
BAD = COPY + "test copy {\n    params 0\n    equals torch.mul(x, 2) for N = 3\n}\n"
BROKEN = COPY + "test copy {\n    equals nobody\n}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"good": GOOD, "bad": BAD, "broken": BROKEN, "bare": COPY}.items():
        (tmp_path / f"{name}.syno").write_text(text, encoding="utf-8")
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> tuple[str, str]:
    assert main(["test", *arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return out, err


def test_all_is_well(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out, err = printed(capsys, "good.syno", code=0)
    assert out.splitlines() == [
        "ok       good.syno:3: copy params 0",
        "ok       good.syno:4: copy equals torch.mul(x, 1) for N = 3",
        "2 claims: 2 ok",
    ]
    assert err == ""


def test_a_claim_fails(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out, err = printed(capsys, "good.syno", "bad.syno", code=1)
    assert "FAILED   bad.syno:4: copy equals torch.mul(x, 2) for N = 3" in out
    assert out.endswith("4 claims: 3 ok, 1 failed\n")
    assert "error[E0907]: `copy` is not `torch.mul`" in err
    assert " --> bad.syno:4:5\n" in err
    assert "4 |     equals torch.mul(x, 2) for N = 3\n  |     ^^^^" in err


def test_a_file_with_mistakes_stops_no_other(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out, err = printed(capsys, "broken.syno", "good.syno", code=1)
    assert out.endswith("2 claims: 2 ok; 1 file has mistakes\n")
    assert "error[E0904]" in err
    assert "E0102" in printed(capsys, "missing.syno", "good.syno", code=1)[1]


def test_nothing_tested_is_no_success(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert printed(capsys, "bare.syno", code=1)[0] == "there are no claims\n"
    (folder / "empty").mkdir()
    assert printed(capsys, "empty", code=1)[0] == "there are no claims\n"
    assert printed(capsys, "bare.syno", "good.syno", code=0)[0].endswith("2 claims: 2 ok\n")


def test_folders_are_searched(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "more.syno").write_text(GOOD, encoding="utf-8")
    out, _ = printed(capsys, "deep", "good.syno", "deep/er/more.syno", code=0)
    assert out.endswith("4 claims: 4 ok\n")
    assert printed(capsys, ".", code=1)[0].endswith("6 claims: 5 ok, 1 failed; 1 file has mistakes\n")


def test_json(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    out, err = printed(capsys, "--json", "bad.syno", "broken.syno", code=1)
    assert err == ""
    found = json.loads(out)
    assert (found["ok"], found["failed"], found["not_run"], found["broken_files"]) == (1, 1, 0, 1)
    bad, broken = found["files"]
    assert [claim["status"] for claim in bad["claims"]] == ["ok", "failed"]
    assert bad["claims"][1]["claim"] == "equals torch.mul(x, 2) for N = 3"
    assert bad["claims"][1]["line"] == 4
    assert bad["claims"][1]["diagnostics"][0]["code"] == "E0907"
    assert (broken["claims"], broken["diagnostics"][0]["code"]) == ([], "E0904")


def test_without_torch_the_exit_code_is_no_success(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return None if name == "torch" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    out, err = printed(capsys, "good.syno", code=1)
    assert "NOT RUN  good.syno:4: copy equals torch.mul(x, 1) for N = 3" in out
    assert out.endswith("2 claims: 1 ok, 1 not run\n")
    assert "error[E0701]" in err


def test_the_search_path(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lib").mkdir()
    (folder / "lib" / "ops.syno").write_text(COPY, encoding="utf-8")
    (folder / "main.syno").write_text("use ops.copy\ntest copy { params 0 }\n" + COPY.replace("copy", "own"))
    assert "E0901" in printed(capsys, "main.syno", code=1)[1]
    printed(capsys, "--path", "lib", "main.syno", code=0)
    for verb in (["check"], ["show"], ["cost"], ["build", "--to", "torch"]):
        assert main([*verb, "main.syno"]) == 1
        assert main([*verb, "main.syno", "--path", "lib"]) == 0
    assert main(["test", "--path", "nowhere", "main.syno"]) == 2
    monkeypatch.setenv("SYNO_PATH", str(folder / "lib"))
    assert main(["test", "main.syno"]) == 0


def test_check_finds_mistakes_in_tests(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["check", "broken.syno"]) == 1
    assert main(["check", "bad.syno"]) == 0


def test_torch_is_loaded_by_its_claims_alone(folder: Path) -> None:
    (folder / "light.syno").write_text(COPY + "test copy { params 0 equals stdlib.linear }", encoding="utf-8")
    code = "import sys; from syno_lang.cli.main import main; main(['test', 'light.syno']); print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    assert result.stdout.splitlines()[-1] == "False"
