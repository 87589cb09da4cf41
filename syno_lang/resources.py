"""Where the files that ship with the package lie, and how a file is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from stat import S_IMODE

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

    A link stays a link; what is no file, such as a pipe or `/dev/null`, is written to in place.  Raises
    `SynoError` (E0702) where writing is impossible.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        else:
            _replace(Path(os.path.realpath(path)), text)
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "check the folder and its permissions"
        raise fail("E0702", f"cannot write {os.fspath(path)}: {reason}", hint=hint) from error


def _replace(target: Path, text: str) -> None:
    """Write a file beside `target` and put it in its place."""
    handle, scratch = tempfile.mkstemp(prefix=".syno.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(scratch, _mode(target))
        os.replace(scratch, target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The mode that `open` would leave a written file with: mkstemp alone makes files private."""
    if target.exists():
        return S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
