"""`syno bench`: the table, JSON, the picture, and mistakes in its command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syno_lang.cli.main import main

SIZES = ["--size", "N=1", "--size", "C_in=32", "--size", "C_out=64", "--size", "H=4"]
QUICK = ["bench", "stdlib:op1", *SIZES, "--rounds", "1", "--threads", "1"]


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--vs", "conv2d", "--vs", "eager-einsum", "--backward"]) == 0
    title, _, *lines = capsys.readouterr().out.splitlines()
    assert title == "op1 at N=1, C_in=32, C_out=64, H=4, g=32, k=3, s=2: float32 on cpu, 1 thread"
    names = [line.split()[0] for line in lines if line]
    assert names == ["forward", "syno", "conv2d", "eager-einsum"] * 2
    assert lines[1].split()[5] == "1.00" and "saved" in lines[5]


def test_json_and_a_picture(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "times.svg"
    assert main([*QUICK, "--vs", "conv2d", "--json", "--plot", str(picture)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["operator"] == "op1" and facts["sizes"]["H"] == 4 and facts["threads"] == 1
    assert [one["name"] for one in facts["candidates"]] == ["syno", "conv2d"]
    first = facts["candidates"][0]
    assert set(first["forward"]) == {"least", "lower", "median", "upper"}
    assert first["training"] is None and first["peak"] > 0
    assert picture.read_text().startswith("<svg") and ">conv2d<" in picture.read_text()


def test_tuned_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--tune", "--vs", "fold"]) == 0
    assert "fold" in capsys.readouterr().out


def test_operators_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    other = tmp_path / "twice.syno"
    other.write_text(
        "operator twice<N, C, H>(x: [N, C, H, H], weight w: [C]) -> [N, C, H, H]"
        " { out[n, c, h, i] = x[n, c, h, i] * w[c] }"
    )
    assert main([*QUICK, "--vs", str(other)]) == 0
    assert f"\n{other} " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["--vs", "no_such_thing"], "E0102", 1),
        (["--size", "W=3"], "E0605", 1),
        (["--device", "abacus"], "E0704", 1),
        (["--rounds", "0"], "", 2),
        (["--threads", "0"], "", 2),
        (["--vs", "batched_matmul"], "E0601", 1),
    ],
)
def test_mistakes(
    arguments: list[str], code: str, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*QUICK[:-4], *arguments]) == exit_code
    err = capsys.readouterr().err
    assert code in err and "bug" not in err and "Traceback" not in err


def test_a_size_of_the_other_operator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--vs", "conv2d", "--size", "W=7"]) == 0
    assert "conv2d" in capsys.readouterr().out
