"""The `where` of an operator enters, conditions leave; what no sizes can satisfy is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.elaborate_sizes import Sizes, is_known
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import (
    Compares,
    Condition,
    Divides,
    Parity,
    broken,
    contradiction,
    divisions,
    variables,
)
from syno_lang.syntax import ast

#: How many conditions an operator may state: each is compared with every other.
MAX_CONDITIONS: Final = 64

#: How the conditions that are no comparisons are called.
_USAGE: Final = {"divides": "`divides(g, C)`", "odd": "`odd(k)`", "even": "`even(k)`"}


def read_conditions(node: ast.Operator | ast.Space, sizes: Sizes) -> dict[Condition, Span]:
    """The stated conditions with their places; what cannot be read is reported."""
    found: dict[Condition, Span] = {}
    if len(node.conditions) > MAX_CONDITIONS:
        message = f"there are at most {MAX_CONDITIONS} conditions, not {len(node.conditions)}"
        place = node.conditions[MAX_CONDITIONS].span
        sizes.report.append(Diagnostic("E0103", message, place, hint="state fewer"))
    for item in node.conditions[:MAX_CONDITIONS]:
        condition = _condition(item, sizes)
        if condition is not None:
            found.setdefault(condition, item.span)
    return found


def _condition(node: ast.Condition, sizes: Sizes) -> Condition | None:
    if isinstance(node, ast.Compares):
        read = _sizes((node.left, node.right), sizes)
        return Compares(read[0], node.relation, read[1]) if read else None
    name = node.function.text
    if name not in _USAGE:
        hint = did_you_mean(name, _USAGE) or f"write {' or '.join(_USAGE.values())}, or compare two sizes"
        message = f"`{name}` is no condition on sizes"
        sizes.report.append(Diagnostic("E0205", message, node.function.span, hint=hint))
        return None
    arguments = [item for item in node.arguments if not isinstance(item, ast.Keyword)]
    if len(node.arguments) != len(arguments) or len(arguments) != (2 if name == "divides" else 1):
        message = f"`{name}` has the wrong arguments"
        sizes.report.append(Diagnostic("E0207", message, node.span, hint=f"write {_USAGE[name]}"))
        return None
    read = _sizes(arguments, sizes)
    if read is None:
        return None
    return Divides(read[0], read[1]) if name == "divides" else Parity(read[0], name == "odd")


def _sizes(expressions: Iterable[ast.Expression], sizes: Sizes) -> list[Size] | None:
    """The sizes that the expressions state; `None` after a finding."""
    read = [sizes.size(item) for item in expressions]
    known = [size for size in read if size is not None and is_known(size)]
    return known if len(known) == len(read) else None


def check_conditions(
    stated: Mapping[Condition, Span], all_sizes: Iterable[Size], sizes: Sizes, report: list[Diagnostic]
) -> None:
    """Report conditions that contradict each other or what divides, and defaults that break one."""
    inferred = divisions(all_sizes)
    clash = contradiction([*stated, *inferred])
    if clash:
        report.append(_contradiction(clash, stated, sizes.places))
        return
    defaults = {size.name: size.default for size in sizes.declared.values() if size.default is not None}
    known = [item for item in stated if all(name in defaults for name in variables([item]))]
    for item in broken(known, defaults):
        values = ", ".join(f"{name} = {defaults[name]}" for name in variables([item]))
        places = (Label(sizes.places[name], "the default") for name in variables([item]))
        message = f"`{item}` does not hold for the defaults {values}"
        hint = "change the defaults or the condition"
        report.append(Diagnostic("E0505", message, stated[item], "", tuple(places), (), hint))


def _contradiction(
    clash: tuple[Condition, ...], stated: Mapping[Condition, Span], declared: Mapping[str, Span]
) -> Diagnostic:
    places = [stated[item] for item in clash if item in stated]
    # What follows from the shapes alone is the fault of no condition: the size itself is marked.
    places = places or [declared[name] for name in variables(clash)]
    others = tuple(Label(place, "this too") for place in places[1:])
    rest = [f"`{item}` follows from the shapes" for item in clash if item not in stated]
    names = ", ".join(variables(clash))
    message = "no sizes satisfy " + " and ".join(f"`{item}`" for item in clash)
    example = dict.fromkeys(variables(clash), 1)
    wrong = next(broken(clash, example), None)
    if wrong is not None and names:
        values = ", ".join(f"{name} = 1" for name in example)
        rest.append(f"for example, {values} breaks `{wrong}`, and so does something for every other choice")
    hint = "weaken or remove one of them" if stated else "change the shapes or the blocks that divide them"
    return Diagnostic("E0505", message, next(iter(places), None), "", others, tuple(rest), hint)
