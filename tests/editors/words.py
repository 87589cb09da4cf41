"""The grammar and the tables of the elaborator enter, the words that tools must know leave."""

from __future__ import annotations

import re

from lark import Lark
from lark.lexer import PatternStr

from syno_lang.ir.elaborate_index import USAGE
from syno_lang.ir.elaborate_reader import REDUCERS
from syno_lang.resources import folder

__all__ = ["PRIMITIVES", "REDUCERS", "grammar_words"]

PRIMITIVES = tuple(USAGE)


def grammar_words() -> set[str]:
    """Every word of the language: the terminals of the grammar that are words, or one of several."""
    grammar = Lark((folder("grammar") / "syno.lark").read_text(encoding="utf-8"), parser="lalr")
    found: set[str] = set()
    for terminal in grammar.terminals:
        pattern = terminal.pattern.value
        if isinstance(terminal.pattern, PatternStr):
            found |= {pattern} if pattern.isalpha() else set()
        elif re.fullmatch(r"\(?[a-z|]+\)?\\b", pattern):
            found |= set(pattern.removesuffix(r"\b").strip("()").split("|"))
    return found
