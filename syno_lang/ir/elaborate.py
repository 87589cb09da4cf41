"""The AST of a text enters, a `Definition` per operator leaves; or every finding of the text at once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from keyword import iskeyword

from syno_lang.diagnostics import MAX_FINDINGS, Diagnostic, Label, Source, Span, SynoError, in_text_order
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.coordinates import Coordinate, replace
from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.ir.elaborate_body import read_body
from syno_lang.ir.elaborate_conditions import check_conditions, read_conditions
from syno_lang.ir.elaborate_reader import MAX_AXES, MAX_NAME, Body
from syno_lang.ir.elaborate_sizes import MAX_NUMBER, Sizes
from syno_lang.ir.mentions import mentioned
from syno_lang.ir.pgraph import PGraph
from syno_lang.ir.quality import ALLOWABLE, check_quality
from syno_lang.ir.tensors import Role, Tensor
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Condition
from syno_lang.syntax import ast


class Full(Exception):
    """As many findings as are reported were found: what would follow is of no use."""


class Report(list[Diagnostic]):
    """The findings of one text."""

    def append(self, finding: Diagnostic) -> None:
        """Take up a finding.  Raises `Full` where there are enough."""
        super().append(finding)
        if len(self) >= MAX_FINDINGS:
            raise Full


def elaborate(module: ast.Module, source: Source) -> dict[str, Definition]:
    """The operators of a text by name, in its order.  Raises `SynoError` with up to `MAX_FINDINGS`."""
    report = Report()
    found: dict[str, Definition] = {}
    places: dict[str, Span] = {}
    try:
        for node in module.operators:
            if node.name.text in places:
                report.append(_twice(node.name, places[node.name.text]))
            places.setdefault(node.name.text, node.name.span)
            definition = _operator(node, source, report)
            if definition is not None:
                found[definition.name] = definition
    except Full:
        more = f"only the first {MAX_FINDINGS} findings are shown"
        report[-1] = dataclasses.replace(report[-1], notes=(*report[-1].notes, more))
    if report:
        raise SynoError(in_text_order(report))
    return found


@dataclass
class Signature:
    """The declarations of one operator."""

    sizes: Sizes
    tensors: list[TensorDeclaration]
    output: tuple[Size, ...]
    places: dict[str, Span]


def _operator(node: ast.Operator, source: Source, report: list[Diagnostic]) -> Definition | None:
    before = len(report)
    check_name(node.name, report)
    signature = _signature(node, report)
    allowed = _allowed(node, report)
    conditions = read_conditions(node, signature.sizes)
    in_signature = len(report)
    body = read_body(node, signature.sizes, signature.tensors, signature.output, signature.places, report)
    # What follows from another finding is not reported.
    if body.complete and len(report) == in_signature:
        check_quality(node, body, signature.tensors, allowed, report)
    if len(report) > before:
        return None
    _check_used(node, report)
    definition = _definition(node, source, signature, body, allowed, tuple(conditions))
    check_conditions(conditions, definition.graph.sizes, signature.sizes, report)
    return None if len(report) > before else definition


def _signature(node: ast.Operator, report: list[Diagnostic]) -> Signature:
    places: dict[str, Span] = {}
    sizes = Sizes(declare_sizes(node, places, report), places, report)
    tensors: dict[str, TensorDeclaration] = {}
    for parameter in node.parameters:
        _claim(parameter.name, places, report)
        shape = _shape(parameter.shape, sizes, report)
        role: Role = "weight" if parameter.is_weight else "input"
        tensors.setdefault(parameter.name.text, TensorDeclaration(parameter.name.text, role, shape))
    return Signature(sizes, list(tensors.values()), _shape(node.output, sizes, report), places)


def _shape(axes: tuple[ast.Expression, ...], sizes: Sizes, report: list[Diagnostic]) -> tuple[Size, ...]:
    if len(axes) > MAX_AXES:
        message, hint = f"a tensor has at most {MAX_AXES} axes, not {len(axes)}", "remove this one"
        report.append(Diagnostic("E0103", message, axes[MAX_AXES].span, hint=hint))
    return tuple(sizes.domain(item) for item in axes[:MAX_AXES])


def declare_sizes(
    node: ast.Operator | ast.Space, places: dict[str, Span], report: list[Diagnostic]
) -> dict[str, SizeDeclaration]:
    """The sizes that `node` declares; their names are taken into `places`, and what is wrong is reported."""
    declared: dict[str, SizeDeclaration] = {}
    for name in node.primaries:
        _claim(name, places, report)
        declared[name.text] = SizeDeclaration(name.text, "primary")
    for coefficient in node.coefficients:
        name, default = coefficient.name, coefficient.default
        _claim(name, places, report)
        value = default.value if default is not None else None
        if default is not None and not 1 <= default.value <= MAX_NUMBER:
            code, message = "E0503", "a size is never 0"
            if default.value:
                code, message = "E0504", "this number is too large for a size"
            hint = f"sizes go from 1 to {MAX_NUMBER:,}"
            report.append(Diagnostic(code, message, default.span, hint=hint))
            value = None
        declared.setdefault(name.text, SizeDeclaration(name.text, "coefficient", value))
    return declared


def _claim(name: ast.Name, places: dict[str, Span], report: list[Diagnostic]) -> None:
    """Take `name` into `places`; report a second definition or an unusable name."""
    check_name(name, report)
    if name.text in places:
        report.append(_twice(name, places[name.text]))
    places.setdefault(name.text, name.span)


def _twice(name: ast.Name, first: Span) -> Diagnostic:
    others = (Label(first, "first defined here"),)
    message = f"`{name.text}` is defined twice"
    return Diagnostic("E0204", message, name.span, "", others, (), "choose another name")


def check_name(name: ast.Name, report: list[Diagnostic]) -> None:
    """Names of declarations become names of Python, so they keep to its plain form."""
    message = f"`{name.text[:MAX_NAME]}` cannot be the name of a declaration"
    hint = ""
    if iskeyword(name.text):
        hint = "Python uses this word: choose another"
    elif name.text.startswith("__") or "'" in name.text:
        hint = "use letters, digits and underscores, without a prime or a leading `__`"
    elif len(name.text) > MAX_NAME:
        message, hint = "this name is too long", f"use up to {MAX_NAME} characters"
    if hint:
        report.append(Diagnostic("E0206", message, name.span, hint=hint))


def _allowed(node: ast.Operator, report: list[Diagnostic]) -> frozenset[str]:
    for name in node.allows:
        if name.text not in ALLOWABLE:
            hint = did_you_mean(name.text, ALLOWABLE) or f"these can be allowed: {', '.join(ALLOWABLE)}"
            message = f"`{name.text}` is nothing that can be allowed"
            report.append(Diagnostic("E0205", message, name.span, "", (), (), hint))
    return frozenset(name.text for name in node.allows)


def _check_used(node: ast.Operator, report: list[Diagnostic]) -> None:
    names = mentioned(node)
    for name in [*node.primaries, *(coefficient.name for coefficient in node.coefficients)]:
        if name.text not in names:
            message = f"the size `{name.text}` is never used"
            report.append(Diagnostic("E0208", message, name.span, hint="remove it"))


def _definition(
    node: ast.Operator,
    source: Source,
    signature: Signature,
    body: Body,
    allowed: frozenset[str],
    conditions: tuple[Condition, ...],
) -> Definition:
    tensors = [Tensor(tensor.role, tensor.shape) for tensor in signature.tensors]
    # What nothing reads is expanded, whether it was said with `expand` or with `allow`.
    spoken = (*body.expanded, *_unused(body))
    graph, images = PGraph.numbered(signature.output, tensors, body.reads, spoken)
    names: dict[Coordinate, str] = {}
    for name, coordinate in body.names.items():
        names.setdefault(replace(coordinate, images.get), name)
    declared = tuple(signature.sizes.declared.values())
    return Definition(
        node.name.text, declared, tuple(signature.tensors), graph, names, allowed,
        Source(source.name, source.text), conditions,
    )  # fmt: skip


def _unused(body: Body) -> list[Coordinate]:
    used: set[Coordinate] = set()
    for top in (*(item for read in body.reads for item in read.index), *body.expanded):
        used |= top.leaves
    return [leaf for leaf in body.leaves if leaf not in used]
