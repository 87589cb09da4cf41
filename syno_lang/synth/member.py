"""A space and an operator enter; every reason why it is no member leaves, none for a member.

This is the definition of a space.  It is stated on the normal form of the whole operator and on nothing
else: not on the order of primitives, not on what else is in the space.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate

from syno_lang.ir.coordinates import Iterator
from syno_lang.ir.definition import Definition
from syno_lang.ir.pgraph import PGraph
from syno_lang.sizes import Size
from syno_lang.synth.candidate import Candidate, Check, Reason
from syno_lang.synth.check_bounds import costs, reductions, weight_sizes
from syno_lang.synth.check_views import cuts, linear, merges, rules, shifts, strides, windows
from syno_lang.synth.check_weights import eliminated, inner_and_outer, redundant
from syno_lang.synth.counts import chain
from syno_lang.synth.normal import normal_form
from syno_lang.synth.space import Space

__all__ = ["Reason", "violations", "violations_of_normal"]


def violations(space: Space, definition: Definition) -> list[Reason]:
    """Every reason why `definition` is no member of `space`; empty for a member.

    The operator is brought into normal form first; names of sizes are those of the space.
    """
    known = {size.declaration.name for size in space.sizes}
    unknown = sorted(set(definition.graph.variables) - known)
    if unknown:
        return [Reason("variables", f"the space has no size {', '.join(unknown)}")]
    return violations_of_normal(space, normal_form(space, definition.graph))


def violations_of_normal(space: Space, graph: PGraph) -> list[Reason]:
    """As `violations`, for a graph that is known to be in normal form."""
    candidate = Candidate(space, graph)
    found = list(shapes(candidate))
    if found:
        # Everything else is said about the one data input and the output of the space.
        return found
    for check in CHECKS:
        found += check(candidate)
    return found


def shapes(item: Candidate) -> Iterate[Reason]:
    """Input, output, the axes that pass through, and tensors that are read once each."""
    space, graph = item.space, item.graph
    roles = [tensor.role for tensor in graph.tensors]
    if roles.count("input") != 1 or len(graph.reads) != len(graph.tensors):
        yield Reason("tensors", "a member reads one data input and any weights, each of them once")
        return
    wanted = tuple(axis.size for axis in space.outputs)
    if graph.output != wanted:
        yield Reason("output", f"the output is {_shape(graph.output)}, not {_shape(wanted)}")
    wanted = tuple(axis.size for axis in space.inputs)
    shape = graph.tensors[item.data.tensor].shape
    if shape != wanted:
        yield Reason("input", f"the input is {_shape(shape)}, not {_shape(wanted)}")
        return
    for axis, place in space.keep:
        kept = Iterator(place, space.outputs[place].size)
        others = [top for top in graph.tops if kept in top.leaves]
        if item.data.index[axis] is not kept or len(others) != 1:
            yield Reason("keep", f"input axis {axis} is not output axis {place} passed through")


def sizes(item: Candidate) -> Iterate[Reason]:
    """Every domain, block and factor can be one, at every layer."""
    given = {axis.size for axis in (*item.space.inputs, *item.space.outputs)}
    for size in item.graph.sizes:
        fault = "" if size in given else item.layers.fault(size)
        if fault:
            yield Reason("size", f"`{size}` cannot be the size of a coordinate: {fault}")


def numbers(item: Candidate) -> Iterate[Reason]:
    """How many primitives of each kind, how many tensors, how long a chain."""
    limits, found = item.space.limits, item.counts
    bounds = {
        "primitives": found.primitives,
        "tensors": len(item.graph.tensors),
        "chain": chain(item.graph.tops),
    }
    kinds = ("reduce", "merge", "split", "shift", "unfold", "stride", "expand", "share")
    bounds |= {kind: getattr(found, kind) for kind in kinds}
    for name, number in bounds.items():
        most = getattr(limits, name)
        if most is not None and number > most:
            yield Reason(name, f"{number} where at most {most} are allowed")


def constants(item: Candidate) -> Iterate[Reason]:
    """Nothing is expanded whole, everything is summed."""
    if item.graph.expanded:
        yield Reason("constant", "the product does not depend on a coordinate that is summed or put out")
    for node in item.graph.reductions:
        if node.reducer != "sum":
            yield Reason("reducer", f"a space holds sums, not {node.reducer}")


#: Every check beside that of the shapes, the cheap ones first.
CHECKS: tuple[Check, ...] = (
    sizes, numbers, constants, reductions, cuts, merges, windows, strides, shifts, linear,
    eliminated, inner_and_outer, redundant, weight_sizes, rules, costs,
)  # fmt: skip


def _shape(sizes_: Iterable[Size]) -> str:
    return f"[{', '.join(map(str, sizes_))}]"
