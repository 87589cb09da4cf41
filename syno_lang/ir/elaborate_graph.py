"""The statements of a graph enter, its reads and expanded coordinates leave.

A graph spells every primitive, one per line and bottom-up; each coordinate is used exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence

from syno_lang.diagnostics import Label, Span
from syno_lang.diagnostics.suggest import counted, did_you_mean
from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder
from syno_lang.ir.elaborate_index import USAGE
from syno_lang.ir.elaborate_reader import Body, Reader
from syno_lang.ir.elaborate_sizes import UNKNOWN
from syno_lang.syntax import ast


def _is_output(binding: ast.Binding) -> bool:
    match binding.values:
        case (ast.Name(text="output"),):
            return True
    return False


class Graph(Reader):
    """One primitive a line, bottom-up; every coordinate has one use."""

    def read(self) -> Body:
        """The statements in the order of the text."""
        self.consumed: dict[str, Span] = {}
        self.indices.look_up = self.consume
        bindings = [item for item in self.node.statements if isinstance(item, ast.Binding)]
        if not any(_is_output(item) for item in bindings):
            self.no_output(bindings)
            return self.body
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
        if len(self.report) == self.before:
            self.leftovers()
        return self.body

    def no_output(self, bindings: Sequence[ast.Binding]) -> None:
        """Report that nothing names the output coordinates, at the line that was meant to if there is one."""
        for binding in bindings:
            match binding.values:
                case (ast.Name() as name,) if hint := did_you_mean(name.text, ("output",)):
                    self.say("E0201", name.span, f"there is no coordinate `{name.text}`", hint)
                    return
        hint = "the first line names the output coordinates: `n, c = output`"
        self.say("E0303", self.node.name.span, f"the graph `{self.node.name.text}` has no output", hint)

    def consume(self, name: ast.Name) -> None:
        """A coordinate of a graph has one use; SHARE makes two of one."""
        if name.text in self.consumed:
            hint = f"share it before: `{name.text}, {name.text}' = share({name.text})`"
            other = Label(self.consumed[name.text], "first used here")
            self.say("E0405", name.span, f"`{name.text}` is used twice", hint, other)
        self.consumed[name.text] = name.span

    def leftovers(self) -> None:
        """What nothing consumed would vanish silently; leaves and halves have quality checks of their own."""
        others = (Iterator, Reduce, Quotient, Remainder)
        for name, coordinate in self.indices.scope.items():
            if name not in self.consumed and coordinate is not None and not isinstance(coordinate, others):
                hint = "read a tensor at it, or `expand` it"
                self.say("E0208", self.name_places[name], f"the coordinate `{name}` is never used", hint)

    def define(self, name: ast.Name, coordinate: Coordinate | None) -> None:
        """Bring a coordinate into scope; a name whose coordinate is used up is free again."""
        if name.text in self.consumed and name.text not in self.declared:
            del self.consumed[name.text]
            self.name_places[name.text] = name.span
            self.bind(name, coordinate)
            return
        super().define(name, coordinate)

    def binding(self, binding: ast.Binding) -> None:
        """`a, b = primitive(...)`"""
        match binding.values:
            case (ast.Name(text="output"),):
                if self.outputs:
                    self.say("E0204", binding.span, "the output is named twice", "remove this line")
                self.outputs = {"output"}
                self.iterators(binding.targets, binding.span)
            case (ast.Access(tensor=ast.Name(text="sum" | "mean" as reducer)) as access,):
                spelled = "reduce" if reducer == "sum" else reducer
                message = f"`{reducer}[...]` does not stand in a graph"
                self.say("E0207", access.span, message, f"write `r, s = {spelled}(D, E)`")
                for name in binding.targets:
                    self.reduction(name, UNKNOWN, "sum")
            case (ast.Call(function=ast.Name(text="reduce" | "mean")) as call,):
                self.reduce(binding, call)
            case (ast.Call(function=ast.Name(text="share"), arguments=(argument,)),):
                shared = None if isinstance(argument, ast.Keyword) else self.indices.index(argument)
                if isinstance(argument, ast.Keyword):
                    message = "`share` has the wrong arguments"
                    self.say("E0207", argument.span, message, f"write `{USAGE['share']}`")
                self.targets(binding, [shared] * max(len(binding.targets), 2))
            case _:
                self.targets(binding, self.values(binding))

    def reduce(self, binding: ast.Binding, call: ast.Call) -> None:
        """`r, s = reduce(D, E)`, or `mean(D, E)`: summed coordinates."""
        domains = [item for item in call.arguments if not isinstance(item, ast.Keyword)]
        if len(domains) != len(binding.targets) or len(domains) != len(call.arguments):
            names = counted(len(binding.targets), "name")
            message = f"{names} for {counted(len(call.arguments), 'domain')}"
            self.say("E0207", call.span, message, "write one domain for each name: `r, s = reduce(D, E)`")
        reducer = "sum" if call.function.text == "reduce" else "mean"
        for number, name in enumerate(binding.targets):
            domain = self.sizes.domain(domains[number]) if number < len(domains) else UNKNOWN
            self.reduction(name, domain, reducer)
