"""A part of the AST enters; every name that it uses, rather than defines, leaves."""

from __future__ import annotations

from dataclasses import fields

from syno_lang.syntax import ast


def mentioned(node: ast.Node) -> set[str]:
    """The names of sizes, tensors and coordinates that stand anywhere but where they are defined."""
    found: set[str] = set()
    stack: list[object] = [node]
    while stack:
        match item := stack.pop():
            case ast.Name(text=text):
                found.add(text)
            case ast.Operator(parameters=parameters, output=output, statements=statements):
                shapes = [parameter.shape for parameter in parameters]
                stack += [*shapes, output, item.conditions, statements]
            case ast.Equation(reductions=reductions, value=value):
                stack += [*(binder.domain for part in reductions for binder in part.binders), value]
            case ast.Binding(values=values):
                stack += values
            case ast.Call(arguments=arguments):
                stack += arguments
            case ast.Keyword(value=value):
                stack.append(value)
            case ast.Node():
                stack += [getattr(item, field.name) for field in fields(item)]
            case tuple():
                stack += item
    return found
