"""A text enters as it stands in an editor; all that is known of it leaves, however broken it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from syno_lang.checks.read import read_tests
from syno_lang.diagnostics import Diagnostic, Source, Span, SynoError
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import elaborate
from syno_lang.lsp.domains import Domains, find_domains
from syno_lang.lsp.partial import Chunk, read_chunks
from syno_lang.lsp.symbols import Scope, Symbol, Symbols, find_symbols
from syno_lang.modules.find import search_path
from syno_lang.modules.load import Loader
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse


@dataclass(frozen=True)
class View:
    """An operator as it was last read: its names, and what its coordinates are."""

    node: ast.Operator
    scope: Scope

    @cached_property
    def domains(self) -> Domains:
        """What is known of its coordinates."""
        return find_domains(self.node)


@dataclass(frozen=True)
class Reading:
    """What is known of a text.

    `beside` is the folder of its file.  `module` holds what could be read, `broken` the definitions that
    could not; `definitions` is empty where there is a finding.  `views` are the operators by name, of broken
    ones as far as their signatures, and `earlier` the broken ones as they were before.
    """

    source: Source
    beside: str | None
    module: ast.Module
    symbols: Symbols
    broken: tuple[Chunk, ...]
    findings: tuple[Diagnostic, ...]
    views: Mapping[str, View]
    earlier: Mapping[str, View]
    definitions: Mapping[str, Definition] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the text can be read to its end."""
        return not self.broken

    def view(self, symbol: Symbol) -> View | None:
        """The operator that a symbol belongs to."""
        views = (*self.views.values(), *self.earlier.values())
        return next((view for view in views if view.node is symbol.owner), None)

    def chunk(self, offset: int) -> Chunk | None:
        """The broken definition around an offset."""
        return next((chunk for chunk in self.broken if chunk.start <= offset <= chunk.end), None)

    def known(self, chunk: Chunk) -> Scope:
        """The names of a broken operator: those of its signature, and those that it had before."""
        views = (self.earlier.get(chunk.name or ""), self.views.get(chunk.name or ""))
        return {name: symbol for view in views if view for name, symbol in view.scope.items()}


def read_text(source: Source, beside: str | None = None, before: Reading | None = None) -> Reading:
    """What is known of a text; `beside` is the folder of its file, `before` what was known until now."""
    try:
        module = parse(source)
        broken: tuple[Chunk, ...] = ()
        findings, definitions = _check(source, beside)
    except SynoError as error:
        chunks = read_chunks(source)
        broken = tuple(chunk for chunk in chunks if chunk.name is not None)
        items = tuple(item for chunk in chunks for item in chunk.items)
        module = ast.Module(Span(source, 1, 1, 1, 1), items)
        findings, definitions = (*error.diagnostics, *_check_part(chunks, source)), {}
        # A text may hold a mistake where no definition begins.
        broken = broken or (Chunk(0, len(source.text), ()),)
    symbols = find_symbols(module)
    views: dict[str, View] = {}
    for node in module.operators:
        views.setdefault(node.name.text, View(node, symbols.scopes[node.name.text]))
    earlier = _earlier(broken, before)
    return Reading(source, beside, module, symbols, broken, findings, views, earlier, definitions)


def _check(source: Source, beside: str | None) -> tuple[tuple[Diagnostic, ...], Mapping[str, Definition]]:
    """The findings of a text that can be read, those in its tests too; its operators where there are none."""
    loader = Loader(search_path())
    try:
        loaded = loader.text(source, beside)
        read_tests(loaded, loader)
    except SynoError as error:
        return error.diagnostics, {}
    return (), loaded.own


def _check_part(chunks: list[Chunk], source: Source) -> tuple[Diagnostic, ...]:
    """The findings in those operators of a broken text that can be read."""
    items = tuple(item for chunk in chunks if chunk.name is None for item in chunk.items)
    try:
        elaborate(ast.Module(Span(source, 1, 1, 1, 1), items), source)
    except SynoError as error:
        return error.diagnostics
    return ()


def _earlier(broken: tuple[Chunk, ...], before: Reading | None) -> dict[str, View]:
    """The operators that are broken now, as they were when they could last be read."""
    if before is None:
        return {}
    whole = {name: view for name, view in before.views.items() if name not in {c.name for c in before.broken}}
    known = {**before.earlier, **whole}
    return {chunk.name: known[chunk.name] for chunk in broken if chunk.name in known and chunk.name}
