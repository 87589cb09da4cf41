"""The sizes and conditions in the head of an operator, a rule or a space enter, their documents leave."""

from __future__ import annotations

from collections.abc import Sequence

from syno_lang.syntax import ast
from syno_lang.syntax.format_body import Body, bracketed, follows, joined, listed, name_doc
from syno_lang.syntax.layout import Doc, Line, Token


def sizes_doc(primaries: Sequence[ast.Name], coefficients: Sequence[ast.Coefficient]) -> Doc:
    """`<N, C; k = 3>`, or nothing."""
    large = [name_doc(name) for name in primaries]
    small = [_coefficient(item) for item in coefficients]
    if not large and not small:
        return ()
    if not small:
        return listed("<", large, ">")
    return bracketed("<", (*joined(large), follows(";"), Line(), *joined(small)), ">")


def where_doc(conditions: Sequence[ast.Condition]) -> Doc:
    """` where(conditions)`, or nothing."""
    if not conditions:
        return ()
    return (" ", Token("where"), listed("(", [condition_doc(item) for item in conditions], ")"))


def condition_doc(condition: ast.Condition) -> Doc:
    """A condition on sizes."""
    size = Body(None).expression
    if isinstance(condition, ast.Call):
        return size(condition)
    return (size(condition.left), " ", follows(condition.relation), " ", size(condition.right))


def _coefficient(item: ast.Coefficient) -> Doc:
    default = () if item.default is None else (" ", follows("="), " ", Token(str(item.default.value)))
    return (name_doc(item.name), default)
