"""A PyTorch model with our operators in it enters; the same model, compiled by TVM as a whole, leaves.

    layer = tvm_layer(syno_lang.load("op1.syno"), N=1, C_in=64, C_out=64, H=56)
    model = torch.nn.Sequential(layer, torch.nn.ReLU())
    compiled = compile_model(model, torch.rand(1, 64, 56, 56))
    compiled.save("model.so")

The library runs without this package: `relax.VirtualMachine(tvm.runtime.load_module("model.so"), tvm.cpu())`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, SupportsIndex

import torch

from syno_lang.backends.tvm.graph import Call, compile_graph, import_graph, lowered, machine
from syno_lang.backends.tvm.names import identifier
from syno_lang.backends.tvm.targets import target_of
from syno_lang.diagnostics import fail
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition

#: The operators that were registered with torch: what they stand for, by their name in an exported graph.
_REGISTERED: dict[str, Call] = {}


class TvmLayer(torch.nn.Module):
    """An operator at given sizes: the emitted PyTorch module, which an export keeps as one node.

    Runs and trains as that module does; its parameters are those of `module`.
    """

    def __init__(self, definition: Definition, sizes: dict[str, int], module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module
        self.inputs = len(definition.inputs)
        self.weights = [one.name for one in definition.weights]
        self.call = _register(definition, sizes)

    def forward(self, *inputs: torch.Tensor) -> Any:
        """What the operator makes of its inputs."""
        if not torch.compiler.is_exporting():
            return self.module(*inputs)
        return self.call(*inputs, *(getattr(self.module, name) for name in self.weights))


def tvm_layer(definition: Definition, /, **sizes: SupportsIndex) -> TvmLayer:
    """A layer that `compile_model` compiles by our kernel; all sizes must be known."""
    from syno_lang.backends.torch.emit import class_name, emit
    from syno_lang.backends.torch.load import load_class
    from syno_lang.lower.schedule import schedule

    values = assign(definition, sizes)
    text = emit([definition], {definition.name: schedule(definition, values)})
    cls = load_class(text, class_name(definition.name))
    used = {name: value for name, value in values.items() if name in definition.graph.variables}
    return TvmLayer(definition, values, cls(**used))


def _register(definition: Definition, sizes: dict[str, int]) -> Any:
    """The operator of torch that stands for ours in an exported graph."""
    from syno_lang.lower.forms import plainest, programs

    stated = f"{definition.graph.digest} {sorted(sizes.items())}"
    name = f"{identifier(definition.name)}_{hashlib.blake2b(stated.encode(), digest_size=6).hexdigest()}"
    if f"{name}.default" not in _REGISTERED:
        _define(name, definition, sizes)
        _REGISTERED[f"{name}.default"] = Call(plainest(programs(definition, sizes)), sizes)
    return getattr(torch.ops.syno_lang, name)


def _define(name: str, definition: Definition, sizes: dict[str, int]) -> None:
    shape = tuple(size.value(sizes) for size in definition.graph.output)
    arguments = ", ".join(f"Tensor t{number}" for number in range(len(definition.tensors)))
    torch.library.define(f"syno_lang::{name}", f"({arguments}) -> Tensor")

    def shaped(*tensors: torch.Tensor) -> torch.Tensor:
        return tensors[0].new_empty(shape) if tensors else torch.empty(shape)

    torch.library.register_fake(f"syno_lang::{name}", shaped)


@dataclass(frozen=True, eq=False)
class Compiled:
    """A model compiled by TVM.  Call it with tensors in memory of the CPU."""

    executable: Any
    machine: Any

    def __call__(self, *inputs: torch.Tensor) -> torch.Tensor:
        """What the model makes of its inputs."""
        found = self.machine["main"](*(tensor.detach().contiguous() for tensor in inputs))
        return found if isinstance(found, torch.Tensor) else torch.utils.dlpack.from_dlpack(found)

    def save(self, path: str) -> None:
        """Write a shared library that holds code and weights.  Raises `SynoError` (E0702)."""
        try:
            self.executable.export_library(path)
        except (OSError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise fail("E0702", f"cannot write {path}: {reason}", hint="it needs a C++ compiler") from error


def compile_model(
    model: torch.nn.Module,
    inputs: torch.Tensor | Sequence[torch.Tensor],
    *,
    target: str = "llvm",
    trials: int = 0,
    database: str | None = None,
) -> Compiled:
    """Compile `model`, in its present mode and for inputs of these shapes, for inference on a CPU.

    With `trials` the parts that are not ours are tuned, so many schedules in all; their records are in
    `database`, a folder.  Raises `SynoError`: E0701 without TVM, E1304 for what TVM does not know of PyTorch.
    """
    machine_target = target_of(target)
    given = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
    with torch.no_grad():
        exported = torch.export.export(model, given)
    module = import_graph(exported, _REGISTERED, machine_target)
    if trials:
        if database is None:
            raise ValueError("the records of a tuning need a folder: give database")
        module = _tuned(lowered(module, machine_target), machine_target, Path(database), trials)
    executable = compile_graph(module, machine_target)
    return Compiled(executable, machine(executable))


def _tuned(module: Any, target: Any, folder: Path, trials: int) -> Any:
    from syno_lang.backends.tvm.devices import Here
    from syno_lang.backends.tvm.metaschedule import tune_graph
    from syno_lang.backends.tvm.nests import Array

    folder.mkdir(parents=True, exist_ok=True)

    def measure(candidate: Any, arguments: Any) -> float:
        arrays = [Array("", tuple(int(size) for size in shape), str(dtype)) for _, dtype, shape in arguments]
        return Here().measure(candidate, target, arrays)

    return tune_graph(module, target, folder, trials, measure)
