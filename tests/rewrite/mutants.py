"""A rule enters; variants of it that are wrong leave: other signs, neighbours of numbers, swapped or lost parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from syno_lang.syntax import ast, make


def mutants(rule: ast.Rule) -> Iterator[tuple[str, ast.Rule]]:
    """Every variant with a name."""
    for number, condition in enumerate(rule.conditions):
        rest = (*rule.conditions[:number], *rule.conditions[number + 1 :])
        yield f"without guard {number}", replace(rule, conditions=rest)
        for weaker in _weaker(condition):
            yield f"weaker guard {number}", replace(rule, conditions=(*rest, weaker))
    sizes = {name.text for name in (*rule.sizes, *rule.amounts)}
    for place, binder in enumerate(rule.coordinates):
        # A multiple of a size is a special case of it, so only numbers change.
        if not isinstance(binder.domain, ast.Number):
            continue
        for number, domain in enumerate(_variants(binder.domain, sizes)):
            others = (
                *rule.coordinates[:place],
                replace(binder, domain=domain),
                *rule.coordinates[place + 1 :],
            )
            yield f"domain {place} {number}", replace(rule, coordinates=others)
    for part in rule.after.reductions:
        for number, binder in enumerate(part.binders):
            for variant, domain in enumerate(_variants(binder.domain, sizes)):
                changed = replace(binder, domain=domain)
                binders = (*part.binders[:number], changed, *part.binders[number + 1 :])
                after = replace(rule.after, reductions=(replace(part, binders=binders),))
                yield f"sum {number} {variant}", replace(rule, after=after)
    for side in ("after", "before"):
        value = getattr(rule, side).value
        for number, other in enumerate(_variants(value, sizes)):
            if other != value:
                yield f"{side} {number}", replace(rule, **{side: replace(getattr(rule, side), value=other)})


def _weaker(condition: ast.Condition) -> Iterator[ast.Condition]:
    if isinstance(condition, ast.Call):
        yield replace(condition, arguments=tuple(reversed(condition.arguments)))
    else:
        yield replace(
            condition, relation={">": "<", "<": ">", "<=": ">=", ">=": "<="}.get(condition.relation, ">=")
        )


def _variants(node: ast.Expression, sizes: set[str]) -> Iterator[ast.Expression]:
    """The expression with one thing changed."""
    if _is_number(node, sizes):
        yield make.binary(node, "+", make.number(1))
        yield make.binary(node, "*", make.number(2))
        yield ast.Negate(make.NOWHERE, node)
        if isinstance(node, ast.Binary):
            yield from (node.left, node.right)
            signs = {"+": "-", "-": "+", "*": "/", "/": "*"}
            yield replace(node, operator=signs.get(node.operator, node.operator))
        return
    if isinstance(node, ast.Binary) and node.operator == "*":
        yield from (node.left, node.right)
    if isinstance(node, ast.Binary) and node.operator in "/%":
        yield replace(node, operator="%" if node.operator == "/" else "/")
        yield node.left
    if isinstance(node, ast.Call):
        if len(node.arguments) == 2 and node.function.text in ("split", "unfold"):
            yield replace(node, arguments=tuple(reversed(node.arguments)))
        yield from (item for item in node.arguments if not isinstance(item, ast.Keyword))
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            for place, item in enumerate(value):
                for other in _variants(item, sizes):
                    yield replace(node, **{field.name: (*value[:place], other, *value[place + 1 :])})
        elif (
            isinstance(value, ast.Node)
            and not isinstance(node, ast.Name)
            and field.name not in ("function", "tensor")
        ):
            for other in _variants(value, sizes):  # type: ignore[arg-type]  # these fields hold expressions
                yield replace(node, **{field.name: other})


def _is_number(node: ast.Expression, sizes: set[str]) -> bool:
    match node:
        case ast.Number():
            return True
        case ast.Name(text=text):
            return text in sizes
        case ast.Negate(operand=inner):
            return _is_number(inner, sizes)
        case ast.Binary(left=left, right=right):
            return _is_number(left, sizes) and _is_number(right, sizes)
    return False
