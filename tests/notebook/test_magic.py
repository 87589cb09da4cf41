"""`%load_ext syno_lang` and `%%syno` cells, in a real IPython shell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syno_lang import Operator, SynoError

pytest.importorskip("IPython", reason="IPython is not installed")

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

TURN = "operator turn<N>(x: [N]) -> [N] { out[i] = x[shift(i, 1)] }\n"
TWICE = "operator twice<N; s = 2>(x: [N]) -> [N*s] { out[i] = x[i / s] * expand(i % s) }\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    displayhook, path = sys.displayhook, list(sys.path)
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    assert shell.run_cell("%load_ext syno_lang").success
    yield shell
    InteractiveShell.clear_instance()
    sys.displayhook, sys.path = displayhook, path


def test_operators_become_variables(shell: InteractiveShell) -> None:
    result = shell.run_cell("%%syno\n" + TURN + TWICE)
    assert result.success
    assert result.result.name == "twice"
    assert [shell.user_ns[name].name for name in ("turn", "twice")] == ["turn", "twice"]
    assert list(shell.user_ns["turn"].interpret({"x": [1, 2, 3]}, N=3)) == [2, 3, 1]


def test_name_says_which_is_shown(shell: InteractiveShell) -> None:
    assert shell.run_cell("%%syno turn\n" + TURN + TWICE).result.name == "turn"


def test_shown_in_a_notebook(shell: InteractiveShell) -> None:
    operator = shell.run_cell("%%syno\n" + TURN).result
    data, _ = shell.display_formatter.format(operator)
    assert {"text/plain", "text/html", "image/svg+xml"} <= data.keys()
    assert data["text/plain"] == repr(operator)


@pytest.mark.parametrize("notation", ["formula", "graph", "stages", "loops"])
def test_show(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], notation: str) -> None:
    result = shell.run_cell(f"%%syno --show {notation}\n" + TURN)
    assert result.success and result.result is None
    assert capsys.readouterr().out.rstrip() == shell.user_ns["turn"].show(notation).rstrip()


def test_show_svg(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("syno_lang.notebook.magic.display", shown.append)
    shell.run_cell("%%syno --show svg\n" + TURN)
    (picture,) = shown
    assert picture._repr_svg_().startswith("<svg")  # type: ignore[attr-defined]


def test_torch(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run_cell("%%syno --torch\n" + TURN).result is None
    assert "class Turn(nn.Module):" in capsys.readouterr().out


def test_mistakes_are_shown_without_a_traceback(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%%syno\n\noperator f<N>(x: [N]) -> [N] { out[i] = x[j] }\n")
    assert not result.success
    assert isinstance(result.error_in_exec, SynoError)
    output = capsys.readouterr().out
    assert "Traceback" not in output and "magic.py" not in output
    assert "E0201" in output
    # The magic is line 1 of the cell, the operator line 3.
    assert ":3:43" in output
    assert "f" not in shell.user_ns


def test_every_mistake_is_shown(shell: InteractiveShell) -> None:
    cell = "%%syno\n" + "".join(f"operator {name}<N>(x: [N]) -> [N] {{ out[i] = x[j] }}\n" for name in "fg")
    result = shell.run_cell(cell)
    assert isinstance(result.error_in_exec, SynoError)
    assert len(result.error_in_exec.diagnostics) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [("other", "no operator other; "), ("trun", "did you mean `turn`?"), ("--show png", "--show"), ("--what", "--what")],
)
def test_wrong_arguments(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    result = shell.run_cell(f"%%syno {line}\n" + TURN)
    assert not result.success
    captured = capsys.readouterr()
    assert said in captured.err + captured.out
    assert "Traceback" not in captured.err + captured.out


def test_a_cell_uses_the_files_beside_the_notebook(shell: InteractiveShell, tmp_path: Path) -> None:
    (tmp_path / "ops.syno").write_text(TURN, encoding="utf-8")
    assert shell.run_cell("%%syno\nuse ops.turn\n" + TWICE).success
    result = shell.run_cell("%%syno\nuse ops.trun\n" + TWICE)
    assert isinstance(result.error_in_exec, SynoError)


def test_empty_cell(shell: InteractiveShell) -> None:
    result = shell.run_cell("%%syno\n# nothing yet\n")
    assert result.success and result.result is None


def test_unload(shell: InteractiveShell) -> None:
    assert shell.run_cell("%unload_ext syno_lang").success
    assert shell.find_cell_magic("syno") is None
    assert shell.run_cell("%load_ext syno_lang").success
    assert isinstance(shell.run_cell("%%syno\n" + TURN).result, Operator)
