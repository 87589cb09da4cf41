"""The statements of a formula enter, its reads and expanded coordinates leave.

A formula is one equation `out[...] = sum[...] x[...] * w[...]`, and bindings that name coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence

from syno_lang.diagnostics import Label
from syno_lang.diagnostics.suggest import counted, did_you_mean
from syno_lang.ir.elaborate_reader import REDUCERS, Body, Reader
from syno_lang.ir.mentions import mentioned
from syno_lang.syntax import ast


class Formula(Reader):
    """`out[...] = sum[...] x[...] * w[...]`"""

    def read(self) -> Body:
        """Bindings in the order of the text, then the product."""
        equations = [item for item in self.node.statements if isinstance(item, ast.Equation)]
        if len(equations) != 1:
            span = equations[1].span if equations else self.node.name.span
            message = f"`{self.node.name.text}` has {counted(len(equations), 'equation')}"
            self.say("E0303", span, message, "a formula is one equation `out[...] = ...`")
        if not equations:
            return self.body
        self.equation_names(equations[0])
        bindings = [item for item in self.node.statements if isinstance(item, ast.Binding)]
        self.indices.later = {name.text for binding in bindings for name in binding.targets}
        for binding in bindings:
            self.targets(binding, self.values(binding))
        self.indices.later = ()
        for statement in self.node.statements:
            if not isinstance(statement, (ast.Binding, ast.Equation)):
                hint = "multiply it into the equation, or write the whole body as a `graph`"
                self.say("E0303", statement.span, "this statement stands alone", hint)
        self.product(equations[0].value)
        self.unused(bindings)
        return self.body

    def unused(self, bindings: Sequence[ast.Binding]) -> None:
        """Report names for nothing; of a half of a merge the quality checks speak, if the other is used."""
        names = mentioned(self.node)
        for binding in bindings if len(self.report) == self.before else ():
            used = [name for name in binding.targets if name.text in names]
            merge = isinstance(binding.values[0], ast.Call) and binding.values[0].function.text == "merge"
            for name in binding.targets:
                if name.text not in names and not (merge and used):
                    hint = "read a tensor at it, or remove it"
                    self.say("E0208", name.span, f"the coordinate `{name.text}` is never used", hint)

    def equation_names(self, equation: ast.Equation) -> None:
        """The output coordinates and the summed ones come first: bindings use them."""
        target = equation.target.tensor
        self.outputs = {target.text}
        if target.text in self.declared:
            message, first = f"`{target.text}` is defined twice", self.declared[target.text]
            self.say("E0204", target.span, message, "write `out[...]`", Label(first, "first defined here"))
        for item in equation.target.indices:
            if not isinstance(item, ast.Name):
                message = "the left side names the output coordinates"
                self.say("E0301", item.span, message, "name it, and put the arithmetic on the right side")
                unclear = mentioned(item) - self.declared.keys()
                self.indices.scope.update(dict.fromkeys(unclear))
        names = [item if isinstance(item, ast.Name) else None for item in equation.target.indices]
        self.iterators(names, equation.target.span)
        for reduction in equation.reductions:
            reducer = reduction.reducer.text
            if reducer not in REDUCERS:
                hint = did_you_mean(reducer, REDUCERS) or f"the reducers are `{'` and `'.join(REDUCERS)}`"
                self.say("E0205", reduction.reducer.span, f"there is no reducer `{reducer}`", hint)
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
                self.say("E0303", factor.span, self.no_factor(factor), hint)

    def no_factor(self, item: ast.Expression) -> str:
        """Why an expression is no factor of the product."""
        match item:
            case ast.Binary(operator="+" | "-"):
                return "terms are added here, but an operator is one product"
            case ast.Number():
                return "a number is no factor"
            case ast.Name(text=text) if text in REDUCERS:
                return f"`{text}` names what it joins: `{text}[r: D]`"
            case ast.Name(text=text):
                return f"`{text}` is no factor: a factor is a tensor read at coordinates"
            case ast.Call(function=ast.Name(text=text)) if any(item.name == text for item in self.tensors):
                return f"`{text}` is a tensor: it is read with square brackets, `{text}[...]`"
            case ast.Call(function=ast.Name(text=text)):
                return f"`{text}(...)` is no factor: values are multiplied and summed, nothing else"
        return "this is no factor of a product"
