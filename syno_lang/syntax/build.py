"""Lark's parse events enter, nodes of `syno_lang.syntax.ast` leave: one method per grammar rule."""

from __future__ import annotations

from typing import Any, TypeVar

from lark import Token
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive, v_args

from syno_lang.diagnostics import Source, Span, fail
from syno_lang.syntax import ast

#: How deep an expression may nest: far more than anyone writes, far less than Python's stack.
MAX_DEPTH = 100

#: More digits than any size has; Python refuses to read numbers of thousands of digits.
MAX_DIGITS = 18

#: The largest literal with a fraction or an exponent.
MAX_DECIMAL = 1e18


N = TypeVar("N", bound=ast.Node)


@v_args(meta=True)
class BuildAst(Transformer_NonRecursive[Token, Any]):
    """The callbacks of the parser for one source."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.depths: dict[int, int] = {}

    def span(self, meta: Meta) -> Span:
        """The place of a rule; an empty rule stands at the start of the text."""
        if meta.empty:
            return Span(self.source, 1, 1, 1, 1)
        return Span(self.source, meta.line, meta.column, meta.end_line, meta.end_column)

    def start(self, meta: Meta, items: list[Any]) -> ast.Module:
        return ast.Module(self.span(meta), tuple(items))

    def operator(self, meta: Meta, items: list[Any]) -> ast.Operator:
        name, sizes, parameters, (output, output_span), allows, conditions, graph, *statements = items
        primaries, coefficients = sizes or ((), ())
        return ast.Operator(
            self.span(meta), name, primaries, coefficients, parameters or (), output, output_span,
            allows or (), graph is not None, tuple(statements), conditions or (),
        )  # fmt: skip

    def sizes(self, meta: Meta, items: list[Any]) -> tuple[Any, Any]:
        return (items[0] or (), items[1] or ())

    def several(self, meta: Meta, items: list[Any]) -> tuple[Any, ...]:
        """A list with an optional trailing comma, for which lark leaves a `None`."""
        return tuple(item for item in items if item is not None)

    primaries = coefficients = parameters = allow = where = expressions = arguments = several
    values = named_values = names = quantified = when = because = cited = axes = several

    def coefficient(self, meta: Meta, items: list[Any]) -> ast.Coefficient:
        return ast.Coefficient(self.span(meta), *items)

    def parameter(self, meta: Meta, items: list[Any]) -> ast.Parameter:
        weight, name, (shape, _) = items
        return ast.Parameter(self.span(meta), name, weight is not None, shape)

    def shape(self, meta: Meta, items: list[Any]) -> tuple[Any, Span]:
        return (items[0] or (), self.span(meta))

    def equation(self, meta: Meta, items: list[Any]) -> ast.Equation:
        target, *reductions, value = items
        return ast.Equation(self.span(meta), target, tuple(reductions), value)

    def binding(self, meta: Meta, items: list[Any]) -> ast.Binding:
        *targets, values = items
        return ast.Binding(self.span(meta), tuple(targets), values)

    def reduction(self, meta: Meta, items: list[Any]) -> ast.Reduction:
        reducer, *binders = items
        return ast.Reduction(self.span(meta), reducer, tuple(item for item in binders if item))

    def binder(self, meta: Meta, items: list[Any]) -> ast.Binder:
        return ast.Binder(self.span(meta), *items)

    def compares(self, meta: Meta, items: list[Any]) -> ast.Compares:
        return ast.Compares(self.span(meta), *items)

    def relation(self, meta: Meta, items: list[Token]) -> str:
        return str(items[0])

    def keyword(self, meta: Meta, items: list[Any]) -> ast.Keyword:
        return ast.Keyword(self.span(meta), *items)

    def call(self, meta: Meta, items: list[Any]) -> ast.Call:
        name, arguments = items
        return self.nested(ast.Call(self.span(meta), name, arguments or ()), *(arguments or ()))

    def access(self, meta: Meta, items: list[Any]) -> ast.Access:
        name, indices = items
        return self.nested(ast.Access(self.span(meta), name, indices or ()), *(indices or ()))

    def group(self, meta: Meta, items: list[Any]) -> Any:
        return items[0]

    def add(self, meta: Meta, items: list[Any]) -> ast.Binary:
        return self.binary("+", meta, items)

    def subtract(self, meta: Meta, items: list[Any]) -> ast.Binary:
        return self.binary("-", meta, items)

    def multiply(self, meta: Meta, items: list[Any]) -> ast.Binary:
        return self.binary("*", meta, items)

    def divide(self, meta: Meta, items: list[Any]) -> ast.Binary:
        return self.binary("/", meta, items)

    def modulo(self, meta: Meta, items: list[Any]) -> ast.Binary:
        return self.binary("%", meta, items)

    def binary(self, operator: str, meta: Meta, items: list[Any]) -> ast.Binary:
        return self.nested(ast.Binary(self.span(meta), operator, *items), *items)

    def negate(self, meta: Meta, items: list[Any]) -> ast.Negate:
        return self.nested(ast.Negate(self.span(meta), items[0]), *items)

    def power(self, meta: Meta, items: list[Any]) -> ast.Power:
        return self.nested(ast.Power(self.span(meta), *items), items[0])

    def exponent(self, meta: Meta, items: list[Token]) -> int:
        return self.integer(meta, items[0])

    def negative_exponent(self, meta: Meta, items: list[Token]) -> int:
        return -self.integer(meta, items[0])

    def use(self, meta: Meta, items: list[ast.Used]) -> ast.Use:
        return ast.Use(self.span(meta), tuple(items))

    def used(self, meta: Meta, items: list[Any]) -> ast.Used:
        return ast.Used(self.span(meta), *items)

    def path(self, meta: Meta, items: list[ast.Name]) -> ast.Path:
        return ast.Path(self.span(meta), tuple(items))

    def test(self, meta: Meta, items: list[Any]) -> ast.Test:
        operator, *claims = items
        return ast.Test(self.span(meta), operator, tuple(claims))

    def equality(self, meta: Meta, items: list[Any]) -> ast.Equality:
        reference, settings = items
        return ast.Equality(self.span(meta), reference, settings or ())

    def count(self, meta: Meta, items: list[Any]) -> ast.Count:
        quantity, value, settings = items
        return ast.Count(self.span(meta), str(quantity), value, settings or ())

    def settings(self, meta: Meta, items: list[ast.Setting]) -> tuple[ast.Setting, ...]:
        return tuple(items)

    def setting(self, meta: Meta, items: list[Any]) -> ast.Setting:
        return ast.Setting(self.span(meta), *items)

    def apply(self, meta: Meta, items: list[Any]) -> ast.Apply:
        function, arguments = items
        return self.nested(ast.Apply(self.span(meta), function, arguments or ()), *(arguments or ()))

    def array(self, meta: Meta, items: list[Any]) -> ast.List:
        return self.nested(ast.List(self.span(meta), items[0] or ()), *(items[0] or ()))

    def rule(self, meta: Meta, items: list[Any]) -> ast.Rule:
        bound, name, variables, coordinates, conditions, because, source, left, right = items
        sizes, amounts = variables or ((), ())
        return ast.Rule(
            self.span(meta), name, bound, sizes, amounts, coordinates or (), conditions or (),
            because or (), source or (), left, right,
        )  # fmt: skip

    def approximate(self, meta: Meta, items: list[Any]) -> Any:
        return items[0]

    variables = sizes

    def side(self, meta: Meta, items: list[Any]) -> ast.Side:
        *reductions, value = items
        return ast.Side(self.span(meta), tuple(reductions), value)

    def space(self, meta: Meta, items: list[Any]) -> ast.Space:
        name, sizes, conditions, *clauses = items
        primaries, coefficients = sizes or ((), ())
        return ast.Space(self.span(meta), name, primaries, coefficients, conditions or (), tuple(clauses))

    def ends(self, meta: Meta, items: list[Any]) -> ast.Ends:
        side, axes = items
        return ast.Ends(self.span(meta), str(side), axes or ())

    def axis(self, meta: Meta, items: list[Any]) -> ast.SpaceAxis:
        return ast.SpaceAxis(self.span(meta), *items)

    def keep(self, meta: Meta, items: list[Any]) -> ast.Keep:
        return ast.Keep(self.span(meta), tuple(items))

    def amount(self, meta: Meta, items: list[Any]) -> ast.Amount:
        return ast.Amount(self.span(meta), *items)

    def at_most(self, meta: Meta, items: list[Any]) -> ast.AtMost:
        return ast.AtMost(self.span(meta), tuple(items))

    def bounded(self, meta: Meta, items: list[Any]) -> ast.Bounded:
        return ast.Bounded(self.span(meta), *items)

    def most(self, meta: Meta, items: list[Any]) -> ast.Range:
        return ast.Range(self.span(meta), None, items[0])

    def least(self, meta: Meta, items: list[Any]) -> ast.Range:
        return ast.Range(self.span(meta), items[0], None)

    def between(self, meta: Meta, items: list[Any]) -> ast.Range:
        return ast.Range(self.span(meta), *items)

    def compared(self, meta: Meta, items: list[Any]) -> ast.Compared:
        path, arguments = items
        return ast.Compared(self.span(meta), path, arguments or ())

    def named(self, meta: Meta, items: list[Any]) -> ast.Path:
        first, *last = items
        names = first.names if isinstance(first, ast.Path) else (first,)
        if len(names) > MAX_DEPTH:
            message = f"this path has more than {MAX_DEPTH} names"
            raise fail("E0103", message, span=self.span(meta), hint="name an operator of a `use`")
        return ast.Path(self.span(meta), (*names, *last))

    def unlimited(self, meta: Meta, items: list[Any]) -> ast.Unlimited:
        return ast.Unlimited(self.span(meta), tuple(items))

    def permits(self, meta: Meta, items: list[Any]) -> ast.Permits:
        return ast.Permits(self.span(meta), tuple(items))

    def normal(self, meta: Meta, items: list[Any]) -> ast.Normal:
        return ast.Normal(self.span(meta), tuple(items))

    def fixed(self, meta: Meta, items: list[Any]) -> ast.Fixed:
        return ast.Fixed(self.span(meta), *items)

    def given(self, meta: Meta, items: list[Any]) -> ast.Given:
        return ast.Given(self.span(meta), tuple(items))

    def layer(self, meta: Meta, items: list[Any]) -> ast.Layer:
        *sizes, times = items
        return ast.Layer(self.span(meta), tuple(sizes), times)

    def figure(self, meta: Meta, items: list[Token]) -> ast.Figure:
        return ast.Figure(self.span(meta), self.short(meta, items[0]))

    def decimal(self, meta: Meta, items: list[Token]) -> ast.Decimal:
        return ast.Decimal(self.span(meta), self.short(meta, items[0]))

    def short(self, meta: Meta, token: Token) -> str:
        """The text of a literal, which has a bound so that arithmetic on it has one too."""
        if len(token) > MAX_DIGITS or float(token) > MAX_DECIMAL:
            hint = f"write it with at most {MAX_DIGITS} characters, and not above {MAX_DECIMAL:g}"
            raise fail("E0103", "this number is too long", span=self.span(meta), hint=hint)
        return str(token)

    def text(self, meta: Meta, items: list[Token]) -> ast.Text:
        return ast.Text(self.span(meta), str(items[0])[1:-1])

    def name(self, meta: Meta, items: list[Token]) -> ast.Name:
        return ast.Name(self.span(meta), str(items[0]))

    def number(self, meta: Meta, items: list[Token]) -> ast.Number:
        return ast.Number(self.span(meta), self.integer(meta, items[0]))

    word, whole, quote, label = name, number, text, name

    def integer(self, meta: Meta, token: Token) -> int:
        """The value of a literal, which has a bound so that arithmetic on it has one too."""
        if len(token) > MAX_DIGITS:
            hint = f"write it with at most {MAX_DIGITS} digits"
            raise fail("E0103", "this number is too long", span=self.span(meta), hint=hint)
        return int(token)

    def nested(self, node: N, *children: Any) -> N:
        """Return `node`, unless it nests too deeply to be walked by recursion."""
        depth = 1 + max((self.depths.get(id(child), 0) for child in children), default=0)
        if depth > MAX_DEPTH:
            hint = "name parts of it with bindings"
            message = f"this expression nests deeper than {MAX_DEPTH} levels"
            raise fail("E0103", message, span=node.span, hint=hint)
        self.depths[id(node)] = depth
        return node
