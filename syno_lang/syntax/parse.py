"""Text enters, the AST leaves; what cannot be read leaves as one `SynoError` with every finding.

After a mistake the parser goes on at the next `operator`, so several broken operators of one file
are reported at once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError
from lark.parsers.lalr_interactive_parser import InteractiveParser

from syno_lang.diagnostics import Diagnostic, Source, Span, SynoError, fail
from syno_lang.resources import folder
from syno_lang.syntax import ast
from syno_lang.syntax.build import BuildAst

#: The largest text that is read, in characters.
MAX_TEXT: Final = 1_000_000

#: How many findings of one file are reported.
MAX_FINDINGS: Final = 20

_RESTART: Final = re.compile(r"^operator\b", re.MULTILINE)

_SPELLING: Final = {
    "NAME": "a name", "INTEGER": "a number", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`",
    "LBRACE": "`{`", "RBRACE": "`}`", "COMMA": "`,`", "COLON": "`:`", "SEMICOLON": "`;`", "EQUAL": "`=`",
    "LESSTHAN": "`<`", "MORETHAN": "`>`", "PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`",
    "PERCENT": "`%`", "CIRCUMFLEX": "`^`", "OPERATOR": "`operator`", "GRAPH": "`graph`", "ALLOW": "`allow`",
    "WEIGHT": "`weight`", "__ANON_0": "`->`", "$END": "the end of the text",
}  # fmt: skip


def parse(source: Source) -> ast.Module:
    """Read a whole text.  Raises `SynoError` (E0101, E0103) with up to `MAX_FINDINGS` findings."""
    if len(source.text) > MAX_TEXT:
        raise fail("E0103", f"{source.name} has more than {MAX_TEXT:,} characters", hint="split the file")
    findings: list[Diagnostic] = []
    text = source.text
    while True:
        try:
            module = _run(source, text)
            break
        except UnexpectedInput as error:
            findings.append(_explain(source, error))
            found = _RESTART.search(text, max(_offset(source, error), 0) + 1)
            if found is None or len(findings) == MAX_FINDINGS:
                raise SynoError(findings) from None
            # Blanks keep every later line and column where it is.
            text = re.sub(r"[^\n]", " ", text[: found.start()]) + text[found.start() :]
    if findings:
        raise SynoError(findings)
    return module


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


def _run(source: Source, text: str) -> ast.Module:
    tree = _parser().parse(text)
    try:
        module: ast.Module = BuildAst(source).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, SynoError):
            raise error.orig_exc from None
        raise
    return module


def _offset(source: Source, error: UnexpectedInput) -> int:
    if error.pos_in_stream is None or error.pos_in_stream < 0 or _at_end(error):
        return len(source.text)
    return int(error.pos_in_stream)


def _at_end(error: UnexpectedInput) -> bool:
    return isinstance(error, UnexpectedToken) and error.token.type == "$END"


def _explain(source: Source, error: UnexpectedInput) -> Diagnostic:
    if _at_end(error):
        lines = source.text.split("\n")
        span = Span(source, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 1)
        return Diagnostic("E0101", "the text ends too early", span, _expected(error))
    width = len(error.token) if isinstance(error, UnexpectedToken) else 1
    span = Span(source, error.line, error.column, error.line, error.column + width)
    found = str(error.token) if isinstance(error, UnexpectedToken) else _character(error)
    return Diagnostic("E0101", f"unexpected `{found}`", span, _expected(error))


def _character(error: UnexpectedInput) -> str:
    return str(error.char) if isinstance(error, UnexpectedCharacters) else "?"


def _expected(error: UnexpectedInput) -> str:
    parser = getattr(error, "interactive_parser", None)
    if isinstance(parser, InteractiveParser):
        names = parser.accepts()
    else:
        names = set(getattr(error, "allowed", None) or getattr(error, "expected", None) or ())
    words = sorted(_SPELLING[name] for name in names if name in _SPELLING)
    if len(words) < 2:
        return f"expected {words[0]}" if words else ""
    return f"expected {', '.join(words[:-1])} or {words[-1]}"
