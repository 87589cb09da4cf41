"""Small things around files: folders, names of what is used, what the stdlib has, costs at a glance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import syno_lang
from syno_lang.cli.main import main

ROW = "operator row<N>(x: [N]) -> [N] { out[i] = x[i] }\n"


def test_check_takes_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "deep" / "deeper" / "row.syno").write_text(ROW)
    (tmp_path / "wrong.syno").write_text(ROW.replace("x[i]", "x[j]"))
    (tmp_path / "notes.txt").write_text("no operator")
    code = main(["check", str(tmp_path), str(tmp_path / "wrong.syno")])
    output, errors = capsys.readouterr()
    assert code == 1 and output.count("row is fine") == 1 and errors.count("error[E0201]") == 1
    assert main(["check", "--json", str(tmp_path / "deep")]) == 0
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert found["file"].endswith("row.syno")


@pytest.mark.parametrize("name", ["import", "__class__", "lambda", "n" * 5000])
def test_the_name_of_what_is_used_is_checked(name: str) -> None:
    with pytest.raises(syno_lang.SynoError) as error:
        syno_lang.parse(f"use stdlib.conv2d as {name}\n{ROW}")
    (finding,) = error.value.diagnostics
    assert finding.code == "E0206" and finding.span is not None
    assert (finding.span.line, finding.span.column) == (1, 22)


def test_a_good_name_may_be_used() -> None:
    assert syno_lang.parse(f"use stdlib.conv2d as conv\n{ROW}").name == "row"


def test_the_stdlib_says_what_it_has() -> None:
    with pytest.raises(syno_lang.SynoError) as error:
        syno_lang.load("stdlib:xyzzyx")
    (finding,) = error.value.diagnostics
    operators, rules, *_ = finding.hint.split("; ")
    assert "conv2d" in operators and "coordinates" not in operators
    assert rules.startswith("the rules ") and "coordinates" in rules


def test_a_cost_is_short() -> None:
    cost = syno_lang.load("stdlib:linear").cost()
    assert (
        repr(cost)
        == "Cost(flops=C_in*C_out*N, parameters=C_in*C_out, bytes=4*(C_out*N + C_in*N + C_in*C_out), stages=1)"
    )


def test_build_as_written(tmp_path: Path) -> None:
    file, one, other = tmp_path / "back.syno", tmp_path / "one.py", tmp_path / "other.py"
    file.write_text("operator back<N; B = 2>(x: [N]) -> [N] { out[i] = x[split(i / B, i % B)] }")
    assert main(["build", str(file), "--to", "torch", "-o", str(one)]) == 0
    assert main(["build", str(file), "--to", "torch", "--no-canon", "-o", str(other)]) == 0
    operator = syno_lang.load(file)
    assert one.read_text() == operator.emit_torch() != other.read_text()
    assert other.read_text() == operator.emit_torch(canonicalize=False)
