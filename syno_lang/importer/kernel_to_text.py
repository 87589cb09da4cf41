"""A kernel enters, the text of its `.syno` file leaves, parsed again and found to be the same graph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from syno_lang.diagnostics import Diagnostic, Source, Span, SynoError, fail
from syno_lang.importer.kernels import Kernel
from syno_lang.importer.kinds import declarations
from syno_lang.importer.listing import Listing
from syno_lang.importer.listing_to_graph import graph_of
from syno_lang.importer.loops_to_expressions import read_listing
from syno_lang.importer.naming import coordinate_names, tensor_names
from syno_lang.ir.definition import Definition, TensorDeclaration
from syno_lang.ir.elaborate import elaborate
from syno_lang.ir.print import formula
from syno_lang.ir.quality import ALLOWABLE
from syno_lang.syntax.parse import parse

#: What the original does not check, so an imported operator may say that it means it.
_EXCUSED: Final = {code: name for name, code in ALLOWABLE.items()}


def import_kernel(
    kernel: Kernel, *, name: str | None = None, coefficients: Mapping[str, int | None] | None = None
) -> str:
    """The `.syno` text of `kernel`, in formula notation.

    `name` calls the operator something else than `Kernel.name`.  `coefficients` tells which sizes are
    coefficients, with a default or `None`; without it the metadata does, or else the listing is
    searched for hints (`syno_lang.importer.kinds`).  Raises `SynoError` with the place in the listing.
    """
    title = _checked(name if name is not None else kernel.name)
    listing = read_listing(kernel.listing)
    graph = graph_of(listing, kernel.metadata)
    sizes = declarations(listing, graph, kernel.metadata, coefficients)
    names = tensor_names(len(graph.tensors), [size.name for size in sizes])
    tensors = tuple(
        TensorDeclaration(given, tensor.role, tensor.shape)
        for given, tensor in zip(names, graph.tensors, strict=True)
    )
    primaries = {size.name for size in sizes if size.kind == "primary"}
    leaves = coordinate_names(graph, primaries, [*names, *(size.name for size in sizes)])
    definition = Definition(title, sizes, tensors, graph, leaves)
    return _comment(kernel, names) + _checked_text(definition, listing)


def _checked(name: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]{0,99}", name) and not name.startswith("__"):
        return name
    hint = "use up to 100 letters, digits and underscores, not starting with a digit or `__`"
    raise fail("E0206", f"{name[:40]!r} cannot be the name of an operator", hint=hint)


def _checked_text(definition: Definition, listing: Listing) -> str:
    """The text of `definition`, with what the language objects to allowed where that can be said."""
    text = formula(definition)
    findings = _findings(text, definition)
    if findings and all(item.code in _EXCUSED for item in findings):
        allowed = frozenset(_EXCUSED[item.code] for item in findings)
        text = formula(replace(definition, allowed=allowed))
        findings = _findings(text, definition)
    if findings:
        raise SynoError([_told(item, listing.span) for item in findings])
    return text


def _findings(text: str, definition: Definition) -> Sequence[Diagnostic]:
    """What the language says to `text`."""
    source = Source(definition.name, text)
    try:
        read = elaborate(parse(source), source)[definition.name]
    except SynoError as error:
        return error.diagnostics
    if read.graph != definition.graph:
        return [Diagnostic("E0806", "the text means another graph than the listing")]
    return ()


def _told(finding: Diagnostic, span: Span) -> Diagnostic:
    """A finding in a text that the user never sees, told about the listing."""
    hint = finding.hint or "a name in the kernel may be a word of the language: give it another"
    return Diagnostic("E0806", finding.message, span, "", (), finding.notes, hint)


def _comment(kernel: Kernel, names: Sequence[str]) -> str:
    identity = re.sub(r"[^\w.+-]+", "_", kernel.identity, flags=re.ASCII)[:100] or "a listing"
    lines = [f"Kernel {identity} of the original Syno; {_several(names)}."]
    if kernel.figures:
        lines.append(f"Measured there in a whole model: {', '.join(kernel.figures)}.")
    return "".join(f"# {line}\n" for line in lines)


def _several(names: Sequence[str]) -> str:
    pairs = [f"{name} is in_{number}" for number, name in enumerate(names)]
    return pairs[0] if len(pairs) == 1 else f"{', '.join(pairs[:-1])} and {pairs[-1]}"
