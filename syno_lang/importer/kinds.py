"""The sizes of an imported graph enter; which are primary, which are coefficients, and defaults leave.

The metadata tells.  A listing alone gives three hints, for the original writes coefficients before
primaries, each group by name, and never a primary below the line:
  1. what stands below the line, in a size of the listing or in a domain, is a coefficient;
  2. so is what stands before a coefficient in a monomial, or before a name that should come earlier;
  3. of the others, what sizes an axis of the output or of `in_0` is primary, the rest coefficients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from syno_lang.diagnostics import fail
from syno_lang.importer.listing import Listing
from syno_lang.importer.metadata import Metadata
from syno_lang.importer.sizes import factors
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.ir.pgraph import PGraph
from syno_lang.sizes import ONE


def declarations(
    listing: Listing,
    graph: PGraph,
    metadata: Metadata | None,
    coefficients: Mapping[str, int | None] | None,
) -> tuple[SizeDeclaration, ...]:
    """The sizes that `graph` uses: primaries in the order of its shapes, then coefficients by name.

    `coefficients` wins over the metadata.  Raises `SynoError` (E0203, E0206, E0805).
    """
    names = _in_order(graph)
    small = _coefficients(names, listing, graph, metadata, coefficients)
    for name in names:
        if name.startswith("__") or len(name) > 100:
            hint = "rename it in the listing and its metadata"
            raise fail("E0206", f"`{name[:40]}` cannot be the name of a size", span=listing.span, hint=hint)
    primary = [SizeDeclaration(name, "primary") for name in names if name not in small]
    used = [name for name in graph.variables if name in small]
    return (*primary, *(SizeDeclaration(name, "coefficient", small[name]) for name in used))


def _coefficients(
    names: list[str],
    listing: Listing,
    graph: PGraph,
    metadata: Metadata | None,
    given: Mapping[str, int | None] | None,
) -> Mapping[str, int | None]:
    defaults = metadata.coefficients if metadata is not None else {}
    if given is not None:
        for name in given:
            if name not in names:
                hint = f"its sizes are {', '.join(names)}"
                raise fail("E0203", f"the kernel uses no size `{name[:40]}`", hint=hint)
        return {name: defaults.get(name) if value is None else value for name, value in given.items()}
    if metadata is None:
        return dict.fromkeys(_guessed(listing, graph))
    for name in names:
        if name not in metadata.primaries and name not in metadata.coefficients:
            message = f"{metadata.origin} does not say what `{name}` is"
            raise fail("E0805", message, span=listing.span, hint="take both files of one kernel")
    return metadata.coefficients


def _in_order(graph: PGraph) -> list[str]:
    """As people write them: primaries axis by axis, the input first; then everything by name."""
    axes = zip_longest(graph.tensors[0].shape, graph.output, fillvalue=ONE)
    found = [name for pair in axes for size in pair for name, power in size.powers if power > 0]
    return list(dict.fromkeys((*found, *graph.variables)))


def _guessed(listing: Listing, graph: PGraph) -> set[str]:
    found = {name for size in graph.sizes for name in size.lower.variables}
    written = [[name for name, _ in factors(text)] for text in sorted(listing.monomials)]
    found |= {name for text in listing.monomials for name, power in factors(text) if power < 0}
    for names in written:
        found |= set(_before_a_step_back(names))
    while True:
        more = {name for names in written for name in _before_any(names, found)} - found
        if not more:
            break
        found |= more
    axes = {name for size in graph.output for name in size.variables}
    axes |= {name for size in graph.tensors[0].shape for name in size.variables}
    return found | (set(graph.variables) - axes)


def _before_a_step_back(names: list[str]) -> list[str]:
    """In `g*s*C_out` all before `C_out`, which would come first if it were one of them."""
    steps = [place for place in range(1, len(names)) if names[place - 1] > names[place]]
    return names[: steps[0]] if steps else []


def _before_any(names: list[str], known: Iterable[str]) -> list[str]:
    places = [place for place, name in enumerate(names) if name in known]
    return names[: max(places)] if places else []
