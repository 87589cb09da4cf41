"""A golden enumeration of the original enters; its space in our words, and its operators as graphs, leave."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syno_lang.diagnostics import Source
from syno_lang.importer.listing_to_graph import graph_of
from syno_lang.importer.loops_to_expressions import read_listing
from syno_lang.importer.sizes import size_of
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.ir.pgraph import PGraph
from syno_lang.synth.space import Axis, Limits, Space, SpaceSize

FOLDER = Path(__file__).parents[3] / "shared" / "golden"

#: The defaults of the original's C++ options; its switches for pairs of primitives are the approximate rules.
DEFAULTS: dict[str, Any] = dict(
    tensors=2, reduce=2, stride=None, expand=None, chain=5, variables=None, powers=None, reduction_ratio=32,
    pooling=8, window=30, window_ratio=2.0, odd_windows=True, strided=30, shift_pattern=5.0, repeat=1,
    tile=False, outer=512, shared_between_weights=(3, 8), weight_params=1,
)  # fmt: skip

#: What our limits are called there.
NAMES = {
    "maximum_tensors": "tensors", "maximum_reductions": "reduce", "maximum_strides": "stride",
    "maximum_shifts": "shift", "maximum_merges": "merge", "maximum_splits": "split",
    "max_rdom_size_multiplier": "reduction_ratio", "min_single_weight_params": "weight_params",
    "max_expansion_repeat_multiplier": "repeat",
}  # fmt: skip


@dataclass(frozen=True)
class Golden:
    """One file: the space, its operators as listings and graphs."""

    name: str
    space: Space
    listings: tuple[str, ...]
    graphs: tuple[PGraph, ...]
    paths: tuple[tuple[str, ...], ...]


def read(name: str) -> Golden:
    """The golden enumeration of that name."""
    content = json.loads((FOLDER / f"golden_{name}.json").read_text())
    finals = content["finals"]
    listings = tuple(final["fw"] for final in finals)
    graphs = tuple(graph_of(read_listing(Source("golden", text)), None) for text in listings)
    return Golden(
        name, space_of(content["cfg"], name), listings, graphs, tuple(tuple(f["arcs"]) for f in finals)
    )


def space_of(options: dict[str, Any], name: str) -> Space:
    """The space that the options of the original describe."""
    sizes = [_size(text, "primary") for text in options["prim"]]
    sizes += [_size(text, "coefficient") for text in options["coef"]]
    given = {ours: options[theirs] for theirs, ours in NAMES.items() if theirs in options}
    most = {ours: None if value == -1 else value for ours, value in given.items()}
    limits = Limits(**{**DEFAULTS, **most, "primitives": options["depth"]})
    layer = {size.declaration.name: size.declaration.default or 1 for size in sizes}
    rules = tuple(APPROXIMATE)
    return Space(
        name, tuple(sizes), _axes(options["inp"]), _axes(options["out"]), (), (layer,), limits, (), rules
    )


#: The original's approximations that are switched on by default.
APPROXIMATE = ("quotient_of_unfold", "remainder_of_unfold")


def _size(text: str, kind: Any) -> SpaceSize:
    found = re.fullmatch(r"(\w+)=(\d+):(\d+)", text)
    assert found is not None
    return SpaceSize(SizeDeclaration(found[1], kind, int(found[2])), int(found[3]))


def _axes(text: str) -> tuple[Axis, ...]:
    parts = [part.split(":") for part in text.strip("[]").split(",")]
    return tuple(Axis(size_of(part[0], "E0801"), "unordered" in part[1:]) for part in parts)
