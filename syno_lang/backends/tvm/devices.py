"""A compiled module enters; the seconds that one call of it takes leave, here or behind TVM's RPC tracker."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.nests import Array
from syno_lang.diagnostics import fail

#: How a time is taken: calls per measurement, measurements, and the least milliseconds of each.
EVALUATION: Final = {"number": 2, "repeat": 3, "min_repeat_ms": 10}

#: How long a device behind a tracker may take for one schedule, in seconds.
PATIENCE: Final = 60


@dataclass(frozen=True)
class Here:
    """This process."""

    def check(self, target: Any) -> None:
        """Raise `SynoError` (E1303) unless this machine has a device of the target."""
        import tvm

        name = dialect.device_name(target)
        if not tvm.device(name).exist:
            hint = "give --rpc and --key for a machine that has one"
            raise fail("E1303", f"this machine has no {name} device to measure on", hint=hint)

    def measure(self, module: Any, target: Any, arguments: Sequence[Array]) -> float:
        """Compile and time the `IRModule`; in seconds.  Raises what TVM raises."""
        import tvm

        return _timed(
            tvm.compile(module, target=target).mod, tvm.device(dialect.device_name(target)), arguments
        )


@dataclass(frozen=True)
class Remote:
    """A device that a tracker at `host:port` gives out under `key`."""

    host: str
    port: int
    key: str

    def measure(self, module: Any, target: Any, arguments: Sequence[Array]) -> float:
        """As `Here.measure`.  Raises `SynoError` (E1303) where the tracker or the device does not answer."""
        import tvm

        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder, "kernel.tar")
            tvm.compile(module, target=target).export_library(str(library))
            session = self._session()
            try:
                session.upload(str(library))
                loaded = session.load_module(library.name)
                return _timed(loaded, session.device(dialect.device_name(target)), arguments)
            except (RuntimeError, OSError) as error:
                self._session()  # whether it is the device that is gone, and not this schedule that fails
                raise RuntimeError(str(error)) from error

    def check(self, target: Any) -> None:
        """Raise `SynoError` (E1303) unless the tracker gives the device out."""
        self._session()

    def _session(self) -> Any:
        from tvm import rpc

        try:
            # TVM itself would try for a minute.
            socket.create_connection((self.host, self.port), timeout=5).close()
            tracker = rpc.connect_tracker(self.host, self.port)
            free = tracker.summary().get("server_info", [])
            if not any(item.get("key") == f"server:{self.key}" for item in free):
                raise RuntimeError(f"no device is registered as {self.key}")
            return tracker.request(self.key, priority=1, session_timeout=PATIENCE, max_retry=1)
        except (RuntimeError, OSError, ValueError) as error:
            reason = " ".join(str(error).split())[-200:]
            hint = "start tvm.exec.rpc_tracker, and on the device tvm.exec.rpc_server --key KEY, by python -m"
            where = f"{self.host}:{self.port}"
            raise fail(
                "E1303", f"the device {self.key} behind {where} does not answer: {reason}", hint=hint
            ) from error


def _timed(loaded: Any, device: Any, arguments: Sequence[Array]) -> float:
    import tvm

    fill = tvm.get_global_func("tvm.contrib.random.random_fill_for_measure")
    tensors = []
    for array in arguments:
        local = tvm.runtime.empty(array.shape, array.dtype)
        fill(local)
        tensors.append(tvm.runtime.empty(array.shape, array.dtype, device).copyfrom(local))
    return float(min(loaded.time_evaluator("main", device, **EVALUATION)(*tensors).results))
