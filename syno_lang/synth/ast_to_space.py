"""The trees of search spaces enter, `Space` values leave; or every mistake in them, found before a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from syno_lang.diagnostics import MAX_FINDINGS, Diagnostic, Label, Span, SynoError, fail, in_text_order
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import declare_sizes
from syno_lang.ir.elaborate_conditions import read_conditions
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.modules.find import STDLIB, shipped
from syno_lang.modules.load import Loaded, Loader
from syno_lang.sizes.conditions import contradiction
from syno_lang.syntax import ast
from syno_lang.synth.options import COUNTS
from syno_lang.synth.possible import obstacles
from syno_lang.synth.read_layers import LayerReader, check_layers
from syno_lang.synth.read_limits import LimitReader
from syno_lang.synth.read_shapes import read_shapes, twice
from syno_lang.synth.reference import Reference, ask, read_reference
from syno_lang.synth.space import Space, SpaceSize

#: Values of sizes, layer by layer.
Given = Sequence[Mapping[str, int]]

Find = Callable[[ast.Path], "Definition | None"]


def pick_space(spaces: Mapping[str, Space], name: str | None, path: str) -> Space:
    """One of the spaces of the file `path`; `name` picks one of several.  Raises `SynoError` (E1107)."""
    if name is None and len(spaces) == 1:
        return next(iter(spaces.values()))
    if not spaces:
        raise fail(
            "E1107", f"{path} holds no space", hint="write `space name<sizes> { from [...] to [...] }`"
        )
    names = ", ".join(spaces)
    if name is None:
        raise fail("E1107", f"{path} holds {len(spaces)} spaces", hint=f"pick one of {names}")
    if name not in spaces:
        hint = did_you_mean(name, spaces) or f"it has {names}"
        raise fail("E1107", f"{path} has no space {name}", hint=hint)
    return spaces[name]


def read_spaces(loaded: Loaded, loader: Loader, layers: Given | None = None) -> dict[str, Space]:
    """The spaces of a file that is loaded, by name, at its layers or at those given.

    Raises `SynoError` with up to `MAX_FINDINGS`.
    """
    report: list[Diagnostic] = []
    spaces: dict[str, Space] = {}
    places: dict[str, Span] = {node.name.text: node.name.span for node in loaded.module.operators}
    for node in loaded.module.spaces:
        if node.name.text in places:
            others = (Label(places[node.name.text], "first defined here"),)
            message, hint = f"`{node.name.text}` is defined twice", "choose another name"
            report.append(Diagnostic("E0204", message, node.name.span, "", others, (), hint))
        places[node.name.text] = node.name.span
        space = read_space(node, partial(_operator, loaded, loader), report, layers)
        if space is not None:
            spaces[space.name] = space
    if report:
        raise SynoError(in_text_order(report)[:MAX_FINDINGS])
    return spaces


def read_space(
    node: ast.Space, find: Find, report: list[Diagnostic], given: Given | None = None
) -> Space | None:
    """One space; `find` gives the operators that it is compared with.  `None` after a finding.

    `given` are layers to be read instead of those of the text, each with the values of its sizes.
    """
    before = len(report)
    places: dict[str, Span] = {}
    declared = declare_sizes(node, places, report)
    sizes = Sizes(declared, places, report)
    for name in set(declared) & set(COUNTS):
        message, hint = f"`{name}` means something else in a space", "give the size another name"
        report.append(Diagnostic("E0206", message, places[name], hint=hint))
    conditions = read_conditions(node, sizes)
    shapes = read_shapes(node, sizes, report)
    limits = LimitReader(list(declared), report)
    for clause in node.clauses:
        limits.read(clause)
    references = _references(limits, find, declared, report)
    others = {name for reference in references.values() for name in reference.open}
    reader = LayerReader(declared, others, report)
    layers = reader.read(node.clauses) if given is None else reader.take(given, node.name.span)
    rules = _rules(node, report)
    if shapes is not None and len(report) == before:
        check_layers(layers, shapes.axes, conditions, report)
        clash = contradiction(list(conditions))
        if clash:
            message = "no sizes satisfy " + " and ".join(f"`{item}`" for item in clash)
            report.append(Diagnostic("E0505", message, conditions[clash[0]], hint="weaken or remove one"))
    if shapes is None or len(report) > before:
        return None
    for name, (clause, ends) in limits.shares.items():
        limits.values[name] = ask(references[name], ends, layers, clause, report)
    if len(report) > before:
        return None
    space = Space(
        node.name.text,
        tuple(SpaceSize(item, limits.uses.get(name)) for name, item in declared.items()),
        shapes.inputs, shapes.outputs, shapes.keep,
        tuple(layer.values for layer in layers),
        limits.limits(), tuple(conditions), tuple(rules),
    )  # fmt: skip
    _impossible(space, node, limits.places, report)
    return None if len(report) > before else space


def checked(space: Space) -> Space:
    """`space`, which was made without a text.  Raises `SynoError` (E1106) where nothing can be in it."""
    found = [Diagnostic("E1106", item.message, hint=item.hint) for item in obstacles(space)]
    if found:
        raise SynoError(found)
    return space


def _impossible(space: Space, node: ast.Space, places: dict[str, Span], report: list[Diagnostic]) -> None:
    for item in obstacles(space):
        span = places.get(item.option, node.name.span)
        report.append(Diagnostic("E1106", item.message, span, hint=item.hint))


def _references(
    limits: LimitReader, find: Find, declared: Iterable[str], report: list[Diagnostic]
) -> dict[str, Reference]:
    """The operators that costs are compared with, by the limit; those that do not fit are reported."""
    found: dict[str, Reference] = {}
    for name, (clause, _) in limits.shares.items():
        assert clause.reference is not None
        try:
            definition = find(clause.reference.path)
            if definition is not None:
                found[name] = read_reference(clause.reference, definition, declared)
        except SynoError as error:
            report += error.diagnostics
    return found


def _operator(loaded: Loaded, loader: Loader, path: ast.Path) -> Definition | None:
    """The operator that a space names: one of its file, a used one, or one of another file."""
    known = {**loaded.used, **loaded.own}
    if len(path.names) > 1:
        found = loader.definition(path, loaded.places)
        if isinstance(found, ast.Rule):
            raise fail(
                "E1108", f"`{path.text}` is a rule, no operator", span=path.span, hint="name an operator"
            )
        return found
    if path.text in known:
        return known[path.text]
    hint = did_you_mean(path.text, known) or "name one of this file, or `use` one of another"
    if path.text in shipped():
        hint = f"`use {STDLIB}.{path.text}` if that is meant"
    raise fail("E1108", f"there is no operator `{path.text}` here", span=path.span, hint=hint)


def _rules(node: ast.Space, report: list[Diagnostic]) -> list[str]:
    """The names of the approximate rules; an exact one is always used."""
    paths = [path for clause in node.clauses if isinstance(clause, ast.Normal) for path in clause.rules]
    if not paths:
        return []
    from syno_lang.rewrite.read import standard_rules

    known = {rule.name: rule.is_exact for rule in standard_rules()}
    names: dict[str, Span] = {}
    for path in paths:
        if path.text not in known:
            hint = did_you_mean(path.text, known) or "`syno rules` lists them"
            report.append(Diagnostic("E1004", f"there is no rule {path.text}", path.span, hint=hint))
        elif known[path.text]:
            message = f"the rule {path.text} is exact: members are always normal under it"
            report.append(Diagnostic("E1103", message, path.span, hint="leave it out"))
        elif path.text in names:
            report.append(twice(f"`{path.text}`", path.span, names[path.text]))
        names.setdefault(path.text, path.span)
    return list(names)
