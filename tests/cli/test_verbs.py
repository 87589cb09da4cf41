"""Every verb: what it prints, and its exit code when all is well, the input is wrong, the command is wrong."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import syno_lang
from syno_lang.cli.main import VERBS, main
from syno_lang.diagnostics import CODES
from syno_lang.resources import folder

OP1 = "N=1 C_in=64 C_out=64 H=56"

TWO = """\
operator one<N>(x: [N]) -> [N] { out[i] = x[i] }
operator two<N>(x: [N]) -> [N] { out[i] = x[shift(i, 1)] }
"""

BROKEN = "operator one<N>(x: [N]) -> [N] { out[i] = x[j] }\n"


@pytest.fixture
def two(tmp_path: Path) -> str:
    return written(tmp_path / "two.syno", TWO)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    return written(tmp_path / "broken.syno", BROKEN)


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def sizes(text: str) -> list[str]:
    return [word for pair in text.split() for word in ("--size", pair)]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run a command that must end with `code`; what it printed and what it complained."""
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return out, err


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    out, err = printed(capsys, *arguments, "--json", code=code)
    assert err == ""
    return json.loads(out)


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    out, _ = printed(capsys, verb, "--help")
    assert f"\n  syno {verb} " in out


def test_help_of_all_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = printed(capsys, "--help")
    assert all(f"\n  {verb} " in out for verb in VERBS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["check"],
        ["check", "--nonsense", "stdlib:op1"],
        ["show", "stdlib:op1", "--as", "poem"],
        ["show", "stdlib:op1", "--as", "graph", "--size", "N=1"],
        ["show", "stdlib:op1", "--json", "-o", "x"],
        ["build", "stdlib:op1"],
        ["build", "stdlib:op1", "--to", "fortran"],
        *(
            ["cost", "stdlib:op1", "--size", text]
            for text in ("N", "N=", "=1", "N=1.5", "N=x", "1=1", "N=1=1")
        ),
        ["cost", "stdlib:op1", "--size", "N=1", "--size", "N=2"],
        ["explain", "E0101", "E0102"],
    ],
    ids=" ".join,
)
def test_wrong_command(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    out, err = printed(capsys, *arguments, code=2)
    assert out == ""
    assert "Error:" in err
    assert "Usage:" in err


@pytest.mark.parametrize(
    "verb", [["check"], ["show"], ["build", "--to", "torch"], ["cost"]], ids=lambda verb: verb[0]
)
class TestWrongInput:
    def test_broken(self, capsys: pytest.CaptureFixture[str], verb: list[str], broken: str) -> None:
        out, err = printed(capsys, *verb, broken, code=1)
        assert out == ""
        assert "error[E0201]" in err
        assert f"{broken}:1:45" in err

    def test_missing(self, capsys: pytest.CaptureFixture[str], verb: list[str], tmp_path: Path) -> None:
        _, err = printed(capsys, *verb, str(tmp_path / "missing.syno"), code=1)
        assert "error[E0102]" in err

    def test_folder(self, capsys: pytest.CaptureFixture[str], verb: list[str], tmp_path: Path) -> None:
        _, err = printed(capsys, *verb, str(tmp_path), code=1)
        assert "error[E0102]" in err

    def test_not_text(self, capsys: pytest.CaptureFixture[str], verb: list[str], tmp_path: Path) -> None:
        path = tmp_path / "latin.syno"
        path.write_bytes("# Größe\n".encode("latin-1"))
        _, err = printed(capsys, *verb, str(path), code=1)
        assert "error[E0102]" in err

    def test_no_such_stdlib_operator(self, capsys: pytest.CaptureFixture[str], verb: list[str]) -> None:
        _, err = printed(capsys, *verb, "stdlib:conv2", code=1)
        assert "did you mean `conv2d`?" in err


@pytest.mark.parametrize("verb", ["show", "cost", "build"])
def test_several_operators(capsys: pytest.CaptureFixture[str], verb: str, two: str) -> None:
    target = ["--to", "tvm", "--size", "N=2"] if verb == "build" else []
    _, err = printed(capsys, verb, two, *target, code=1)
    assert "error[E0104]" in err
    _, err = printed(capsys, verb, two, *target, "--operator", "three", code=1)
    assert "error[E0104]" in err
    out, _ = printed(capsys, verb, two, *target, "--operator", "two")
    assert "two" in out


def test_a_torch_file_has_every_operator(capsys: pytest.CaptureFixture[str], two: str) -> None:
    out, _ = printed(capsys, "build", two, "--to", "torch", "--size", "N=4")
    assert "class One(nn.Module):" in out
    assert "class Two(nn.Module):" in out
    _, err = printed(capsys, "build", two, "--to", "torch", "--size", "M=4", code=1)
    assert "error[E0605]" in err


def test_check(capsys: pytest.CaptureFixture[str], two: str) -> None:
    out, err = printed(capsys, "check", two, "stdlib:op1")
    assert out.splitlines() == [
        f"{two}: one is fine",
        f"{two}: two is fine",
        "stdlib:op1: op1 is fine, where g*s divides C_out and g divides C_in",
    ]
    assert err == ""


def test_check_goes_on_after_a_broken_file(capsys: pytest.CaptureFixture[str], broken: str) -> None:
    out, err = printed(capsys, "check", broken, "stdlib:conv2d", code=1)
    assert out == "stdlib:conv2d: conv2d is fine\n"
    assert err.count("error[") == 1


def test_check_of_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(tmp_path / "empty.syno", "# nothing\n")
    assert printed(capsys, "check", path) == (f"{path}: no operator\n", "")


def test_check_json(capsys: pytest.CaptureFixture[str], broken: str) -> None:
    found = as_json(capsys, "check", broken, "stdlib:op1", code=1)
    bad, good = found["files"]
    assert (bad["file"], bad["operators"]) == (broken, [])
    assert bad["diagnostics"][0]["code"] == "E0201"
    assert bad["diagnostics"][0]["place"]["column"] == 45
    assert good["diagnostics"] == []
    assert good["operators"] == [
        {
            "name": "op1",
            "digest": syno_lang.load("stdlib:op1").digest,
            "conditions": ["g*s divides C_out", "g divides C_in"],
        }
    ]


@pytest.mark.parametrize("notation", ["formula", "graph"])
def test_show_as_text_reads_back(capsys: pytest.CaptureFixture[str], notation: str) -> None:
    out, _ = printed(capsys, "show", "stdlib:op1", "--as", notation)
    assert syno_lang.parse(out) == syno_lang.load("stdlib:op1")


def test_show_loops_and_stages(capsys: pytest.CaptureFixture[str]) -> None:
    loops, _ = printed(capsys, "show", "stdlib:op1", "--as", "loops")
    stages, _ = printed(capsys, "show", "stdlib:op1", "--as", "stages", *sizes(OP1))
    assert loops.strip()
    assert stages.strip()
    assert loops != stages


def test_show_svg_into_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "op1.svg"
    assert printed(capsys, "show", "stdlib:op1", "--as", "svg", "-o", str(path)) == ("", "")
    assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_show_json(capsys: pytest.CaptureFixture[str], broken: str) -> None:
    found = as_json(capsys, "show", "stdlib:op1", "--as", "formula")
    operator = syno_lang.load("stdlib:op1")
    assert (found["operator"], found["digest"], found["notation"]) == ("op1", operator.digest, "formula")
    assert syno_lang.parse(found["text"]) == operator
    assert as_json(capsys, "show", broken, code=1)["diagnostics"][0]["code"] == "E0201"


def test_build_torch(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "op1.py"
    assert printed(capsys, "build", "stdlib:op1", "--to", "torch", "-o", str(path)) == ("", "")
    names = [
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert names == ["Op1"]
    out, _ = printed(capsys, "build", "stdlib:op1", "--to", "torch")
    assert out == path.read_text(encoding="utf-8")


def test_build_tvm(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = printed(capsys, "build", "stdlib:op1", "--to", "tvm", *sizes(OP1))
    assert "def main(" in out
    ast.parse(out)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("N=1", "E0601"),
        (f"{OP1} C=1", "E0605"),
        ("N=0 C_in=64 C_out=64 H=4", "E0605"),
        (f"{OP1} s=3", "E0602"),
    ],
)
def test_build_tvm_with_wrong_sizes(capsys: pytest.CaptureFixture[str], given: str, code: str) -> None:
    out, err = printed(capsys, "build", "stdlib:op1", "--to", "tvm", *sizes(given), code=1)
    assert out == ""
    assert f"error[{code}]" in err


@pytest.mark.parametrize("path", ["missing/out.py", "."])
def test_output_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _, err = printed(capsys, "build", "stdlib:op1", "--to", "torch", "-o", path, code=1)
    assert "error[E0702]" in err
    assert list(tmp_path.iterdir()) == []


def test_output_replaces_the_file_behind_a_link(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, link = tmp_path / "file.txt", tmp_path / "link.txt"
    file.write_text("old")
    link.symlink_to(file)
    printed(capsys, "show", "stdlib:op1", "-o", str(link))
    assert link.is_symlink()
    assert file.read_text().startswith("operator op1")


def test_cost(capsys: pytest.CaptureFixture[str]) -> None:
    cost = syno_lang.load("stdlib:op1").cost(N=1, C_in=64, C_out=64, H=56)
    out, _ = printed(capsys, "cost", "stdlib:op1", *sizes(OP1))
    assert f"{cost.flops:,}" in out
    assert f"{cost.parameters:,}" in out
    found = as_json(capsys, "cost", "stdlib:op1", *sizes(OP1))
    assert found["sizes"] == dict(N=1, C_in=64, C_out=64, H=56)
    assert [found[key] for key in ("flops", "parameters", "bytes", "stages")] == [
        cost.flops,
        cost.parameters,
        cost.bytes,
        cost.stages,
    ]


def test_cost_without_sizes_is_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    assert as_json(capsys, "cost", "stdlib:conv2d")["parameters"] == "C_in*C_out*k^2"
    assert "C_in*C_out*k^2" in printed(capsys, "cost", "stdlib:conv2d")[0]


@pytest.mark.parametrize("code", CODES)
def test_explain(capsys: pytest.CaptureFixture[str], code: str) -> None:
    out, _ = printed(capsys, "explain", code.lower())
    assert out.startswith(f"# {code}")
    assert as_json(capsys, "explain", code) == {
        "code": code,
        "title": CODES[code],
        "text": (folder("errors") / f"{code}.md").read_text(encoding="utf-8"),
    }


def test_explain_lists_all_codes(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = printed(capsys, "explain")
    assert out.splitlines() == [f"{code}  {title}" for code, title in CODES.items()]
    assert as_json(capsys, "explain") == [{"code": code, "title": title} for code, title in CODES.items()]


@pytest.mark.parametrize("code", ["E9999", "banana", "../../README"])
def test_explain_unknown_code(capsys: pytest.CaptureFixture[str], code: str) -> None:
    _, err = printed(capsys, "explain", code, code=1)
    assert "error[E0703]" in err


def test_check_explains_sizes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(
        tmp_path / "f.syno",
        "operator f<H, C; k = 3, g = 2>(x: [C, H]) -> [C/g, H] where(odd(k)) {"
        " out[c, h] = sum[a: g, p: k] x[split(c, a), h + p - k/2] }\n",
    )
    output, _ = printed(capsys, "check", "--explain-sizes", path)
    for line in (
        "H              primary",
        "g              coefficient, 2 by default",
        "divides(g, C)  must hold: C/g is axis 1 of the output",
        "odd(k)         must hold: stated",
        "k <= H         should hold: unfold(h, p) hangs over both borders otherwise",
        "example        H = 3, C = 2, k = 3, g = 2",
    ):
        assert line in output
