"""A document enters, the tree of what it defines leaves."""

from __future__ import annotations

from lsprotocol.types import DocumentSymbol, SymbolKind

from syno_lang.diagnostics import Span
from syno_lang.lsp.documents import Document
from syno_lang.lsp.domains import describe
from syno_lang.lsp.symbols import Symbol
from syno_lang.syntax import ast

KINDS = {
    "size": SymbolKind.Constant,
    "input": SymbolKind.Array,
    "weight": SymbolKind.Array,
    "out": SymbolKind.Array,
    "coordinate": SymbolKind.Variable,
}


def outline(document: Document) -> list[DocumentSymbol]:
    """What a document defines and uses; in an operator its sizes, tensors and coordinates."""
    items: list[DocumentSymbol] = []
    for item in document.reading.module.items:
        match item:
            case ast.Use(items=used):
                for one in used:
                    items.append(_leaf(document, one.name.text, SymbolKind.Module, one.span, one.name.span))
            case ast.Operator(name=name):
                inside = _inside(document, item)
                items.append(_leaf(document, name.text, SymbolKind.Function, item.span, name.span, inside))
            case ast.Rule(name=name):
                items.append(_leaf(document, name.text, SymbolKind.Property, item.span, name.span))
            case ast.Space(name=name):
                items.append(_leaf(document, name.text, SymbolKind.Namespace, item.span, name.span))
            case ast.Test(operator=name):
                items.append(_leaf(document, f"test {name.text}", SymbolKind.Event, item.span, name.span))
    return items


def _inside(document: Document, operator: ast.Operator) -> list[DocumentSymbol]:
    found: list[DocumentSymbol] = []
    for symbol in document.reading.symbols.symbols:
        span = symbol.definition
        if symbol.owner is operator and symbol.kind in KINDS and span is not None:
            detail = _detail(document, symbol, span)
            found.append(_leaf(document, symbol.name, KINDS[symbol.kind], span, span, [], detail))
    return found


def _detail(document: Document, symbol: Symbol, span: Span) -> str:
    view = document.reading.view(symbol)
    if view is None:
        return ""
    domains = view.domains
    if symbol.kind == "coordinate":
        node = domains.at(span)
        return describe(node.domain) if node else ""
    if symbol.kind == "size":
        declared = domains.sizes[symbol.name]
        return declared.kind if declared.default is None else f"{declared.kind}, {declared.default}"
    shape = domains.output if symbol.kind == "out" else domains.tensors[symbol.name].shape
    return f"[{', '.join(describe(size) for size in shape)}]"


def _leaf(
    document: Document,
    name: str,
    kind: SymbolKind,
    whole: Span,
    chosen: Span,
    children: list[DocumentSymbol] | None = None,
    detail: str = "",
) -> DocumentSymbol:
    range_, selection = document.range(whole), document.range(chosen)
    return DocumentSymbol(name, kind, range_, selection, detail or None, children=children)
