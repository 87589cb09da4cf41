"""The tree of a text enters; which name at which place means what leaves.

A text need not be right: a name that means nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from syno_lang.diagnostics import Span
from syno_lang.ir.elaborate_reader import REDUCERS
from syno_lang.syntax import ast

#: The first seven are defined in a text, the others belong to the language.
Kind = Literal[
    "operator", "used", "size", "weight", "input", "out", "coordinate",
    "path", "primitive", "reducer", "condition", "allowance", "function", "output",
]  # fmt: skip

Owner = ast.Operator | ast.Rule


@dataclass(eq=False)
class Symbol:
    """Something that has a name: what it is, the node that defines it, and every place of the name.

    `owner` is the operator or rule that it belongs to; `of` the node that says more about it, such as the
    declaration of a tensor or the binding of a coordinate.
    """

    name: str
    kind: Kind
    definition: Span | None
    owner: Owner | None = None
    of: ast.Node | None = None
    mentions: list[Mention] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Mention:
    """A name at a place.  `call` is what it calls, `axis` a tensor and the number of the axis read at it."""

    span: Span
    symbol: Symbol
    call: ast.Call | None = None
    axis: tuple[str, int] | None = None

    @property
    def defines(self) -> bool:
        """Whether this is where the symbol gets its name."""
        return self.span == self.symbol.definition


Scope = dict[str, Symbol]


@dataclass
class Symbols:
    """What the names of a text mean; `scopes` are the names of each operator."""

    mentions: list[Mention]
    scopes: Mapping[str, Scope]
    file: Scope

    def at(self, line: int, column: int) -> Mention | None:
        """The name at a place, or the one that ends there.  Lines and columns count from 1."""
        near = [
            item
            for item in self.mentions
            if item.span.line == item.span.end_line == line
            and item.span.column <= column <= item.span.end_column
        ]
        return max(near, key=lambda item: (item.span.column, -item.span.end_column), default=None)

    @property
    def symbols(self) -> list[Symbol]:
        """Every symbol that the text mentions, once."""
        return list(dict.fromkeys(item.symbol for item in self.mentions))


def find_symbols(module: ast.Module) -> Symbols:
    """What the names of `module` mean."""
    walk = _Walk()
    for used in module.uses:
        walk.used(used)
    for operator in module.operators:
        walk.define(walk.file, operator.name, "operator", operator)
    scopes: dict[str, Scope] = {}
    for operator in module.operators:
        scope = _Body(walk.mentions, operator).read(operator)
        scopes.setdefault(operator.name.text, scope)
    for rule in module.rules:
        _Rule(walk.mentions, rule).read(rule)
    for test in module.tests:
        walk.test(test, scopes.get(test.operator.text, {}))
    walk.mentions.sort(key=lambda item: (item.span.line, item.span.column))
    return Symbols(walk.mentions, scopes, walk.file)


class _Names:
    """Takes up the names of a text."""

    def __init__(self, mentions: list[Mention], owner: Owner | None = None) -> None:
        self.mentions = mentions
        self.owner = owner
        self.axis: tuple[str, int] | None = None

    def define(self, scope: Scope, name: ast.Name, kind: Kind, of: ast.Node, *, anew: bool = False) -> None:
        """A symbol of its own; the name means the first one, unless it is defined `anew`."""
        symbol = Symbol(name.text, kind, name.span, self.owner, of)
        if anew or name.text not in scope:
            scope[name.text] = symbol
        self.mention(name.span, symbol)

    def mention(self, span: Span, symbol: Symbol | None, call: ast.Call | None = None) -> None:
        """A place where a symbol is named."""
        if symbol is not None:
            item = Mention(span, symbol, call, self.axis)
            self.mentions.append(item)
            symbol.mentions.append(item)

    def word(self, name: ast.Name | ast.Path, kind: Kind, call: ast.Call | None = None) -> None:
        """A name of the language itself, or of another file."""
        self.mention(name.span, Symbol(name.text, kind, None, self.owner, name), call)


class _Walk(_Names):
    """Uses and tests: the names of a file."""

    def __init__(self) -> None:
        super().__init__([])
        self.file: Scope = {}

    def used(self, used: ast.Used) -> None:
        """`path`, or `path as alias`: the last name is known in this file."""
        if used.alias is not None:
            self.word(used.path, "path")
        self.define(self.file, used.name, "used", used)

    def test(self, test: ast.Test, scope: Scope) -> None:
        """The names in a test are those of the operator that it is about."""
        self.mention(test.operator.span, self.file.get(test.operator.text))
        for claim in test.claims:
            if isinstance(claim, ast.Equality) and isinstance(claim.reference, ast.Path):
                self.reference(claim.reference)
            else:
                value = claim.reference if isinstance(claim, ast.Equality) else claim.value
                self.value(value, scope)
            for setting in claim.settings:
                self.mention(setting.name.span, scope.get(setting.name.text))
                self.value(setting.value, scope)

    def reference(self, path: ast.Path) -> None:
        """An operator near, or one of another file."""
        if len(path.names) > 1:
            self.word(path, "path")
        else:
            self.mention(path.span, self.file.get(path.text))

    def value(self, node: ast.Expression | ast.Keyword, scope: Scope) -> None:
        """Sizes and tensors of the operator, and functions of torch."""
        for item in _parts(node):
            match item:
                case ast.Path(names=(name,)):
                    self.mention(name.span, scope.get(name.text))
                case ast.Apply(function=function):
                    self.word(function, "function")


class _Expressions(_Names):
    """Takes up the names of indices, sizes, products and conditions."""

    def __init__(self, mentions: list[Mention], owner: Owner | None = None) -> None:
        super().__init__(mentions, owner)
        self.scope: Scope = {}

    def conditions(self, nodes: Iterable[ast.Condition]) -> None:
        for node in nodes:
            if isinstance(node, ast.Compares):
                self.expressions((node.left, node.right))
            else:
                self.word(node.function, "condition", node)
                self.expressions(node.arguments)

    def reductions(self, nodes: Iterable[ast.Reduction], *, anew: bool = False) -> None:
        for node in nodes:
            self.word(node.reducer, "reducer")
            for binder in node.binders:
                self.define(self.scope, binder.name, "coordinate", binder, anew=anew)
                self.expression(binder.domain)

    def expressions(self, nodes: Iterable[ast.Node]) -> None:
        for node in nodes:
            self.expression(node)

    def expression(self, node: ast.Node) -> None:
        match node:
            case ast.Name(text=text):
                self.mention(node.span, self.scope.get(text))
            case ast.Call(function=function, arguments=arguments):
                self.word(function, "reducer" if function.text in REDUCERS else "primitive", node)
                self.expressions(arguments)
            case ast.Keyword(value=value):
                self.expression(value)
            case ast.Access(tensor=tensor, indices=indices):
                self.mention(tensor.span, self.scope.get(tensor.text))
                for number, index in enumerate(indices):
                    self.axis = (tensor.text, number)
                    self.expression(index)
                self.axis = None
            case ast.Binary(left=left, right=right):
                self.expressions((left, right))
            case ast.Negate(operand=inner) | ast.Power(base=inner):
                self.expression(inner)


class _Body(_Expressions):
    """The names of one operator."""

    def read(self, node: ast.Operator) -> Scope:
        """Take up every name; returns those that are known at the end."""
        for name in node.primaries:
            self.define(self.scope, name, "size", node)
        for coefficient in node.coefficients:
            self.define(self.scope, coefficient.name, "size", coefficient)
        for parameter in node.parameters:
            kind: Kind = "weight" if parameter.is_weight else "input"
            self.define(self.scope, parameter.name, kind, parameter)
            self.expressions(parameter.shape)
        self.expressions(node.output)
        for allowed in node.allows:
            self.word(allowed, "allowance")
        self.conditions(node.conditions)
        # The coordinates that the equation names are known in the bindings above it too.
        for statement in node.statements:
            if isinstance(statement, ast.Equation):
                self.equation_names(statement)
        for statement in node.statements:
            self.statement(statement, node.is_graph)
        return self.scope

    def equation_names(self, node: ast.Equation) -> None:
        """The output and the coordinates that an equation names."""
        self.define(self.scope, node.target.tensor, "out", node)
        for index in node.target.indices:
            if isinstance(index, ast.Name):
                self.define(self.scope, index, "coordinate", node)
        self.reductions(node.reductions)

    def statement(self, node: ast.Statement, is_graph: bool) -> None:
        """What a statement uses, then what it defines."""
        match node:
            case ast.Equation(target=target, value=value):
                self.expressions(item for item in target.indices if not isinstance(item, ast.Name))
                self.expression(value)
            case ast.Binding(targets=targets, values=values):
                match values:
                    case (ast.Name(text="output") as name,) if is_graph:
                        self.word(name, "output")
                    case _:
                        self.expressions(values)
                for name in targets:
                    self.define(self.scope, name, "coordinate", node, anew=is_graph)
            case _:
                self.expression(node)


class _Rule(_Expressions):
    """The names of one rule."""

    def read(self, rule: ast.Rule) -> None:
        """Take up every name."""
        for name in (*rule.sizes, *rule.amounts):
            self.define(self.scope, name, "size", rule)
        for binder in rule.coordinates:
            self.define(self.scope, binder.name, "coordinate", binder)
            self.expression(binder.domain)
        self.conditions(rule.conditions)
        for side in (rule.before, rule.after):
            self.reductions(side.reductions, anew=True)
            self.expression(side.value)


def _parts(node: ast.Node) -> Iterator[ast.Node]:
    """A value of a test and what it is made of."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        match item:
            case ast.Keyword(value=inner) | ast.Negate(operand=inner) | ast.Power(base=inner):
                stack.append(inner)
            case ast.Binary(left=left, right=right):
                stack += [right, left]
            case ast.Apply(arguments=items) | ast.List(items=items):
                stack += reversed(items)
