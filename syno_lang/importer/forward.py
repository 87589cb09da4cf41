"""The statements of the forward kernel enter; its loops, its product and its divisor leave.

The original prints one shape of nest only: loops over the output, then for each reduction a
temporary that starts at 0 and a loop that adds to it, and the product of the tensors innermost.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from syno_lang.diagnostics import Span, SynoError, fail
from syno_lang.importer.listing import (
    Access,
    Assignment,
    Bound,
    Chain,
    Declaration,
    Listing,
    Loop,
    Monomial,
    Node,
    Restrict,
    Statement,
    Sum,
)
from syno_lang.importer.sizes import size_of
from syno_lang.sizes import ONE, Size


def forward(body: Sequence[Statement]) -> Listing:
    """Take the nest apart.  Raises `SynoError` (E0802) where it is another one."""
    start = body[0].span
    loops, body = _outer(body)
    target = body[-1] if body else None
    if not isinstance(target, Assignment) or target.adds or not isinstance(target.target, Access):
        raise _refuse("the innermost loop over the output does not store a value", body, start)
    bounds = [_bound(loop) for loop in loops]
    _check_target(target.target, bounds)
    inner, value = _inner(body)
    reads, divisor, divisor_span = _product(value)
    names = _names((*bounds, *inner))
    _check_sizes((*((bound.size, bound.span) for bound in (*bounds, *inner)), (divisor, divisor_span)), names)
    texts = {*(bound.text for bound in (*bounds, *inner)), *_texts(value)} - names
    return Listing(
        value.span, tuple(bounds), tuple(inner), tuple(reads), divisor, divisor_span, frozenset(texts)
    )


def _names(bounds: Sequence[Bound]) -> set[str]:
    names: set[str] = set()
    for bound in bounds:
        if bound.name in names:
            hint = "each loop has a variable of its own"
            raise fail("E0802", f"two loops count `{bound.name}`", span=bound.span, hint=hint)
        names.add(bound.name)
    return names


def _check_sizes(sizes: Iterable[tuple[Size, Span | None]], loops: Container[str]) -> None:
    """A bound or a divisor holds for all points, so no loop variable stands in it."""
    for size, span in sizes:
        for name in size.variables:
            if name in loops:
                raise fail(
                    "E0802",
                    f"`{name}` is a loop, not a size",
                    span=span,
                    hint="a size is the same everywhere",
                )


def _outer(body: Sequence[Statement]) -> tuple[list[Loop], Sequence[Statement]]:
    loops: list[Loop] = []
    while len(body) == 1 and isinstance(body[0], Loop):
        loops.append(body[0])
        body = body[0].body
    return loops, body


def _check_target(target: Access, bounds: Sequence[Bound]) -> None:
    index = [item.text if isinstance(item, Monomial) else None for item in target.index]
    if target.name != "out" or index != [bound.name for bound in bounds]:
        wanted = f"out[{', '.join(bound.name for bound in bounds)}]"
        hint = "`out` is stored at its loop variables, in the order of the loops"
        raise fail("E0802", f"this should be `{wanted}`", span=target.span, hint=hint)


def _inner(body: Sequence[Statement]) -> tuple[list[Bound], Node]:
    """Go down from `float t = 0; for (...) { ... t += value; } target = t;` to the innermost value."""
    bounds: list[Bound] = []
    while len(body) != 1:
        place = body[-1].span
        if len(body) != 3:
            raise _refuse("here are other statements than a temporary, its loop and its use", body, place)
        start, loop, use = body
        if not (isinstance(start, Declaration) and isinstance(loop, Loop) and isinstance(use, Assignment)):
            raise _refuse("here are other statements than a temporary, its loop and its use", body, place)
        last = loop.body[-1] if loop.body else None
        if not isinstance(use.value, Monomial) or use.value.text != start.name or start.value.number != 0:
            raise _refuse(f"`{start.name}` does not start at 0 and end in the next value", body, use.span)
        if not isinstance(last, Assignment) or not last.adds or not _is(last.target, start.name):
            raise _refuse(f"this loop does not add to `{start.name}` at its end", loop.body, loop.span)
        bounds.append(_bound(loop))
        body = loop.body
    use = body[0]
    assert isinstance(use, Assignment)  # what was looked at as `target`, or as `last`
    return bounds, use.value


def _is(node: Monomial | Access, name: str) -> bool:
    return isinstance(node, Monomial) and node.text == name


def _bound(loop: Loop) -> Bound:
    if len(set(loop.names)) > 1 or loop.start.number != 0:
        hint = "a loop goes from 0 and counts one variable: `for (int i = 0; i < N; i++)`"
        raise fail("E0802", "this loop is not understood", span=loop.span, hint=hint)
    size = size_of(loop.bound.text, "E0801", loop.bound.span)
    return Bound(loop.names[0], size, loop.bound.text, loop.bound.span)


def _product(value: Node) -> tuple[list[Access], Size, Span | None]:
    """The factors of `value`, and by what their product is divided."""
    reads: list[Access] = []
    divisor, place = ONE, None
    stack = [("*", value)]
    while stack:
        operator, node = stack.pop()
        match node:
            case Chain() if operator == "*":
                stack += reversed([("*", node.first), *node.rest])
            case Access() if operator == "*":
                reads.append(node)
            case Monomial() if operator == "/":
                divisor, place = divisor * size_of(node.text, "E0802", node.span), node.span
            case Sum():
                raise _not_a_product(node, "a sum of tensors", "an operator is a sum of one product")
            case _:
                raise _not_a_product(node, "this", "the factors are tensors such as `in_0[...]`")
    return reads, divisor, place


def _not_a_product(node: Node, what: str, hint: str) -> SynoError:
    return fail("E0802", f"{what} is no product of tensors", span=node.span, hint=hint)


def _texts(value: Node) -> Iterator[str]:
    """The text of every size and variable at or below `value`."""
    stack = [value]
    while stack:
        node = stack.pop()
        match node:
            case Monomial():
                if node.number is None:
                    yield node.text
            case Chain():
                stack += [node.first, *(item for _, item in node.rest)]
            case Sum():
                stack += [item for _, item in node.terms]
            case Restrict():
                stack += [node.value, node.low, node.high]
            case Access():
                stack += node.index


def _refuse(message: str, body: Sequence[Statement], place: Span) -> SynoError:
    span = body[0].span if body else place
    hint = "the forward kernel is one nest: loops over the output, then a temporary and a loop per reduction"
    return fail("E0802", message, span=span, hint=hint)
