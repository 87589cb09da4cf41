"""A model with placeholders and an example enter; the sizes of each placeholder leave, from one forward."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.nn.placeholder import Placeholder, checked_sizes, find_placeholders
from syno_lang.nn.shapes import solve
from syno_lang.sizes import Size

Shape = Sequence[Size]


@dataclass
class Trace:
    """What one forward tells of the placeholders: their sizes, and what does not fit.

    `before` and `after` are the symbolic shapes; `defaults` the sizes that have a value of their own.
    """

    before: Shape
    after: Shape
    defaults: Mapping[str, int] = field(default_factory=dict)
    sizes: dict[int, dict[str, int]] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)

    def __call__(self, placeholder: Placeholder, x: Tensor, out: Tensor | None) -> Tensor:
        """Take up one call of a placeholder; gives what it should return, so that the forward goes on."""
        key = id(placeholder)
        known = self.sizes.get(key, dict(placeholder.mappings))
        if out is None:
            return self._without_layer(placeholder, x, known)
        before, after = placeholder.around(tuple(x.shape), tuple(out.shape))
        if placeholder.mapping_func is not None:
            told = checked_sizes(placeholder.mapping_func(torch.Size(before), torch.Size(after)))
            found, fault = {**told, **known}, _differ(known, told)
        else:
            found, fault = solve([(self.before, before), (self.after, after)], known)
        self._note(key, found, fault)
        return out

    def _without_layer(self, placeholder: Placeholder, x: Tensor, known: Mapping[str, int]) -> Tensor:
        before, _ = placeholder.around(tuple(x.shape), tuple(x.shape))
        found, fault = solve([(self.before, before)], known)
        values = {**self.defaults, **found}
        if not fault and any(name not in values for size in self.after for name in size.variables):
            missing = sorted({name for size in self.after for name in size.variables if name not in values})
            fault = f"nothing says what {', '.join(missing)} of its output is"
        self._note(id(placeholder), found, fault)
        if fault:
            raise _Stopped
        shape = [int(size.evaluate(values)) for size in self.after]
        if placeholder.strided and placeholder.stride_by == "slice":
            rank = len(placeholder.stride)
            ends = zip(shape[-rank:], placeholder.stride, strict=True)
            shape[-rank:] = [-(-length // step) for length, step in ends]
        return x.new_zeros(shape)

    def _note(self, key: int, found: dict[str, int], fault: str) -> None:
        self.sizes[key] = found
        if fault:
            self.faults.setdefault(key, fault)


class _Stopped(Exception):
    """The forward cannot go on: why is among the faults."""


def infer_sizes(
    net: nn.Module, before: Shape, after: Shape, *example: Any, defaults: Mapping[str, int] | None = None
) -> dict[str, dict[str, int]]:
    """The sizes of every placeholder, told by one forward of `net` on `example`; they are kept in them too.

    Raises `SynoError`: E1151 without a placeholder, E1152 for those that contradict their mappings or the
    shapes, and for an example that the model does not take.
    """
    found = trace(net, before, after, *example, defaults=defaults)
    placeholders = find_placeholders(net)
    report = [
        Diagnostic(
            "E1152",
            f"the placeholder {name or 'itself'} does not fit the shapes: {found.faults[id(item)]}",
            hint="give it other mappings, or leave that layer as it is",
        )
        for name, item in placeholders.items()
        if id(item) in found.faults
    ]
    report += [
        Diagnostic(
            "E1152",
            f"the forward of the model never comes to the placeholder {name or 'itself'}",
            hint="give it all its mappings, or an example that reaches it",
        )
        for name, item in placeholders.items()
        if id(item) not in found.sizes and not report
    ]
    if report:
        raise SynoError(report)
    for item in placeholders.values():
        item.sizes = dict(found.sizes[id(item)])
    return {name: item.sizes for name, item in placeholders.items()}


def trace(
    net: nn.Module, before: Shape, after: Shape, *example: Any, defaults: Mapping[str, int] | None = None
) -> Trace:
    """One forward without gradients; the model is afterwards as it was before.  Raises `SynoError`."""
    placeholders = find_placeholders(net)
    if not placeholders:
        raise no_placeholder()
    found = Trace(before, after, defaults or {})
    with _traced(net, placeholders.values(), found), torch.no_grad():
        try:
            net(*example)
        except _Stopped:
            pass
        except SynoError:
            raise
        except Exception as error:
            shapes = ", ".join(str(list(item.shape)) for item in example if isinstance(item, Tensor))
            text = " ".join(str(error).split())[:200]
            message = f"the model does not take the example{f' of shape {shapes}' * bool(shapes)}: {text}"
            hint = "give an example that the model takes: `example = torch.zeros(1, 3, 224, 224)`"
            raise fail("E1152", message, hint=hint) from error
    return found


def no_placeholder() -> SynoError:
    """That there is nothing to replace (E1151)."""
    hint = "put a `Placeholder` into it, or let `substitute(net, 'conv2d')` do that"
    return fail("E1151", "the model has no placeholder", hint=hint)


@contextmanager
def _traced(net: nn.Module, placeholders: Iterable[Placeholder], found: Trace) -> Any:
    """The placeholders report to `found`, and nothing in the model learns from the forward."""
    training = [module for module in net.modules() if module.training]
    several = list(placeholders)
    hook: Callable[[Placeholder, Tensor, Tensor | None], Tensor] = found
    kernels = [(item, item.kernel) for item in several]
    try:
        net.eval()
        for item in several:
            item._trace = hook
        yield
    finally:
        for item, _ in kernels:
            item._trace = None
        for module in training:
            module.training = True


def _differ(known: Mapping[str, int], told: Mapping[str, int]) -> str:
    for name, value in told.items():
        if known.get(name, value) != value:
            return f"`{name}` is {known[name]} in its mappings, and {value} in the forward"
    return ""
