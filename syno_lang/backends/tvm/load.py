"""Emitted text enters; an `IRModule`, and from it a function that runs, leave.

Arguments of the function are NumPy arrays or torch tensors, contiguous and of the dtype and shape that
the text states: inputs, weights in the order of the file, then the output, which is written in place.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from syno_lang.backends.tvm import dialect
from syno_lang.diagnostics import fail

HINT: Final = "install what this version works with: pip install 'syno-lang[tvm]'"


def to_ir_module(text: str) -> Any:
    """The `tvm.IRModule` of a text from `emit`.  Raises `SynoError` (E0701) without a TVM that works."""
    require_tvm()
    return dialect.parse_script(text)


def compile_module(module: Any, target: Any = None) -> Any:
    """The function `main` of an `IRModule`, compiled for `target`, by default the CPU of this machine.

    Raises `SynoError` (E0701) without a TVM that works.

    >>> main = compile_module(to_ir_module(text))                       # doctest: +SKIP
    >>> main(x, w, out)                                                 # doctest: +SKIP
    """
    require_tvm()
    return dialect.build(module, target or dialect.cpu_target())


def require_tvm() -> None:
    """Raise `SynoError` (E0701) unless a TVM is installed that works."""
    for package, lowest, end, reason in dialect.SUPPORTED:
        try:
            found = version(package)
        except PackageNotFoundError:
            raise fail("E0701", f"{package} is not installed, and TVM modules need it", hint=HINT) from None
        numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:3])
        if numbers < lowest or (end is not None and numbers >= end):
            raise fail("E0701", f"{package} {found} does not work here: {reason}", hint=HINT)
    try:
        import tvm  # noqa: F401
    except (ImportError, OSError) as error:
        raise fail("E0701", f"apache-tvm is installed but cannot be loaded: {error}", hint=HINT) from error
