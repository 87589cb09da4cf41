"""A document and a position enter; the names and words that fit there leave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    CompletionList,
    MarkupContent,
    MarkupKind,
    Position,
    Range,
    TextEdit,
)

from syno_lang.checks.functions import FUNCTIONS
from syno_lang.lsp.context import Context, Where, context
from syno_lang.lsp.documents import Document
from syno_lang.lsp.domains import describe
from syno_lang.lsp.meanings import (
    ALLOWANCES,
    CLAUSES,
    CONDITIONS,
    KEYWORDS,
    OUTPUT,
    PRIMITIVES,
    REDUCERS,
    Meaning,
)
from syno_lang.lsp.symbols import Scope, Symbol
from syno_lang.modules.find import search_path, shipped

#: How many files are looked at for what could be used, and how much of each.
MAX_FILES: Final = 100
MAX_TEXT: Final = 100_000

_DEFINES: Final = re.compile(r"^operator\s+([A-Za-z_]\w*)", re.MULTILINE | re.ASCII)

#: Where the names of coordinates stand that an operator binds.
_BINDS: Final = (
    re.compile(r"(?:sum|mean)\s*\[([^\]]*)\]"),
    re.compile(r"^\s*\w+\s*\[([^\]=]*)\]\s*=", re.MULTILINE),
    re.compile(r"^([\w', \t]+)=", re.MULTILINE),
)
_BOUND: Final = re.compile(r"(?:^|,)\s*([A-Za-z_]\w*'*)\s*(?::[^,]*)?(?=,|\Z)", re.ASCII)

_KINDS: Final = {
    "size": CompletionItemKind.Constant,
    "input": CompletionItemKind.Field,
    "weight": CompletionItemKind.Field,
    "coordinate": CompletionItemKind.Variable,
    "operator": CompletionItemKind.Function,
    "used": CompletionItemKind.Function,
}

Items = Iterator[CompletionItem]


def completion(document: Document, position: Position) -> CompletionList:
    """What can be written at a position, the likeliest first."""
    offset = document.places.offset(position)
    here = context(document.text, offset)
    where = document.places.range(here.start, offset)
    items: dict[str, CompletionItem] = {}
    for item in _Writer(document, here, where).items():
        item.sort_text = f"{len(items):04}"
        items.setdefault(item.label, item)
    return CompletionList(is_incomplete=False, items=list(items.values()))


class _Writer:
    """Makes the items for one place."""

    def __init__(self, document: Document, here: Context, where: Range) -> None:
        self.document, self.here, self.where = document, here, where

    def items(self) -> Items:
        """The items that fit, by the kind of the place."""
        makers: dict[Where, Callable[[], Items]] = {
            "file": lambda: self.words(KEYWORDS, ("operator", "use", "test", "rule", "space", "as")),
            "use": self.paths,
            "tensor": lambda: self.words(KEYWORDS, ("weight",)),
            "size": lambda: self.names("size"),
            "domains": lambda: self.names("size"),
            "signature": lambda: self.words(KEYWORDS, ("allow", "where", "graph")),
            "allow": lambda: self.plain(ALLOWANCES),
            "where": lambda: self.both(self.words(CONDITIONS), self.names("size")),
            "body": self.body,
            "index": self.index,
            "operators": lambda: self.names("operator", "used"),
            "claim": lambda: self.words(KEYWORDS, ("equals", "flops", "params", "bytes", "for")),
            "reference": self.references,
            "value": lambda: self.both(self.names("input", "weight", "size"), self.functions()),
            "clause": lambda: self.both(self.words(CLAUSES), self.names("size")),
            "setting": lambda: self.names("size", "input", "weight"),
        }
        maker = makers.get(self.here.where)
        if maker is not None and (not self.here.path or self.here.where in _DOTTED):
            yield from maker()

    def both(self, *parts: Items) -> Items:
        for part in parts:
            yield from part

    def index(self) -> Items:
        """A part of an index."""
        yield from self.names("coordinate")
        yield from self.words(PRIMITIVES, _INDICES)
        yield from self.names("size")

    def body(self) -> Items:
        """A factor or a statement."""
        yield from self.names("input", "weight")
        if self.here.is_graph:
            yield self.word("output", OUTPUT)
            yield from self.words(PRIMITIVES)
            yield from self.words({"mean": Meaning("r = mean(D)", REDUCERS["mean"].text)})
        else:
            yield from self.words(REDUCERS)
            yield from self.words(PRIMITIVES, (*_INDICES, "merge", "expand"))
        yield from self.names("coordinate")

    def references(self) -> Items:
        """What an operator can equal."""
        if not self.here.path:
            yield from self.names("operator", "used")
        yield from self.functions()
        yield from self.paths()

    def functions(self) -> Items:
        """The functions of torch that a test may call."""
        for name, function in FUNCTIONS.items():
            parameters = ", ".join(parameter.name for parameter in function.parameters)
            yield from self.dotted(name, CompletionItemKind.Function, f"({parameters})")

    def paths(self) -> Items:
        """The definitions of other files."""
        for name in shipped():
            yield from self.dotted(f"stdlib.{name}", CompletionItemKind.Module, "")
        folders = [*filter(None, [self.document.reading.beside]), *search_path()]
        files = [file for folder in folders for file in sorted(Path(folder).glob("*.syno"))]
        for file in files[:MAX_FILES]:
            for name in _defined(file) if str(file) != self.document.reading.source.name else ():
                yield from self.dotted(f"{file.stem}.{name}", CompletionItemKind.Module, str(file))

    def dotted(self, name: str, kind: CompletionItemKind, detail: str) -> Items:
        """What is left of a dotted name after the names that are written already."""
        if name.startswith(self.here.path):
            yield self.item(name.removeprefix(self.here.path), kind, detail)

    def names(self, *kinds: str) -> Items:
        """The names of the text that mean one of `kinds` here."""
        scope = self.scope()
        if set(kinds) & {"operator", "used"}:
            scope = dict(self.document.reading.symbols.file)
        for symbol in scope.values():
            if symbol.kind in kinds:
                yield self.item(symbol.name, _KINDS[symbol.kind], self.detail(symbol))
        if "coordinate" in kinds:
            for name in self.bound():
                if name not in scope:
                    yield self.item(name, CompletionItemKind.Variable, "")

    def scope(self) -> Scope:
        """The names of the operator at this place, or of the one that a test is about."""
        reading = self.document.reading
        chunk = reading.chunk(self.here.start)
        known = reading.known(chunk) if chunk and chunk.name else {}
        return {**known, **reading.symbols.scopes.get(self.here.owner, {})}

    def bound(self) -> Iterator[str]:
        """The coordinates that a broken operator binds, told by where names stand."""
        chunk = self.document.reading.chunk(self.here.start)
        if chunk is not None:
            text = re.sub(r"#[^\n]*", "", self.document.text[chunk.start : chunk.end])
            body = text.partition("{")[2]
            for pattern in _BINDS:
                for part in pattern.findall(body):
                    yield from (name for name in _BOUND.findall(part) if name not in REDUCERS)

    def detail(self, symbol: Symbol) -> str:
        """The domain, the default or the shape of what a name means."""
        view = self.document.reading.view(symbol)
        if view is None or symbol.definition is None:
            return ""
        domains = view.domains
        if symbol.kind == "coordinate":
            node = domains.at(symbol.definition)
            return describe(node.domain) if node else ""
        if symbol.name in domains.tensors:
            shape = ", ".join(describe(size) for size in domains.tensors[symbol.name].shape)
            return f"{domains.tensors[symbol.name].role} [{shape}]"
        declared = domains.sizes.get(symbol.name)
        return declared.kind if declared else ""

    def words(self, table: Mapping[str, Meaning], chosen: Iterable[str] = ()) -> Items:
        """Words of the language."""
        for name in chosen or table:
            yield self.word(name, table[name])

    def word(self, name: str, meaning: Meaning) -> CompletionItem:
        kind = CompletionItemKind.Keyword if name in KEYWORDS else CompletionItemKind.Operator
        return self.item(name, kind, meaning.usage, meaning.text)

    def plain(self, table: Mapping[str, str]) -> Items:
        for name, text in table.items():
            yield self.item(name, CompletionItemKind.Property, "", text)

    def item(self, label: str, kind: CompletionItemKind, detail: str, text: str = "") -> CompletionItem:
        edit = TextEdit(self.where, label)
        about = MarkupContent(MarkupKind.Markdown, text) if text else None
        return CompletionItem(label, kind=kind, detail=detail or None, documentation=about, text_edit=edit)


_INDICES: Final = ("split", "unfold", "shift", "stride")

#: Where names have dots.
_DOTTED: Final = ("use", "reference", "value")


def _defined(file: Path) -> list[str]:
    try:
        with open(file, encoding="utf-8") as stream:
            return _DEFINES.findall(stream.read(MAX_TEXT))
    except (OSError, ValueError):
        return []
