"""A source or a tree enters, text in the one layout of the language leaves; the comments of a source stay.

The layout depends on the tree and on the comments alone.  A list that does not fit on its line has one
item a line.  An equation that does not fit has its product below it; three and more factors then stand
one below the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syno_lang.diagnostics import Source, fail
from syno_lang.syntax import ast
from syno_lang.syntax.format_body import Body, follows, listed, name_doc, row
from syno_lang.syntax.format_head import sizes_doc, where_doc
from syno_lang.syntax.format_rule import rule_doc
from syno_lang.syntax.format_space import space_doc
from syno_lang.syntax.layout import Doc, Group, Hard, Indent, Line, Token, render, tokens
from syno_lang.syntax.parse import MAX_TEXT, parse
from syno_lang.syntax.trivia import Word, attach, words


def format_text(source: Source) -> str:
    """The text in its one layout, with every comment.  Raises `SynoError` where it cannot be read.

    Where the first line ends with CR LF, every line does.
    """
    return with_line_ends(lay_out(parse(source), words(source)), source.text)


def lay_out(module: ast.Module, source: Sequence[Word]) -> str:
    """The text of a tree with the comments and blank lines of the words that it was made of.

    Raises `ValueError` where the words say anything else than the tree, and `SynoError` where the text
    would be too large to be read again.
    """
    doc = _module(module)
    attach(tokens(doc), source)
    text = _ended(render(doc))
    if len(text) > MAX_TEXT:
        message = f"this text would have more than {MAX_TEXT:,} characters once laid out"
        raise fail("E0103", message, hint="split the file")
    return text


def format_module(module: ast.Module) -> str:
    """The text of a tree, without comments."""
    return _ended(render(_module(module)))


def format_operator(operator: ast.Operator) -> str:
    """The text of one operator, without a line end."""
    return render(_operator(operator))


def format_statement(statement: ast.Statement, sizes: Iterable[str]) -> str:
    """The text of one statement on one line; `sizes` are the names of size variables."""
    return render(Group(Body(frozenset(sizes)).statement(statement)), width=1_000_000)


def format_expression(expression: ast.Expression, sizes: Iterable[str]) -> str:
    """The text of an expression on one line; `sizes` are the names of size variables."""
    return render(Group(Body(frozenset(sizes)).expression(expression)), width=1_000_000)


def format_claim(claim: ast.Claim) -> str:
    """The text of one claim of a test on one line."""
    return render(Group(_claim(claim)), width=1_000_000)


def _ended(text: str) -> str:
    return f"{text}\n" if text else ""


def with_line_ends(text: str, model: str) -> str:
    """`text`, which has line feeds, with the line ends that the first line of `model` has."""
    first = model.find("\n")
    return text.replace("\n", "\r\n") if first > 0 and model[first - 1] == "\r" else text


def _module(module: ast.Module) -> Doc:
    docs: list[Doc] = []
    for before, item in zip((None, *module.items), module.items, strict=False):
        # Uses stand together as they do in the source; everything else stands apart.
        near = isinstance(before, ast.Use) and isinstance(item, ast.Use)
        docs += [Hard(None if near else before is not None), _item(item)]
    return (*docs, Hard(blank=bool(docs)), Token(""))


def _item(item: ast.Use | ast.Operator | ast.Test | ast.Rule | ast.Space) -> Doc:
    match item:
        case ast.Operator():
            return _operator(item)
        case ast.Test(operator=name, claims=claims):
            return (Token("test"), " ", name_doc(name), " ", _braces([_claim(claim) for claim in claims]))
        case ast.Rule():
            return rule_doc(item)
        case ast.Space():
            return space_doc(item)
    return (Token("use"), " ", row([_used(used) for used in item.items]))


def _used(used: ast.Used) -> Doc:
    alias = (" ", follows("as"), " ", name_doc(used.alias)) if used.alias else ()
    return (Body(None).expression(used.path), alias)


def _claim(claim: ast.Claim) -> Doc:
    if isinstance(claim, ast.Count):
        head: Doc = (Token(claim.quantity), " ", Body(None).expression(claim.value))
    else:
        head = (Token("equals"), " ", Body(None).expression(claim.reference))
    if not claim.settings:
        return head
    settings = [
        (name_doc(item.name), " ", follows("="), " ", Body(None).expression(item.value))
        for item in claim.settings
    ]
    return (head, Group(Indent((Line(), Token("for"), " ", row(settings)))))


def _operator(operator: ast.Operator) -> Doc:
    sizes = [*operator.primaries, *(item.name for item in operator.coefficients)]
    body = Body(frozenset(name.text for name in sizes))
    statements = [body.statement(statement) for statement in operator.statements]
    return (*_signature(operator), _braces(statements))


def _signature(operator: ast.Operator) -> Sequence[Doc]:
    allow = (" ", Token("allow"), listed("(", [name_doc(name) for name in operator.allows], ")"))
    return (
        Token("operator"), " ", name_doc(operator.name), sizes_doc(operator.primaries, operator.coefficients),
        listed("(", [_parameter(item) for item in operator.parameters], ")", whole=True),
        " ", Token("->"), " ", _shape(operator.output), allow if operator.allows else (),
        where_doc(operator.conditions),
        (" ", follows("graph")) if operator.is_graph else (), " ",
    )  # fmt: skip


def _parameter(item: ast.Parameter) -> Doc:
    weight = (Token("weight"), " ") if item.is_weight else ()
    return (weight, name_doc(item.name), follows(":"), " ", _shape(item.shape))


def _shape(shape: Iterable[ast.Expression]) -> Doc:
    return listed("[", [Body(None).expression(size) for size in shape], "]")


def _braces(statements: Sequence[Doc]) -> Doc:
    """Statements in braces, each on its line."""
    rows = tuple((Hard(None if number else False), statement) for number, statement in enumerate(statements))
    end = Hard() if rows else Line("")
    return Group((follows("{"), Indent((*rows, Indent(end, -4), Token("}")))))
