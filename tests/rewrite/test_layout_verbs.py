"""`syno canon --lay-out-weights` and `syno equal` tell how weights are laid out anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syno_lang import load, parse
from syno_lang.rewrite.canonicalize import identity
from tests.verbs import run

DENSE = """\
operator dense<N, M, K>(x: [N, M], weight w: [M, K]) -> [N, K] { out[n, k] = sum[m: M] x[n, m] * w[m, k] }
operator turned<N, M, K>(x: [N, M], weight w: [K, M]) -> [N, K] { out[n, k] = sum[m: M] x[n, m] * w[k, m] }
operator other<N, M, K>(x: [M, N], weight w: [K, M]) -> [N, K] { out[n, k] = sum[m: M] x[m, n] * w[k, m] }
"""


@pytest.fixture
def dense(tmp_path: Path) -> str:
    path = tmp_path / "dense.syno"
    path.write_text(DENSE)
    return str(path)


def test_canon(dense: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [
        run(capsys, "canon", dense, "--operator", name, "--lay-out-weights")[1]
        for name in ("dense", "turned")
    ]
    comments = [[line for line in text.splitlines() if line.startswith("#")] for text in texts]
    assert sorted(map(len, comments)) == [0, 1]
    assert parse(texts[0]).digest == parse(texts[1]).digest == identity(load(dense, "dense").definition)
    kept = run(capsys, "canon", dense, "--operator", "turned")[1]
    assert parse(kept).digest == load(dense, "turned").digest


def test_canon_shows_no_page_of_layouts(
    dense: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    arguments = ("canon", dense, "--operator", "dense", "--lay-out-weights", "--html", str(page))
    code, _, errors = run(capsys, *arguments)
    assert code == 2 and "--lay-out-weights" in errors and not page.exists()


def test_equal(dense: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "equal", f"{dense}:dense", f"{dense}:turned")
    assert code == 0 and output.count("w is laid out anew: out[i0, i1] = w[i1, i0]") == 1
    code, output, _ = run(capsys, "equal", f"{dense}:dense", f"{dense}:turned", "--json")
    found = json.loads(output)
    assert code == 0 and found["equal"] and sorted(map(len, found["views"])) == [0, 1]


def test_unequal(dense: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "equal", f"{dense}:dense", f"{dense}:turned", "--same-weights")[0] == 1
    code, output, _ = run(capsys, "equal", f"{dense}:dense", f"{dense}:other")
    assert code == 1 and output.startswith("no: ")
