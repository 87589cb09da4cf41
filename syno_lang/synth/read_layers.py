"""The clauses of a space about its layers enter; complete values of all sizes for each layer leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.ir.elaborate_sizes import MAX_NUMBER
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Condition, broken, variables
from syno_lang.syntax import ast

#: How many layers a space may have.
MAX_LAYERS: Final = 10_000


@dataclass(frozen=True)
class ReadLayer:
    """One layer: the values of the sizes of the space, and of those that only the compared operators have."""

    values: dict[str, int]
    others: dict[str, int]
    span: Span


@dataclass
class LayerReader:
    """Takes up layers; `others` are sizes of the operators that the space is compared with."""

    declared: Mapping[str, SizeDeclaration]
    others: Iterable[str]
    report: list[Diagnostic]
    common: dict[str, int] = field(default_factory=dict)
    _places: dict[str, Span] = field(default_factory=dict)

    def read(self, clauses: Iterable[ast.Clause]) -> list[ReadLayer]:
        """The layers in the order of the text, each as often as it says; one where `for` gives everything."""
        nodes: list[ast.Layer] = []
        for clause in clauses:
            if isinstance(clause, ast.Given):
                self.common |= self._fixed(clause.sizes, self._places)
            elif isinstance(clause, ast.Layer):
                nodes.append(clause)
        layers: list[ReadLayer] = []
        for node in nodes:
            times = self._number(node.times, "how often a layer occurs", MAX_LAYERS) if node.times else 1
            layer = self._layer(self._fixed(node.sizes, {}), node.span)
            if layer is not None and len(layers) + times <= MAX_LAYERS:
                layers += [layer] * times
            elif layer is not None:
                message = f"a space has at most {MAX_LAYERS:,} layers"
                self.report.append(Diagnostic("E0103", message, node.span, hint="leave some out"))
        if not nodes and self.common:
            place = next(iter(self._places.values()))
            only = self._layer({}, place)
            layers += [only] if only is not None else []
        return layers

    def take(self, given: Iterable[Mapping[str, int]], span: Span) -> list[ReadLayer]:
        """Layers that stand in no text; their findings are about `span`."""
        read = (self._layer(layer, span) for layer in given)
        return [layer for layer in read if layer is not None]

    def _layer(self, own: Mapping[str, int], span: Span) -> ReadLayer | None:
        defaults = {name: item.default for name, item in self.declared.items() if item.default is not None}
        values = {**defaults, **self.common, **own}
        missing = [name for name in self.declared if name not in values]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            hint = (
                f"add {', '.join(f'`{name} = ...`' for name in missing)}, or say it for all layers with `for`"
            )
            message = f"this layer has no value for {names}"
            self.report.append(Diagnostic("E1105", message, span, hint=hint))
            return None
        known = {name: values[name] for name in self.declared}
        return ReadLayer(known, {name: values[name] for name in values if name not in known}, span)

    def _fixed(self, sizes: Iterable[ast.Fixed], places: dict[str, Span]) -> dict[str, int]:
        values: dict[str, int] = {}
        for item in sizes:
            name = item.name.text
            if name in places:
                first = (Label(places[name], "first given here"),)
                message = f"`{name}` is given twice"
                self.report.append(Diagnostic("E1102", message, item.span, "", first, (), "keep one of them"))
                continue
            places[name] = item.name.span
            if name not in self.declared and name not in self.others:
                hint = (
                    did_you_mean(name, self.declared) or f"the sizes are {', '.join(self.declared) or 'none'}"
                )
                message = f"the space has no size `{name}`"
                self.report.append(Diagnostic("E1105", message, item.name.span, hint=hint))
                continue
            values[name] = self._number(item.value, f"`{name}`", MAX_NUMBER)
        return values

    def _number(self, figure: ast.Figure, what: str, most: int) -> int:
        value = figure.value
        if value.denominator == 1 and 1 <= value <= most:
            return int(value)
        message = f"{what} is a whole number from 1 to {most:,}, not {figure.text}"
        self.report.append(Diagnostic("E1105", message, figure.span, hint="write such a number"))
        return 1


def check_layers(
    layers: Iterable[ReadLayer],
    sizes: Mapping[Size, Span],
    conditions: Mapping[Condition, Span],
    report: list[Diagnostic],
) -> None:
    """Report (E1105) every size of a shape that is not whole at a layer, and conditions that break there."""
    seen: set[tuple[tuple[str, int], ...]] = set()
    for layer in layers:
        key = tuple(layer.values.items())
        if key in seen:
            continue
        seen.add(key)
        for size, place in sizes.items():
            value = size.evaluate(layer.values)
            if value.denominator != 1:
                where = ", ".join(f"{name} = {layer.values[name]}" for name in size.variables)
                message = f"`{size}` is {value} at this layer, with {where}"
                others = (Label(place, "this axis"),)
                hint = "choose sizes that divide, or leave the layer out"
                report.append(Diagnostic("E1105", message, layer.span, "", others, (), hint))
        for condition in broken(conditions, layer.values):
            where = ", ".join(f"{name} = {layer.values[name]}" for name in variables([condition]))
            others = (Label(conditions[condition], "stated here"),)
            message = f"`{condition}` does not hold at this layer, with {where}"
            hint = "change the layer or the condition"
            report.append(Diagnostic("E1105", message, layer.span, "", others, (), hint))
