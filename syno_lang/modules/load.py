"""A path or a text enters; its tree, its definitions and those that it uses leave.

Every file is read once.  What it uses is read with it, so a mistake in a used file is one of the file
that uses it; its tests are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from syno_lang.diagnostics import (
    MAX_FINDINGS,
    Diagnostic,
    Label,
    Source,
    Span,
    SynoError,
    fail,
    in_text_order,
)
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import check_name, elaborate
from syno_lang.modules.find import Places, find
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse, read

#: How long a chain of files that use each other may be.
MAX_CHAIN: Final = 50


@dataclass(frozen=True)
class Loaded:
    """A file: its own definitions in its order, and those of other files under their names in it.

    `rules` are its own rules and those that it uses, as trees.
    """

    source: Source
    module: ast.Module
    places: Places
    own: dict[str, Definition]
    used: dict[str, Definition]
    rules: dict[str, ast.Rule]


@dataclass(frozen=True)
class _Link:
    """A file that is being read, under its name for users, and the `use` that led to it."""

    key: str
    path: str
    used: ast.Path | None


@dataclass
class Loader:
    """Reads files; `search` holds the folders that are looked in after that of the file itself."""

    search: tuple[str, ...] = ()
    _files: dict[str, Loaded | None] = field(default_factory=dict)
    _chain: list[_Link] = field(default_factory=list)

    def file(self, path: str, used: ast.Path | None = None) -> Loaded:
        """The file at `path`, as `used` names it.  Raises `SynoError` with every finding."""
        # No path has a NUL in it; reading it says so.
        key = path if "\0" in path else os.path.realpath(path)
        known = self._files.get(key)
        if known is not None:
            return known
        link = _Link(key, path, used)
        self._check_chain(link)
        self._chain.append(link)
        # What is said about a file is said once.
        self._files[key] = None
        try:
            self._files[key] = loaded = self._load(read(path), os.path.dirname(path))
        finally:
            self._chain.pop()
        return loaded

    def text(self, source: Source, beside: str | None = None) -> Loaded:
        """A text that stands in no file; `use` looks in the folder `beside`, if any, then the search path."""
        return self._load(source, beside)

    def definition(self, path: ast.Path, places: Places) -> Definition | ast.Rule | None:
        """What `path` names; `None` where its file is broken, which was said before.

        Raises `SynoError`: E0901, E0902, E0903, and whatever is found in the file.
        """
        file = find(path, places)
        key = os.path.realpath(file)
        if self._files.get(key, ...) is None and all(key != link.key for link in self._chain):
            return None
        loaded = self.file(file, path)
        name = path.names[-1]
        known: dict[str, Definition | ast.Rule] = {rule.name.text: rule for rule in loaded.module.rules}
        known.update(loaded.own)
        if name.text in known:
            return known[name.text]
        hint = did_you_mean(name.text, known) or f"it has {', '.join(known) or 'no definition'}"
        raise fail("E0903", f"{file} does not define `{name.text}`", span=name.span, hint=hint)

    def _load(self, source: Source, beside: str | None) -> Loaded:
        module = parse(source)
        places = Places(beside, self.search)
        findings: list[Diagnostic] = []
        named = self._used(module, places, findings)
        used = {name: item for name, item in named.items() if isinstance(item, Definition)}
        rules = {rule.name.text: rule for rule in module.rules}
        for name, item in named.items():
            if isinstance(item, ast.Rule):
                rules[name] = replace(item, name=replace(item.name, text=name))
        own: dict[str, Definition] = {}
        try:
            own = elaborate(module, source)
        except SynoError as error:
            findings += error.diagnostics
        for alias in (item.alias for item in module.uses):
            if alias is not None:
                check_name(alias, findings)
        findings += _twice(module)
        if findings:
            raise SynoError(_ordered(findings, source)[:MAX_FINDINGS])
        return Loaded(source, module, places, own, used, rules)

    def _used(
        self, module: ast.Module, places: Places, findings: list[Diagnostic]
    ) -> dict[str, Definition | ast.Rule]:
        found: dict[str, Definition | ast.Rule] = {}
        for used in module.uses:
            try:
                definition = self.definition(used.path, places)
            except SynoError as error:
                findings += error.diagnostics
                continue
            if definition is not None:
                found.setdefault(used.name.text, definition)
        return found

    def _check_chain(self, link: _Link) -> None:
        """Refuse a file that is being read already (E0902), and a chain without end (E0103)."""
        span = link.used.span if link.used else None
        keys = [other.key for other in self._chain]
        if link.key in keys:
            circle = self._chain[keys.index(link.key) :]
            others = tuple(Label(item.used.span, "and here") for item in circle[1:] if item.used)
            message = " uses ".join((*(item.path for item in circle), link.path if others else "itself"))
            hint = "move what both files need into a third one"
            raise SynoError([Diagnostic("E0902", message, span, "used here", others, (), hint)])
        if len(keys) >= MAX_CHAIN:
            message = f"files use each other in a chain of more than {MAX_CHAIN}"
            raise fail("E0103", message, span=span, hint="put definitions that belong together into one file")


def _twice(module: ast.Module) -> Iterable[Diagnostic]:
    """A finding (E0204) for every used name that is defined or used before."""
    places: dict[str, Span] = {}
    for own in (*(node.name for node in module.operators), *(node.name for node in module.rules)):
        places.setdefault(own.text, own.span)
    for used in module.uses:
        name = used.name
        if name.text in places:
            others = (Label(places[name.text], "first defined here"),)
            hint = f"give it another name: `use {used.path.text} as ...`"
            yield Diagnostic("E0204", f"`{name.text}` is defined twice", name.span, "", others, (), hint)
        places.setdefault(name.text, name.span)


def _ordered(findings: Iterable[Diagnostic], source: Source) -> list[Diagnostic]:
    """The findings of `source` in its order, then those of other files."""
    own: list[Diagnostic] = []
    others: list[Diagnostic] = []
    for item in findings:
        (own if item.span is None or item.span.source == source else others).append(item)
    return [*in_text_order(own), *dict.fromkeys(others)]
