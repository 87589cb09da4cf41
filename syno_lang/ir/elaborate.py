"""The AST of a text enters, a `Definition` per operator leaves; or every finding of the text at once."""

from __future__ import annotations

from dataclasses import dataclass

from syno_lang.diagnostics import Diagnostic, Label, Source, Span, SynoError, in_text_order
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.coordinates import Coordinate, replace
from syno_lang.ir.definition import Definition, SizeDeclaration, TensorDeclaration
from syno_lang.ir.elaborate_body import Body, read_body
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.ir.pgraph import PGraph, Tensor
from syno_lang.ir.quality import ALLOWABLE, check_quality
from syno_lang.sizes import Size
from syno_lang.syntax import ast

#: How many findings of one text are reported.
MAX_FINDINGS = 20


def elaborate(module: ast.Module, source: Source) -> dict[str, Definition]:
    """The operators of a text by name, in its order.  Raises `SynoError` with up to `MAX_FINDINGS`."""
    report: list[Diagnostic] = []
    found: dict[str, Definition] = {}
    places: dict[str, Span] = {}
    for node in module.operators:
        if node.name.text in places:
            report.append(_twice(node.name, places[node.name.text]))
            continue
        places[node.name.text] = node.name.span
        definition = _operator(node, source, report)
        if definition is not None:
            found[definition.name] = definition
    if report:
        raise SynoError(in_text_order(report)[:MAX_FINDINGS])
    return found


@dataclass
class Signature:
    """The declarations of one operator."""

    sizes: Sizes
    tensors: list[TensorDeclaration]
    output: list[Size]
    places: dict[str, Span]


def _operator(node: ast.Operator, source: Source, report: list[Diagnostic]) -> Definition | None:
    before = len(report)
    _check_name(node.name, report)
    signature = _signature(node, report)
    allowed = _allowed(node, report)
    if len(report) > before:
        return None
    body = read_body(node, signature.sizes, signature.tensors, signature.output, signature.places, report)
    if body is None or len(report) > before:
        return None
    check_quality(node, body, signature.tensors, allowed, report)
    _check_used(node, signature, report)
    return None if len(report) > before else _definition(node, source, signature, body, allowed)


def _signature(node: ast.Operator, report: list[Diagnostic]) -> Signature:
    places: dict[str, Span] = {}
    declared: dict[str, SizeDeclaration] = {}
    for name in node.primaries:
        if _fresh(name, places, report):
            declared[name.text] = SizeDeclaration(name.text, "primary")
    for coefficient in node.coefficients:
        default = coefficient.default
        if default is not None and default.value < 1:
            hint = "sizes are 1 or more"
            report.append(Diagnostic("E0503", "a size is never 0", default.span, "", (), (), hint))
        if _fresh(coefficient.name, places, report):
            value = default.value if default is not None else None
            declared[coefficient.name.text] = SizeDeclaration(coefficient.name.text, "coefficient", value)
    sizes = Sizes(declared, places, report)
    tensors = []
    for parameter in node.parameters:
        shape = [sizes.domain(item) for item in parameter.shape]
        if _fresh(parameter.name, places, report) and None not in shape:
            whole = tuple(size for size in shape if size is not None)
            role = "weight" if parameter.is_weight else "input"
            tensors.append(TensorDeclaration(parameter.name.text, role, whole))  # type: ignore[arg-type]
    output = [size for size in (sizes.domain(item) for item in node.output) if size is not None]
    return Signature(sizes, tensors, output, places)


def _fresh(name: ast.Name, places: dict[str, Span], report: list[Diagnostic]) -> bool:
    """Take `name` into `places`; report a second definition or an unusable name."""
    if not _check_name(name, report):
        return False
    if name.text in places:
        report.append(_twice(name, places[name.text]))
        return False
    places[name.text] = name.span
    return True


def _twice(name: ast.Name, first: Span) -> Diagnostic:
    others = (Label(first, "first defined here"),)
    message = f"{name.text} is defined twice"
    return Diagnostic("E0204", message, name.span, "", others, (), "choose another name")


def _check_name(name: ast.Name, report: list[Diagnostic]) -> bool:
    """Names of declarations become names of other languages, so they keep to the plain form."""
    if not name.text.startswith("__") and "'" not in name.text and len(name.text) <= 100:
        return True
    message = f"{name.text[:40]} cannot be the name of a declaration"
    hint = "use up to 100 letters, digits and underscores, without a prime or a leading `__`"
    report.append(Diagnostic("E0206", message, name.span, "", (), (), hint))
    return False


def _allowed(node: ast.Operator, report: list[Diagnostic]) -> frozenset[str]:
    for name in node.allows:
        if name.text not in ALLOWABLE:
            hint = did_you_mean(name.text, ALLOWABLE) or f"these can be allowed: {', '.join(ALLOWABLE)}"
            message = f"{name.text} is nothing that can be allowed"
            report.append(Diagnostic("E0205", message, name.span, "", (), (), hint))
    return frozenset(name.text for name in node.allows)


def _check_used(node: ast.Operator, signature: Signature, report: list[Diagnostic]) -> None:
    sizes = [*node.primaries, *(coefficient.name for coefficient in node.coefficients)]
    for name in sizes:
        if name.text not in signature.sizes.used:
            message = f"the size {name.text} is never used"
            report.append(Diagnostic("E0208", message, name.span, "", (), (), "remove it"))


def _definition(
    node: ast.Operator, source: Source, signature: Signature, body: Body, allowed: frozenset[str]
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
        Source(source.name, source.text),
    )  # fmt: skip


def _unused(body: Body) -> list[Coordinate]:
    used: set[Coordinate] = set()
    for top in (*(item for read in body.reads for item in read.index), *body.expanded):
        used |= top.leaves
    return [leaf for leaf in body.leaves if leaf not in used]
