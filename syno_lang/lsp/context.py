"""A text and an offset enter; what could be written there leaves, told by the tokens before it.

Nothing is parsed: a text in which something is being written is as a rule broken just there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from syno_lang.ir.elaborate_reader import REDUCERS
from syno_lang.lsp.partial import START

Where = Literal[
    "nothing", "file", "use", "tensor", "size", "signature", "allow", "where",
    "body", "index", "domains", "operators", "claim", "reference", "value", "setting", "clause",
]  # fmt: skip

_TOKEN: Final = re.compile(r'#[^\n]*|"[^"\n]*"|[A-Za-z_][A-Za-z_0-9]*\'*|[0-9]+|->|<=|>=|==|\S')
_PREFIX: Final = re.compile(r"(?:[A-Za-z_][A-Za-z_0-9]*'*\s*\.\s*)*(?:[A-Za-z_][A-Za-z_0-9]*'*)?\Z")
_CLAIMS: Final = ("equals", "flops", "params", "bytes", "for")
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Context:
    """What can stand at an offset: `start` is where the word there begins, after the names in `path`."""

    where: Where
    start: int
    path: str = ""
    owner: str = ""
    is_graph: bool = False


def context(text: str, offset: int) -> Context:
    """What can be written at an offset."""
    written = text[text.rfind("\n", 0, offset) + 1 : offset]
    dotted = _PREFIX.search(written)
    path, dot, word = (re.sub(r"\s", "", dotted[0]) if dotted else "").rpartition(".")
    begin = max((found.start() for found in START.finditer(text, 0, offset)), default=0)
    before = offset - len(dotted[0] if dotted else "")
    tokens = [found[0] for found in _TOKEN.finditer(text, begin, before)]
    if _in_comment(written):
        return Context("nothing", offset)
    tokens = [token for token in tokens if token[0] != "#"]
    where = _where(tokens)
    owner = tokens[1] if len(tokens) > 1 else ""
    return Context(where, offset - len(word), path + dot, owner, "graph" in tokens)


def _in_comment(line: str) -> bool:
    return any(found[0][0] == "#" for found in _TOKEN.finditer(line))


def _where(tokens: list[str]) -> Where:
    match tokens[:1]:
        case ["use"]:
            return "use" if tokens[-1] in ("use", ",") else "nothing" if tokens[-1] == "as" else "file"
        case ["operator"]:
            return _in_operator(tokens)
        case ["test"]:
            return _in_test(tokens)
        case ["rule" | "approximate"] if "}" not in tokens:
            return "nothing"
        case ["space"] if "}" not in tokens:
            return _in_space(tokens)
    return "file"


def _open(tokens: list[str]) -> list[tuple[str, int]]:
    """The brackets that are open at the end, with their places; `<` is none."""
    stack: list[tuple[str, int]] = []
    for number, token in enumerate(tokens):
        if token in ("(", "[", "{"):
            stack.append((token, number))
        elif stack and stack[-1][0] == _PAIRS.get(token):
            stack.pop()
    return stack


def _in_operator(tokens: list[str]) -> Where:
    stack = _open(tokens)
    if "{" in tokens:
        body = tokens.index("{")
        inside = [item for item in stack if item[1] >= body]
        if not inside:
            return "file"
        return "body" if len(inside) == 1 else _in_body(tokens, body, inside[-1][1])
    opened, number = stack[-1] if stack else ("", -1)
    called = tokens[number - 1] if stack else ""
    if opened == "[" or called in ("odd", "even", "divides"):
        return "size"
    if opened == "(":
        if called in ("allow", "where"):
            return "allow" if called == "allow" else "where"
        return "tensor" if tokens[-1] in ("(", ",") else "nothing"
    return "signature" if "->" in tokens and tokens[-1] in ("]", ")") else "nothing"


def _in_body(tokens: list[str], body: int, opened: int) -> Where:
    """What stands in a bracket of a body: a reduction, the output, a call, a tensor."""
    called = tokens[opened - 1]
    if called == "reduce" or (called in REDUCERS and tokens[opened] == "("):
        return "size"
    if called in REDUCERS:
        return "domains" if _after(tokens[opened:], ":", ",") else "nothing"
    statement = tokens[body + 1 : opened - 1]
    is_target = tokens[opened] == "[" and "=" not in statement and "graph" not in tokens[:body]
    return "nothing" if is_target else "index"


def _in_space(tokens: list[str]) -> Where:
    """Sizes stand in brackets, everything else is a word of a clause."""
    if "{" not in tokens:
        return "where" if "where" in tokens else "nothing"
    return "size" if _open(tokens)[-1][0] in "[(" else "clause"


def _after(tokens: list[str], sign: str, end: str) -> bool:
    """Whether `sign` comes after the last `end`."""
    last = {token: number for number, token in enumerate(tokens)}
    return last.get(sign, -1) > last.get(end, -1)


def _in_test(tokens: list[str]) -> Where:
    if "{" not in tokens:
        return "operators" if len(tokens) == 1 else "nothing"
    if not _open(tokens):
        return "file"
    if len(_open(tokens)) > 1:
        return "value"
    claim = next((token for token in reversed(tokens) if token in _CLAIMS), "")
    if claim == "equals" and tokens[-1] == "equals":
        return "reference"
    if claim == "for":
        return "setting" if tokens[-1] in ("for", ",") else "claim"
    return "value" if claim and claim != "equals" and tokens[-1] in (claim, *"+-*/%^(") else "claim"
