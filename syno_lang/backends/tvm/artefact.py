"""A compiled kernel enters; a shared library, a C header and a Python loader leave, side by side.

The library needs the runtime of TVM (`libtvm_runtime`, `libtvm_ffi`), not its compiler.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Final

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.emit import environment
from syno_lang.backends.tvm.kernel import Kernel
from syno_lang.backends.tvm.names import Names, identifier, readable
from syno_lang.backends.tvm.open_sizes import Open
from syno_lang.diagnostics import fail
from syno_lang.resources import write_atomically

#: By dtype: its name in C, and its code and bits in DLPack.
C_TYPES: Final = {
    "float32": ("float", 2, 32),
    "float64": ("double", 2, 64),
    "float16": ("uint16_t", 2, 16),
    "bfloat16": ("uint16_t", 4, 16),
}


#: The functions of `libtvm_runtime` that generated code calls.
RUNTIME: Final = ("TVMBackendAllocWorkspace", "TVMBackendFreeWorkspace", "TVMBackendParallelLaunch")

#: What the arguments must not be called in the loader, nor in C.
TAKEN: Final = (
    "self run module torch numpy ctypes importlib tvm_ffi Path SHAPES DTYPE shape Kernel values result "
    "auto break case char const continue default do double else enum extern float for goto if inline int "
    "long register restrict return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while bool catch class delete export friend mutable namespace new operator private protected "
    "public template this throw try typename using virtual stdint int64_t int32_t uint16_t"
).split()


def export(kernel: Kernel, path: str) -> list[Path]:
    """Write the library to `path`, `NAME.so`, and beside it a header `NAME.h` and a loader `load_NAME.py`.

    Returns the three.  Raises `SynoError`: E0702 where one cannot be written, E1304 for want of a C++
    compiler, which links the library, or where the target is no CPU.
    """
    library = Path(path)
    if dialect.is_gpu(kernel.target):
        raise fail("E1304", "a shared library is made for a CPU", hint="use --emit source for cuda")
    if any(isinstance(extent, Open) for array in kernel.arguments for extent in array.shape):
        raise fail("E1306", "a shared library is made for given sizes", hint="give every size with --size")
    if not re.fullmatch(r"[A-Za-z_]\w*\.so", library.name, re.ASCII):
        hint = "write -o NAME.so, with letters, digits and underscores"
        raise fail("E0702", f"cannot write {path}: no name for a shared library", hint=hint)
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        raise fail("E1304", "no C++ compiler is found to link the library", hint="install g++ or clang++")
    _write_library(kernel, library)
    values = _values(kernel, library.name)
    files = [library]
    # Python would take NAME.so for an extension, and import it instead of NAME.py.
    for template, name in (("header.h.j2", f"{library.stem}.h"), ("loader.py.j2", f"load_{library.stem}.py")):
        target = library.with_name(name)
        write_atomically(target, environment().get_template(template).render(values))
        files.append(target)
    return files


def symbol_of(name: str) -> str:
    """What the operator is called in a library: no other symbol is likely to begin so."""
    return f"syno_{identifier(name)}"


def _write_library(kernel: Kernel, library: Path) -> None:
    renamed = dialect.renamed(kernel.module, symbol_of(kernel.name))
    compiled = dialect.executable(renamed, kernel.target)
    try:
        with tempfile.TemporaryDirectory(prefix=".syno.", dir=library.parent) as folder:
            scratch = Path(folder, library.name)
            dialect.export_library(compiled, str(scratch))
            os.replace(scratch, library)
    except OSError as error:
        reason = error.strerror or str(error)
        raise fail(
            "E0702", f"cannot write {library}: {reason}", hint="check the folder and its permissions"
        ) from error
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise fail("E1304", f"the library cannot be linked: {reason}") from error


def _values(kernel: Kernel, library: str) -> dict[str, object]:
    dtype = kernel.arguments[-1].dtype
    ctype, code, bits = C_TYPES[dtype]
    names = Names()
    for word in TAKEN:
        names.fresh(word)
    arguments = [replace(array, name=names.fresh(array.name)) for array in kernel.arguments]
    inputs = len(kernel.inputs)
    return {
        "operator": readable(kernel.name),
        "symbol": symbol_of(kernel.name),
        "library": library,
        "arguments": arguments,
        "inputs": [array.name for array in arguments[:inputs]],
        "weights": [array.name for array in arguments[inputs:-1]],
        "strides": [_strides(array.shape) for array in kernel.arguments],
        "sizes": {readable(name): value for name, value in kernel.sizes.items()},
        "dtype": dtype,
        "ctype": ctype,
        "code": code,
        "bits": bits,
        "runtime": RUNTIME,
    }


def _strides(shape: tuple[int, ...]) -> list[int]:
    """Distances in elements, row-major."""
    return (
        [*accumulate(reversed(shape[1:]), lambda left, right: left * right, initial=1)][::-1] if shape else []
    )
