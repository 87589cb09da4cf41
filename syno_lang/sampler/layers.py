"""The placeholders of a model and the sizes of a space enter; the layers of the space leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from torch import nn

from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.nn.infer import infer_sizes, no_placeholder
from syno_lang.nn.placeholder import Placeholder, find_placeholders
from syno_lang.sampler.specs import Specs
from syno_lang.synth.read_shapes import Shapes

#: The sizes of a sampler without a model, as in the original.
WITHOUT_MODEL: Final = {"N": 4, "C_in": 4, "C_out": 8, "H": 8, "W": 8}


def layers_of(
    net: nn.Module | None, shapes: Shapes, specs: Specs, example: tuple[Any, ...] | None
) -> tuple[dict[str, int], ...]:
    """The sizes at every placeholder of `net`, in its order; `example` is forwarded if they do not say all.

    Raises `SynoError`: E1151, E1152 and E1105.
    """
    known = {name: specs.values[name] for name in specs.sizes if name in specs.values}
    if net is None:
        return (_checked({**WITHOUT_MODEL, **known}, specs, shapes, "the default layer"),)
    placeholders = find_placeholders(net)
    if not placeholders:
        raise no_placeholder()
    _check_names(placeholders, specs)
    needed = [name for name in specs.sizes if name not in known]
    if example is None and any(name not in item.sizes for item in placeholders.values() for name in needed):
        _say_missing(placeholders, needed)
    if example is not None:
        before, after = ([axis.size for axis in axes] for axes in (shapes.inputs, shapes.outputs))
        infer_sizes(net, before, after, *example, defaults=known)
    layers = []
    for name, item in placeholders.items():
        item.sizes = _checked({**known, **item.sizes}, specs, shapes, f"the placeholder {name or 'itself'}")
        layers.append(item.sizes)
    return tuple(layers)


def _check_names(placeholders: Mapping[str, Placeholder], specs: Specs) -> None:
    """Every mapping is about a size of the space."""
    report = []
    for place, item in placeholders.items():
        for name in item.mappings:
            if name not in specs.sizes:
                hint = did_you_mean(name, specs.sizes) or f"the sizes are {', '.join(specs.sizes)}"
                message = (
                    f"the placeholder {place or 'itself'} has a size {name}, which the shapes do not have"
                )
                report.append(Diagnostic("E1152", message, hint=hint))
    if report:
        raise SynoError(report)


def _say_missing(placeholders: Mapping[str, Placeholder], needed: Iterable[str]) -> None:
    report = []
    for place, item in placeholders.items():
        missing = [name for name in needed if name not in item.sizes]
        if missing:
            message = f"the placeholder {place or 'itself'} does not say what {', '.join(missing)} is"
            hint = "give it in its mappings, or give the sampler an `example` that the model takes"
            report.append(Diagnostic("E1152", message, hint=hint))
    raise SynoError(report)


def _checked(values: Mapping[str, int], specs: Specs, shapes: Shapes, place: str) -> dict[str, int]:
    """The values of all sizes, at which every axis is whole."""
    missing = [name for name in specs.sizes if name not in values]
    if missing:
        hint = f'give it in its specification: `"{missing[0]} = 16: 2"`'
        raise fail("E1152", f"{place} does not say what {', '.join(missing)} is", hint=hint)
    for axis in (*shapes.inputs, *shapes.outputs):
        value = axis.size.evaluate(values)
        if value.denominator != 1:
            where = ", ".join(f"{name} = {values[name]}" for name in axis.size.variables)
            message = f"`{axis.size}` is {value} at {place}, with {where}"
            raise fail("E1105", message, hint="choose sizes that divide")
    return {name: values[name] for name in specs.sizes}
