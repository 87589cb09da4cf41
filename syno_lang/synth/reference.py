"""An operator that a space is compared with enters, and layers; what it costs at all of them leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition, SizeDeclaration
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.sizes import Size
from syno_lang.syntax import ast
from syno_lang.synth.read_layers import ReadLayer


@dataclass(frozen=True)
class Reference:
    """An operator with what stands for its sizes: monomials over the sizes of the space.

    `open` are sizes that the space does not have: layers may give them, else they have their default.
    """

    definition: Definition
    sizes: dict[str, Size]
    open: tuple[str, ...]

    def at(self, layer: ReadLayer) -> dict[str, Fraction]:
        """The values of its sizes at a layer; they need not be whole."""
        given = {name: layer.others[name] for name in self.open if name in layer.others}
        values = {name: size.evaluate(layer.values) for name, size in self.sizes.items()}
        fixed = {name: Fraction(value) for name, value in (self.definition.defaults | given).items()}
        return fixed | values


def read_reference(node: ast.Compared, definition: Definition, declared: Iterable[str]) -> Reference:
    """What `node` says of `definition`, in a space that has the sizes `declared`.  Raises `SynoError`."""
    own = {size.name: size for size in definition.sizes}
    space = list(declared)
    findings: list[Diagnostic] = []
    sizes = {name: Size.variable(name) for name in own if name in space}
    reader = Sizes({name: SizeDeclaration(name, "coefficient") for name in space}, {}, findings)
    for item in node.arguments:
        if not isinstance(item, ast.Keyword):
            message = "sizes are given by name here"
            findings.append(Diagnostic("E1108", message, item.span, hint=f"write `{_call(definition)}`"))
        elif item.name.text not in own:
            hint = did_you_mean(item.name.text, own) or f"its sizes are {', '.join(own) or 'none'}"
            message = f"{definition.name} has no size `{item.name.text}`"
            findings.append(Diagnostic("E1108", message, item.name.span, hint=hint))
        else:
            size = reader.size(item.value)
            if size is not None:
                sizes[item.name.text] = size
    if findings:
        raise SynoError(findings)
    return Reference(definition, sizes, tuple(name for name in own if name not in sizes))


def ask(
    reference: Reference,
    ends: tuple[Fraction | None, Fraction | None],
    layers: Sequence[ReadLayer],
    clause: ast.Bounded,
    report: list[Diagnostic],
) -> tuple[int | None, int | None]:
    """The range in numbers: shares `ends` of what the operator costs at all layers.

    Reports E1108 where there is no layer, or where the operator does not exist at one.
    """
    try:
        if not layers:
            hint = "add a `layer`, or write the limit as a number"
            raise fail("E1108", "a share of a cost needs layers", span=clause.span, hint=hint)
        total = sum(_cost(reference, layer, clause) for layer in layers)
    except SynoError as error:
        report += error.diagnostics
        return (None, None)
    least, most = ends
    return (None if least is None else ceil(least * total), None if most is None else floor(most * total))


def _cost(reference: Reference, layer: ReadLayer, clause: ast.Bounded) -> int:
    from syno_lang.ir.assign import assign
    from syno_lang.lower.cost import cost
    from syno_lang.lower.schedule import schedule

    assert clause.reference is not None
    definition = reference.definition
    values = reference.at(layer)
    try:
        missing = [name for name in reference.open if name not in values]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            hint = f"write `{_call(definition, missing)}`"
            message = f"{definition.name} has the sizes {names}, which the space does not have"
            raise fail("E1108", message, span=clause.reference.span, hint=hint)
        known = assign(definition, {name: _whole(name, value) for name, value in values.items()})
    except SynoError as error:
        raise _at(error, clause.reference) from None
    counted = cost(schedule(definition, known), known)
    return counted.flops if clause.name.text == "flops" else counted.parameters


def _whole(name: str, value: Fraction) -> int:
    if value.denominator != 1:
        raise fail("E1108", f"{name} would be {value}", hint="choose sizes that divide")
    return int(value)


def _at(error: SynoError, node: ast.Compared) -> SynoError:
    """The findings as ones about the place where the operator is named."""
    found = error.diagnostics[0]
    notes = (*found.notes, *(item.message for item in error.diagnostics[1:]))
    return SynoError([Diagnostic("E1108", found.message, node.span, "", (), notes, found.hint)])


def _call(definition: Definition, names: Iterable[str] = ()) -> str:
    sizes = list(names) or [size.name for size in definition.sizes][:1]
    return f"{definition.name}({', '.join(f'{name} = ...' for name in sizes)})"
