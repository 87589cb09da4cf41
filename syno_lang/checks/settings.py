"""The values after `for` enter; a value for every size and the literal arrays leave, or findings."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from syno_lang.checks.claims import Numbers
from syno_lang.checks.numbers import numbers, whole
from syno_lang.diagnostics import Diagnostic, Label, Span, SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate_sizes import MAX_NUMBER
from syno_lang.syntax import ast


@dataclass(frozen=True)
class Settings:
    """A value for every size of an operator, and an array for some of its tensors."""

    sizes: Mapping[str, int]
    arrays: Mapping[str, Numbers]


def read_settings(claim: ast.Claim, operator: Definition) -> Settings:
    """What `claim` says after `for`, over the defaults of the operator.

    Raises `SynoError` with every finding: E0204, E0601, E0602, E0603, E0605, E0606, E0906.
    """
    places: dict[str, Span] = {}
    findings: list[Diagnostic] = []
    sizes: dict[str, int] = {}
    arrays: dict[str, ast.Expression] = {}
    for setting in claim.settings:
        name, value = setting.name, setting.value
        try:
            _claim_name(name, places)
            if name.text in [size.name for size in operator.sizes]:
                sizes[name.text] = _size(name, value)
            elif name.text in [tensor.name for tensor in operator.tensors]:
                arrays[name.text] = value
            else:
                raise _unknown(name, operator)
        except SynoError as error:
            findings += error.diagnostics
    if findings:
        raise SynoError(findings)
    values = _assigned(operator, sizes, _place(claim))
    return Settings(values, {name: _array(name, node, operator, values) for name, node in arrays.items()})


def shape(node: ast.Expression) -> tuple[int, ...]:
    """The shape of a literal array.  Raises `SynoError` (E0906) where its rows differ."""
    if not isinstance(node, ast.List):
        return ()
    shapes = [shape(item) for item in node.items]
    for item, found in zip(node.items, shapes, strict=True):
        if found != shapes[0]:
            hint = "an array has rows of one length"
            raise fail("E0906", "this row has another length than the first", span=item.span, hint=hint)
    return (len(shapes), *(shapes[0] if shapes else ()))


def _claim_name(name: ast.Name, places: dict[str, Span]) -> None:
    if name.text in places:
        others = (Label(places[name.text], "first given here"),)
        message, hint = f"`{name.text}` is given twice", "remove one of them"
        raise SynoError([Diagnostic("E0204", message, name.span, "", others, (), hint)])
    places[name.text] = name.span


def _size(name: ast.Name, value: ast.Expression) -> int:
    if isinstance(value, (ast.List, ast.Text, ast.Decimal, ast.Apply)):
        message = f"`{name.text}` is a size, so its value is a whole number"
        raise fail("E0605", message, span=value.span, hint=f"write `{name.text} = 2`")
    number = whole(value, {})
    if number > MAX_NUMBER:
        hint = f"sizes go from 1 to {MAX_NUMBER:,}"
        raise fail("E0504", "this number is too large for a size", span=value.span, hint=hint)
    return number


def _unknown(name: ast.Name, operator: Definition) -> SynoError:
    known = [*(size.name for size in operator.sizes), *(tensor.name for tensor in operator.tensors)]
    hint = did_you_mean(name.text, known) or f"its sizes and tensors are {', '.join(known)}"
    message = f"`{operator.name}` has no size or tensor `{name.text}`"
    return fail("E0605", message, span=name.span, hint=hint)


def _assigned(operator: Definition, sizes: Mapping[str, int], place: Span) -> dict[str, int]:
    try:
        return assign(operator, sizes)
    except SynoError as error:
        raise SynoError([_placed(item, place) for item in error.diagnostics]) from None


def _placed(finding: Diagnostic, place: Span) -> Diagnostic:
    hint = f"{finding.hint.partition(' (')[0]} after `for`" if finding.code == "E0601" else finding.hint
    return replace(finding, span=place, hint=hint)


def _place(claim: ast.Claim) -> Span:
    """Where the settings stand; the claim where there are none."""
    if not claim.settings:
        return claim.span
    first, last = claim.settings[0].span, claim.settings[-1].span
    return replace(first, end_line=last.end_line, end_column=last.end_column)


def _array(name: str, node: ast.Expression, operator: Definition, sizes: Mapping[str, int]) -> Numbers:
    (tensor,) = (tensor for tensor in operator.tensors if tensor.name == name)
    found, wanted = shape(node), tuple(size.value(sizes) for size in tensor.shape)
    if found != wanted:
        axes = ", ".join(str(size) for size in tensor.shape)
        message = f"`{name}` has shape {list(found)} here, not {list(wanted)}"
        raise fail("E0603", message, span=node.span, hint=f"its axes are [{axes}]")
    return numbers(node)


def check_arrays(operator: Definition, settings: Container[str], place: Span) -> None:
    """Check that every tensor has a value in `settings`.  Raises `SynoError` (E0604)."""
    missing = [tensor.name for tensor in operator.tensors if tensor.name not in settings]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        hint = f"give it after `for`: `{missing[0]} = [...]`"
        raise fail("E0604", f"no array is given for {names}", span=place, hint=hint)
