"""The statements of an operator enter, its reads and expanded coordinates leave.

A formula body has one equation, and bindings that name coordinates.  A graph body spells every
primitive, each coordinate used exactly once.  Both are the same statements in other words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder
from syno_lang.ir.definition import TensorDeclaration
from syno_lang.ir.elaborate_index import USAGE, Indices
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.ir.pgraph import Read
from syno_lang.sizes import Size
from syno_lang.syntax import ast

#: How the terms of a reduction can be joined.
REDUCERS = ("sum", "mean")


@dataclass
class Body:
    """What the statements of an operator say."""

    reads: list[Read] = field(default_factory=list)
    expanded: list[Coordinate] = field(default_factory=list)
    names: dict[str, Coordinate] = field(default_factory=dict)
    leaves: dict[Coordinate, str] = field(default_factory=dict)
    places: Mapping[Coordinate, Span] = field(default_factory=dict)
    axis_places: dict[tuple[int, int], Span] = field(default_factory=dict)


def read_body(
    node: ast.Operator,
    sizes: Sizes,
    tensors: Sequence[TensorDeclaration],
    output: Sequence[Size],
    places: Mapping[str, Span],
    report: list[Diagnostic],
) -> Body | None:
    """Read the statements of `node`; findings go to `report`, and `None` says that nothing is usable."""
    reader = _Graph if node.is_graph else _Formula
    return reader(node, sizes, tensors, output, places, report).read()


class _Reader:
    """What both notations share: names, tensor reads and expansion."""

    def __init__(
        self,
        node: ast.Operator,
        sizes: Sizes,
        tensors: Sequence[TensorDeclaration],
        output: Sequence[Size],
        places: Mapping[str, Span],
        report: list[Diagnostic],
    ) -> None:
        self.node, self.sizes, self.tensors = node, sizes, tensors
        self.output, self.declared, self.report = output, places, report
        self.indices = Indices(sizes, report)
        self.name_places: dict[str, Span] = {}
        self.body = Body(places=self.indices.places)
        self.reductions = 0

    def say(self, code: str, span: Span, message: str, hint: str = "", *others: Label) -> None:
        """Report a finding."""
        self.report.append(Diagnostic(code, message, span, "", others, (), hint))

    def define(self, name: ast.Name, coordinate: Coordinate | None) -> None:
        """Bring a coordinate into scope under `name`."""
        first = self.declared.get(name.text) or self.name_places.get(name.text)
        if first is not None:
            message = f"{name.text} is defined twice"
            self.say("E0204", name.span, message, "choose another name", Label(first, "first defined here"))
            return
        self.name_places[name.text] = name.span
        self.bind(name, coordinate)

    def bind(self, name: ast.Name, coordinate: Coordinate | None) -> None:
        """Let `name` mean `coordinate` from here on."""
        self.indices.scope[name.text] = coordinate
        if coordinate is not None:
            self.body.names[name.text] = coordinate
            if not coordinate.operands:
                self.body.leaves.setdefault(coordinate, name.text)
            self.indices.places.setdefault(coordinate, name.span)

    def iterators(self, names: Sequence[ast.Name], span: Span) -> None:
        """Name the output coordinates."""
        if len(names) != len(self.output):
            message = f"the output has {len(self.output)} axes, here are {len(names)}"
            shape = Label(self.node.output_span, "the shape of the output")
            self.say("E0301", span, message, "name one coordinate for each axis", shape)
        for position, name in enumerate(names):
            known = position < len(self.output)
            self.define(name, Iterator(position, self.output[position]) if known else None)

    def reduction(self, name: ast.Name, domain: Size | None, reducer: str) -> None:
        """Name a summed coordinate."""
        self.define(name, None if domain is None else Reduce(self.reductions, domain, reducer))
        self.reductions += 1

    def read_access(self, access: ast.Access) -> None:
        """Take up one factor, and check its axes against the declaration."""
        known = {tensor.name: number for number, tensor in enumerate(self.tensors)}
        number = known.get(access.tensor.text)
        index = [self.indices.index(item) for item in access.indices]
        if number is None:
            hint = did_you_mean(access.tensor.text, known) or "declare it between `(` and `)`"
            self.say("E0202", access.tensor.span, f"there is no tensor {access.tensor.text}", hint)
            return
        tensor = self.tensors[number]
        if len(index) != len(tensor.shape):
            message = f"{tensor.name} has {len(tensor.shape)} axes, here are {len(index)}"
            other = Label(self.declared[tensor.name], "declared here")
            self.say("E0301", access.span, message, "give a coordinate for each axis", other)
            return
        for axis, (item, expression) in enumerate(zip(index, access.indices, strict=True)):
            if item is not None:
                self.check_axis(tensor, axis, item, expression.span)
                self.body.axis_places[len(self.body.reads), axis] = expression.span
        if None not in index:
            self.body.reads.append(Read(number, tuple(item for item in index if item is not None)))

    def check_axis(self, tensor: TensorDeclaration, axis: int, item: Coordinate, span: Span) -> None:
        """Compare the domain of a coordinate with the axis that it reads."""
        if item.domain == tensor.shape[axis]:
            return
        message = f"axis {axis + 1} of {tensor.name} has size {tensor.shape[axis]}, not {item.domain}"
        other = Label(self.declared[tensor.name], f"{tensor.name} is declared here")
        hint = f"this coordinate ranges over {item.domain}: change it or the declared axis"
        self.say("E0302", span, message, hint, other)

    def expand(self, call: ast.Call) -> None:
        """`expand(i, ...)`: the product does not depend on these."""
        if not call.arguments:
            self.say("E0207", call.span, "expand has no arguments", f"write {USAGE['expand']}")
        for argument in call.arguments:
            if isinstance(argument, ast.Keyword):
                self.say("E0207", argument.span, "expand has the wrong arguments", f"write {USAGE['expand']}")
                continue
            coordinate = self.indices.index(argument)
            if coordinate is not None:
                self.body.expanded.append(coordinate)

    def values(self, binding: ast.Binding) -> list[Coordinate | None]:
        """The coordinates on the right of a binding; a merge gives two."""
        found: list[Coordinate | None] = []
        for value in binding.values:
            if isinstance(value, ast.Call) and value.function.text == "merge":
                found.extend(self.indices.pair(value) or (None, None))
            else:
                found.append(self.indices.index(value))
        return found

    def targets(self, binding: ast.Binding, values: Sequence[Coordinate | None]) -> None:
        """Give the values of a binding their names."""
        if len(values) != len(binding.targets):
            message = f"{len(binding.targets)} names for {len(values)} coordinates"
            self.say("E0207", binding.span, message, "give each coordinate one name")
        for number, name in enumerate(binding.targets):
            self.define(name, values[number] if number < len(values) else None)


class _Formula(_Reader):
    """`out[...] = sum[...] x[...] * w[...]`"""

    def read(self) -> Body | None:
        equations = [item for item in self.node.statements if isinstance(item, ast.Equation)]
        if len(equations) != 1:
            span = equations[1].span if equations else self.node.name.span
            message = f"{self.node.name.text} has {len(equations)} equations"
            self.say("E0303", span, message, "a formula is one equation `out[...] = ...`")
            return None
        self.equation_names(equations[0])
        for statement in self.node.statements:
            if isinstance(statement, ast.Binding):
                self.targets(statement, self.values(statement))
            elif not isinstance(statement, ast.Equation):
                hint = "multiply it into the equation, or write the whole body as a `graph`"
                self.say("E0303", statement.span, "this statement stands alone", hint)
        self.product(equations[0].value)
        return self.body

    def equation_names(self, equation: ast.Equation) -> None:
        """The output coordinates and the summed ones come first: bindings use them."""
        names = [item for item in equation.target.indices if isinstance(item, ast.Name)]
        for item in equation.target.indices:
            if not isinstance(item, ast.Name):
                message = "the left side names the output coordinates"
                self.say("E0301", item.span, message, "put the arithmetic on the right side")
        self.iterators(names, equation.target.span)
        for reduction in equation.reductions:
            reducer = reduction.reducer.text
            if reducer not in REDUCERS:
                hint = did_you_mean(reducer, REDUCERS) or f"the reducers are {' and '.join(REDUCERS)}"
                self.say("E0205", reduction.reducer.span, f"there is no reducer {reducer}", hint)
            for binder in reduction.binders:
                self.reduction(binder.name, self.sizes.domain(binder.domain), reducer)

    def product(self, value: ast.Expression) -> None:
        """The factors from left to right."""
        stack = [value]
        while stack:
            factor = stack.pop()
            if isinstance(factor, ast.Binary) and factor.operator == "*":
                stack += [factor.right, factor.left]
            elif isinstance(factor, ast.Access):
                self.read_access(factor)
            elif isinstance(factor, ast.Call) and factor.function.text == "expand":
                self.expand(factor)
            else:
                hint = "the right side is one product of reads `x[...]` and `expand(...)`"
                self.say("E0303", factor.span, "this is no factor of a product", hint)


class _Graph(_Reader):
    """One primitive a line, bottom-up; every coordinate has one use."""

    def read(self) -> Body | None:
        self.consumed: dict[str, Span] = {}
        self.indices.look_up = self.consume
        for statement in self.node.statements:
            match statement:
                case ast.Binding():
                    self.binding(statement)
                case ast.Access():
                    self.read_access(statement)
                case ast.Call() if statement.function.text == "expand":
                    self.expand(statement)
                case _:
                    hint = "write `a = primitive(...)`, `x[...]` or `expand(...)`"
                    self.say("E0303", statement.span, "this statement does not belong in a graph", hint)
        self.leftovers()
        return self.body

    def consume(self, name: ast.Name) -> None:
        """A coordinate of a graph has one use; SHARE makes two of one."""
        if name.text in self.consumed:
            hint = f"share it before: `{name.text}, {name.text}' = share({name.text})`"
            other = Label(self.consumed[name.text], "first used here")
            self.say("E0405", name.span, f"{name.text} is used twice", hint, other)
        self.consumed[name.text] = name.span

    def leftovers(self) -> None:
        """What nothing consumed would vanish silently; leaves and halves have quality checks of their own."""
        others = (Iterator, Reduce, Quotient, Remainder)
        for name, coordinate in self.indices.scope.items():
            if name not in self.consumed and coordinate is not None and not isinstance(coordinate, others):
                hint = "read a tensor at it, or `expand` it"
                self.say("E0208", self.name_places[name], f"the coordinate {name} is never used", hint)

    def define(self, name: ast.Name, coordinate: Coordinate | None) -> None:
        if name.text in self.consumed and name.text not in self.declared:
            # The old bearer of the name is used up: `ci, ci' = share(ci)`.
            del self.consumed[name.text]
            self.name_places[name.text] = name.span
            self.bind(name, coordinate)
            return
        super().define(name, coordinate)

    def binding(self, binding: ast.Binding) -> None:
        """`a, b = primitive(...)`"""
        match binding.values:
            case (ast.Name(text="output"),):
                self.iterators(binding.targets, binding.span)
            case (ast.Call(function=ast.Name(text="reduce" | "mean")) as call,):
                self.reduce(binding, call)
            case (ast.Call(function=ast.Name(text="share"), arguments=(argument,)),):
                shared = None if isinstance(argument, ast.Keyword) else self.indices.index(argument)
                self.targets(binding, [shared] * max(len(binding.targets), 2))
            case _:
                self.targets(binding, self.values(binding))

    def reduce(self, binding: ast.Binding, call: ast.Call) -> None:
        """`r, s = reduce(D, E)`, or `mean(D, E)`: summed coordinates."""
        domains = [item for item in call.arguments if not isinstance(item, ast.Keyword)]
        if len(domains) != len(binding.targets) or len(domains) != len(call.arguments):
            message = f"{len(binding.targets)} names for {len(call.arguments)} domains"
            self.say("E0207", call.span, message, f"write {USAGE['reduce']}")
        reducer = "sum" if call.function.text == "reduce" else "mean"
        for number, name in enumerate(binding.targets):
            domain = self.sizes.domain(domains[number]) if number < len(domains) else None
            self.reduction(name, domain, reducer)
