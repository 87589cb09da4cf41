"""A space enters; its tree, and so its text, leaves: reading that text gives the same space again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from itertools import groupby

from syno_lang.sizes import Size
from syno_lang.syntax import ast, make
from syno_lang.syntax.format import format_module
from syno_lang.synth.options import OPTIONS, Option
from syno_lang.synth.space import Axis, Limits, Space

HERE = make.NOWHERE


def space_text(space: Space, whole: bool = True) -> str:
    """The text of a space; `whole` states every option, else those that have their default are left out.

    Raises `ValueError` for axes that pass through in a way that no text says.
    """
    return format_module(ast.Module(HERE, (space_tree(space, whole),)))


def space_tree(space: Space, whole: bool = True) -> ast.Space:
    """As `space_text`, as a tree."""
    sizes = [item.declaration for item in space.sizes]
    return ast.Space(
        HERE,
        make.name(space.name),
        tuple(make.name(item.name) for item in sizes if item.kind == "primary"),
        tuple(make.coefficient(item.name, item.default) for item in sizes if item.kind == "coefficient"),
        tuple(make.condition(item) for item in space.conditions),
        tuple(_clauses(space, whole)),
    )


def _clauses(space: Space, whole: bool) -> Iterate[ast.Clause]:
    yield ast.Ends(HERE, "from", _axes(space.inputs))
    yield ast.Ends(HERE, "to", _axes(space.outputs))
    kept = _kept(space)
    if kept:
        yield ast.Keep(HERE, tuple(map(make.name, kept)))
    yield from _limits(space.limits, whole)
    used = [(item.declaration.name, item.uses) for item in space.sizes if item.uses is not None]
    if used:
        yield ast.AtMost(HERE, tuple(_amount(uses, name) for name, uses in used))
    if space.rules:
        paths = (ast.Path(HERE, (make.name(rule),)) for rule in space.rules)
        yield ast.Normal(HERE, tuple(paths))
    yield from _layers(space)


def _limits(limits: Limits, whole: bool) -> Iterate[ast.Clause]:
    """The counts on one line, the lifted limits on one, what is allowed on one, each range on its own."""
    default = Limits()
    shown = [
        (option, getattr(limits, option.limit))
        for option in OPTIONS
        if whole or getattr(limits, option.limit) != getattr(default, option.limit)
    ]
    counts = [(option, value) for option, value in shown if option.form == "count" and value is not None]
    if counts:
        yield ast.AtMost(HERE, tuple(_amount(value, option.word) for option, value in counts))
    ranges = ("most", "least", "range")
    for option, value in shown:
        if option.form in ranges and value not in (None, (None, None)):
            per = make.name(option.per) if option.per else None
            yield ast.Bounded(HERE, make.name(option.word), _range(option, value), per, None)
    lifted = [option.word for option, value in shown if _is_lifted(option, value)]
    if lifted:
        yield ast.Unlimited(HERE, tuple(map(make.name, lifted)))
    allowed = [
        option.word for option, value in shown if option.form == "allow" and _is_allowed(option, value)
    ]
    if allowed:
        yield ast.Permits(HERE, tuple(map(make.name, allowed)))


def _is_lifted(option: Option, value: object) -> bool:
    # `params` without a bound is its default, and the word has another meaning beside `per weight`.
    return option.form != "allow" and (value is None or (value == (None, None) and option.limit == "flops"))


def _is_allowed(option: Option, value: object) -> bool:
    return bool(value) != (option.limit == "odd_windows")


def _range(option: Option, value: object) -> ast.Range:
    if isinstance(value, tuple):
        least, most = value
        return ast.Range(HERE, _figure(least), _figure(most))
    assert isinstance(value, (int, float))
    figure = _figure(value)
    return ast.Range(HERE, figure, None) if option.form == "least" else ast.Range(HERE, None, figure)


def _figure(value: float | None) -> ast.Figure | None:
    return (
        None
        if value is None
        else ast.Figure(HERE, f"{value:.15g}" if isinstance(value, float) else str(value))
    )


def _amount(value: int, word: str) -> ast.Amount:
    return ast.Amount(HERE, ast.Figure(HERE, str(value)), make.name(word))


def _axes(axes: Iterable[Axis]) -> tuple[ast.SpaceAxis, ...]:
    return tuple(
        ast.SpaceAxis(HERE, make.size(axis.size), make.name("unordered") if axis.unordered else None)
        for axis in axes
    )


def _kept(space: Space) -> list[str]:
    sizes = dict.fromkeys(space.inputs[before].size for before, _ in space.keep)
    pairs = sorted(pair for size in sizes for pair in zip(*_where(space, size), strict=False))
    if pairs != sorted(space.keep) or any(size != Size.variable(str(size)) for size in sizes):
        raise ValueError("no text says which axes pass through")
    return [str(size) for size in sizes]


def _where(space: Space, size: Size) -> tuple[list[int], list[int]]:
    before = [number for number, axis in enumerate(space.inputs) if axis.size == size]
    return before, [number for number, axis in enumerate(space.outputs) if axis.size == size]


def _layers(space: Space) -> Iterate[ast.Clause]:
    """What all layers have in common, then what each has beside it."""
    if not space.layers:
        return
    defaults = {item.declaration.name: item.declaration.default for item in space.sizes}
    first = dict(space.layers[0])
    common = {
        name: value
        for name, value in first.items()
        if defaults.get(name) != value and all(layer[name] == value for layer in space.layers)
    }
    own = [
        {name: value for name, value in layer.items() if common.get(name, defaults.get(name)) != value}
        for layer in space.layers
    ]
    if own == [{}] and not common:
        # Every size has its default: say one of them, so that there is a layer.
        common = dict(list(first.items())[:1])
    if common:
        yield ast.Given(HERE, _fixed(common))
    if own == [{}]:
        return
    for values, group in groupby(own):
        times = len(list(group))
        sizes = _fixed(values or dict(list(first.items())[:1]))
        yield ast.Layer(HERE, sizes, None if times == 1 else ast.Figure(HERE, str(times)))


def _fixed(values: dict[str, int]) -> tuple[ast.Fixed, ...]:
    items: Sequence[tuple[str, int]] = list(values.items())
    return tuple(ast.Fixed(HERE, make.name(name), ast.Figure(HERE, str(value))) for name, value in items)
