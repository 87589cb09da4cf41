"""A document and a position enter; what stands there leaves, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position, Range

from syno_lang.diagnostics import CODES, SynoError
from syno_lang.ir.coordinates import Coordinate, Iterator as Output, Reduce
from syno_lang.ir.elaborate_sizes import is_known
from syno_lang.lsp.diagnostics import page
from syno_lang.lsp.documents import Document
from syno_lang.lsp.domains import Domains, describe
from syno_lang.lsp.meanings import ALLOWANCES, CONDITIONS, OUTPUT, PRIMITIVES, REDUCERS, Meaning
from syno_lang.lsp.symbols import Mention, Symbol
from syno_lang.lsp.targets import defined_elsewhere
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import variables
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_expression, format_operator


def hover(document: Document, position: Position) -> Hover | None:
    """What stands at a position: a name, else an expression; and the findings there."""
    mention = document.mention(position)
    parts: list[str] = []
    where: Range | None = None
    if mention is not None:
        parts.extend(_about(document, mention))
        where = document.range(mention.span)
    else:
        found = _expression(document, position)
        if found is not None:
            where, text = found
            parts.append(text)
    parts += _findings(document, position)
    if not parts:
        return None
    return Hover(MarkupContent(MarkupKind.Markdown, "\n\n".join(parts)), where)


def _about(document: Document, mention: Mention) -> Iterator[str]:
    symbol = mention.symbol
    view = document.reading.view(symbol)
    domains = view.domains if view else Domains()
    match symbol.kind:
        case "coordinate":
            yield from _coordinate(document, mention, domains)
        case "size":
            yield from _size(document, symbol, domains)
        case "input" | "weight":
            yield from _tensor(symbol, domains)
        case "out":
            yield _code(f"{symbol.name}: {_shape(domains.output)}")
            yield f"`{symbol.name}` is the output."
        case "operator":
            yield from _operator(document, symbol)
        case "used" | "path":
            yield from _used(document, symbol)
        case _:
            yield from _word(mention, domains)


def _coordinate(document: Document, mention: Mention, domains: Domains) -> Iterator[str]:
    symbol = mention.symbol
    span = symbol.definition
    node = domains.at(span) if span else None
    if node is None:
        binder = symbol.of if isinstance(symbol.of, ast.Binder) else None
        domain = f": {format_expression(binder.domain, domains.sizes)}" if binder else ""
        yield _code(f"{symbol.name}{domain}")
        yield f"`{symbol.name}` is a coordinate."
        return
    yield _code(f"{symbol.name}: {describe(node.domain)}")
    first = next(iter(document.spans(symbol)), span)
    line = f", line {first.line}" if first else ""
    yield f"`{symbol.name}` {_origin(node, domains)}{line}; {_range_of(node)}."
    axes = dict.fromkeys(item.axis for item in symbol.mentions if item.axis)
    if axes:
        yield "Read by " + ", ".join(f"`{tensor}` (axis {number + 1})" for tensor, number in axes) + "."


def _origin(node: Coordinate, domains: Domains) -> str:
    match node:
        case Output(position=position):
            return f"is output coordinate {position + 1}, named by the output"
        case Reduce(reducer=reducer):
            return f"is bound by `{reducer}`"
    made = {"Quotient": "the major half of a MERGE", "Remainder": "the minor half of a MERGE"}
    kind = type(node).__name__
    return f"is `{domains.term(node)}`, {made.get(kind, f'made by {kind.upper()}')}"


def _size(document: Document, symbol: Symbol, domains: Domains) -> Iterator[str]:
    declared = domains.sizes.get(symbol.name)
    if declared is None:
        return
    default = "" if declared.default is None else f" = {declared.default}"
    yield _code(f"{symbol.name}{default}")
    if declared.kind == "primary":
        yield f"`{symbol.name}` is a primary size: large, and never below a line."
    else:
        said = f"{declared.default} unless it is given" if default else "without a default"
        yield f"`{symbol.name}` is a coefficient: small, it may divide; {said}."
    owner = symbol.owner.name.text if symbol.owner else ""
    definition = document.reading.definitions.get(owner)
    if definition is not None:
        conditions = (*definition.divisions, *definition.conditions)
        about = [f"`{item}`" for item in conditions if symbol.name in variables([item])]
        if about:
            yield f"Where {' and '.join(about)}."


def _tensor(symbol: Symbol, domains: Domains) -> Iterator[str]:
    declared = domains.tensors.get(symbol.name)
    if declared is None:
        return
    weight = "weight " if declared.role == "weight" else ""
    yield _code(f"{weight}{symbol.name}: {_shape(declared.shape)}")
    role = "a weight: it is learned" if declared.role == "weight" else "an input: it is given"
    yield f"`{symbol.name}` is {role}."


def _operator(document: Document, symbol: Symbol) -> Iterator[str]:
    node = symbol.of
    if not isinstance(node, ast.Operator):
        return
    yield _code(_signature(node))
    definition = document.reading.definitions.get(symbol.name)
    if definition is not None:
        conditions = [f"`{item}`" for item in (*definition.divisions, *definition.conditions)]
        if conditions:
            yield f"Where {' and '.join(conditions)}."
        yield f"Digest `{definition.graph.digest}`."


def _used(document: Document, symbol: Symbol) -> Iterator[str]:
    path = symbol.of.path if isinstance(symbol.of, ast.Used) else symbol.of
    if not isinstance(path, ast.Path):
        return
    try:
        file, node = defined_elsewhere(document, path)
    except SynoError as error:
        yield f"`{path.text}`: {error.diagnostics[0].message}"
        return
    yield _code(_signature(node))
    yield f"`{path.text}` is defined in {file}."


def _signature(node: ast.Operator) -> str:
    return format_operator(replace(node, statements=(), is_graph=False)).removesuffix("{}").rstrip()


def _word(mention: Mention, domains: Domains) -> Iterator[str]:
    name = mention.symbol.name
    tables: dict[str, dict[str, Meaning]] = {
        "primitive": PRIMITIVES,
        "reducer": REDUCERS,
        "condition": CONDITIONS,
        "output": {"output": OUTPUT},
    }
    meaning = tables.get(mention.symbol.kind, {}).get(name)
    if meaning is not None:
        yield _code(meaning.usage)
        yield meaning.text
    elif mention.symbol.kind == "allowance" and name in ALLOWANCES:
        yield f"`allow({name})`: {ALLOWANCES[name]}"
    elif mention.symbol.kind == "function":
        yield f"`{name}`: this function of torch, computed with the tensors of the operator."
    node = domains.at(mention.call.span) if mention.call else None
    if node is not None and mention.call is not None:
        yield f"Here `{domains.text(mention.call)}` {_range_of(node)}."


def _expression(document: Document, position: Position) -> tuple[Range, str] | None:
    """The smallest index expression at a position."""
    line, column = document.line_and_column(document.places.offset(position))
    for view in document.reading.views.values():
        is_near = view.node.span.line <= line <= view.node.span.end_line
        found = view.domains.around(line, column) if is_near else None
        if found is not None:
            span, node = found
            return document.range(span), f"{_code(view.domains.term(node))}\n\nThis {_range_of(node)}."
    return None


def _findings(document: Document, position: Position) -> Iterator[str]:
    """Links to the pages about the errors at a position."""
    offset = document.places.offset(position)
    codes = [
        item.code
        for item in document.reading.findings
        if item.span is not None
        and item.span.source.name == document.reading.source.name
        and document.places.offsets(item.span)[0] <= offset <= document.places.offsets(item.span)[1]
    ]
    for code in dict.fromkeys(codes):
        about = page(code)
        yield f"[{code}]({about}): {CODES[code]}" if about else f"{code}: {CODES[code]}"


def _range_of(node: Coordinate) -> str:
    if not is_known(node.domain):
        return "has a domain that cannot be read"
    return f"ranges over `0 .. {node.domain} - 1`"


def _shape(shape: Iterable[Size]) -> str:
    return f"[{', '.join(describe(size) for size in shape)}]"


def _code(text: str) -> str:
    return f"```syno\n{text}\n```"
