"""A definition enters, its tree or its text leaves: as a formula, or as a graph with every primitive spelt.

Both read back as an equal pGraph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from syno_lang.ir.coordinates import Coordinate, walk
from syno_lang.ir.definition import Definition
from syno_lang.ir.print_formula import expressions, formula_statements
from syno_lang.ir.print_graph import graph_statements
from syno_lang.ir.print_names import Namer
from syno_lang.sizes import Size
from syno_lang.syntax import ast, make
from syno_lang.syntax.format import format_expression, format_operator, format_statement

__all__ = ["Namer", "equation", "formula", "graph", "term", "tree"]

#: The excuses that printing cannot say with `expand`.
_KEPT_ALLOWS: Final = ("dropped_half", "stride", "diagonal", "large_window")


def formula(definition: Definition) -> str:
    """The definition in formula notation."""
    return format_operator(tree(definition, as_graph=False)) + "\n"


def graph(definition: Definition) -> str:
    """The definition in graph notation, bottom-up, every coordinate used exactly once."""
    return format_operator(tree(definition, as_graph=True)) + "\n"


def equation(definition: Definition) -> str:
    """The formula alone, on one line: `out[...] = sum[...] x[...] * w[...]`."""
    sizes = [size.name for size in definition.sizes]
    return " ".join(format_statement(item, sizes) for item in formula_statements(definition))


def term(node: Coordinate, names: Mapping[Coordinate, str]) -> str:
    """A coordinate as an index expression over the leaves."""
    arguments = [item for inner in walk(node) for item in inner.arguments if isinstance(item, Size)]
    sizes = {variable for size in arguments for variable in size.variables}
    return format_expression(expressions([node], names)[node], sizes)


def tree(definition: Definition, *, as_graph: bool) -> ast.Operator:
    """The definition as the tree of its text."""
    sizes = definition.sizes
    parameters = tuple(
        make.parameter(tensor.name, tensor.role == "weight", _shape(tensor.shape))
        for tensor in definition.tensors
    )
    statements = graph_statements(definition) if as_graph else formula_statements(definition)
    return ast.Operator(
        span=make.NOWHERE,
        name=make.name(definition.name),
        primaries=tuple(make.name(size.name) for size in sizes if size.kind == "primary"),
        coefficients=tuple(
            make.coefficient(size.name, size.default) for size in sizes if size.kind == "coefficient"
        ),
        parameters=parameters,
        output=_shape(definition.graph.output),
        output_span=make.NOWHERE,
        allows=tuple(make.name(item) for item in _KEPT_ALLOWS if item in definition.allowed),
        is_graph=as_graph,
        statements=statements,
        conditions=tuple(make.condition(item) for item in definition.conditions),
    )


def _shape(shape: Iterable[Size]) -> tuple[ast.Expression, ...]:
    return tuple(make.size(size) for size in shape)
