"""The `from`, `to` and `keep` of a space enter; its axes leave, and which of them pass through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.elaborate_reader import MAX_AXES
from syno_lang.ir.elaborate_sizes import Sizes, is_known
from syno_lang.sizes import Size
from syno_lang.syntax import ast
from syno_lang.synth.space import Axis

#: What can be said of an axis.
UNORDERED = "unordered"


@dataclass
class Shapes:
    """What stands in the clauses about shapes; `axes` holds the places of all sizes in them."""

    inputs: tuple[Axis, ...] = ()
    outputs: tuple[Axis, ...] = ()
    keep: tuple[tuple[int, int], ...] = ()
    axes: dict[Size, Span] = field(default_factory=dict)


def read_shapes(node: ast.Space, sizes: Sizes, report: list[Diagnostic]) -> Shapes | None:
    """The shapes of a space; `None` after a finding (E1102, E1104, and those of sizes)."""
    before = len(report)
    found = Shapes()
    read: dict[str, tuple[Axis, ...]] = {}
    places: dict[str, Span] = {}
    for clause in node.clauses:
        if not isinstance(clause, ast.Ends):
            continue
        if clause.side in places:
            report.append(twice(f"`{clause.side}`", clause.span, places[clause.side]))
            continue
        places[clause.side] = clause.span
        read[clause.side] = _axes(clause, sizes, found.axes, report)
    for side, what in (("from", "the shape of the input"), ("to", "the shape of the output")):
        if side not in read:
            message = f"`{node.name.text}` does not say {what}"
            report.append(Diagnostic("E1104", message, node.name.span, hint=f"write `{side} [N, C, H]`"))
    if len(report) > before:
        return None
    found.inputs, found.outputs = read["from"], read["to"]
    found.keep = _kept(node, found, sizes, report)
    return None if len(report) > before else found


def twice(what: str, span: Span, first: Span) -> Diagnostic:
    """That something is given a second time (E1102)."""
    others = (Label(first, "first given here"),)
    return Diagnostic("E1102", f"{what} is given twice", span, "", others, (), "keep one of them")


def _axes(
    clause: ast.Ends, sizes: Sizes, places: dict[Size, Span], report: list[Diagnostic]
) -> tuple[Axis, ...]:
    if len(clause.axes) > MAX_AXES:
        message = f"a tensor has at most {MAX_AXES} axes, not {len(clause.axes)}"
        report.append(Diagnostic("E0103", message, clause.axes[MAX_AXES].span, hint="leave some out"))
    axes = []
    for axis in clause.axes[:MAX_AXES]:
        size = sizes.domain(axis.size)
        if is_known(size):
            places.setdefault(size, axis.size.span)
        attribute = axis.attribute
        if attribute is not None and attribute.text != UNORDERED:
            hint = did_you_mean(attribute.text, [UNORDERED]) or f"write `: {UNORDERED}` or nothing"
            message = f"`{attribute.text}` is nothing that an axis can be"
            report.append(Diagnostic("E1101", message, attribute.span, hint=hint))
        axes.append(Axis(size, attribute is not None))
    return tuple(axes)


def _kept(
    node: ast.Space, shapes: Shapes, sizes: Sizes, report: list[Diagnostic]
) -> tuple[tuple[int, int], ...]:
    """The first axis of that size with the first one, the second with the second."""
    pairs: list[tuple[int, int]] = []
    places: dict[str, Span] = {}
    for name in (name for clause in node.clauses if isinstance(clause, ast.Keep) for name in clause.names):
        if name.text in places:
            report.append(twice(f"`{name.text}`", name.span, places[name.text]))
            continue
        places[name.text] = name.span
        size = sizes.size(name)
        if size is None:
            continue
        before, after = _where(size, shapes.inputs), _where(size, shapes.outputs)
        if not before or len(before) != len(after):
            message = (
                f"`{name.text}` is the size of {_axes_text(len(before))} of the input and"
                f" {_axes_text(len(after))} of the output"
            )
            hint = "an axis that passes through stands in both shapes, equally often"
            report.append(Diagnostic("E1104", message, name.span, hint=hint))
        pairs += zip(before, after, strict=False)
    kept = {(shapes.inputs[one].unordered, shapes.outputs[other].unordered) for one, other in pairs}
    if kept - {(False, False)}:
        message = "an axis that passes through stays in its order"
        report.append(Diagnostic("E1104", message, node.name.span, hint="leave `: unordered` out there"))
    return tuple(sorted(pairs))


def _where(size: Size, axes: Iterable[Axis]) -> list[int]:
    return [number for number, axis in enumerate(axes) if axis.size == size]


def _axes_text(number: int) -> str:
    return {0: "no axis", 1: "one axis"}.get(number, f"{number} axes")
