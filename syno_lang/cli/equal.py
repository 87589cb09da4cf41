"""Two files enter; whether their operators have one normal form leaves, or where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

import click

from syno_lang.api import load
from syno_lang.checks.differ import Comparison, compare
from syno_lang.checks.match import mismatch
from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import equation, term
from syno_lang.rewrite.canonicalize import canonicalize, trace
from syno_lang.rewrite.choose import chosen_rules


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
    for here, there in zip_longest(_places(one), _places(other)):
        if here is None or there is None:
            extra, name = (there, other.name) if here is None else (here, one.name)
            return f"only {name} has {extra[0]} {extra[1]}" if extra else ""
        if here[1] != there[1]:
            return f"{here[0]} is {here[1]} in {one.name} and {there[1]} in {other.name}"
    return "the normal forms read alike, and differ in their sizes"


def _places(definition: Definition) -> list[tuple[str, str]]:
    """Every place of a normal form with what stands there; leaves are called by their number."""
    graph = definition.graph
    names: dict[Coordinate, str] = {leaf: f"i{leaf.position}" for leaf in graph.iterators}
    names.update((leaf, f"r{leaf.label}") for leaf in graph.reductions)
    found = [(f"axis {number} of the output", str(size)) for number, size in enumerate(graph.output)]
    for number, tensor in enumerate(graph.tensors):
        found += [(f"axis {axis} of tensor {number}", str(size)) for axis, size in enumerate(tensor.shape)]
    found += [(f"sum r{leaf.label}", f"{leaf.reducer} over {leaf.domain}") for leaf in graph.reductions]
    for read in graph.reads:
        found += [
            (f"index {axis} of tensor {read.tensor}", term(item, names))
            for axis, item in enumerate(read.index)
        ]
    return found + [
        (f"expanded coordinate {number}", term(item, names)) for number, item in enumerate(graph.expanded)
    ]


def _values(one: Definition, other: Definition) -> str:
    if mismatch(one, other):
        return "values are not compared"
    found: Comparison = compare(one, other)
    if found.difference is not None:
        return f"values differ for {found.settings}: {found.difference}"
    if not found.count:
        return "no small sizes were found that fit both, so values are not compared"
    return f"values agree at random inputs of {found.count} sizes: perhaps a rule is missing"
