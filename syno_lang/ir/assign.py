"""A definition and numbers enter, a value for every size leaves; or what is wrong with the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import SupportsIndex

from syno_lang.diagnostics import Diagnostic, SynoError
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate_sizes import MAX_NUMBER
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import broken, variables


def assign(
    definition: Definition, given: Mapping[str, SupportsIndex], *, partial: bool = False
) -> dict[str, int]:
    """A value for every size variable: `given` over the defaults of the file.

    With `partial`, sizes may stay open, and only what is known is checked.  Raises `SynoError` with every
    finding: a size that is not given (E0601), unknown or no positive whole number (E0605), or values that
    break a division (E0602) or a stated condition (E0606).
    """
    findings: list[Diagnostic] = []
    known = [size.name for size in definition.sizes]
    values = definition.defaults
    for name, value in given.items():
        number = _whole(value)
        if name not in known:
            hint = did_you_mean(name, known) or f"the sizes are {', '.join(known) or 'none'}"
            findings.append(Diagnostic("E0605", f"{definition.name} has no size {name}", hint=hint))
        elif number is None or number < 1:
            hint = "sizes are 1 or more"
            findings.append(Diagnostic("E0605", f"{name} = {value!r} is no positive whole number", hint=hint))
        elif number > MAX_NUMBER:
            hint = f"sizes go up to {MAX_NUMBER:,}"
            findings.append(Diagnostic("E0605", f"the value for {name} is too large", hint=hint))
        else:
            values[name] = number
    missing = [name for name in known if name not in values and name not in given]
    if missing and not partial:
        message = f"no value is given for {', '.join(missing)}"
        command = " ".join(f"--size {name}=..." for name in missing)
        hint = f"give {', '.join(f'{name} = ...' for name in missing)} (on the command line {command})"
        findings.append(Diagnostic("E0601", message, hint=hint))
    if not findings:
        bound = [size for size in definition.graph.sizes if all(name in values for name in size.variables)]
        findings = list(broken_divisions(bound, values)) or list(_broken_conditions(definition, values))
    if findings:
        raise SynoError(findings)
    return {name: values[name] for name in known if name in values}


def broken_divisions(sizes: Iterable[Size], values: Mapping[str, int]) -> Iterable[Diagnostic]:
    """A finding (E0602) for each of `sizes` that is not whole under `values`."""
    for size in sizes:
        value = size.evaluate(values)
        if value.denominator == 1:
            continue
        upper, lower = (_with_value(part, values) for part in (size.upper, size.lower))
        message = f"{upper} is not divisible by {lower}"
        parts = ", ".join(f"{name} = {values[name]}" for name in size.variables)
        notes = (f"{size} must be a whole number; with {parts} it is {value}",)
        yield Diagnostic("E0602", message, notes=notes, hint="choose sizes that divide")


def _broken_conditions(definition: Definition, values: Mapping[str, int]) -> Iterable[Diagnostic]:
    """A finding (E0606) for each stated condition that does not hold."""
    known = [item for item in definition.conditions if all(name in values for name in variables([item]))]
    for item in broken(known, values):
        parts = ", ".join(f"{name} = {values[name]}" for name in variables([item]))
        message = f"`{item}` does not hold" + (f" for {parts}" if parts else "")
        hint = "choose sizes that satisfy the `where` of the operator"
        yield Diagnostic("E0606", message, hint=hint)


def _with_value(size: Size, values: Mapping[str, int]) -> str:
    value = size.evaluate(values)
    return f"{value}" if not size.powers else f"{size} = {value}"


def _whole(value: SupportsIndex) -> int | None:
    """`value` as an int; numbers of NumPy are fine, truth values and floats are not."""
    if isinstance(value, bool):
        return None
    try:
        return index(value)
    except TypeError:
        return None
