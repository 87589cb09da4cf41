"""An operator of the AST enters; the coordinate that each of its index expressions states leaves.

It is the elaborator that reads them, so what it says here is what it does.  An operator with mistakes has
coordinates too: those that the mistakes do not touch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from syno_lang.diagnostics import Diagnostic, Span
from syno_lang.ir.coordinates import Coordinate
from syno_lang.ir.definition import SizeDeclaration, TensorDeclaration
from syno_lang.ir.elaborate import Full, Report
from syno_lang.ir.elaborate_formula import Formula
from syno_lang.ir.elaborate_graph import Graph
from syno_lang.ir.elaborate_index import Indices
from syno_lang.ir.elaborate_reader import Reader
from syno_lang.ir.elaborate_sizes import Sizes, is_known
from syno_lang.ir.print import term
from syno_lang.ir.tensors import Role
from syno_lang.sizes import Size
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_expression


@dataclass
class Domains:
    """What the parts of one operator are; `coordinates` by their places, `names` those of the leaves."""

    sizes: dict[str, SizeDeclaration] = field(default_factory=dict)
    tensors: dict[str, TensorDeclaration] = field(default_factory=dict)
    output: tuple[Size, ...] = ()
    coordinates: dict[Span, Coordinate] = field(default_factory=dict)
    names: dict[Coordinate, str] = field(default_factory=lambda: defaultdict(lambda: "?"))

    def at(self, span: Span) -> Coordinate | None:
        """The coordinate that stands, or gets its name, at a span."""
        return self.coordinates.get(span)

    def around(self, line: int, column: int) -> tuple[Span, Coordinate] | None:
        """The smallest expression on one line around a place that states a coordinate."""
        here = [
            (span, node)
            for span, node in self.coordinates.items()
            if span.line == span.end_line == line and span.column <= column < span.end_column
        ]
        return min(here, key=lambda item: item[0].end_column - item[0].column, default=None)

    def term(self, node: Coordinate) -> str:
        """A coordinate as an index expression over the leaves, in primitives."""
        return term(node, self.names)

    def text(self, expression: ast.Expression) -> str:
        """An expression as the formatter writes it."""
        return format_expression(expression, self.sizes)


def find_domains(node: ast.Operator) -> Domains:
    """What is known of the coordinates of `node`."""
    found = Domains()
    report: list[Diagnostic] = Report()
    try:
        places = _declare(node, found, report)
        sizes = Sizes(found.sizes, places, report)
        _shapes(node, found, sizes)
        tensors = [*found.tensors.values()]
        reader = (_Graph if node.is_graph else _Formula)(node, sizes, tensors, found.output, places, report)
        reader.watch(found)
        reader.read()
    except Full:
        pass
    return found


def describe(size: Size) -> str:
    """A size as text, `?` for what could not be read."""
    return str(size) if is_known(size) else "?"


def _declare(node: ast.Operator, found: Domains, report: list[Diagnostic]) -> Mapping[str, Span]:
    for name in node.primaries:
        found.sizes.setdefault(name.text, SizeDeclaration(name.text, "primary"))
    for item in node.coefficients:
        default = item.default.value if item.default else None
        found.sizes.setdefault(item.name.text, SizeDeclaration(item.name.text, "coefficient", default))
    coefficients = [item.name for item in node.coefficients]
    names = [*node.primaries, *coefficients, *(item.name for item in node.parameters)]
    return {name.text: name.span for name in reversed(names)}


def _shapes(node: ast.Operator, found: Domains, sizes: Sizes) -> None:
    for item in node.parameters:
        shape = tuple(sizes.domain(size) for size in item.shape)
        role: Role = "weight" if item.is_weight else "input"
        found.tensors.setdefault(item.name.text, TensorDeclaration(item.name.text, role, shape))
    found.output = tuple(sizes.domain(size) for size in node.output)


@dataclass
class _Watched(Indices):
    """Indices that remember what each expression states."""

    found: Domains = field(default_factory=Domains)

    def one(self, expression: ast.Expression) -> Coordinate:
        coordinate = super().one(expression)
        self.found.coordinates[expression.span] = coordinate
        return coordinate


class _Watch(Reader):
    """A reader that remembers what each name means where it is defined."""

    found: Domains

    def watch(self, found: Domains) -> None:
        """Remember in `found`."""
        self.found, old = found, self.indices
        # What was handed on already stays one object: the scope and the places.
        self.indices = _Watched(old.sizes, old.report, old.scope, old.places, found=found)

    def bind(self, name: ast.Name, coordinate: Coordinate | None) -> None:
        super().bind(name, coordinate)
        if coordinate is not None:
            self.found.coordinates[name.span] = coordinate
            if not coordinate.operands:
                self.found.names.setdefault(coordinate, name.text)


class _Formula(_Watch, Formula):
    pass


class _Graph(_Watch, Graph):
    pass
