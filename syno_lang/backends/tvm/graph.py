"""An exported PyTorch program and the operators in it enter; an executable of TVM's Relax leaves.

Our operators stay functions of their own, with our schedules; everything else is TVM's.  The executable needs
TVM alone, and can be saved as a shared library with its weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from syno_lang.backends.tvm import dialect
from syno_lang.backends.tvm.emit import render
from syno_lang.backends.tvm.load import require_tvm, to_ir_module
from syno_lang.backends.tvm.names import identifier
from syno_lang.backends.tvm.nests import Module
from syno_lang.backends.tvm.schedule import schedule
from syno_lang.diagnostics import fail
from syno_lang.lower.stages import StageProgram

#: What Relax must not fuse into other loops: it has a schedule already.
OPAQUE: Final = 8


@dataclass(frozen=True)
class Call:
    """An operator that a graph calls: its program, and the values of its sizes."""

    program: StageProgram
    sizes: Mapping[str, int]
    dtype: str = "float32"


def import_graph(exported: Any, calls: Mapping[str, Call], target: Any) -> Any:
    """The Relax module of an exported program; `calls` gives the operator of each node target by its name.

    Weights become constants.  Raises `SynoError`: E0701 without TVM, E1304 for what TVM does not know.
    """
    require_tvm()
    from tvm.relax.frontend.torch import from_exported_program

    converters = {name: _Converter(call, target) for name, call in calls.items()}
    try:
        return from_exported_program(
            exported,
            keep_params_as_input=False,
            unwrap_unit_return_tuple=True,
            custom_convert_map={name: made.convert for name, made in converters.items()},
        )
    except (AssertionError, NotImplementedError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise fail(
            "E1304", f"TVM cannot take the model: {reason}", hint="its message names what it lacks"
        ) from error


class _Converter:
    """Makes calls of one function out of the nodes of an operator."""

    def __init__(self, call: Call, target: Any) -> None:
        self.call, self.target, self.added = call, target, dict[int, Any]()

    def convert(self, node: Any, importer: Any) -> Any:
        """The call that stands for `node`."""
        from tvm import relax

        builder = importer.block_builder
        nests = Module(self.call.program, self.call.sizes, self.call.dtype, inside=True)
        if id(builder) not in self.added:
            made = schedule(to_ir_module(render(nests)), nests, self.target)["main"]
            made = made.without_attr("global_symbol").with_attr("op_pattern", OPAQUE)
            made = made.with_attr("tirx.is_scheduled", True)
            self.added[id(builder)] = builder.add_func(made, identifier(self.call.program.name))
        *_, out = nests.arguments.values()
        arguments = [importer.env[argument] for argument in node.args]
        like = relax.TensorType(out.shape, out.dtype)
        return builder.emit(relax.call_tir(self.added[id(builder)], arguments, like))


def compile_graph(module: Any, target: Any) -> Any:
    """The executable of a Relax module.  Raises `SynoError` (E1304) where TVM cannot compile it."""
    try:
        return dialect.executable(module, target)
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise fail("E1304", f"TVM cannot compile the model for {target.kind}: {reason}") from error


def lowered(module: Any, target: Any) -> Any:
    """The module with all that TVM adds fused into functions of loops, which can be tuned."""
    import tvm
    from tvm.relax import transform

    passes = (
        transform.DecomposeOpsForInference(),
        transform.CanonicalizeBindings(),
        transform.LegalizeOps(),
        transform.AnnotateTIROpPattern(),
        transform.FoldConstant(),
        transform.FuseOps(),
        transform.FuseTIR(),
    )
    with target:
        return tvm.transform.Sequential(passes)(module)


def machine(executable: Any) -> Any:
    """Relax's virtual machine with `executable`, on the CPU."""
    import tvm
    from tvm import relax

    return relax.VirtualMachine(executable, tvm.cpu())
