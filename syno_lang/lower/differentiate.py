"""A definition and the name of one of its tensors enter; the stage program of its gradient leaves.

The gradient of a sum of products is one again: the pGraph with an output and an input exchanged.  What read
the tensor at `index` is solved for the coordinates below it, which the axes of the tensor then give: a SPLIT
becomes a MERGE, a MERGE a SPLIT, a SHIFT its opposite, and an UNFOLD a FOLD whose guard mirrors that of the
UNFOLD.  What the index leaves open is summed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from fractions import Fraction
from itertools import chain, count, product

from syno_lang.diagnostics import fail
from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Unfold,
    replace,
    walk,
)
from syno_lang.ir.definition import Definition, TensorDeclaration
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.lower.fold import Fold
from syno_lang.lower.schedule import schedule
from syno_lang.lower.stages import Apply, Axis, Extent, StageProgram
from syno_lang.sizes import ONE, Size

Images = dict[Coordinate, Coordinate]


def differentiate(definition: Definition, name: str, sizes: Mapping[str, int] | None = None) -> StageProgram:
    """The program that computes the gradient of the tensor `name` from that of the output.

    Its inputs are the gradient of the output, which is called `grad_out` or like it, and then the other
    tensors in the order of the file; contraction order and staging are chosen as by `schedule`.  Raises
    `SynoError`: E0202 for an unknown tensor, E1305 where the gradient is no such program.
    """
    names = [tensor.name for tensor in definition.tensors]
    if name not in names:
        raise fail("E0202", f"{definition.name} has no tensor {name}", hint=f"it has {', '.join(names)}")
    reads = [read for read in definition.graph.reads if read.tensor == names.index(name)]
    if len(reads) != 1:
        reason = f"{name} is read {len(reads)} times, so its gradient is no single sum of products"
        raise fail("E1305", reason, hint="give each read a tensor of its own, and add their gradients")
    images = _images(definition, reads[0])
    if images is None:
        reason = f"the places at which {name} is read cannot be solved for the coordinates of the output"
        raise fail("E1305", reason, hint="let PyTorch differentiate: syno build --to torch")
    return _program(definition, name, reads[0], images, sizes)


def _program(
    definition: Definition, name: str, read: Read, images: Images, sizes: Mapping[str, int] | None
) -> StageProgram:
    """The gradient at `read`, whose leaves have `images`, as a definition of its own, scheduled."""
    graph, final = definition.graph, _renumbered(definition, read, images)
    gradient = TensorDeclaration(_gradient_name(definition), "input", graph.output)
    others = [tensor for tensor in definition.tensors if tensor.name != name]
    tensors = (gradient, *others)
    place = {tensor.name: number for number, tensor in enumerate(tensors)}
    reads = [Read(0, tuple(final[leaf] for leaf in graph.iterators))]
    for item in graph.reads:
        if item is not read:
            number = place[definition.tensors[item.tensor].name]
            reads.append(Read(number, tuple(replace(node, final.get) for node in item.index)))
    # Nothing may read at a coordinate that is solved for, and its guard counts all the same.
    expanded = (*(final[leaf] for leaf in images), *(replace(node, final.get) for node in graph.expanded))
    shape = definition.tensors[read.tensor].shape
    transposed = PGraph(
        shape, tuple(Tensor(item.role, item.shape) for item in tensors), tuple(reads), expanded
    )
    named = {final[leaf]: called for leaf, called in definition.names.items() if leaf in final}
    called = f"{definition.name}_grad_{name}"
    made = changed(definition, name=called, tensors=tensors, graph=transposed, names=named)
    return _divided(schedule(made, sizes), [leaf.domain for leaf in images if _reducer(leaf) == "mean"])


def _renumbered(definition: Definition, read: Read, images: Images) -> Images:
    """What every leaf of the definition is over the axes of the gradient and its reductions."""
    numbers = count()
    leaves = (*definition.graph.iterators, *definition.graph.reductions)
    left: Images = {
        leaf: Reduce(next(numbers), leaf.domain, _reducer(leaf)) for leaf in leaves if leaf not in images
    }
    # What a MERGE left open was made with labels of its own.
    found = [node for node in walk(*images.values()) if isinstance(node, Reduce)]
    for node in found:
        if node not in left:
            left[node] = Reduce(next(numbers), node.domain)
    given = dict(left)
    for place, item in enumerate(read.index):
        given[Axis(str(place), item.domain)] = Iterator(place, item.domain)
    return {leaf: replace(image, given.get) for leaf, image in images.items()} | left


def _divided(program: StageProgram, means: Sequence[Size]) -> StageProgram:
    """`program` over the lengths of the means whose coordinate is an axis now."""
    if not means:
        return program
    last = program.stages[-1]
    factors = (*last.factors, *(Extent(ONE / size) for size in means))
    return changed(program, stages=(*program.stages[:-1], changed(last, value=Apply("multiply", factors))))


def _reducer(leaf: Coordinate) -> str:
    return leaf.reducer if isinstance(leaf, Reduce) else "sum"


def _gradient_name(definition: Definition) -> str:
    taken = {item.name for item in definition.tensors} | {size.name for size in definition.sizes}
    names = chain(("grad_out",), (f"grad_out_{number}" for number in count(2)))
    return next(name for name in names if name not in taken)


class _Unsolvable(Exception):
    """This choice of coordinates to solve for leads to a contradiction or a circle."""


def _images(definition: Definition, read: Read) -> Images | None:
    """What each leaf below `read.index` is in terms of the axes of the tensor and of what is left open."""
    unfolds = [node for node in walk(*read.index) if isinstance(node, Unfold)]
    for chosen in product((False, True), repeat=len(unfolds)):
        try:
            found = _Solver(dict(zip(unfolds, chosen, strict=True))).solve(read.index)
            return _closed(found)
        except _Unsolvable:
            continue
    return None


class _Solver:
    """Solves an index; `windows` says of each UNFOLD whether it is solved for its window."""

    def __init__(self, windows: Mapping[Unfold, bool]) -> None:
        self.windows = windows
        self.found: Images = {}
        #: By the operand of a MERGE: its digits, each by the product of those below it and with its own.
        self.digits: dict[Coordinate, dict[tuple[Size, Size], Coordinate]] = {}
        # Labels that no reduction of the definition has.
        self.labels = count(1 << 20)

    def solve(self, index: Sequence[Coordinate]) -> Images:
        """The image of every leaf that the index determines."""
        for position, node in enumerate(index):
            self.assign(node, Axis(str(position), node.domain))
        while self.digits:
            operand = next(iter(self.digits))
            self.assign(operand, self.whole(operand, self.digits.pop(operand)))
        return self.found

    def whole(self, operand: Coordinate, digits: dict[tuple[Size, Size], Coordinate]) -> Coordinate:
        """The operand of a MERGE from its digits; those that are not there are summed over."""
        value, below = None, ONE
        for _ in range(2 * len(digits) + 2):
            if below == operand.domain:
                break
            found = next((ends for ends in digits if ends[0] == below), None)
            if found is None:
                # The lowest of those that are there, or else the highest of all is missing.
                above = min((low for low, _ in digits), key=_degree, default=operand.domain)
                found = (below, above)
                digits[found] = Reduce(next(self.labels), found[1] / below)
            digit, below = digits.pop(found), found[1]
            value = digit if value is None else Split(digit, value)
        if digits or value is None or below != operand.domain:
            raise _Unsolvable
        return value

    def assign(self, node: Coordinate, value: Coordinate) -> None:
        """Take note that `node` is `value`."""
        match node:
            case Iterator() | Reduce():
                if node in self.found:
                    raise _Unsolvable
                self.found[node] = value
            case Split():
                major, minor = node.operands
                self.assign(major, Quotient(value, minor.domain))
                self.assign(minor, Remainder(value, minor.domain))
            case Shift():
                self.assign(node.operands[0], Shift(value, -node.amount))
            case Unfold():
                one, other = node.operand, node.window
                if self.windows[node]:
                    one, other = other, one
                self.assign(one, Fold(value, other, node.window.domain, one.domain))
            case Quotient() | Remainder():
                base, *ends = _digit(node)
                digits = self.digits.setdefault(base, {})
                if (ends[0], ends[1]) in digits:
                    raise _Unsolvable
                digits[ends[0], ends[1]] = value
            case _:
                # A STRIDE has places in between.
                raise _Unsolvable


def _degree(size: Size) -> Fraction:
    """The value where all variables are large: products of more of them are larger."""
    return size.evaluate(dict.fromkeys(size.variables, 1000))


def _digit(node: Quotient | Remainder) -> tuple[Coordinate, Size, Size]:
    """The coordinate of which `node` is a digit, and the products of the digits below it and with it."""
    operand = node.operands[0]
    base, low, high = operand, ONE, operand.domain
    if isinstance(operand, (Quotient, Remainder)):
        base, low, high = _digit(operand)
    if isinstance(node, Quotient):
        return base, low * node.block, high
    return base, low, low * node.block


def _closed(found: Images) -> Images:
    """The images without leaves that have an image themselves."""
    for _ in found:
        if not any(leaf in found for image in found.values() for leaf in image.leaves):
            return found
        found = {leaf: replace(image, found.get) for leaf, image in found.items()}
    raise _Unsolvable
