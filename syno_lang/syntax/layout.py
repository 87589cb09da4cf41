"""A document of tokens, groups and possible line ends enters, text leaves: Wadler's printer, with comments.

White space means nothing between two tokens, so a comment can stand before any token: it ends its line,
and every group around it is laid out on several lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

#: The longest line of a laid-out text, wherever there is a place to break it.
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Comment:
    """`# ...` up to the end of its line: `trailing` the token before it, or on a line of its own."""

    text: str
    trailing: bool
    blank: bool


@dataclass(eq=False, slots=True)
class Token:
    """A word of the text, with the comments that stand before it and whether a blank line does.

    An `optional` token is layout, not content: a bracket that only groups, or the comma at the end of a
    list, which is written where the list is `broken` into lines.  `shy` of comments: those that precede a
    token which never begins a line (`forward`) come after it, those that follow an infix operator
    (`backward`) come before it.
    """

    text: str
    optional: bool = False
    broken: bool = False
    shy: str = ""
    comments: list[Comment] = field(default_factory=list)
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A possible line end: `flat` where the group around it fits on one line."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Hard:
    """A certain line end.  `blank`: does a blank line follow it (`None`: as in the source)?

    `keep`: blank lines that stand among the comments after it stay.
    """

    blank: bool | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """What stands on one line if it fits, together with what must follow on that line.

    `whole`: nothing that follows on the line may be broken either.
    """

    doc: Doc
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Indent:
    """What is indented by `by` where it stands on lines of its own."""

    doc: Doc
    by: int = 4


#: The line end inside a list or an expression.
_SOFT = Hard(blank=False, keep=False)

Doc = str | Token | Line | Hard | Group | Indent | tuple["Doc", ...]

#: A document, the indentation around it, and whether it is on one line.
_Item = tuple[int, bool, Doc]


def tokens(doc: Doc) -> Iterator[Token]:
    """The tokens of a document from left to right."""
    stack = [doc]
    while stack:
        match stack.pop():
            case Token() as token:
                yield token
            case Group(doc=inner) | Indent(doc=inner):
                stack.append(inner)
            case tuple() as parts:
                stack.extend(reversed(parts))


def render(doc: Doc, width: int = WIDTH) -> str:
    """The text of a document, with line feeds between its lines and none at its end."""
    out = _Output()
    stack: list[_Item] = [(0, False, doc)]
    while stack:
        indent, flat, item = stack.pop()
        match item:
            case tuple():
                stack.extend((indent, flat, part) for part in reversed(item))
            case Indent():
                stack.append((indent + item.by, flat, item.doc))
            case Group():
                fits = flat or _fits(item, width - out.next_column(indent, item), stack)
                stack.append((indent, fits, item.doc))
            case Line() if not flat:
                out.end_line(indent, _SOFT)
            case Line():
                out.glue += item.flat
            case Hard():
                out.end_line(indent, item)
            case str():
                out.glue += item
            case Token() if not (flat and item.broken):
                out.write(item, indent)
    return "".join(out.pieces)


def _fits(group: Group, room: int, rest: list[_Item]) -> bool:
    """Whether `group` on one line, and what must follow it on that line, take at most `room` columns."""
    todo: list[tuple[bool, Doc]] = [(True, group.doc)]
    behind, first = len(rest), True
    while room >= 0:
        if not todo:
            behind -= 1
            if behind < 0:
                return True
            todo.append(rest[behind][1:])
        inside = behind == len(rest)
        flat, item = todo.pop()
        match item:
            case tuple():
                todo.extend((flat, part) for part in reversed(item))
            case Indent():
                todo.append((flat, item.doc))
            case Group():
                todo.append((flat or (group.whole and not inside), item.doc))
            case Line(flat=blank):
                if not flat:
                    return True
                room -= len(blank)
            case Hard():
                return not inside
            case str():
                room -= len(item)
            case Token() if not (flat and item.broken):
                if item.comments and not first:
                    return not inside
                room, first = room - len(item.text), False
    return False


class _Output:
    """The text so far.  Blanks and line ends wait for the next token: comments may come in between."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.column = 0
        self.glue = ""
        self.ending: tuple[int, Hard] | None = None

    def end_line(self, indent: int, how: Hard) -> None:
        """Begin a line, indented by `indent`, before the next token."""
        self.ending, self.glue = (indent, how), ""

    def next_column(self, indent: int, group: Group) -> int:
        """Where the first token of `group` is going to stand."""
        if self.ending is not None:
            return self.ending[0]
        return indent if next(tokens(group.doc)).comments else self.column + len(self.glue)

    def write(self, token: Token, indent: int) -> None:
        """Append a token and what waits before it."""
        ending = self.ending
        if token.comments and ending is None:
            ending = (indent, _SOFT)
        if ending is not None:
            self._break(token, indent, *ending)
        else:
            self._put(self.glue)
        self._put(token.text)
        self.ending, self.glue = None, ""

    def _break(self, token: Token, indent: int, outer: int, how: Hard) -> None:
        comments = token.comments
        if comments and comments[0].trailing:
            self._put("  " + comments[0].text)
            comments = comments[1:]
        blank = how.blank
        for comment in comments:
            self._line(indent, comment.blank if blank is None else blank)
            self._put(comment.text)
            blank = None if how.keep else False
        if token.text:
            self._line(outer, token.blank if blank is None else blank)

    def _line(self, indent: int, blank: bool) -> None:
        if self.pieces:
            self.pieces.append("\n\n" if blank else "\n")
        self.pieces.append(" " * indent)
        self.column = indent

    def _put(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.column += len(text)
