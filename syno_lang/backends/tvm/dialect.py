"""The one place that knows how TVM spells things: words of TVMScript, and the few calls into TVM.

Written for apache-tvm 0.27.  Every other module and the templates take the words from here.
"""

from __future__ import annotations

from typing import Any, Final

#: The words of the text, by what they mean.
WORDS: Final = {
    # `from_source` refuses import statements and takes these, and so does Python.
    "imports": 'tvm = __import__("tvm.script")\nI, T = tvm.script.ir, tvm.script.tirx',
    # Where the dtypes are: `T.float32(0.0)`.
    "types": "T",
    "module": "I.ir_module",
    "function": "T.prim_func(s_tir=True)",
    "attributes": 'T.func_attr({"tirx.noalias": True})',
    "argument": "T.Buffer",
    "allocate": "T.sblock_alloc_buffer",
    "loops": "T.grid",
    "block": "T.sblock",
    "bind": "T.axis.remap",
    "init": "T.init",
    # T.Select would evaluate both branches once it is vectorised, and read out of bounds.
    "choose": "T.if_then_else",
    "cast": "T.Cast",
    # Of two numbers that are not negative.
    "remainder": "T.truncmod",
}

#: Releases that do not work: package, first release that works, first that does not, and why.
SUPPORTED: Final = (
    ("apache-tvm", (0, 25), None, "releases before 0.25 have another dialect"),
    ("apache-tvm-ffi", (), (0, 1, 15), "releases from 0.1.15 on crash with a segmentation fault"),
)


def parse_script(text: str) -> Any:
    """The `IRModule` that `text` states."""
    from tvm.script import from_source

    return from_source(text)


def cpu_target(cores: int = 1) -> Any:
    """The CPU of this machine.  The CPU name "native" would silently mean a generic one."""
    from tvm.target import Target

    return Target({"kind": "llvm", "mcpu": str(Target.from_device("cpu").attrs["mcpu"]), "num-cores": cores})


def build(module: Any, target: Any) -> Any:
    """The compiled `main` of `module`."""
    import tvm

    return tvm.compile(module, target=target)["main"]
