"""`syno search`, `syno results` and `syno report` as commands."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from syno_lang import SynoError, load
from syno_lang.api import Operator
from syno_lang.search.settings import Bounds
from syno_lang.search.start import importable, search
from syno_lang.search.store import Store
from tests.search import evaluators
from tests.search.support import ROOT
from tests.verbs import run as answer

ROWS = """
space rows<N, C_in, C_out, H; k = 3> {
    from [N, C_in, H]
    to [N, C_out, H]
    keep N
    at most 5 primitives, 2 tensors, 2 reduce, 0 merge, 0 stride
    at most 0 N, 2 C_in, 2 C_out, 0 H, 1 k
    params at least 1 per weight
    layer N = 8, C_in = 16, C_out = 16, H = 32
    layer N = 8, C_in = 32, C_out = 32, H = 16
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rows.syno").write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def operators(path: str = "search.db") -> int:
    with Store(path) as store:
        return max((len(store.trials(run)) for run in store.runs()), default=0)


def test_a_search_and_its_results(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, err = answer(capsys, "search", "rows.syno", "--evaluate", "random")
    count = operators()
    assert code == 0 and count > 3
    assert out.startswith(f"{count} operators, {count} evaluated now, 0 failed\nthese are all operators")
    assert "1 operators · best" in err and "\r" not in err
    code, out, _ = answer(capsys, "results", "search.db", "--json")
    found = json.loads(out)
    assert code == 0 and len(found["operators"]) == count
    assert found["settings"]["evaluator"] == "random" and found["settings"]["space"] == "rows"
    code, out, err = answer(capsys, "results", "search.db", "--export", "found", "--plot", "p.svg", "--all")
    assert code == 0 and err == f"{count} operators are in found\n"
    assert len(out.splitlines()) == count + 3
    for item in found["operators"]:
        assert isinstance(load(f"found/{item['digest']}.syno"), Operator)
        assert item["digest"][:12] in out
    assert Path("p.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert answer(capsys, "report", "search.db", "-o", "r.html")[0] == 0
    assert Path("r.html").read_text(encoding="utf-8").count("<article") == count
    code, out, _ = answer(capsys, "results", "search.db", "--plot", "-")
    assert code == 0 and "reward over FLOPs" in out and "operator " not in out


def test_members_of_the_space_are_what_is_found(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert answer(capsys, "search", "rows.syno", "--strategy", "exhaustive")[0] == 0
    assert answer(capsys, "results", "search.db", "--export", "found")[0] == 0
    found = json.loads(Path("found/results.json").read_text(encoding="utf-8"))
    code, out, _ = answer(capsys, "space", "count", "rows.syno")
    assert code == 0 and len(found) == int(out.split()[0])
    for item in found:
        assert answer(capsys, "space", "contains", "rows.syno", f"found/{item['file']}")[0] == 0


def test_resuming(capsys: pytest.CaptureFixture[str]) -> None:
    first = ("search", "rows.syno", "--evaluate", "random", "--seed", "4", "--ahead", "2")
    assert answer(capsys, *first, "--budget", "2")[0] == 0
    code, _, err = answer(capsys, *first, "--budget", "3")
    assert code == 1 and "E1204" in err and "already, with 2 operators" in err
    code, out, _ = answer(capsys, "search", "--resume", "--budget", "4", "--json")
    found = json.loads(out)
    assert code == 0 and (found["operators"], found["evaluated"]) == (4, 2)
    code, out, _ = answer(capsys, "search", "rows.syno", "--resume", "--seed", "4")
    assert code == 0
    code, _, err = answer(capsys, "search", "--resume", "--seed", "5")
    assert code == 1 and "no run with seed 5" in err
    code, _, err = answer(capsys, "search", "--resume", "--limit", "flops=1e9")
    assert code == 1 and "no run with limits flops=1e+09" in err
    assert answer(capsys, *first, "--store", "whole.db")[0] == 0
    with Store("whole.db") as whole, Store("search.db") as resumed:
        assert whole.trials(whole.runs()[0]) == resumed.trials(resumed.runs()[0])


def test_a_space_that_has_changed(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert answer(capsys, "search", "rows.syno", "--budget", "2")[0] == 0
    (folder / "rows.syno").write_text(ROWS.replace("2 reduce", "1 reduce"), encoding="utf-8")
    code, _, err = answer(capsys, "search", "--resume")
    assert code == 1 and "the space rows has changed" in err
    (folder / "rows.syno").write_text(f"# the same\n{ROWS}", encoding="utf-8")
    assert answer(capsys, "search", "--resume")[0] == 0


def test_runs_and_merging(capsys: pytest.CaptureFixture[str]) -> None:
    for seed, store in ((1, "a.db"), (2, "b.db")):
        arguments = ("--seed", str(seed), "--store", store, "--budget", "3", "--evaluate", "random")
        assert answer(capsys, "search", "rows.syno", *arguments)[0] == 0
    code, out, err = answer(capsys, "results", "a.db", "--merge", "b.db", "--runs")
    assert code == 0 and re.fullmatch(r"\d evaluations are new from b\.db\n", err)
    assert (
        out
        == "  1  mcts on rows by random, seed 1: 3 operators\n  2  mcts on rows by random, seed 2: 3 operators\n"
    )
    code, out, _ = answer(capsys, "results", "a.db", "--run", "1")
    assert code == 0 and out.startswith("run 1: mcts on rows by random, seed 1")
    code, _, err = answer(capsys, "results", "a.db", "--run", "9")
    assert code == 1 and "has no run 9" in err
    code, out, _ = answer(capsys, "results", "a.db", "--runs", "--json")
    assert [item["operators"] for item in json.loads(out)] == [3, 3]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["search"], 2, "name a SPACE"),
        (["search", "rows.syno", "--workers", "5"], 2, "--ahead 5"),
        (["search", "rows.syno", "--limit", "flops"], 2, "NAME=VALUE"),
        (["search", "rows.syno", "--memory-limit", "lots"], 2, "amount of memory"),
        (["search", "rows.syno", "--strategy", "luck"], 2, "luck"),
        (["search", "rows.syno", "--budget", "0"], 2, "budget"),
        (["search", "none.syno"], 1, "E0102"),
        (["search", "rows.syno", "--evaluate", "digit"], 1, "E1201"),
        (["search", "rows.syno", "--reward", "speed"], 1, "E1206"),
        (["search", "rows.syno", "--limit", "flop=1"], 1, "E1206"),
        (["search", "rows.syno", "--limit", "flops=10"], 1, "E1205"),
        (["search", "--resume"], 1, "there is no store search.db"),
        (["results", "none.db"], 1, "E1202"),
        (["results", "rows.syno"], 1, "E1202"),
        (["report", "none.db", "-o", "r.html"], 1, "E1202"),
        (["report", "none.db"], 2, "output"),
    ],
)
def test_mistakes(arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    found, _, err = answer(capsys, *arguments)
    assert (found, words in err) == (code, True), err


def test_a_store_without_operators(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "search", "rows.syno", "--minutes", "1e-9")[0] == 0
    assert answer(capsys, "results", "search.db")[0] == 0
    assert answer(capsys, "report", "search.db", "-o", "r.html")[0] == 0
    code, _, err = answer(capsys, "results", "search.db", "--plot", "p.svg")
    assert code == 1 and "nothing to plot" in err
    Store("empty.db", write=True).close()
    code, _, err = answer(capsys, "results", "empty.db")
    assert code == 1 and "has no run" in err


def test_interrupting(folder: Path) -> None:
    name = "python:tests.search.evaluators.hangs"
    command = [sys.executable, "-m", "syno_lang", "search", "rows.syno", "--evaluate", name]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    deadline = time.monotonic() + 60
    while not (folder / "search.db").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"--resume continues" in err and b"Traceback" not in err


def test_from_python() -> None:
    name = "python:tests.search.evaluators.worth"
    rows = search("rows.syno", evaluators.worth, bounds=Bounds(budget=2), limits={"flops": 1e9})
    assert len(rows) == 2 and importable(evaluators.worth) == name
    more = search("rows.syno", name, limits={"flops": 1e9}, workers=2)
    assert [row.digest for row in more[:2]] == [row.digest for row in rows] and len(more) > 2
    for function in (lambda operator, layers: 1.0, len.__call__):
        with pytest.raises(SynoError) as caught:
            search("rows.syno", function)
        assert caught.value.diagnostics[0].code == "E1201"
