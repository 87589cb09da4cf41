"""Statements and expressions of the tree enter, their documents leave, ready to be laid out.

`*` and `^` are written tight, `+`, `-` and `%` with blanks; `/` is tight between sizes, where it is exact,
and has blanks where it rounds an index down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syno_lang.syntax import ast
from syno_lang.syntax.layout import Doc, Group, Indent, Line, Token

#: How tight the parts of an expression hold together.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)

#: How far the `*` of a factor stands before the factor, which is aligned with the one above.
_HANG = 2


def factors(value: ast.Expression) -> list[ast.Expression]:
    """The factors of a product from left to right; anything else is its own only factor."""
    found: list[ast.Expression] = []
    while isinstance(value, ast.Binary) and value.operator == "*":
        found.append(value.right)
        value = value.left
    return [value, *reversed(found)]


def name_doc(name: ast.Name) -> Doc:
    """A name."""
    return Token(name.text)


def follows(text: str) -> Token:
    """A token that never begins a line: comments before it come after it."""
    return Token(text, shy="forward")


def joined(items: Sequence[Doc]) -> list[Doc]:
    """The items with commas between them."""
    return [part for item in items for part in (follows(","), Line(), item)][2:]


def row(items: Sequence[Doc]) -> Doc:
    """A list without brackets."""
    first, *others = joined(items)
    return Group((first, Indent(tuple(others))))


def listed(opening: str, items: Sequence[Doc], closing: str, *, whole: bool = False) -> Doc:
    """A list in brackets, on one line or with one item a line; `whole` is that of `Group`."""
    return bracketed(opening, joined(items), closing, whole=whole)


def bracketed(opening: str, rows: Sequence[Doc], closing: str, *, whole: bool = False) -> Doc:
    """As `listed`, of what `joined` gives."""
    last = Token(",", optional=True, broken=True) if rows else ()
    inside = (Line("") if rows else (), *rows, last, Indent(Line(""), -4), Token(closing))
    return Group((follows(opening), Indent(inside)), whole)


@dataclass(frozen=True, slots=True)
class Body:
    """The layout of statements and expressions; `sizes` are the names of sizes, `None` where all are."""

    sizes: frozenset[str] | None

    def statement(self, statement: ast.Statement) -> Doc:
        """A statement of either notation."""
        match statement:
            case ast.Equation():
                return self.equation(statement)
            case ast.Binding(targets=targets, values=values):
                left = row([name_doc(name) for name in targets])
                right = row([self.expression(value) for value in values])
                return (left, " ", follows("="), " ", right)
        return self.expression(statement)

    def equation(self, equation: ast.Equation) -> Doc:
        """All on one line; or the head, and below it the product."""
        reductions = tuple((Line(), self.reduction(item)) for item in equation.reductions)
        head = Group((self.expression(equation.target), " ", follows("="), Indent(reductions)))
        first, *others = factors(equation.value)
        start = self.operand(first, _PRODUCT) if others else self.expression(first)
        rows = tuple(
            (Indent(Line(), -_HANG), Token("*", shy="backward"), " ", self.operand(item, _POWER))
            for item in others
        )
        # Two factors share a line; more are easier to read one below the other.
        product = Group((start, *rows)) if len(others) == 1 else (start, *rows)
        return Group((head, Indent((Line(), product))))

    def reduction(self, reduction: ast.Reduction) -> Doc:
        """`sum[r: D]`; what stands after a colon is a size."""
        domains = Body(None)
        binders: list[Doc] = [
            (name_doc(item.name), follows(":"), " ", domains.expression(item.domain))
            for item in reduction.binders
        ]
        return (name_doc(reduction.reducer), listed("[", binders, "]"))

    def several(self, opening: str, items: Sequence[ast.Expression | ast.Keyword], closing: str) -> Doc:
        """A list of expressions in brackets."""
        return listed(opening, [self.expression(item) for item in items], closing)

    def expression(self, expression: ast.Expression | ast.Keyword) -> Doc:
        """An expression, without brackets around it."""
        match expression:
            case ast.Name():
                return name_doc(expression)
            case ast.Number(value=value):
                return Token(str(value))
            case ast.Path(names=(first, *others)):
                return (name_doc(first), *((follows("."), name_doc(name)) for name in others))
            case ast.Decimal(text=text):
                return Token(text)
            case ast.Text(value=text):
                return Token(f'"{text}"')
            case ast.List(items=items):
                return self.several("[", items, "]")
            case ast.Apply(function=path, arguments=arguments):
                return (
                    self.expression(path),
                    self.several("(", arguments, ")"),
                )
            case ast.Keyword(name=name, value=inner):
                return (name_doc(name), " ", follows("="), " ", self.expression(inner))
            case ast.Call(function=function, arguments=arguments):
                return (name_doc(function), self.several("(", arguments, ")"))
            case ast.Access(tensor=tensor, indices=indices):
                return (name_doc(tensor), self.several("[", indices, "]"))
            case ast.Negate(operand=operand):
                return (Token("-"), self.operand(operand, _PRODUCT))
            case ast.Power(base=base, exponent=exponent):
                sign = Token("-") if exponent < 0 else ()
                return (self.operand(base, _ATOM), Token("^"), sign, Token(str(abs(exponent))))
            case ast.Binary():
                return self.binary(expression)
        raise TypeError(f"{type(expression).__name__} has no layout")

    def binary(self, node: ast.Binary) -> Doc:
        """Two operands with their operator between."""
        is_sum = node.operator in "+-"
        left = self.operand(node.left, _SUM if is_sum else _PRODUCT)
        right = self.operand(node.right, _PRODUCT if is_sum else _POWER)
        blank = " " if is_sum or self.is_loose(node) else ""
        return (left, blank, Token(node.operator, shy="backward"), blank, right)

    def operand(self, node: ast.Expression, least: int) -> Doc:
        """`node` in brackets where it holds together less than `least`, or only looks so."""
        if _tightness(node) >= least and not self.is_loose(node):
            return self.expression(node)
        return (Token("(", optional=True), self.expression(node), Token(")", optional=True))

    def is_loose(self, node: ast.Expression) -> bool:
        """Whether `node` divides an index: its blanks make it look looser than it is."""
        if not isinstance(node, ast.Binary) or node.operator not in "/%":
            return False
        return node.operator == "%" or not self.is_size(node)

    def is_size(self, node: ast.Expression) -> bool:
        """Whether `node` is made of numbers and sizes alone."""
        match node:
            case ast.Name(text=text):
                return self.sizes is None or text in self.sizes
            case ast.Number() | ast.Path():
                return True
            case ast.Negate(operand=inner) | ast.Power(base=inner):
                return self.is_size(inner)
            case ast.Binary(left=left, right=right):
                return self.is_size(left) and self.is_size(right)
        return False


def _tightness(node: ast.Expression) -> int:
    match node:
        case ast.Negate():
            return _SUM
        case ast.Binary(operator=operator):
            return _SUM if operator in "+-" else _PRODUCT
        case ast.Power():
            return _POWER
    return _ATOM
