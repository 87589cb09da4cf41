"""The JSON beside a listing enters (`metadata.json`, `meta.json` or a line of samples), its facts leave."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from syno_lang.diagnostics import Source, Span, SynoError, fail
from syno_lang.importer.sizes import shape_of
from syno_lang.sizes import Size

_DESCRIPTION: Final = re.compile(r"\s*Primary: \{([^{}]*)\}, Coefficient \{([^{}]*)\}\s*")

#: `H: 56`, or `H: 55 -> 56` where the original pads.
_CONSTANT: Final = re.compile(
    r"\s*([A-Za-z_][A-Za-z_0-9]*): ([0-9]{1,18})(?: -> ([0-9]{1,18}))?\s*", re.ASCII
)

#: Sizes with their value, or with the value and the padded one.
_Pairs = dict[str, tuple[int, int]]

#: Figures that the original gives for the whole model, with the text for people.
_FIGURES: Final = {
    "accuracy": "accuracy {:.4g}",
    "loss": "loss {:.4g}",
    "flops": "{:,.0f} FLOPs",
    "params": "{:,.0f} parameters",
}


@dataclass(frozen=True)
class Metadata:
    """What is known beside the loops: shapes, and the kind and value of each size.

    A coefficient without a value has several, one for each layer.
    """

    origin: str
    inputs: tuple[tuple[Size, ...], ...]
    output: tuple[Size, ...]
    primaries: frozenset[str] = frozenset()
    coefficients: Mapping[str, int | None] = field(default_factory=dict)


def read_json(source: Source) -> dict[str, Any]:
    """The object that a JSON text holds.  Raises `SynoError` (E0805) where it is none."""
    try:
        found = json.loads(source.text)
    except json.JSONDecodeError as error:
        span = Span(source, error.lineno, error.colno, error.lineno, error.colno + 1)
        raise _refuse(f"{source.name} is no JSON: {error.msg}", span) from None
    except (RecursionError, ValueError):
        raise _refuse(f"{source.name} is no JSON that can be read") from None
    if not isinstance(found, dict):
        raise _refuse(f"{source.name} holds no object")
    return found


def metadata_of_kernel(record: Mapping[str, Any], origin: str) -> Metadata:
    """Read the object in a `metadata.json`.  Raises `SynoError` (E0805)."""
    layers = _list(record, "validPlaceholders", origin)
    layers = [layer if isinstance(layer, dict) else {} for layer in layers]
    descriptions = [layer.get("constsDescription") for layer in layers]
    shapes = _list(record, "inputsShapes", origin)
    count = record.get("countInputs", len(shapes))
    if count != len(shapes):
        raise _refuse(f"{origin} counts {str(count)[:20]} inputs and gives the shapes of {len(shapes)}")
    found = _metadata(shapes, record.get("outputShape"), descriptions, origin)
    for layer, description in zip(layers, descriptions, strict=True):
        _agree(found, layer, _described(description, origin))
    return found


def metadata_of_sample(record: Mapping[str, Any], origin: str) -> Metadata:
    """Read a line of samples.  Raises `SynoError` (E0805)."""
    constants = _list(record, "constants", origin)
    return _metadata(_list(record, "inputs", origin), record.get("output"), constants, origin)


def figures_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The measured figures as texts; one that is 0 was not measured."""
    found = []
    for name, text in _FIGURES.items():
        value = record.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e18:
            found.append(text.format(value))
    return tuple(found)


def _metadata(shapes: list[Any], output: Any, descriptions: list[Any], origin: str) -> Metadata:
    primaries, coefficients = _constants(descriptions, origin)
    inputs = tuple(shape_of(shape, origin) for shape in shapes)
    return Metadata(origin, inputs, shape_of(output, origin), primaries, coefficients)


def _constants(descriptions: list[Any], origin: str) -> tuple[frozenset[str], dict[str, int | None]]:
    """The names of the primaries, and of the coefficients with the value that all layers agree on."""
    if not descriptions:
        raise _refuse(f"{origin} says nothing of the sizes")
    primaries: set[str] = set()
    values: dict[str, set[int]] = {}
    for description in descriptions:
        large, small = _described(description, origin)
        primaries |= large.keys()
        for name, (value, _) in small.items():
            values.setdefault(name, set()).add(value)
    both = sorted(primaries & values.keys())
    if both:
        raise _refuse(f"{origin} calls `{both[0]}` a primary and a coefficient")
    return frozenset(primaries), {
        name: next(iter(known)) if len(known) == 1 else None for name, known in values.items()
    }


def _described(description: object, origin: str) -> tuple[_Pairs, _Pairs]:
    """The primaries and the coefficients of one layer."""
    found = _DESCRIPTION.fullmatch(description) if isinstance(description, str) else None
    if found is None:
        raise _refuse(f"{origin} describes the sizes as {str(description)[:60]!r}", hint=_EXAMPLE)
    return _pairs(found[1], origin), _pairs(found[2], origin)


def _agree(metadata: Metadata, layer: Mapping[str, Any], pairs: tuple[_Pairs, _Pairs]) -> None:
    """Compare the shapes of a layer in numbers, where they are given, with those in sizes."""
    values = {name: padded for known in pairs for name, (_, padded) in known.items()}
    for key, shapes in (("paddedInputsShapes", metadata.inputs), ("paddedOutputShape", (metadata.output,))):
        given = layer.get(key)
        try:
            wanted = [[size.evaluate(values) for size in shape] for shape in shapes]
        except KeyError as error:
            message = f"{metadata.origin} gives no value for `{error.args[0]}`"
            raise _refuse(message) from None
        if given is not None and given != (wanted[0] if key == "paddedOutputShape" else wanted):
            raise _refuse(f"{metadata.origin} gives shapes that do not fit its sizes, in `{key}`")


def _pairs(text: str, origin: str) -> _Pairs:
    found: _Pairs = {}
    for item in text.split(",") if text.strip() else ():
        pair = _CONSTANT.fullmatch(item)
        if pair is None or int(pair[2]) < 1:
            raise _refuse(f"{origin} gives a size as {item.strip()[:60]!r}", hint=_EXAMPLE)
        if pair[1] in found:
            raise _refuse(f"{origin} gives `{pair[1]}` twice")
        found[pair[1]] = int(pair[2]), int(pair[3] or pair[2])
    return found


_EXAMPLE: Final = "it should read like `Primary: { C: 64, N: 1 }, Coefficient { k: 3 }`"


def _list(record: Mapping[str, Any], name: str, origin: str) -> list[Any]:
    found = record.get(name)
    if not isinstance(found, list):
        raise _refuse(f"{origin} has no list `{name}`")
    return found


def _refuse(message: str, span: Span | None = None, hint: str = "take a whole copy of it") -> SynoError:
    return fail("E0805", message, span=span, hint=hint)
