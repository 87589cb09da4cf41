"""A source enters, its text with every operator in one notation leaves, laid out and with every comment.

Only bodies that are in the other notation are written anew.  A comment in such a body stays with the
factor, the sum, the output or the end of the body that it is about; where the new body has no such place,
it stands above the first statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from syno_lang.diagnostics import Source
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import elaborate
from syno_lang.ir.owners import OPEN, Body, Owner, Reader
from syno_lang.ir.print import formula, graph
from syno_lang.syntax import ast
from syno_lang.syntax.format import lay_out, with_line_ends
from syno_lang.syntax.layout import Comment
from syno_lang.syntax.parse import parse
from syno_lang.syntax.trivia import Word, words

_Comments = dict[Owner, list[Comment]]


def convert(source: Source, *, as_graph: bool) -> str:
    """The text with every operator in graph or in formula notation.

    Raises `SynoError` where the text is not valid, or is too large in that notation.
    """
    module = parse(source)
    definitions = elaborate(module, source)
    old = _bodies(words(source), source, [node for node in module.operators if node.is_graph != as_graph])
    bare = _replaced(source, old, definitions)
    chosen = {body.operator.name.text for body in old}
    module, spelt = parse(bare), words(bare)
    new = _bodies(spelt, bare, [node for node in module.operators if node.name.text in chosen])
    moved: dict[int, list[Comment]] = {}
    for before, after in zip(old, new, strict=True):
        for word, comment in _comments(before, after):
            moved.setdefault(word.start, []).append(comment)
    placed = [replace(word, comments=(*word.comments, *moved.get(word.start, ()))) for word in spelt]
    return with_line_ends(lay_out(module, placed), source.text)


def _bodies(spelt: Sequence[Word], source: Source, operators: Sequence[ast.Operator]) -> list[Body]:
    reader = Reader(source.text, spelt)
    return [reader.body(operator) for operator in operators]


def _replaced(source: Source, bodies: Sequence[Body], definitions: Mapping[str, Definition]) -> Source:
    """The source with each of `bodies` in the other notation, without the comments in them."""
    pieces: list[str] = []
    done = 0
    for body in bodies:
        definition = definitions[body.operator.name.text]
        printed = formula(definition) if body.operator.is_graph else graph(definition)
        keyword = "" if body.operator.is_graph else "graph "
        pieces += [source.text[done : body.start], keyword, printed[printed.index("{") :].rstrip()]
        done = body.end
    return Source(f"{source.name} in the other notation", "".join(pieces) + source.text[done:])


def _comments(before: Body, after: Body) -> Iterator[tuple[Word, Comment]]:
    """The comments of `before`, each with the word of `after` that it now stands before."""
    above, trailing = _owned(before, after)
    starts = {place.start: place.owner for place in after.places}
    ends = {place.end: place.owner for place in after.places}
    for last, word in pairwise(after.words):
        for comments, owner in ((trailing, ends.get(last.end)), (above, starts.get(word.start))):
            if owner is not None:
                yield from ((word, comment) for comment in comments.pop(owner, ()))


def _owned(before: Body, after: Body) -> tuple[_Comments, _Comments]:
    """The comments of `before` by owners in `after`: those above it, and the one that trails it."""
    above: _Comments = {}
    trailing: _Comments = {}
    known = [place.owner for place in after.places]
    for owner, comment in before.comments():
        if owner in known:
            (trailing if comment.trailing else above).setdefault(owner, []).append(comment)
        else:
            above.setdefault(known[1], []).append(replace(comment, trailing=False))
    for owner, several in trailing.items():
        if len(several) > 1 and owner != OPEN:
            above.setdefault(owner, []).extend(replace(item, trailing=False) for item in several)
            several.clear()
    return above, trailing
