"""A setting enters; the TVM kernel of its operator leaves, as something that can be timed.

The kernel runs on as many threads as torch has been given; TVM fixes that number at the first call.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from syno_lang.diagnostics import fail

if TYPE_CHECKING:
    import torch

    from syno_lang.evaluate.candidates import Candidate, Setting


def untuned(setting: Setting) -> Candidate:
    """The schedule that `syno build --to tvm` uses untuned."""
    return _candidate("tvm", setting, None)


def tuned(setting: Setting) -> Candidate:
    """The schedule that `syno tune` has found, from NAME.tvm in the current folder.

    Raises `SynoError` (E1302) where there is none for these sizes, this dtype and this machine.
    """
    return _candidate("tvm-tuned", setting, f"{setting.definition.name}.tvm")


def _candidate(name: str, setting: Setting, database: str | None) -> Candidate:
    import torch

    from syno_lang.evaluate.candidates import Candidate

    function, shape = kernel_of(setting, database)
    tensors = setting.tensors(setting.definition, setting.sizes)
    weights = [tensors[one.name].contiguous() for one in setting.definition.weights]
    out = torch.empty(shape, dtype=getattr(torch, setting.dtype), device=setting.device)

    def run(*inputs: torch.Tensor) -> torch.Tensor:
        function(*(tensor.detach() for tensor in inputs), *weights, out)
        return out

    inputs = [tensors[one.name] for one in setting.definition.inputs]
    return Candidate(name, run, inputs, trains=False)


def kernel_of(setting: Setting, database: str | None) -> tuple[Any, tuple[int, ...]]:
    """The compiled function of a setting and the shape of its output; by a tuned schedule with `database`.

    Raises `SynoError`: E0701 without TVM, E1302 without a tuned schedule, E1303 for other devices than a CPU.
    """
    import torch

    from syno_lang.backends.tvm.kernel import compile_kernel
    from syno_lang.backends.tvm.records import tuned_module
    from syno_lang.backends.tvm.targets import target_of
    from syno_lang.lower.forms import plainest, programs

    if torch.device(setting.device).type != "cpu":
        raise fail("E1303", f"TVM kernels are not measured on {setting.device}", hint="leave --device out")
    os.environ.setdefault("TVM_NUM_THREADS", str(torch.get_num_threads()))
    program = plainest(programs(setting.definition, setting.sizes))
    target = target_of()
    found = None
    if database is not None:
        found = tuned_module(program, setting.sizes, setting.dtype, target, database)
        if found is None:
            hint = f"run syno tune for these sizes, with TVM_NUM_THREADS={os.environ['TVM_NUM_THREADS']}"
            raise fail("E1302", f"there is no tuned schedule for this in {database}", hint=hint)
    kernel = compile_kernel(program, setting.sizes, target, setting.dtype, tuned=found)
    return kernel.function, kernel.arguments[-1].shape
