"""The text of the grammar enters; its rules leave by name, and what rules a text uses."""

from __future__ import annotations

import re
from functools import lru_cache

from lark import Lark, Token

from syno_lang.resources import folder

_RULE = re.compile(r"^[?!]*(?P<name>[A-Za-z_]\w*)(?:\.\d+)?:.*(?:\n[ \t]+\S.*)*", re.MULTILINE)
_ALIAS = re.compile(r"->\s*(\w+)")


@lru_cache(maxsize=1)
def grammar() -> str:
    """The text of `syno.lark`."""
    return (folder("grammar") / "syno.lark").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def rules() -> dict[str, str]:
    """The text of every rule and terminal by name."""
    return {found["name"]: found[0] for found in _RULE.finditer(grammar())}


def used(text: str) -> set[str]:
    """The names of the rules and terminals by which `text` is parsed."""
    tree = _parser().parse(text)
    found = {str(node.data) for node in tree.iter_subtrees()}
    found |= {token.type for token in tree.scan_values(lambda item: isinstance(item, Token))}
    if "#" in text:
        # It is ignored, and leaves nothing.
        found.add("COMMENT")
    return {name for name, rule in rules().items() if {name, *_ALIAS.findall(rule)} & found}


@lru_cache(maxsize=1)
def _parser() -> Lark:
    # Every rule leaves a node, and every word a token.
    text = re.sub(r"^[?!]+", "", grammar(), flags=re.MULTILINE)
    return Lark(text, parser="lalr", keep_all_tokens=True)
