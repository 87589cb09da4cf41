"""Candidates enter; their times and the memory that they take leave, once all that must are found equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syno_lang.evaluate.candidates import Candidate, Setting
from syno_lang.evaluate.measure import Times, interleaved, peak_bytes, saved_bytes, wait_for
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.sizes import Size

#: How far results of candidates may differ, relative to the largest number.
TOLERANCE = {"float64": 1e-9, "float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}


@dataclass(frozen=True)
class Measured:
    """What one candidate takes: seconds and bytes, of a forward pass and of one with its gradients.

    `saved` is what the forward pass keeps for the gradients, beside inputs and weights.
    """

    name: str
    forward: Times
    peak: int | None = None
    training: Times | None = None
    training_peak: int | None = None
    saved: int | None = None


def bench(
    candidates: Sequence[Candidate],
    setting: Setting,
    *,
    backward: bool = False,
    rounds: int = 21,
    memory: bool = True,
    clock: Callable[[], float] | None = None,
) -> list[Measured]:
    """Measure every candidate, in turn, with the `clock` of `interleaved`; without `memory` only their times.

    Raises `ValueError` where two should be equal and are not.
    """
    _compare(candidates, setting)
    wait = wait_for(setting.device)
    forward = {one.name: inference(one) for one in candidates}
    times = interleaved(forward, rounds=rounds, wait=wait, clock=clock)
    steps = {one.name: training(one) for one in candidates if backward and one.trains}
    step_times = interleaved(steps, rounds=rounds, wait=wait, clock=clock)
    return [
        Measured(
            one.name,
            times[one.name],
            peak_bytes(forward[one.name], setting.device) if memory else None,
            step_times.get(one.name),
            peak_bytes(steps[one.name], setting.device) if memory and one.name in steps else None,
            _saved(one) if memory and one.name in steps else None,
        )
        for one in candidates
    ]


def inference(candidate: Candidate) -> Callable[[], object]:
    """A forward pass that keeps nothing for gradients."""
    import torch

    def run() -> object:
        with torch.inference_mode():
            return candidate.run(*candidate.inputs)

    return run


def training(candidate: Candidate) -> Callable[[], object]:
    """A forward pass and the gradients of inputs and weights."""
    import torch

    inputs = [tensor.detach().clone().requires_grad_() for tensor in candidate.inputs]
    needed = [*inputs, *candidate.weights]
    gradient = torch.randn_like(candidate.run(*inputs))
    return lambda: torch.autograd.grad(candidate.run(*inputs), needed, gradient)


def _saved(candidate: Candidate) -> int:
    inputs = [tensor.detach().requires_grad_() for tensor in candidate.inputs]
    return saved_bytes(lambda: candidate.run(*inputs), [*inputs, *candidate.weights])


def _compare(candidates: Sequence[Candidate], setting: Setting) -> None:
    import torch

    first, *others = [one for one in candidates if one.same]
    with torch.no_grad():
        wanted = first.run(*first.inputs).double()
        for other in others:
            error = (other.run(*other.inputs).double() - wanted).abs().max() / wanted.abs().max()
            if not error <= TOLERANCE[setting.dtype]:
                raise ValueError(f"{other.name} differs from {first.name} by {error:.1e}")


def sizes_like(other: Definition, definition: Definition, sizes: Mapping[str, int]) -> dict[str, int]:
    """Sizes of `other` at which it stands in the place of `definition` at `sizes`.

    Sizes of the same name are equal; what is left open follows from the shapes of input and output, where
    one axis has no other unknown.  Raises `SynoError` where that is not enough.
    """
    names = {size.name for size in other.sizes}
    values = other.defaults | {name: value for name, value in sizes.items() if name in names}
    pairs = [
        (axis, like.value(sizes))
        for mine, theirs in zip(_shapes(other), _shapes(definition), strict=False)
        if len(mine) == len(theirs)
        for axis, like in zip(mine, theirs, strict=True)
    ]
    for _ in pairs:
        for axis, length in pairs:
            unknown = [name for name in axis.variables if name not in values]
            if len(unknown) == 1 and axis == Size.variable(unknown[0]):
                values[unknown[0]] = length
    return assign(other, values)


def _shapes(definition: Definition) -> list[tuple[Size, ...]]:
    return [definition.graph.output, *(one.shape for one in definition.inputs)]
