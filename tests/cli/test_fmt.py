"""`syno fmt`: what it writes, what it prints, what it leaves alone, and its exit codes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from syno_lang.cli.main import main

LAID_OUT = "operator f<N>(x: [N]) -> [N] {\n    out[i] = x[i]  # all of it\n}\n"
CROOKED = "operator f<N>(x:[N])->[N] {out[i]=x[i] # all of it\n}"
BROKEN = "operator f<N>(x: [N]) -> [N] {"
AS_GRAPH = "operator f<N>(x: [N]) -> [N] graph {\n    i = output\n    x[i]  # all of it\n}\n"


def written(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return str(path)


def held(path: str) -> str:
    return Path(path).read_bytes().decode()


def fmt(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run `syno fmt`, which must end with `code`; what it printed and what it complained."""
    assert main(["fmt", *arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return out, err


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_in_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(tmp_path / "f.syno", CROOKED)
    assert fmt(capsys, path) == (f"{path}: formatted\n", "")
    assert held(path) == LAID_OUT
    place = os.stat(path)
    assert fmt(capsys, path) == ("", "")
    assert os.stat(path) == place


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good, bad = written(tmp_path / "good.syno", LAID_OUT), written(tmp_path / "bad.syno", CROOKED)
    assert fmt(capsys, "--check", good, bad, code=1) == (f"{bad}: not formatted\n", "")
    assert fmt(capsys, "--check", good) == ("", "")
    assert held(bad) == CROOKED


def test_diff(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good, bad = written(tmp_path / "good.syno", LAID_OUT), written(tmp_path / "bad.syno", CROOKED)
    lines = [f"--- {bad}", f"+++ {bad}", "@@ -1,2 +1,3 @@"]
    lines += [*(f"-{line}" for line in CROOKED.split("\n")), "\\ No newline at end of file"]
    lines += [f"+{line}" for line in LAID_OUT.splitlines()]
    assert fmt(capsys, "--diff", good, bad, code=1) == ("\n".join(lines) + "\n", "")
    assert fmt(capsys, "--diff", good) == ("", "")
    out, _ = fmt(capsys, "--diff", "--check", bad, code=1)
    assert out == "\n".join(lines) + f"\n{bad}: not formatted\n"
    assert held(bad) == CROOKED


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for data, expected in [
        (CROOKED, LAID_OUT),
        (LAID_OUT, LAID_OUT),
        ("\ufeff" + CROOKED.replace("\n", "\r\n"), LAID_OUT.replace("\n", "\r\n")),
        ("", ""),
        ("# é \u2028 中\n", "# é \u2028 中\n"),
    ]:
        pipe(monkeypatch, data.encode())
        assert fmt(capsys, "-") == (expected, "")
    pipe(monkeypatch, CROOKED.encode())
    assert fmt(capsys, "-", "--check", code=1) == ("<stdin>: not formatted\n", "")
    pipe(monkeypatch, CROOKED.encode())
    assert fmt(capsys, "-", "--as", "graph") == (AS_GRAPH, "")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (BROKEN.encode(), "E0101"),
        (b"\xff\xfe", "E0102"),
        (b"# \xc3", "E0102"),
        ("é".encode() * 2_100_000, "E0103"),
    ],
    ids=["broken", "no utf-8", "cut", "long"],
)
def test_bad_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: bytes, code: str
) -> None:
    pipe(monkeypatch, data)
    out, err = fmt(capsys, "-", code=1)
    assert out == ""
    assert f"error[{code}]" in err


def test_a_file_with_an_error_stops_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad, good = written(tmp_path / "a.syno", BROKEN), written(tmp_path / "b.syno", CROOKED)
    missing = str(tmp_path / "missing.syno")
    out, err = fmt(capsys, bad, missing, good, code=1)
    assert out == f"{good}: formatted\n"
    assert f"{bad}:1:30" in err
    assert "error[E0102]" in err
    assert (held(bad), held(good)) == (BROKEN, LAID_OUT)


def test_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names = ["b.syno", "a/c.syno", "a/deep/d.syno"]
    paths = [written(tmp_path / name, CROOKED) for name in names]
    kept = [written(tmp_path / name, CROOKED) for name in ("a.txt", ".hidden/e.syno", "a/.git/f.syno")]
    os.symlink("nowhere", tmp_path / "dangling.syno")
    assert fmt(capsys, str(tmp_path))[0].splitlines() == [f"{path}: formatted" for path in paths]
    assert {held(path) for path in kept} == {CROOKED}
    fmt(capsys, kept[0])
    assert held(kept[0]) == LAID_OUT


def test_every_file_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(tmp_path / "f.syno", CROOKED)
    again = str(tmp_path / "." / ".." / tmp_path.name / "f.syno")
    assert fmt(capsys, "--check", path, again, str(tmp_path), code=1)[0] == f"{path}: not formatted\n"


def test_a_link_and_the_mode_stay(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(tmp_path / "f.syno", CROOKED)
    os.chmod(path, 0o640)
    link = tmp_path / "link.syno"
    link.symlink_to("f.syno")
    fmt(capsys, str(link))
    assert link.is_symlink()
    assert held(path) == LAID_OUT
    assert os.stat(path).st_mode & 0o777 == 0o640


def test_byte_order_mark_and_line_ends(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    marked = written(tmp_path / "marked.syno", "\ufeff" + LAID_OUT)
    assert fmt(capsys, "--check", marked, code=1)[0] == f"{marked}: not formatted\n"
    fmt(capsys, marked)
    assert held(marked) == LAID_OUT
    windows = written(tmp_path / "windows.syno", LAID_OUT.replace("\n", "\r\n"))
    assert fmt(capsys, "--check", windows) == ("", "")


def test_notations(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(tmp_path / "f.syno", CROOKED)
    fmt(capsys, "--as", "graph", path)
    assert held(path) == AS_GRAPH
    fmt(capsys, "--as", "formula", path)
    assert held(path) == LAID_OUT
    wrong = written(tmp_path / "wrong.syno", "operator f<N>(x: [N]) -> [N] { out[i] = x[j] }")
    assert "error[E0201]" in fmt(capsys, "--as", "graph", wrong, code=1)[1]
    fmt(capsys, wrong)
    assert held(wrong) == "operator f<N>(x: [N]) -> [N] {\n    out[i] = x[j]\n}\n"


def test_a_narrow_terminal_changes_no_comment() -> None:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "syno_lang", "fmt", "-"]
    data = "# 中\n".encode()
    result = subprocess.run(command, input=data, capture_output=True, env=environment, timeout=60, check=True)
    assert (result.stdout, result.stderr) == (data, b"")
