"""Parts of a body enter, its reads and expanded coordinates leave: what both notations share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import counted, did_you_mean
from syno_lang.ir.coordinates import Coordinate, Iterator, Reduce
from syno_lang.ir.definition import TensorDeclaration
from syno_lang.ir.elaborate_index import USAGE, Indices
from syno_lang.ir.elaborate_sizes import UNKNOWN, Sizes, is_known
from syno_lang.ir.tensors import Read
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import disagreement
from syno_lang.syntax import ast

#: How the terms of a reduction can be joined.
REDUCERS = ("sum", "mean")

#: How long a name may be.
MAX_NAME = 100

#: How many axes a tensor may have, and how many factors and output and summed coordinates (loops) an
#: operator: what NumPy can hold, and far more than anyone writes.
MAX_AXES = 32
MAX_FACTORS = 16
MAX_LOOPS = 48


@dataclass
class Body:
    """What the statements of an operator say."""

    reads: list[Read] = field(default_factory=list)
    expanded: list[Coordinate] = field(default_factory=list)
    names: dict[str, Coordinate] = field(default_factory=dict)
    leaves: dict[Coordinate, str] = field(default_factory=dict)
    places: Mapping[Coordinate, Span] = field(default_factory=dict)
    axis_places: dict[tuple[int, int], Span] = field(default_factory=dict)
    complete: bool = True


class Reader:
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
        sizes.coordinates = self.indices.scope
        self.name_places: dict[str, Span] = {}
        self.body = Body(places=self.indices.places)
        self.loops = 0
        self.outputs: set[str] = set()
        self.before = len(report)
        self.factors = 0

    def say(self, code: str, span: Span, message: str, hint: str = "", *others: Label) -> None:
        """Report a finding."""
        self.report.append(Diagnostic(code, message, span, "", others, (), hint))

    def define(self, name: ast.Name, coordinate: Coordinate | None) -> None:
        """Bring a coordinate into scope under `name`."""
        if len(name.text) > MAX_NAME:
            self.say("E0206", name.span, "this name is too long", f"use up to {MAX_NAME} characters")
        first = self.declared.get(name.text) or self.name_places.get(name.text)
        if first is not None:
            message = f"`{name.text}` is defined twice"
            hint = "choose another name"
            if name.text in self.sizes.declared:
                hint = "this is the name of a size: a coordinate has a name of its own"
            self.say("E0204", name.span, message, hint, Label(first, "first defined here"))
            self.indices.scope[name.text] = None
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

    def iterators(self, names: Sequence[ast.Name | None], span: Span) -> None:
        """Name the output coordinates; `None` stands for one that was reported."""
        self.loops += len(self.output)
        if len(names) != len(self.node.output):
            message = f"the output has {counted(len(self.node.output), 'axis')}, not {len(names)}"
            shape = Label(self.node.output_span, "the shape of the output")
            self.say("E0301", span, message, "name one coordinate for each axis", shape)
        for position, name in enumerate(names):
            if name is not None:
                known = position < len(self.output)
                self.define(name, Iterator(position, self.output[position] if known else UNKNOWN))

    def reduction(self, name: ast.Name, domain: Size, reducer: str) -> None:
        """Name a summed coordinate."""
        if self.loops == MAX_LOOPS:
            hint = f"the output has {counted(len(self.output), 'axis')}: sum over less"
            self.say("E0103", name.span, f"the operator has more than {MAX_LOOPS} loops", hint)
        self.define(name, Reduce(self.loops, domain, reducer) if self.loops < MAX_LOOPS else None)
        self.loops += 1

    def read_access(self, access: ast.Access) -> None:
        """Take up one factor, and check its axes against the declaration."""
        if not self.has_room(access.span):
            return
        known = {tensor.name: number for number, tensor in enumerate(self.tensors)}
        number = known.get(access.tensor.text)
        index = [self.at_axis(item, number, axis) for axis, item in enumerate(access.indices[: MAX_AXES + 1])]
        if number is None:
            self.say("E0202", access.tensor.span, *self.unknown_tensor(access.tensor.text, known))
            return
        tensor = self.tensors[number]
        if len(index) != len(tensor.shape):
            message = f"`{tensor.name}` has {counted(len(tensor.shape), 'axis')}, not {len(access.indices)}"
            other = Label(self.declared[tensor.name], f"`{tensor.name}` is declared here")
            self.say("E0301", access.span, message, "give a coordinate for each axis", other)
            return
        for axis, (item, expression) in enumerate(zip(index, access.indices, strict=False)):
            if item is not None:
                self.check_axis(tensor, axis, item, expression.span)
                self.body.axis_places[len(self.body.reads), axis] = expression.span
        if None in index:
            self.body.complete = False
        else:
            self.body.reads.append(Read(number, tuple(item for item in index if item is not None)))

    def at_axis(self, expression: ast.Expression, number: int | None, axis: int) -> Coordinate | None:
        """The coordinate at an axis of tensor `number`, whose size a finding may mention."""
        shape = self.tensors[number].shape if number is not None else ()
        alone = isinstance(expression, ast.Name) and axis < len(shape) and is_known(shape[axis])
        self.indices.axis = shape[axis] if alone else None
        found = self.indices.index(expression)
        self.indices.axis = None
        return found

    def has_room(self, span: Span) -> bool:
        """Count a factor; report the first that is too many."""
        self.factors += 1
        if self.factors == MAX_FACTORS + 1:
            message = f"the operator has more than {MAX_FACTORS} factors"
            self.say("E0103", span, message, "make two operators of it")
        return self.factors <= MAX_FACTORS

    def check_axis(self, tensor: TensorDeclaration, axis: int, item: Coordinate, span: Span) -> None:
        """Compare the domain of a coordinate with the axis that it reads."""
        if item.domain == tensor.shape[axis] or not is_known(item.domain * tensor.shape[axis]):
            return
        size = tensor.shape[axis]
        message = f"axis {axis + 1} of `{tensor.name}` has the size `{size}`, not `{item.domain}`"
        hint = "use another coordinate, or change the declared axis"
        if item.domain in tensor.shape:
            hint = f"axis {tensor.shape.index(item.domain) + 1} has this size: are the axes in order?"
        declared = next(item for item in self.node.parameters if item.name.text == tensor.name)
        others = (Label(declared.shape[axis].span, f"axis {axis + 1} of `{tensor.name}`"),)
        label = f"this ranges over `{item.domain}`"
        notes = self.witness(size, item.domain)
        self.report.append(Diagnostic("E0302", message, span, label, others, notes, hint))

    def witness(self, axis: Size, domain: Size) -> tuple[str, ...]:
        """A note with numbers for which two sizes differ, the defaults of the file where they will do."""
        declared = self.sizes.declared.values()
        defaults = {size.name: size.default for size in declared if size.default is not None}
        values = disagreement(axis, domain, defaults)
        if values is None:
            return ()
        given = ", ".join(f"{name} = {value}" for name, value in sorted(values.items()))
        have = f"the axis has {axis.value(values)} places and the coordinate {domain.value(values)}"
        return (f"with {given}, {have}" if given else have,)

    def unknown_tensor(self, name: str, known: Collection[str]) -> tuple[str, str]:
        """What to say of a tensor that is not declared, and the hint."""
        if name in self.indices.scope:
            return f"`{name}` is a coordinate, not a tensor", "a factor is a tensor read at coordinates"
        if name in self.outputs:
            return f"`{name}` is the output and cannot be read", "read the tensors between `(` and `)`"
        if name in REDUCERS:
            hint = "a sum stands first on the right side: `out[...] = sum[r: D] ...`"
            return f"`{name}` is no tensor", hint
        hint = did_you_mean(name, known) or "declare it between `(` and `)`"
        return f"there is no tensor `{name}`", hint

    def expand(self, call: ast.Call) -> None:
        """`expand(i, ...)`: the product does not depend on these."""
        if not call.arguments:
            self.say("E0207", call.span, "`expand` has no arguments", f"write `{USAGE['expand']}`")
        for argument in call.arguments:
            if not self.has_room(argument.span):
                return
            if isinstance(argument, ast.Keyword):
                message = "`expand` has the wrong arguments"
                self.say("E0207", argument.span, message, f"write `{USAGE['expand']}`")
                continue
            coordinate = self.indices.index(argument)
            if coordinate is None:
                self.body.complete = False
            elif coordinate not in self.body.expanded:
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
            names = counted(len(binding.targets), "name")
            message = f"{names} for {counted(len(values), 'coordinate')}"
            self.say("E0207", binding.span, message, "give each coordinate one name")
        for number, name in enumerate(binding.targets):
            self.define(name, values[number] if number < len(values) else None)
