"""A setting and a name enter; something that can be timed beside the emitted module leaves.

A candidate by name is a function in `CANDIDATES`; a backend gets one by a line there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from syno_lang.diagnostics import fail
from syno_lang.evaluate.tvm_candidates import tuned, untuned
from syno_lang.ir.definition import Definition

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Setting:
    """What is measured: an operator at sizes, and the text of the torch file that was `emitted` for it.

    Data and weights are drawn from `seed`, the same for all candidates that compute the same.
    """

    definition: Definition
    sizes: Mapping[str, int]
    emitted: str = ""
    device: str = "cpu"
    dtype: str = "float32"
    seed: int = 0

    def tensors(self, definition: Definition, sizes: Mapping[str, int]) -> dict[str, torch.Tensor]:
        """A random tensor for each input and weight of `definition`."""
        import torch

        # Drawn in float32 on the CPU, so that no type and no device sees other numbers.
        generator = torch.Generator().manual_seed(self.seed)
        return {
            one.name: torch.randn([size.value(sizes) for size in one.shape], generator=generator)
            .mul(1.0 if one.role == "input" else 0.1)
            .to(self.device, getattr(torch, self.dtype))
            for one in definition.tensors
        }


@dataclass(frozen=True)
class Candidate:
    """Something that runs: `run(*inputs)` gives a tensor, with gradients for `weights` if there are any.

    One that is the `same` computes what the emitted module computes.  `trains` says whether it has gradients.
    """

    name: str
    run: Callable[..., Any]
    inputs: Sequence[torch.Tensor]
    weights: Sequence[torch.Tensor] = field(default=())
    same: bool = True
    trains: bool = True


def of_module(
    name: str,
    text: str,
    definition: Definition,
    sizes: Mapping[str, int],
    setting: Setting,
    *,
    same: bool = True,
    compiled: bool = False,
    folded: bool = False,
) -> Candidate:
    """The module of `definition` in the emitted file `text`, with the weights of the setting."""
    import torch

    from syno_lang.backends.torch.emit import class_name
    from syno_lang.backends.torch.load import load_class

    cls = load_class(text, class_name(definition.name))
    known = cls.__init__.__kwdefaults__ or {}
    given = {
        size.name: sizes[size.name] for size in definition.sizes if size.name in definition.graph.variables
    }
    module = cls(**{key: value for key, value in given.items() if known.get(key, 0) is not None})
    tensors = setting.tensors(definition, sizes)
    module = module.to(setting.device, getattr(torch, setting.dtype))
    module.load_state_dict({one.name: tensors[one.name] for one in definition.weights})
    inputs = [tensors[one.name] for one in definition.inputs]
    if folded and hasattr(module, "fold"):
        module.fold()
    run = torch.compile(module, fullgraph=True) if compiled else module
    return Candidate(name, run, inputs, list(module.parameters()), same, trains=not folded)


def _ours(setting: Setting) -> Candidate:
    return of_module("syno", setting.emitted, setting.definition, setting.sizes, setting)


def _folded(setting: Setting) -> Candidate:
    """The emitted module after `fold`: for inference alone."""
    return of_module("fold", setting.emitted, setting.definition, setting.sizes, setting, folded=True)


def _einsum(setting: Setting, *, compiled: bool = False) -> Candidate:
    """The same stages, each as one einsum of views."""
    from syno_lang.backends.torch.emit import emit
    from syno_lang.backends.torch.forms import Kind
    from syno_lang.lower.schedule import schedule

    program = schedule(setting.definition, setting.sizes)
    kinds: tuple[Kind, ...] = ("einsum",)
    text = emit([setting.definition], {setting.definition.name: program}, kinds)
    name = "compile-einsum" if compiled else "eager-einsum"
    return of_module(name, text, setting.definition, setting.sizes, setting, compiled=compiled)


def _compiled(setting: Setting) -> Candidate:
    if not shutil.which("g++") and not shutil.which("clang++"):
        raise fail("E0701", "torch.compile needs a C++ compiler", hint="install g++ or clang++")
    return of_module("compile", setting.emitted, setting.definition, setting.sizes, setting, compiled=True)


#: What a name makes of a setting.
CANDIDATES: Final[dict[str, Callable[[Setting], Candidate]]] = {
    "syno": _ours,
    "fold": _folded,
    "eager-einsum": _einsum,
    "compile": _compiled,
    "compile-einsum": lambda setting: _einsum(setting, compiled=True),
    "tvm": untuned,
    "tvm-tuned": tuned,
}
