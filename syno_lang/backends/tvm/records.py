"""A program, its sizes, a dtype and a target enter; what tuning has found for them, on disk, leaves.

A folder holds one folder per setting, named by the operator and a digest of the module before scheduling
and of the target: whatever changes either of them is another setting.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.emit import emit
from syno_lang.backends.tvm.names import identifier
from syno_lang.backends.tvm.targets import describe
from syno_lang.diagnostics import fail
from syno_lang.diagnostics.error import SynoError
from syno_lang.lower.stages import StageProgram
from syno_lang.resources import write_atomically

HINT = "delete the folder, or give another with --database; tuning then starts anew"


@dataclass(frozen=True)
class Records:
    """The folder of one setting: the records of MetaSchedule and the best module so far."""

    folder: Path

    @property
    def best(self) -> Path:
        """The best module with its time."""
        return self.folder / "best.json"

    def make(self) -> None:
        """Create the folder.  Raises `SynoError` (E0702) where that is impossible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise fail(
                "E0702", f"cannot write {self.folder}: {reason}", hint="choose another --database"
            ) from error

    def trials(self) -> int:
        """How many schedules were measured.  Raises `SynoError` (E1302) where the records cannot be read."""
        path = self.folder / "database_tuning_record.json"
        if not path.exists():
            return 0
        try:
            lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
            for line in lines:
                json.loads(line)
        except (OSError, ValueError) as error:
            raise self.broken(path, error) from error
        return len(lines)

    def seconds(self) -> float | None:
        """The time of the best module; none where there is none.  Raises `SynoError` (E1302)."""
        found = self._read()
        return None if found is None else float(found["seconds"])

    def module(self) -> Any:
        """The best module, or nothing.  Raises `SynoError` (E1302) where it cannot be read."""
        found = self._read()
        if found is None:
            return None
        try:
            return dialect.from_json(found["module"])
        except (RuntimeError, ValueError, TypeError) as error:
            raise self.broken(self.best, error) from error

    def keep(self, module: Any, seconds: float, trials: int, about: Mapping[str, Any]) -> None:
        """Store a module as the best.  Raises `SynoError` (E0702)."""
        stated = {**about, "seconds": seconds, "trial": trials, "module": dialect.to_json(module)}
        write_atomically(self.best, json.dumps(stated, indent=1) + "\n")

    def _read(self) -> dict[str, Any] | None:
        if not self.best.exists():
            return None
        try:
            found = json.loads(self.best.read_text(encoding="utf-8"))
            if not isinstance(found["module"], str) or not float(found["seconds"]) > 0:
                raise ValueError("it holds no module with a time")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self.broken(self.best, error) from error
        return dict(found)

    def broken(self, path: Path, error: Exception) -> SynoError:
        """That a file of the folder cannot be used (E1302)."""
        reason = " ".join(str(error).split())[:200]
        return fail("E1302", f"{path} cannot be read: {reason}", hint=HINT)


def records_of(
    program: StageProgram, sizes: Mapping[str, int], dtype: str, target: Any, database: str
) -> Records:
    """The records of a setting in the folder `database`."""
    text = f"{emit(program, sizes, dtype)}\n{describe(target)}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return Records(Path(database, f"{identifier(program.name)}-{digest}"))


def tuned_module(
    program: StageProgram, sizes: Mapping[str, int], dtype: str, target: Any, database: str
) -> Any:
    """The best `IRModule` that tuning has found, or nothing.  Raises `SynoError` (E1302)."""
    if not Path(database).is_dir():
        return None
    return records_of(program, sizes, dtype, target, database).module()
