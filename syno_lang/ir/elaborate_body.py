"""The body of an operator enters, in either notation; its reads and expanded coordinates leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syno_lang.diagnostics import Diagnostic, Span
from syno_lang.ir.definition import TensorDeclaration
from syno_lang.ir.elaborate_formula import Formula
from syno_lang.ir.elaborate_graph import Graph
from syno_lang.ir.elaborate_reader import Body
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.sizes import Size
from syno_lang.syntax import ast


def read_body(
    node: ast.Operator,
    sizes: Sizes,
    tensors: Sequence[TensorDeclaration],
    output: Sequence[Size],
    places: Mapping[str, Span],
    report: list[Diagnostic],
) -> Body:
    """Read the statements of `node`; findings go to `report`, and what they touch is left out."""
    reader = Graph if node.is_graph else Formula
    return reader(node, sizes, tensors, output, places, report).read()
