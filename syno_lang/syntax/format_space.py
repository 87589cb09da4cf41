"""A search space of the tree enters, its document leaves, ready to be laid out: one clause a line."""

from __future__ import annotations

from collections.abc import Sequence

from syno_lang.syntax import ast
from syno_lang.syntax.format_body import Body, follows, listed, name_doc, row
from syno_lang.syntax.format_head import sizes_doc, where_doc
from syno_lang.syntax.layout import Doc, Group, Hard, Indent, Line, Token


def space_doc(space: ast.Space) -> Doc:
    """The whole space: its head, and its clauses in the order of the text."""
    rows = tuple(
        (Hard(None if number else False), _clause(item)) for number, item in enumerate(space.clauses)
    )
    end = Hard() if rows else Line("")
    head = (Token("space"), " ", name_doc(space.name), sizes_doc(space.primaries, space.coefficients))
    body = Group((follows("{"), Indent((*rows, Indent(end, -4), Token("}")))))
    return (*head, where_doc(space.conditions), " ", body)


def _clause(clause: ast.Clause) -> Doc:
    match clause:
        case ast.Ends(side=side, axes=axes):
            return (Token(side), " ", listed("[", [_axis(axis) for axis in axes], "]"))
        case ast.Keep(names=names):
            return _list("keep", [name_doc(name) for name in names])
        case ast.AtMost(amounts=amounts):
            items = [(_figure(item.figure), " ", name_doc(item.name)) for item in amounts]
            return _list("at most", items)
        case ast.Bounded():
            return _bounded(clause)
        case ast.Unlimited(names=names):
            return _list("no limit on", [name_doc(name) for name in names])
        case ast.Permits(names=names):
            return _list("allow", [name_doc(name) for name in names])
        case ast.Normal(rules=rules):
            return _list("normal under", [Body(None).expression(rule) for rule in rules])
        case ast.Given(sizes=sizes):
            return _list("for", [_fixed(item) for item in sizes])
        case ast.Layer(sizes=sizes, times=times):
            often: Doc = () if times is None else (" ", follows("times"), " ", _figure(times))
            return (_list("layer", [_fixed(item) for item in sizes]), often)
    raise TypeError(f"{type(clause).__name__} has no layout")


def _bounded(clause: ast.Bounded) -> Doc:
    per: Doc = () if clause.per is None else (*_words("per"), name_doc(clause.per))
    of: Doc = ()
    if clause.reference is not None:
        size = Body(None)
        arguments = clause.reference.arguments
        called = listed("(", [size.expression(item) for item in arguments], ")") if arguments else ()
        of = (*_words("of"), size.expression(clause.reference.path), called)
    between: Doc = " " if per or of else ()
    return (name_doc(clause.name), " ", _range(clause.range), between, per, " " if per and of else (), of)


def _range(range: ast.Range) -> Doc:
    if range.least is not None and range.most is not None:
        return (*_words("between"), _figure(range.least), " ", *_words("and"), _figure(range.most))
    if range.most is not None:
        return (*_words("at most"), _figure(range.most))
    assert range.least is not None
    return (*_words("at least"), _figure(range.least))


def _axis(axis: ast.SpaceAxis) -> Doc:
    size = Body(None).expression(axis.size)
    if axis.attribute is None:
        return size
    return (size, follows(":"), " ", name_doc(axis.attribute))


def _fixed(item: ast.Fixed) -> Doc:
    return (name_doc(item.name), " ", follows("="), " ", _figure(item.value))


def _figure(figure: ast.Figure) -> Doc:
    return Token(figure.text)


def _list(words: str, items: Sequence[Doc]) -> Doc:
    return (*_words(words), row(items))


def _words(text: str) -> Sequence[Doc]:
    """The words of `text`, each with a blank after it."""
    first, *others = text.split()
    return (Token(first), " ", *(part for word in others for part in (follows(word), " ")))
