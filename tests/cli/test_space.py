"""`syno space`: what its verbs print, their JSON, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import syno_lang
from syno_lang.cli.main import main
from tests import verbs

SMALL = """
space small<N, C, D> {
    from [N, C]
    to [N, D]
    keep N
    at most 3 primitives, 0 N, 2 C, 1 D
    params at least 1 per weight
    layer N = 2, C = 4, D = 8
}
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.syno"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    return verbs.run(capsys, "space", *arguments)


def data(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code, out, err = run(capsys, *arguments, "--json")
    assert err == ""
    return code, json.loads(out)


def test_check(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "check", small, "stdlib:resnet")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{small}: small is fine, 1 layer of 1 shape",
        "stdlib:resnet: resnet is fine, 19 layers of 7 shapes",
    ]
    assert data(capsys, "check", small)[1]["files"][0]["spaces"] == ["small"]


def test_check_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.syno"
    path.write_text(SMALL.replace("2 C", "0 C"), encoding="utf-8")
    code, out, err = run(capsys, "check", str(path), "stdlib:conv2d")
    assert code == 1 and out == ""
    assert "E1106" in err and "E1107" in err
    code, found = data(capsys, "check", str(path))
    assert code == 1 and [item["code"] for item in found["files"][0]["diagnostics"]] == ["E1106"]
    assert main(["check", str(path)]) == 1


def test_plain_check_knows_spaces(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", small]) == 0
    assert capsys.readouterr().out == f"{small}: the space small is fine\n"


def test_show_is_a_text_that_says_the_same(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ((), ("--brief",)):
        code, out, _ = run(capsys, "show", small, *more)
        again = tmp_path / "again.syno"
        again.write_text(out, encoding="utf-8")
        assert code == 0 and syno_lang.load_space(again) == syno_lang.load_space(small)
    code, found = data(capsys, "show", small)
    assert found["layers"] == [{"N": 2, "C": 4, "D": 8}]
    values = {item["name"]: (item["value"], item["default"]) for item in found["options"]}
    assert values["primitives"] == (3, 12) and values["weight_params"] == (1, 100)


def test_contains(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "contains", small, "stdlib:linear", "--as", "C_in=C", "--as", "C_out=D")
    assert (code, out) == (0, "linear is a member of small\n")
    assert run(capsys, "contains", small, "stdlib:linear")[0] == 0
    code, out, _ = run(capsys, "contains", small, "stdlib:linear", "--as", "C_in=D", "--as", "C_out=C")
    assert code == 1 and out.startswith("linear is no member of small\n    output: ")
    code, found = data(capsys, "contains", "stdlib:resnet", "stdlib:conv2d")
    assert code == 1
    (row,) = found["operators"]
    assert row["member"] is False and [reason["name"] for reason in row["reasons"]] == ["flops"]


def test_count_enumerate_and_sample(small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, counted = data(capsys, "count", small)
    _, every = data(capsys, "enumerate", small)
    digests = {row["digest"] for row in every["operators"]}
    assert counted["operators"] == len(every["operators"]) == len(digests) > 0
    folder = tmp_path / "deep" / "found"
    code, out, _ = run(capsys, "sample", small, "-n", "50", "--seed", "3", "-o", str(folder))
    assert code == 0 and out == f"{len(digests)} operators of small are in {folder}\n"
    drawn = {syno_lang.load(path).digest for path in folder.glob("*.syno")}
    assert drawn == digests
    assert run(capsys, "count", small)[1] == f"{len(digests)}\n"


def test_limit(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = data(capsys, "enumerate", small, "--limit", "1")
    assert len(found["operators"]) == 1


def test_an_empty_space_is_no_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.syno"
    path.write_text(SMALL.replace("at least 1 per", "at least 1000000 per"), encoding="utf-8")
    assert run(capsys, "count", str(path)) == (0, "0\n", "")
    assert run(capsys, "sample", str(path)) == (0, "small holds no operator\n", "")


@pytest.mark.parametrize("verb", ["count", "sample", "enumerate"])
def test_a_space_without_layers(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.syno"
    path.write_text(SMALL.replace("layer N = 2, C = 4, D = 8", ""), encoding="utf-8")
    code, _, err = run(capsys, verb, str(path))
    assert code == 1 and "E1105" in err and "add a `layer`" in err
    assert run(capsys, "show", str(path))[0] == 0


def test_which_space(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.syno"
    path.write_text(SMALL + SMALL.replace("small", "other"), encoding="utf-8")
    code, _, err = run(capsys, "count", str(path))
    assert code == 1 and "pick one of small, other" in err
    assert run(capsys, "count", str(path), "--space", "other")[0] == 0
    assert "did you mean `other`" in run(capsys, "count", str(path), "--space", "othr")[2]


@pytest.mark.parametrize(
    "arguments",
    [("sample", "-n", "0"), ("contains", "stdlib:linear", "--as", "k"), ("enumerate", "--limit", "0")],
)
def test_wrong_commands(arguments: tuple[str, ...], small: str) -> None:
    assert main(["space", arguments[0], small, *arguments[1:]]) == 2


def test_a_folder_that_cannot_be_made(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "sample", small, "-o", f"{small}/inside")
    assert code == 1 and "E0702" in err
