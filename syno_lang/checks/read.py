"""The tests of a file that is loaded enter; their claims leave, or every mistake in them.

Nothing is computed here, so `syno check` finds these mistakes too.
"""

from __future__ import annotations

from collections.abc import Iterator

from syno_lang.checks.arguments import check_call
from syno_lang.checks.claims import Claim, Costs, SameAsCall, SameGraph, SameNumbers, SameValue
from syno_lang.checks.functions import FUNCTIONS
from syno_lang.checks.numbers import numbers
from syno_lang.checks.polynomials import polynomial
from syno_lang.checks.settings import Settings, check_arrays, read_settings, shape
from syno_lang.diagnostics import MAX_FINDINGS, Diagnostic, SynoError, fail, in_text_order
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.modules.find import shipped
from syno_lang.modules.load import Loaded, Loader
from syno_lang.syntax import ast


def read_tests(loaded: Loaded, loader: Loader) -> list[Claim]:
    """The claims of every test in the order of the file.  Raises `SynoError` with up to `MAX_FINDINGS`."""
    findings: list[Diagnostic] = []
    claims: list[Claim] = []
    reader = _Reader(loaded, loader)
    for test in loaded.module.tests:
        try:
            operator = reader.near(test.operator)
        except SynoError as error:
            findings += error.diagnostics
            continue
        for node in test.claims:
            try:
                claims += reader.claim(node, operator)
            except SynoError as error:
                findings += error.diagnostics
    if findings:
        raise SynoError(in_text_order(findings)[:MAX_FINDINGS])
    return claims


class _Reader:
    def __init__(self, loaded: Loaded, loader: Loader) -> None:
        self.loaded = loaded
        self.loader = loader

    def claim(self, node: ast.Claim, operator: Definition) -> Iterator[Claim]:
        """The claim, or none where it names an operator whose file is broken, which was said before."""
        if isinstance(node, ast.Count):
            settings = _optional(node, operator)
            formula = polynomial(node.value, operator)
            _check_no_arrays(node, settings)
            sizes = settings.sizes if settings else None
            yield Costs(node, operator, sizes, {}, node.quantity, formula)
            return
        match node.reference:
            case ast.Path() as path:
                other = self.operator(path)
                if other is None:
                    return
                settings = _optional(node, operator)
                if settings is None:
                    yield SameGraph(node, operator, None, {}, other)
                else:
                    yield SameValue(node, operator, settings.sizes, settings.arrays, other)
            case ast.Apply() as call:
                yield _call(node, operator, call)
            case ast.List() as items:
                settings = read_settings(node, operator)
                check_arrays(operator, settings.arrays, node.span)
                _check_numbers(items, operator, settings)
                yield SameNumbers(node, operator, settings.sizes, settings.arrays, numbers(items))

    def operator(self, path: ast.Path) -> Definition | None:
        """The operator that `path` names: one of this file, a used one, or one of another file."""
        if len(path.names) == 1:
            return self.near(path.names[0])
        if path.text in FUNCTIONS:
            hint = f"call it with the tensors: `{path.text}(...)`"
            raise fail("E0904", f"`{path.text}` is a function, no operator", span=path.span, hint=hint)
        found = self.loader.definition(path, self.loaded.places)
        if isinstance(found, ast.Rule):
            message = f"`{path.text}` is a rule, no operator"
            raise fail("E0904", message, span=path.span, hint="name an operator")
        return found

    def near(self, name: ast.Name) -> Definition:
        """The operator of this file, or the used one, of this name.  Raises `SynoError` (E0904)."""
        known = {**self.loaded.used, **self.loaded.own}
        if name.text in known:
            return known[name.text]
        hint = did_you_mean(name.text, known) or "name one of this file, or `use` one of another"
        if name.text in shipped():
            hint = f"`use stdlib.{name.text}` if that is meant"
        raise fail("E0904", f"there is no operator `{name.text}` here", span=name.span, hint=hint)


def _optional(node: ast.Claim, operator: Definition) -> Settings | None:
    return read_settings(node, operator) if node.settings else None


def _call(node: ast.Claim, operator: Definition, call: ast.Apply) -> Claim:
    findings: list[Diagnostic] = []
    check_call(call, operator, findings)
    try:
        settings = read_settings(node, operator)
    except SynoError as error:
        findings += error.diagnostics
    if findings:
        raise SynoError(findings)
    return SameAsCall(node, operator, settings.sizes, settings.arrays, call)


def _check_no_arrays(node: ast.Claim, settings: Settings | None) -> None:
    if settings and settings.arrays:
        name = next(iter(settings.arrays))
        hint = f"leave `{name}` out"
        raise fail("E0906", "a cost depends on sizes alone", span=node.settings[-1].span, hint=hint)


def _check_numbers(items: ast.List, operator: Definition, settings: Settings) -> None:
    found = shape(items)
    wanted = tuple(size.value(settings.sizes) for size in operator.graph.output)
    if found != wanted:
        axes = ", ".join(str(size) for size in operator.graph.output)
        message = f"this has shape {list(found)}, the output {list(wanted)}"
        raise fail("E0603", message, span=items.span, hint=f"the axes of the output are [{axes}]")
