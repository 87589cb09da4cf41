"""A call in a test enters; what is wrong with it leaves: unknown functions and names, values of a wrong kind.

Nothing is called here, and torch is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syno_lang.checks.functions import FUNCTIONS, KIND_NAMES, Function, Kind, Parameter
from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import counted, did_you_mean
from syno_lang.ir.definition import Definition
from syno_lang.syntax import ast

#: Words that mean what they mean in Python.
CONSTANTS: Final[Mapping[str, bool | None]] = {"True": True, "False": False, "None": None}


def check_call(node: ast.Apply, operator: Definition, report: list[Diagnostic]) -> None:
    """Report what is wrong with a call (E0905, E0906, E0204)."""
    _Reader(operator, report).call(node)


@dataclass(frozen=True)
class _Reader:
    operator: Definition
    report: list[Diagnostic]

    def call(self, node: ast.Apply) -> Kind | None:
        """The kind of what a call gives, a tensor; `None` after a finding."""
        function = FUNCTIONS.get(node.function.text)
        if function is None:
            message = f"`{node.function.text}` is not among the functions that a test may call"
            self.report.append(Diagnostic("E0905", message, node.function.span, hint=_hint(node)))
            return None
        before = len(self.report)
        given: dict[str, Span] = {}
        for argument, parameter in self.bound(node, function, given):
            value = argument.value if isinstance(argument, ast.Keyword) else argument
            kind = self.kind(value)
            if "number" in parameter.kinds and isinstance(value, ast.Binary) and value.operator == "/":
                self.refuse(value, "`/` rounds down, which is not meant here", "write a number such as `0.5`")
            if kind is not None and kind not in parameter.kinds:
                taken = " or ".join(KIND_NAMES[item] for item in sorted(parameter.kinds))
                message = f"`{parameter.name}` of `{function.name}` is {taken}, not {KIND_NAMES[kind]}"
                self.refuse(value, message, _kind_hint(kind, parameter, function))
        missing = [item.name for item in function.parameters if item.required and item.name not in given]
        if missing and len(given) == len(node.arguments):
            names = ", ".join(f"`{name}`" for name in missing)
            self.refuse(node, f"`{function.name}` also needs {names}", _signature(function))
        return "tensor" if len(self.report) == before else None

    def bound(
        self, node: ast.Apply, function: Function, given: dict[str, Span]
    ) -> Iterator[tuple[ast.Expression | ast.Keyword, Parameter]]:
        """Every argument with the parameter that it is for; `given` grows by the names."""
        parameters = {parameter.name: parameter for parameter in function.parameters}
        rest = Parameter("operands", frozenset([function.rest]), False) if function.rest else None
        positional = iter(function.parameters)
        for argument in node.arguments:
            if isinstance(argument, ast.Keyword):
                parameter = parameters.get(argument.name.text)
                if parameter is None:
                    hint = did_you_mean(argument.name.text, parameters) or _signature(function)
                    message = f"`{function.name}` has no parameter `{argument.name.text}`"
                    self.refuse(argument.name, message, hint)
                    continue
            else:
                parameter = next(positional, rest)
                if parameter is None:
                    message = f"`{function.name}` takes {counted(len(parameters), 'argument')} at most"
                    self.refuse(argument, message, _signature(function))
                    return
            if parameter.name in given and parameter is not rest:
                others = (Label(given[parameter.name], "first given here"),)
                message, hint = f"`{parameter.name}` is given twice", "remove one of them"
                self.report.append(Diagnostic("E0204", message, argument.span, "", others, (), hint))
                continue
            given[parameter.name] = argument.span
            yield argument, parameter

    def kind(self, node: ast.Expression) -> Kind | None:
        """The kind of a value; `None` after a finding."""
        match node:
            case ast.Path():
                return self.name(node)
            case ast.Number():
                return "int"
            case ast.Decimal():
                return "number"
            case ast.Text():
                return "text"
            case ast.Apply():
                return self.call(node)
            case ast.List(items=items):
                return self.list(node, items)
            case ast.Negate(operand=ast.Decimal()):
                return "number"
            case ast.Negate(operand=operand):
                return self.whole(operand)
            case ast.Power(base=base, exponent=exponent):
                if exponent < 0:
                    self.refuse(node, "numbers in a test are whole", "write `a / b`, which rounds down")
                return self.whole(base)
            case ast.Binary(left=left, right=right):
                first, second = self.whole(left), self.whole(right)
                return first and second
        raise TypeError(f"{type(node).__name__} is no value")

    def whole(self, node: ast.Expression) -> Kind | None:
        """The kind of an operand, which must be a whole number."""
        kind = self.kind(node)
        if kind is None or kind == "int":
            return kind
        hint = "calculate with sizes and whole numbers; for tensors there are `torch.add` and its like"
        self.refuse(node, f"{KIND_NAMES[kind]} cannot be calculated with", hint)
        return None

    def name(self, path: ast.Path) -> Kind | None:
        """The kind of what a single name stands for."""
        tensors = [tensor.name for tensor in self.operator.tensors]
        sizes = [size.name for size in self.operator.sizes]
        if path.text in tensors:
            return "tensor"
        if path.text in sizes:
            return "int"
        if path.text in CONSTANTS:
            return "none" if path.text == "None" else "bool"
        if path.text in FUNCTIONS:
            self.refuse(path, f"`{path.text}` is a function", f"call it: `{path.text}(...)`")
            return None
        hint = did_you_mean(path.text, (*tensors, *sizes, *CONSTANTS))
        hint = hint or f"its tensors and sizes are {', '.join((*tensors, *sizes))}"
        self.refuse(path, f"`{self.operator.name}` has no tensor or size `{path.text}`", hint)
        return None

    def list(self, node: ast.Expression, items: Sequence[ast.Expression]) -> Kind | None:
        """The kind of a list, whose items are all whole numbers or all tensors."""
        kinds = [self.kind(item) for item in items]
        if None in kinds:
            return None
        if set(kinds) <= {"int"}:
            return "ints"
        if set(kinds) == {"tensor"}:
            return "tensors"
        self.refuse(node, "a list holds whole numbers, or tensors", "write `[1, 2]` or `[x, y]`")
        return None

    def refuse(self, node: ast.Node, message: str, hint: str) -> None:
        self.report.append(Diagnostic("E0906", message, node.span, hint=hint))


def _signature(function: Function) -> str:
    names = [item.name if item.required else f"{item.name} = ..." for item in function.parameters]
    return f"it is called as `{function.name}({', '.join(names)}{', ...' if function.rest else ''})`"


def _kind_hint(kind: Kind, parameter: Parameter, function: Function) -> str:
    if kind == "number":
        return "write it as a whole number"
    if kind == "int" and parameter.kinds == {"ints"}:
        return "write it in brackets: `[1]`"
    return "write its name" if parameter.kinds == {"tensor"} else _signature(function)


def _hint(node: ast.Apply) -> str:
    """The function that was meant: of the same last name, or spelt nearly the same."""
    last = node.function.names[-1].text
    same = sorted(name for name in FUNCTIONS if name.rpartition(".")[2] == last)
    if same:
        return f"did you mean `{same[0]}`?"
    near = did_you_mean(node.function.text, FUNCTIONS)
    return near or "it may call functions of torch alone; `syno explain E0905` lists them"
