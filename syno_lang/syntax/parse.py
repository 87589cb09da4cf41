"""Text enters, the AST leaves; what cannot be read leaves as one `SynoError` with every finding.

After a mistake the parser goes on at the next `operator`, `test`, `use`, `rule` or `space` that begins a
line, so several broken operators of one file are reported at once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from syno_lang.diagnostics import MAX_FINDINGS, Diagnostic, Source, SynoError, fail
from syno_lang.resources import folder
from syno_lang.syntax import ast
from syno_lang.syntax.build import BuildAst
from syno_lang.syntax.mistakes import Stop, explain

#: The largest text that is read, in characters.
MAX_TEXT: Final = 200_000

_RESTART: Final = re.compile(r"^(?:operator|test|use|approximate|rule|space)\b", re.MULTILINE)


def parse(source: Source) -> ast.Module:
    """Read a whole text.  Raises `SynoError` (E0101, E0103) with up to `MAX_FINDINGS` findings."""
    if len(source.text) > MAX_TEXT:
        raise fail("E0103", f"{source.name} has more than {MAX_TEXT:,} characters", hint="split the file")
    findings: list[Diagnostic] = []
    start = 0
    while True:
        try:
            module = _run(source, start)
            break
        except UnexpectedInput as error:
            stop = _stop(source, start, error)
            findings.append(explain(stop))
            found = _RESTART.search(source.text, max(stop.offset, start + 1))
            if found is None or len(findings) == MAX_FINDINGS:
                raise SynoError(findings) from None
            start = found.start()
        except SynoError as error:
            raise SynoError([*findings, *error.diagnostics][:MAX_FINDINGS]) from None
    if findings:
        raise SynoError(findings)
    return module


def scan(source: Source) -> tuple[list[Token], Tree[Token]]:
    """The tokens of a text that parses, and the tree of its grammar rules."""
    run = _parser().parse_interactive(source.text)
    tokens = list(run.iter_parse())
    tree: Tree[Token] = run.feed_eof()  # type: ignore[no-untyped-call]
    return tokens, tree


def read(path: str | Path) -> Source:
    """The text of a file.  Raises `SynoError` (E0102) where it cannot be read as UTF-8."""
    try:
        # newline="" keeps columns true for files with \r\n.
        with open(path, encoding="utf-8-sig", newline="") as stream:
            return Source(str(path), stream.read(MAX_TEXT + 1))
    except OSError as error:
        reason, hint = error.strerror or str(error), "check the path"
    except ValueError as error:  # not UTF-8, or a path with a NUL
        reason, hint = str(error), "a .syno file is text in UTF-8"
    raise fail("E0102", f"cannot read {path}: {reason}", hint=hint)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = (folder("grammar") / "syno.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _run(source: Source, start: int) -> ast.Module:
    tree = _parser().parse(_from(source, start))
    try:
        module: ast.Module = BuildAst(source).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, SynoError):
            raise error.orig_exc from None
        raise
    return module


def _from(source: Source, start: int) -> str:
    """The text with blanks before `start`, which keep every line and column where it is."""
    return re.sub(r"[^\n]", " ", source.text[:start]) + source.text[start:]


def _stop(source: Source, start: int, error: UnexpectedInput) -> Stop:
    """Where the parser stopped, and what it would have taken there."""
    offset, found = int(error.pos_in_stream or 0), source.text[error.pos_in_stream or 0 :][:1]
    if isinstance(error, UnexpectedToken):
        offset, found = int(error.token.start_pos or 0), str(error.token)
        if error.token.type == "$END":
            offset, found = len(source.text.rstrip()), ""
    # At the mistake the parser has reduced already, and forgotten what else would have fitted.
    before = _parser().parse_interactive(source.text[start:offset])
    before.exhaust_lexer()
    wanted: set[str] = before.accepts()  # type: ignore[no-untyped-call]
    return Stop(source, start, offset, found, wanted)
