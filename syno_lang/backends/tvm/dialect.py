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
    # An argument whose shape is known only to the call.
    "handle": "T.handle",
    "match": "T.match_buffer",
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


def is_gpu(target: Any) -> bool:
    """Whether `target` binds loops to threads of a GPU."""
    return str(target.kind.name) == "cuda"


def device_name(target: Any) -> str:
    """What TVM calls the device that runs code for `target`."""
    return "cuda" if is_gpu(target) else "cpu"


def vector_registers(target: Any) -> tuple[int, int]:
    """The bytes of a vector register of a CPU, and how many registers it has."""
    features = target_features(target)
    if "avx512f" in features:
        return 64, 32
    if "avx2" in features or "avx" in features:
        return 32, 16
    # SSE, NEON and whatever else.
    return 16, 16


def target_features(target: Any) -> frozenset[str]:
    """What the CPU of an LLVM target can do, in LLVM's words."""
    from tvm.target.codegen import llvm_get_cpu_features

    return frozenset(str(name) for name in llvm_get_cpu_features(target))


def new_schedule(module: Any) -> Any:
    """A schedule of `module`, whose primitives rearrange it."""
    from tvm.s_tir import Schedule

    return Schedule(module)


def schedule_gpu(module: Any, target: Any) -> Any:
    """`module` with its loops bound to threads by the rules that TVM ships."""
    from tvm.s_tir import dlight

    rules = (
        dlight.gpu.Matmul(),
        dlight.gpu.GEMV(),
        dlight.gpu.Reduction(),
        dlight.gpu.GeneralReduction(),
        dlight.gpu.Fallback(),
    )
    with target:
        return dlight.ApplyDefaultSchedule(*rules)(module)


def target(stated: dict[str, Any]) -> Any:
    """The target of these attributes; a GPU has this machine's CPU for a host."""
    from tvm.target import Target

    if stated.get("kind") == "cuda":
        return Target(stated, host={"kind": "llvm"})
    return Target(stated)


def cpu_names() -> frozenset[str]:
    """The CPUs that LLVM knows of this machine's kind."""
    from tvm.target import Target
    from tvm.target.codegen import llvm_get_cpu_archlist

    return frozenset(str(name) for name in llvm_get_cpu_archlist(Target({"kind": "llvm"})))


def executable(module: Any, target: Any) -> Any:
    """`module` compiled for `target`."""
    import tvm

    return tvm.compile(module, target=target)


def assembly(executable: Any, target: Any) -> str:
    """What was generated: LLVM's text of a CPU kernel, the CUDA source of a GPU kernel."""
    if is_gpu(target):
        return "\n".join(str(part.inspect_source()) for part in executable.mod.imports)
    return str(executable.mod.inspect_source("ll"))


def script(module: Any) -> str:
    """`module` as TVMScript that Python imports and `from_source` reads."""
    lines = [line for line in str(module.script()).splitlines() if not line.startswith("# from tvm")]
    return "\n".join((WORDS["imports"], "", *lines, ""))


def renamed(module: Any, name: str) -> Any:
    """`module` with its `main` under another name."""
    from tvm import IRModule

    return IRModule({name: module["main"].with_attr("global_symbol", name)})


def export_library(executable: Any, path: str) -> None:
    """Link the compiled functions into the shared library `path`."""
    executable.export_library(path)


def to_json(module: Any) -> str:
    """`module` as data."""
    from tvm.ir import save_json

    return str(save_json(module))


def from_json(text: str) -> Any:
    """The module that `to_json` has written."""
    from tvm import IRModule
    from tvm.ir import load_json

    module = load_json(text)
    if not isinstance(module, IRModule):
        raise TypeError("this is no module")
    return module
