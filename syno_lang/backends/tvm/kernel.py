"""A stage program, the values of its sizes, a dtype and a target enter; a compiled kernel leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.emit import render
from syno_lang.backends.tvm.load import to_ir_module
from syno_lang.backends.tvm.nests import Array, Module
from syno_lang.backends.tvm.schedule import schedule
from syno_lang.diagnostics import fail
from syno_lang.lower.stages import BufferRole, StageProgram

ROLES: Final[tuple[BufferRole, ...]] = ("input", "weight")


@dataclass(frozen=True, eq=False)
class Kernel:
    """An operator at given sizes, compiled for one target.

    Call it with NumPy arrays or torch tensors on the device of the target, contiguous and of the shapes of
    `arguments`: inputs, weights in the order of the file, then the output, which is written in place.
    Memory is shared, not copied; gradients are not recorded.
    """

    name: str
    sizes: Mapping[str, int]
    arguments: tuple[Array, ...]
    inputs: tuple[str, ...]
    weights: tuple[str, ...]
    module: Any
    target: Any

    @cached_property
    def executable(self) -> Any:
        """The compiled module.  Raises `SynoError` (E1304) where TVM cannot compile it for the target."""
        try:
            compiled = dialect.executable(self.module, self.target)
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise fail("E1304", f"TVM cannot compile {self.name} for {self.target.kind}: {reason}") from error
        if dialect.is_gpu(self.target) and not compiled.mod.imports:
            raise fail("E1304", f"no code of {self.name} was generated for {self.target.kind}")
        return compiled

    @cached_property
    def function(self) -> Any:
        """`main` of the compiled module."""
        return self.executable["main"]

    def __call__(self, *arguments: Any) -> None:
        """Fill the last of the arguments from the others."""
        self.function(*arguments)

    def script(self) -> str:
        """The module as TVMScript."""
        return dialect.script(self.module)

    def source(self) -> str:
        """The code that was generated: CUDA, or LLVM's intermediate representation for a CPU."""
        return dialect.assembly(self.executable, self.target)

    def __repr__(self) -> str:
        return f"<Kernel {self.name} for {self.target.kind}>"


def plain_module(program: StageProgram, sizes: Mapping[str, int], dtype: str = "float32") -> Any:
    """The `IRModule` before scheduling: the one that a tuner starts from."""
    return to_ir_module(render(Module(program, sizes, dtype)))


def compile_kernel(
    program: StageProgram,
    sizes: Mapping[str, int],
    target: Any,
    dtype: str = "float32",
    *,
    tuned: Any = None,
    open_sizes: Iterable[str] = (),
) -> Kernel:
    """Schedule and compile `program` for `target`.

    `open_sizes` are left to the call, as for `emit`.  `tuned` is an `IRModule` that a tuner has found for
    the same program; without it the schedule is ours.  Raises `SynoError` (E0701) without a TVM that works.
    """
    nests = Module(program, sizes, dtype, open_sizes=tuple(open_sizes))
    module = tuned if tuned is not None else schedule(to_ir_module(render(nests)), nests, target)
    names = {
        role: tuple(nests.arguments[buffer.name].name for buffer in program.with_role(role)) for role in ROLES
    }
    arguments = tuple(nests.arguments.values())
    return Kernel(program.name, dict(sizes), arguments, names["input"], names["weight"], module, target)
