"""A space enters, the same as plain data leaves: for JSON, and for people who read it."""

from __future__ import annotations

from typing import Any

from syno_lang.synth.options import OPTIONS
from syno_lang.synth.space import Axis, Limits, Space


def describe(space: Space) -> dict[str, Any]:
    """Shapes, sizes, layers, and every option with its value, its default and its meaning."""
    default = Limits()
    return {
        "name": space.name,
        "from": [_axis(axis) for axis in space.inputs],
        "to": [_axis(axis) for axis in space.outputs],
        "keep": [list(pair) for pair in space.keep],
        "sizes": [
            {
                "name": item.declaration.name,
                "kind": item.declaration.kind,
                "default": item.declaration.default,
                "uses": item.uses,
            }
            for item in space.sizes
        ],
        "layers": [dict(layer) for layer in space.layers],
        "conditions": [str(item) for item in space.conditions],
        "rules": list(space.rules),
        "options": [
            {
                "name": option.limit,
                "value": getattr(space.limits, option.limit),
                "default": getattr(default, option.limit),
                "meaning": option.text,
                "usage": option.usage,
                "original": option.original,
            }
            for option in OPTIONS
        ],
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {"size": str(axis.size), "unordered": axis.unordered}
