"""Tuning: what is kept, what goes on after an end of any kind, and devices that are elsewhere or nowhere."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syno_lang import SynoError
from syno_lang.backends.tvm import devices
from syno_lang.backends.tvm.devices import Here, Remote
from syno_lang.backends.tvm.kernel import compile_kernel
from syno_lang.backends.tvm.nests import Array
from syno_lang.backends.tvm.records import Records, records_of, tuned_module
from syno_lang.backends.tvm.targets import target_of
from syno_lang.backends.tvm.tune import ROUNDS, Progress, tune
from tests.backends.tvm.programs import conv2d

tvm = pytest.importorskip("tvm", reason="apache-tvm is not installed")

SIZES = {"N": 1, "C": 4, "K": 8, "H": 8, "W": 8, "k": 3}


class Counting(Here):
    """Counts, and may say anything of the time; the `last` measurement ends in `error`."""

    def __init__(self, last: int = 10**9, error: type[BaseException] = KeyboardInterrupt) -> None:
        object.__setattr__(self, "calls", [])
        object.__setattr__(self, "last", last)
        object.__setattr__(self, "error", error)

    def measure(self, module: Any, target: Any, arguments: Any) -> float:
        calls: list[Any] = self.calls  # type: ignore[attr-defined]
        calls.append(module)
        if len(calls) > self.last:  # type: ignore[attr-defined]
            raise self.error("over")  # type: ignore[attr-defined]
        # The third is the best one.
        best = len(calls) > 2 and module.script() == calls[2].script()
        return 1.0 if best else 3.0


def run(folder: Path, trials: int, device: Any = None, **options: Any) -> Progress:
    return tune(conv2d(), SIZES, "float32", target_of(cores=1), str(folder), trials, device=device, **options)


def records(folder: Path) -> Records:
    return records_of(conv2d(), SIZES, "float32", target_of(cores=1), str(folder))


def test_the_best_is_kept_and_used(tmp_path: Path) -> None:
    seen: list[Progress] = []
    device = Counting()
    found = run(tmp_path, 4, device, report=seen.append)
    assert (found.done, found.best, found.untuned) == (4, 1.0, 3.0)
    assert [progress.done for progress in seen] == [0, 1, 2, 3, 4]
    assert seen[2].left > 0 and seen[-1].left == 0
    tuned = tuned_module(conv2d(), SIZES, "float32", target_of(cores=1), str(tmp_path))
    tvm.ir.assert_structural_equal(tuned, device.calls[2])  # type: ignore[attr-defined]
    random = np.random.default_rng(0)
    x, w = random.standard_normal((1, 4, 8, 8)), random.standard_normal((8, 4, 3, 3))
    found_, wanted = np.empty((2, 1, 8, 8, 8), "float32")
    for out, module in ((found_, tuned), (wanted, None)):
        kernel = compile_kernel(conv2d(), SIZES, target_of(cores=1), tuned=module)
        kernel(x.astype("float32"), w.astype("float32"), out)
    np.testing.assert_allclose(found_, wanted, rtol=1e-4, atol=1e-4)


def test_another_call_goes_on(tmp_path: Path) -> None:
    run(tmp_path, 3, Counting())
    assert records(tmp_path).trials() == 3
    again = Counting()
    found = run(tmp_path, 5, again)
    assert found.done == 5
    # Our own schedule, what was missing, and at the end the best in turn with ours.
    assert len(again.calls) == 1 + 2 + 2 * ROUNDS  # type: ignore[attr-defined]
    enough = Counting()
    assert run(tmp_path, 5, enough).done == 5
    assert len(enough.calls) == 1  # type: ignore[attr-defined]


def test_an_interrupt_keeps_the_best(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, 8, Counting(5))
    assert records(tmp_path).seconds() == 1.0


@pytest.mark.heavy
def test_a_killed_tuning_goes_on(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from tests.backends.tvm.test_tvm_tune import *\n"
        "class Killed(Counting):\n"
        "    def measure(self, *arguments):\n"
        "        if len(self.calls) == 10: os._exit(9)\n"
        "        return super().measure(*arguments)\n"
        f"run(Path({str(tmp_path)!r}), 30, Killed())\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    assert result.returncode == 9
    # The round that was under way is lost, the best of it is not.
    assert records(tmp_path).trials() == 8
    assert records(tmp_path).seconds() == 1.0
    assert run(tmp_path, 9, Counting()).done == 9


@pytest.mark.heavy
def test_schedules_that_do_not_run_are_passed_over(tmp_path: Path) -> None:
    class Failing(Counting):
        def measure(self, module: Any, target: Any, arguments: Any) -> float:
            if self.calls and module.script() != self.calls[0].script():  # type: ignore[attr-defined]
                raise RuntimeError("it does not run")
            return super().measure(module, target, arguments)

    found = run(tmp_path, 4, Failing())
    assert (found.done, found.best) == (4, found.untuned)


@pytest.mark.heavy
def test_nothing_is_kept_for_other_sizes_or_targets(tmp_path: Path) -> None:
    run(tmp_path, 1, Counting())
    other = target_of('{"kind": "llvm", "mcpu": "x86-64-v3"}')
    assert tuned_module(conv2d(), SIZES, "float32", target_of(cores=1), str(tmp_path)) is not None
    assert tuned_module(conv2d(), SIZES, "float32", other, str(tmp_path)) is None
    assert tuned_module(conv2d(), SIZES | {"H": 9}, "float32", target_of(cores=1), str(tmp_path)) is None
    assert tuned_module(conv2d(), SIZES, "float64", target_of(cores=1), str(tmp_path)) is None
    assert tuned_module(conv2d(), SIZES, "float32", target_of(cores=1), str(tmp_path / "nowhere")) is None


def test_a_time_that_is_measured(tmp_path: Path) -> None:
    found = run(tmp_path, 2)
    assert 0 < found.best <= found.untuned < 1


# ------------------------------------------------------------------ what goes wrong


def code_of(call: Any) -> str:
    with pytest.raises(SynoError) as caught:
        call()
    (finding,) = caught.value.diagnostics
    assert finding.hint
    return finding.code


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"seconds": 1, "module": "x"}', '{"seconds": -1, "module": "{}"}']
)
def test_a_damaged_best(tmp_path: Path, text: str) -> None:
    folder = records(tmp_path)
    folder.make()
    folder.best.write_text(text)
    assert code_of(folder.module) == "E1302"


def test_a_module_of_something_else_is_damage(tmp_path: Path) -> None:
    folder = records(tmp_path)
    folder.make()
    stated = {"seconds": 1.0, "module": tvm.ir.save_json(tvm.tirx.const(1))}
    folder.best.write_text(json.dumps(stated))
    assert code_of(folder.module) == "E1302"


@pytest.mark.parametrize("text", ["{", "[[0, []]]\n", "[]\n\x00"])
def test_damaged_records(tmp_path: Path, text: str) -> None:
    run(tmp_path, 2, Counting())
    (records(tmp_path).folder / "database_tuning_record.json").write_text(text)
    assert code_of(lambda: run(tmp_path, 4, Counting())) == "E1302"
    assert records(tmp_path).seconds() is not None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert code_of(lambda: run(tmp_path / "file", 1, Counting())) == "E0702"


def test_there_is_no_gpu_here(tmp_path: Path) -> None:
    if tvm.cuda().exist:
        pytest.skip("there is one")
    call = lambda: tune(conv2d(), SIZES, "float32", target_of("cuda"), str(tmp_path), 1)  # noqa: E731
    assert code_of(call) == "E1303"


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def test_nobody_answers(tmp_path: Path) -> None:
    assert code_of(lambda: run(tmp_path, 1, Remote("127.0.0.1", free_port(), "board"))) == "E1303"


# ------------------------------------------------------------------ a device behind a tracker


@pytest.fixture
def tracker() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port of a tracker of our own, and the server behind it, for this machine alone."""
    port = free_port()
    # Each starts processes of its own, which must end with it.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    place = ["--host", "127.0.0.1", "--port", str(port), "--port-end", str(port + 1)]
    command = [sys.executable, "-m", "tvm.exec.rpc_tracker", *place]
    started = [subprocess.Popen(command, **quiet)]  # type: ignore[call-overload]
    wait_for(port)
    own = free_port()
    place = ["--host", "127.0.0.1", "--port", str(own), "--port-end", str(own + 1)]
    command = [sys.executable, "-m", "tvm.exec.rpc_server", *place, "--tracker", f"127.0.0.1:{port}"]
    command += ["--key", "board"]
    started.append(subprocess.Popen(command, **quiet))  # type: ignore[call-overload]
    try:
        yield port, started[1]
    finally:
        for process in reversed(started):
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """The process and those that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=20)


def wait_for(port: int) -> None:
    for _ in range(900):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the tracker does not start")


def registered(port: int) -> None:
    for _ in range(900):
        try:
            Remote("127.0.0.1", port, "board").check(target_of(cores=1))
            return
        except SynoError:
            time.sleep(0.1)
    raise AssertionError("the server does not register")


@pytest.mark.heavy
def test_a_device_behind_a_tracker(
    tmp_path: Path, tracker: tuple[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, server = tracker
    registered(port)
    monkeypatch.setattr(devices, "PATIENCE", 10)
    device = Remote("127.0.0.1", port, "board")
    assert 0 < run(tmp_path, 2, device).best < 1
    assert code_of(lambda: run(tmp_path, 3, Remote("127.0.0.1", port, "other"))) == "E1303"
    # It goes away: what was found stays.
    end(server)
    assert code_of(lambda: run(tmp_path, 6, device)) == "E1303"
    assert records(tmp_path).trials() == 2
    assert records(tmp_path).module() is not None


def test_arguments_are_filled() -> None:
    """A kernel is timed on numbers, not on what memory happens to hold."""
    module = tvm.script.from_source(
        "@I.ir_module\nclass Module:\n    @T.prim_func(s_tir=True)\n"
        '    def main(x: T.Buffer((4,), "float32"), out: T.Buffer((4,), "float32")):\n'
        "        for i in T.grid(4):\n"
        '            with T.sblock("out"):\n'
        '                v = T.axis.remap("S", [i])\n'
        "                out[v] = x[v]\n"
    )
    assert (
        Here().measure(
            module, target_of(cores=1), [Array("x", (4,), "float32"), Array("out", (4,), "float32")]
        )
        > 0
    )
