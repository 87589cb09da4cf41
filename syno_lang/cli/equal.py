"""Two files enter; whether their operators have one normal form leaves, or where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

import click

from syno_lang.api import load
from syno_lang.checks.differ import Comparison, compare
from syno_lang.checks.match import mismatch, sizes_apart
from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.diagnostics.suggest import counted
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import equation, term
from syno_lang.rewrite.canonicalize import canonicalize, trace
from syno_lang.rewrite.choose import chosen_rules
from syno_lang.sizes import Size


@click.command("equal")
@click.argument("first", metavar="FILE")
@click.argument("second", metavar="FILE")
@click.option("--without", metavar="RULE", multiple=True, help="Leave a rule out; may be repeated.")
@click.option("--rules", metavar="RULES", multiple=True, help="A file with more rules; may be repeated.")
@click.option("--same-weights", is_flag=True, help="Weights keep their order and their layout.")
@options.search
@options.as_json
def command(
    first: str,
    second: str,
    without: tuple[str, ...],
    rules: tuple[str, ...],
    same_weights: bool,
    search: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say whether two operators have one normal form, once their weights are laid out as it has them.

    If weights are laid out anew for that, it is shown how.  If there is no common normal form, values are
    compared at small sizes: two normal forms may still have one value, for not every identity has a rule.
    FILE:NAME picks an operator of a file that has several.  The exit code is 0 for yes and 1 for no.

    \b
    syno equal stdlib:conv2d my_conv.syno
    syno equal both.syno:one both.syno:other
    """
    chosen = chosen_rules(rules, without, (), search)
    definitions = [_load(item, search) for item in (first, second)]
    one, other = (canonicalize(item, chosen) for item in definitions)
    views: list[Mapping[str, Definition]] = [{}, {}]
    digests = [one.graph.digest, other.graph.digest]
    if digests[0] != digests[1] and not same_weights:
        found = [trace(item, chosen, "lay out") for item in definitions]
        digests = [item.definition.graph.digest for item in found]
        views = [item.views for item in found]
    if digests[0] == digests[1]:
        _say_yes((one, other), digests, views, as_json)
        return 0
    notes = [_first_difference(one, other), _values(one, other)]
    if as_json:
        put_json({"equal": False, "digests": digests, "notes": notes})
    else:
        put(f"no: {one.name} is {digests[0]}, {other.name} is {digests[1]}")
        put("\n".join(f"  {note}" for note in notes))
    return 1


def _say_yes(
    operators: tuple[Definition, Definition],
    digests: list[str],
    views: list[Mapping[str, Definition]],
    as_json: bool,
) -> None:
    texts = [{name: equation(view) for name, view in item.items()} for item in views]
    if as_json:
        put_json({"equal": True, "digests": digests, "views": texts})
        return
    put(f"yes: {operators[0].name} and {operators[1].name} have the normal form {digests[0]}")
    for operator, found in zip(operators, texts, strict=True):
        for name, text in found.items():
            put(f"  in {operator.name}, {name} is laid out anew: {text}")


def _load(text: str, search: tuple[str, ...]) -> Definition:
    """`FILE`, `FILE:NAME`, or `stdlib:NAME`."""
    path, _, name = text.rpartition(":")
    if path and path != "stdlib" and name.isidentifier():
        return load(path, name, search=search).definition
    return load(text, search=search).definition


def _first_difference(one: Definition, other: Definition) -> str:
    """The first place at which the normal forms differ, in words."""
    if unlike := mismatch(one, other):
        return unlike
    shared = _shared_names(one, other)
    for here, there in zip_longest(_places(one, {}), _places(other, shared)):
        if here is None or there is None:
            extra, name = (there, other.name) if here is None else (here, one.name)
            return f"only {name} has {extra[0]} {extra[1]}" if extra else ""
        if here[2] != there[2]:
            return f"{here[0]} is {here[1]} in {one.name} and {there[1]} in {other.name}"
    return "the normal forms read alike, and differ in their sizes"


def _shared_names(one: Definition, other: Definition) -> dict[str, str]:
    """For sizes of `other` that are an axis what `one` calls the size of that axis."""
    names: dict[str, str] = {}
    for here, there in zip(_axes(one), _axes(other), strict=True):
        if (
            all(size == Size.variable(str(size)) for size in (here, there))
            and str(here) not in names.values()
        ):
            names.setdefault(str(there), str(here))
    return names


def _axes(definition: Definition) -> list[Size]:
    tensors = definition.graph.tensors
    return [*definition.graph.output, *(size for tensor in tensors for size in tensor.shape)]


def _places(definition: Definition, sizes: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Every place of a normal form with what stands there, as it is written and with `sizes` renamed.

    Leaves are called by their number.
    """
    graph = definition.graph
    names: dict[Coordinate, str] = {leaf: f"i{leaf.position}" for leaf in graph.iterators}
    names.update((leaf, f"r{leaf.label}") for leaf in graph.reductions)
    renamed_names = {_renamed(leaf, sizes): name for leaf, name in names.items()}

    def of_size(place: str, size: Size, before: str = "") -> tuple[str, str, str]:
        return place, f"{before}{size}", f"{before}{size.rename(sizes)}"

    def of_term(place: str, node: Coordinate) -> tuple[str, str, str]:
        return place, term(node, names), term(_renamed(node, sizes), renamed_names)

    found = [of_size(f"axis {number} of the output", size) for number, size in enumerate(graph.output)]
    for number, tensor in enumerate(graph.tensors):
        found += [of_size(f"axis {axis} of tensor {number}", size) for axis, size in enumerate(tensor.shape)]
    found += [
        of_size(f"sum r{leaf.label}", leaf.domain, f"{leaf.reducer} over ") for leaf in graph.reductions
    ]
    for read in graph.reads:
        found += [
            of_term(f"index {axis} of tensor {read.tensor}", item) for axis, item in enumerate(read.index)
        ]
    return found + [
        of_term(f"expanded coordinate {number}", item) for number, item in enumerate(graph.expanded)
    ]


def _renamed(node: Coordinate, sizes: Mapping[str, str]) -> Coordinate:
    """`node` with its sizes renamed."""
    changed = [
        _renamed(item, sizes)
        if isinstance(item, Coordinate)
        else (item.rename(sizes) if isinstance(item, Size) else item)
        for item in node.arguments
    ]
    return type(node)(*changed)


def _values(one: Definition, other: Definition) -> str:
    if mismatch(one, other):
        return "values are not compared"
    found: Comparison = compare(one, other)
    if found.difference is not None:
        own = {name: value for name, value in found.theirs.items() if name not in found.sizes}
        more = f" and {_said(own)} in {other.name}" if own else ""
        return f"values differ for {found.settings}{more}: {found.difference}"
    if not found.count:
        return "no small sizes were found that fit both, so values are not compared"
    agree = f"values agree at random inputs of {counted(found.count, 'size')}"
    for here, there in ((one, other), (other, one)):
        if sizes := sizes_apart(here, there):
            return f"{agree}, but the shapes of {here.name} for {_said(sizes)} are none of {there.name}"
    return f"{agree}: perhaps a rule is missing"


def _said(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sizes.items())
