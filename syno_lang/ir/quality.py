"""The body of an operator enters; a finding leaves for each of the paper's quality properties that it breaks.

Quality is checked like a linear type (paper, section 5.2): nothing is replicated, scaled or thrown
away unless the text says so with `expand` or `allow`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder, Stride, Unfold, walk
from syno_lang.ir.definition import TensorDeclaration
from syno_lang.ir.elaborate_reader import Body
from syno_lang.ir.elaborate_sizes import is_known
from syno_lang.ir.pgraph import Read
from syno_lang.syntax import ast

#: What `allow(...)` can switch off, with the code of the check.
ALLOWABLE = {
    "unused_output": "E0401",
    "unused_sum": "E0402",
    "dropped_half": "E0403",
    "stride": "E0404",
    "diagonal": "E0405",
    "large_window": "E0406",
}


def check_quality(
    node: ast.Operator,
    body: Body,
    tensors: Sequence[TensorDeclaration],
    allowed: frozenset[str],
    report: list[Diagnostic],
) -> None:
    """Report every breach in `body` that `allowed` does not excuse, and every tensor that nothing reads."""
    excused = {ALLOWABLE[name] for name in allowed if name in ALLOWABLE}
    found = [*_unused(body), *_dropped_halves(body), *_strides(body)]
    for item in (*found, *_diagonals(body, tensors), *_windows(body, node)):
        if item.code not in excused:
            report.append(item)
    if not body.reads:
        message, hint = f"`{node.name.text}` reads no tensor", "multiply the tensors that it depends on"
        report.append(Diagnostic("E0303", message, node.name.span, hint=hint))
        return
    read = {tensors[item.tensor].name for item in body.reads}
    for parameter in node.parameters:
        if parameter.name.text not in read:
            message, hint = f"the tensor `{parameter.name.text}` is never read", "read it or remove it"
            report.append(Diagnostic("E0208", message, parameter.name.span, hint=hint))


def _tops(body: Body) -> list[Coordinate]:
    return [*(item for read in body.reads for item in read.index), *body.expanded]


def _unused(body: Body) -> Iterable[Diagnostic]:
    """Output coordinates that nothing depends on replicate values, summed ones scale them."""
    used: set[Coordinate] = set().union(*(top.leaves for top in _tops(body)))
    for leaf, name in body.leaves.items():
        if leaf in used:
            continue
        place = body.places.get(leaf)
        if isinstance(leaf, Iterator):
            hint = f"read a tensor at it, or multiply by `expand({name})` to say that the output repeats"
            message = f"nothing depends on the output coordinate `{name}`"
            yield Diagnostic("E0401", message, place, "every value would be repeated", hint=hint)
        elif isinstance(leaf, Reduce):
            hint = f"read a tensor at it, or remove it from the {leaf.reducer}"
            message = f"nothing depends on the summed coordinate `{name}`"
            yield Diagnostic("E0402", message, place, "this only scales the result", hint=hint)


def _dropped_halves(body: Body) -> Iterable[Diagnostic]:
    """A MERGE has two halves: of `i / B` and `i % B` neither stands alone, unless all of `i` is used too."""
    nodes = list(walk(*_tops(body)))
    present = set(nodes)
    whole = set(_tops(body)).union(*(node.operands for node in nodes if not _is_half(node)))
    for node in nodes:
        if not isinstance(node, (Quotient, Remainder)):
            continue
        operand, block = node.operands[0], node.block
        major = isinstance(node, Quotient)
        other = Remainder(operand, block) if major else Quotient(operand, block)
        # A half of one place says nothing.
        if other not in present and operand not in whole and not other.domain.is_one:
            half = f"{_spelt(operand, body)} {'%' if major else '/'} {_divisor(block)}"
            message = f"the {'remainder' if major else 'quotient'} of this merge, `{half}`, is not used"
            label = f"only the {'quotient' if major else 'remainder'} is used"
            hint = f"use `{half}` too, or multiply by `expand({half})` to say that it is dropped"
            yield Diagnostic("E0403", message, body.places.get(node), label, hint=hint)


def _spelt(node: Coordinate, body: Body) -> str:
    """A coordinate as the text could write it: its name, or the primitives over the leaves."""
    # Printing is loaded where there is something to say.
    from syno_lang.ir.print import term

    name = next((name for name, item in body.names.items() if item is node), None)
    if name is not None:
        return name
    text = term(node, body.leaves)
    return f"({text})" if isinstance(node, (Quotient, Remainder)) else text


def _is_half(node: Coordinate) -> bool:
    return isinstance(node, (Quotient, Remainder))


def _divisor(block: object) -> str:
    return f"({block})" if set(str(block)) & set("*/") else str(block)


def _strides(body: Body) -> Iterable[Diagnostic]:
    """A STRIDE skips values unless an UNFOLD above it fills the gaps."""
    seen: set[Coordinate] = set()
    stack = [item for read in body.reads for item in read.index]
    while stack:
        node = stack.pop()
        if node in seen or isinstance(node, Unfold):
            continue
        seen.add(node)
        if isinstance(node, Stride):
            hint = "put it into an unfold, `unfold(i, stride(j, s))`, or say `allow(stride)`"
            message = f"of every `{node.factor}` values only one is read"
            yield Diagnostic("E0404", message, body.places.get(node), "nothing reads the rest", hint=hint)
        stack.extend(node.operands)


def _windows(body: Body, node: ast.Operator) -> Iterable[Diagnostic]:
    """A window larger than its axis always hangs over the border."""
    defaults = {item.name.text: item.default.value for item in node.coefficients if item.default}
    defaults = {name: value for name, value in defaults.items() if value > 0}
    for unfold in walk(*_tops(body)):
        if not isinstance(unfold, Unfold):
            continue
        axis, window = unfold.domain, unfold.window.domain
        ratio = window / axis
        if not is_known(axis * window):
            continue
        if set(ratio.variables) <= set(defaults) and ratio.evaluate(defaults) > 1:
            values = "".join(f", with {name} = {defaults[name]}" for name in ratio.variables)
            message = f"a window of `{window}` does not fit an axis of `{axis}`{values}"
            hint = "take a smaller window, or the arguments of unfold in the other order"
            yield Diagnostic("E0406", message, body.places.get(unfold), hint=hint)


def _diagonals(body: Body, tensors: Sequence[TensorDeclaration]) -> Iterable[Diagnostic]:
    """Within one read a coordinate has one use: two would read a diagonal and skip the rest."""
    for number, read in enumerate(body.reads):
        for node, count in _uses(read).items():
            if count > 1:
                places = (
                    body.axis_places[number, axis]
                    for axis, item in enumerate(read.index)
                    if node in walk(item) and (number, axis) in body.axis_places
                )
                spans = list(islice(places, 3))
                yield _diagonal(node, tensors[read.tensor].name, body, spans)


def _diagonal(node: Coordinate, tensor: str, body: Body, spans: list[Span]) -> Diagnostic:
    others = tuple(Label(span, "and here") for span in spans[1:])
    name = next((f"`{name}`" for name, item in body.names.items() if item is node), "one coordinate")
    message = f"`{tensor}` is read at {name} twice, so only at a diagonal"
    hint = "use another coordinate, or `allow(diagonal)`"
    return Diagnostic("E0405", message, spans[0] if spans else None, "used here", others, (), hint)


def _uses(read: Read) -> Counter[Coordinate]:
    """How often each coordinate is consumed in one read; the two halves of a MERGE are one use."""
    uses = Counter(read.index)
    merges: set[tuple[Coordinate, object]] = set()
    for node in walk(*read.index):
        if isinstance(node, (Quotient, Remainder)):
            if (node.operands[0], node.block) in merges:
                continue
            merges.add((node.operands[0], node.block))
        uses.update(node.operands)
    return uses
