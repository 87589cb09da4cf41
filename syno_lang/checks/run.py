"""The path of a file enters; whether each claim of its tests holds leaves.

Everything is compared with the interpreter in float64, at random numbers of a fixed seed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from syno_lang.checks.arrays import arrays_with, check_affordable
from syno_lang.checks.call_torch import call_torch
from syno_lang.checks.claims import Claim, Costs, SameAsCall, SameGraph, SameNumbers, SameValue
from syno_lang.checks.compare import difference
from syno_lang.checks.differ import compare
from syno_lang.checks.match import matching_sizes, mismatch, renamed
from syno_lang.checks.read import read_tests
from syno_lang.diagnostics import Diagnostic, SynoError
from syno_lang.lower.cost import Cost, cost
from syno_lang.lower.schedule import schedule
from syno_lang.modules.find import resolve, search_path
from syno_lang.modules.load import Loader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Status = Literal["ok", "failed", "not run"]


@dataclass(frozen=True)
class Outcome:
    """Whether a claim holds, and what was found where it does not or could not be tried."""

    claim: Claim
    status: Status
    diagnostics: tuple[Diagnostic, ...] = ()


def run_tests(path: str | os.PathLike[str], *, search: Iterable[str] | None = None) -> Iterator[Outcome]:
    """Read the file at `path`, then try claim by claim of its tests.

    `search` are the folders in which `use` looks after that of the file; by default those of SYNO_PATH.
    Raises `SynoError` where the file, or a file that it uses, has a mistake.
    """
    loader = Loader(search_path() if search is None else tuple(search))
    claims = read_tests(loader.file(resolve(os.fspath(path))), loader)
    return map(try_claim, claims)


def try_claim(claim: Claim) -> Outcome:
    """Try one claim."""
    try:
        finding = _tried(claim)
    except SynoError as error:
        missing = all(item.code == "E0701" for item in error.diagnostics)
        return Outcome(claim, "not run" if missing else "failed", error.diagnostics)
    return Outcome(claim, "failed", (finding,)) if finding else Outcome(claim, "ok")


def _tried(claim: Claim) -> Diagnostic | None:
    match claim:
        case SameGraph():
            return _same_graph(claim)
        case SameValue():
            return _same_value(claim)
        case SameAsCall():
            return _same_as_call(claim)
        case SameNumbers():
            import numpy as np

            wanted = np.array(claim.numbers, dtype=np.float64)
            return _compared(claim, _interpreted(claim, _arrays(claim)), wanted, "these numbers")
        case Costs():
            return _costs(claim)
    raise TypeError(f"{type(claim).__name__} is no claim")


def _same_graph(claim: SameGraph) -> Diagnostic | None:
    if claim.operator.graph == claim.other.graph:
        return None
    from syno_lang.rewrite.canonicalize import canonicalize

    one, other = canonicalize(claim.operator), canonicalize(claim.other)
    if one.graph == other.graph:
        return None
    notes = [f"the digest is {one.graph.digest}, not {other.graph.digest}"]
    hint = ""
    unlike = mismatch(one, other)
    if unlike:
        notes.append(unlike)
    else:
        found = compare(one, other)
        if found.difference is not None:
            notes += [f"they differ in value, too: {found.difference}", f"this is for {found.settings}"]
        elif found.count:
            notes.append(f"they agree in value wherever it was compared, such as for {found.settings}")
            hint = "add `for` and sizes to compare values instead of normal forms"
        else:
            notes.append("no small sizes were found that fit both, so values were not compared")
    message = f"`{one.name}` and `{other.name}` have different normal forms"
    return Diagnostic("E0907", message, claim.node.span, notes=tuple(notes), hint=hint)


def _same_value(claim: SameValue) -> Diagnostic | None:
    one, other = claim.operator, claim.other
    assert claim.sizes is not None
    unlike = mismatch(one, other)
    sizes = None if unlike else matching_sizes(one, claim.sizes, other)
    if sizes is None:
        shapes = (f"{item.name} {[size.value(claim.sizes) for size in item.shape]}" for item in one.tensors)
        unlike = unlike or f"no sizes of `{other.name}` fit the tensors {', '.join(shapes)}"
        message = f"`{one.name}` and `{other.name}` take different tensors"
        return Diagnostic("E0907", message, claim.node.span, notes=(unlike,))
    check_affordable(other, sizes, claim.node.span)
    from syno_lang.ir.interpret import interpret

    arrays = _arrays(claim)
    wanted = interpret(other, renamed(arrays, one, other), sizes)
    return _compared(claim, _interpreted(claim, arrays), wanted, f"`{other.name}`")


def _same_as_call(claim: SameAsCall) -> Diagnostic | None:
    assert claim.sizes is not None
    arrays = _arrays(claim)
    wanted = call_torch(claim.call, arrays, claim.sizes)
    return _compared(claim, _interpreted(claim, arrays), wanted, f"`{claim.call.function.text}`")


def _costs(claim: Costs) -> Diagnostic | None:
    program = schedule(claim.operator, claim.sizes)
    what = f"{claim.quantity} of `{claim.operator.name}`"
    if claim.sizes is None:
        formula = _quantity(claim.quantity, cost(program))
        if formula == claim.formula:
            return None
        notes = (f"the difference is {formula + claim.formula * -1}",)
        message = f"the {what} are {formula}, not {claim.formula}"
        return Diagnostic("E0907", message, claim.node.span, notes=notes)
    found = _quantity(claim.quantity, cost(program, claim.sizes))
    wanted = sum(coefficient * size.evaluate(claim.sizes) for coefficient, size in claim.formula.terms)
    if found == wanted:
        return None
    shown = f"{wanted.numerator:,}" if wanted.denominator == 1 else str(wanted)
    notes = (f"as a formula they are {_quantity(claim.quantity, cost(program))}",)
    return Diagnostic("E0907", f"the {what} are {found:,}, not {shown}", claim.node.span, notes=notes)


def _quantity(name: str, found: Cost[Any]) -> Any:
    return {"flops": found.flops, "params": found.parameters, "bytes": found.bytes}[name]


def _arrays(claim: Claim) -> dict[str, NDArray[np.float64]]:
    assert claim.sizes is not None
    check_affordable(claim.operator, claim.sizes, claim.node.span)
    return arrays_with(claim.operator, claim.sizes, claim.arrays)


def _interpreted(claim: Claim, arrays: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    from syno_lang.ir.interpret import interpret

    assert claim.sizes is not None
    return interpret(claim.operator, arrays, claim.sizes)


def _compared(
    claim: Claim, found: NDArray[np.float64], wanted: NDArray[np.float64], other: str
) -> Diagnostic | None:
    """A finding where the value `found` of the operator is not the one `wanted`."""
    span, name = claim.node.span, claim.operator.name
    if found.shape != wanted.shape:
        message = f"`{name}` has shape {list(found.shape)}, {other} {list(wanted.shape)}"
        return Diagnostic("E0907", message, span)
    apart = difference(found, wanted)
    return None if apart is None else Diagnostic("E0907", f"`{name}` is not {other}", span, str(apart))
