"""The command as a process: closed pipes, interrupts, colours, narrow encodings, bugs."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from syno_lang.cli import main as command
from syno_lang.resources import folder

OP1 = str(folder("stdlib") / "operators" / "op1.syno")
SYNO = [sys.executable, "-m", "syno_lang"]
ROOT = str(Path(__file__).resolve().parents[2])


def environment(**changes: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "SYNO_DEBUG")}
    return {**kept, "PYTHONPATH": ROOT, "TERM": "xterm", **changes}


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    options = {"capture_output": True, "env": environment(), "timeout": 60, **options}
    return subprocess.run([*SYNO, *arguments], check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_exit_code_reaches_the_shell(tmp_path: Path) -> None:
    assert run("check", OP1).returncode == 0
    assert run("check", str(tmp_path)).returncode == 1
    assert run("check").returncode == 2


def test_version() -> None:
    result = run("--version")
    assert result.returncode == 0
    assert result.stdout.startswith(b"syno, version ")


def test_reader_that_goes_away() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = run("show", OP1, "--as", "svg", capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (result.returncode, result.stderr) == (command.READER_GONE, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_full_disk() -> None:
    with open("/dev/full", "wb") as full:
        result = run("show", OP1, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert b"error[E0702]" in result.stderr
    assert b"Traceback" not in result.stderr
    assert b"Exception ignored" not in result.stderr


def test_standard_output_that_is_closed() -> None:
    result = run("check", OP1, capture_output=False, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    assert (result.returncode, result.stderr) == (0, b"")


def test_device_as_output_stays_a_device() -> None:
    assert run("show", OP1, "-o", "/dev/null").returncode == 0
    assert not os.path.isfile("/dev/null")
    assert run("show", OP1, "-o", "/dev/stdout").stdout.startswith(b"operator op1")


def test_interrupt(tmp_path: Path) -> None:
    # Opening a pipe that nobody writes to waits, so the interrupt meets a command at work.
    fifo = tmp_path / "pipe.syno"
    os.mkfifo(fifo)
    process = subprocess.Popen([*SYNO, "check", str(fifo)], env=environment(), stderr=subprocess.PIPE)
    opened = threading.Thread(target=os.close, args=(os.open(fifo, os.O_RDWR),))
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    opened.start()
    opened.join()
    assert process.returncode == command.INTERRUPTED
    assert err.decode().strip() == "interrupted"


def complaint_on_a_terminal(**changes: str) -> str:
    """What `syno check` of a missing file writes to a terminal."""
    ours, theirs = pty.openpty()
    result = run(
        "check",
        "/no/such/file",
        capture_output=False,
        stdout=theirs,
        stderr=theirs,
        env=environment(**changes),
    )
    os.close(theirs)
    text = os.read(ours, 10_000).decode()
    os.close(ours)
    assert result.returncode == 1
    return text


def test_colour_on_a_terminal_only() -> None:
    assert "\x1b[1;31merror[E0102]" in complaint_on_a_terminal()
    assert b"\x1b" not in run("check", "/no/such/file").stderr


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_it_is_not_wanted(changes: dict[str, str]) -> None:
    assert "\x1b" not in complaint_on_a_terminal(**changes)


def test_terminal_without_unicode(tmp_path: Path) -> None:
    path = tmp_path / "größe.syno"
    path.write_text("operator ä<N>(x: [N]) -> [N] { out[i] = x[ü] }\n", encoding="utf-8")
    narrow = environment(PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert b"Traceback" not in run("check", str(path), env=narrow).stderr
    path.write_text("operator f<N>(x: [N]) -> [N] { out[i] = x[i] }\n", encoding="utf-8")
    assert run("check", str(path), env=narrow).returncode == 0


def test_a_bug_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.delenv("SYNO_DEBUG", raising=False)
    monkeypatch.setattr("syno_lang.cli.check.load_contents", broken)
    assert command.main(["check", OP1]) == command.BUG
    out, err = capsys.readouterr()
    assert out == ""
    assert "this is a bug in syno: ZeroDivisionError: by zero" in err
    assert "Traceback" not in err
    monkeypatch.setenv("SYNO_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        command.main(["check", OP1])
