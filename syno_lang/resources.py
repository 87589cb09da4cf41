"""Where the files that ship with the package lie, and how a file is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from syno_lang.diagnostics import fail

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "_data"


def folder(name: str) -> Path:
    """The folder `grammar`, `stdlib` or `errors`: inside an installed package, or in a checkout."""
    packaged = _PACKAGED / name
    if packaged.is_dir():
        return packaged
    return _PACKAGE.parent / ("docs/errors" if name == "errors" else name)


def write_atomically(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8 to `path`: afterwards it holds all of it, or is as before.

    Raises `SynoError` (E0702) where that is impossible.
    """
    target = Path(path)
    scratch = ""
    try:
        handle, scratch = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        # mkstemp makes files private; a written file gets the mode that `open` would have given it.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(scratch, 0o666 & ~mask)
        os.replace(scratch, target)
    except OSError as error:
        if scratch:
            Path(scratch).unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise fail("E0702", f"cannot write {target}: {reason}", hint="check the folder and its permissions") from error
