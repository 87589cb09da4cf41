"""A rule of the tree enters, its document leaves, ready to be laid out.

The two sides stand on one line if they fit; else the right side has a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from syno_lang.syntax import ast
from syno_lang.syntax.format_body import Body, bracketed, follows, joined, listed, name_doc, row
from syno_lang.syntax.format_head import condition_doc
from syno_lang.syntax.layout import Doc, Group, Hard, Indent, Line, Token, render


def rule_doc(rule: ast.Rule) -> Doc:
    """The whole rule: its head, why it holds, and the identity."""
    body = Body(frozenset(name.text for name in (*rule.sizes, *rule.amounts)))
    identity = Group((_side(rule.before, body), Indent((Line(), Token("=>"), " ", _side(rule.after, body)))))
    rows = [*_texts("because", rule.because), *_texts("source", rule.source), identity]
    lines = tuple((Hard(None if number else False), line) for number, line in enumerate(rows))
    return (*_head(rule), Group((follows("{"), Indent((*lines, Indent(Hard(), -4), Token("}"))))))


def _head(rule: ast.Rule) -> Sequence[Doc]:
    sizes = Body(None)
    bound: Doc = ()
    if rule.bound is not None:
        bound = (Token("approximate"), follows("("), sizes.expression(rule.bound), Token(")"), " ")
    coordinates: list[Doc] = [
        (name_doc(item.name), follows(":"), " ", sizes.expression(item.domain)) for item in rule.coordinates
    ]
    conditions = [condition_doc(item) for item in rule.conditions]
    when = (" ", Token("when"), " ", row(conditions)) if conditions else ()
    return (
        bound, Token("rule"), " ", name_doc(rule.name), _variables(rule),
        listed("(", coordinates, ")", whole=True), when, " ",
    )  # fmt: skip


def _variables(rule: ast.Rule) -> Doc:
    sizes, amounts = [name_doc(name) for name in rule.sizes], [name_doc(name) for name in rule.amounts]
    if not amounts:
        return listed("<", sizes, ">") if sizes else ()
    return bracketed("<", (*joined(sizes), follows(";"), Line(), *joined(amounts)), ">")


def _side(side: ast.Side, body: Body) -> Doc:
    reductions = tuple((body.reduction(item), Line()) for item in side.reductions)
    return (*reductions, body.expression(side.value))


def _texts(word: str, texts: Sequence[ast.Text]) -> list[Doc]:
    if not texts:
        return []
    first, *others = (Token(f'"{text.value}"') for text in texts)
    return [(Token(word), " ", first, Indent(tuple((Hard(False), text) for text in others)))]


def identity_text(rule: ast.Rule) -> str:
    """`left => right` on one line."""
    body = Body(frozenset(name.text for name in (*rule.sizes, *rule.amounts)))
    sides = (_side(rule.before, body), " ", Token("=>"), " ", _side(rule.after, body))
    return render(Group(sides), width=1_000_000)
