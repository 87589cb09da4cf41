"""Hypothesis draws choices; texts leave that a person, a broken editor or an adversary might feed to the compiler."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st
from lark import Lark
from lark.grammar import NonTerminal, Symbol

from syno_lang.ir import print as printer
from syno_lang.resources import folder
from syno_lang.testing import definitions

HERE = Path(__file__).resolve().parent

#: White space and comments are tokens too: to lose a line end is a mutation like any other.
TOKEN: Final = re.compile(r"#[^\n]*|\s+|[A-Za-z_]\w*'*|[0-9]+|->|.", re.DOTALL)

WORDS: Final = [
    "operator", "graph", "weight", "allow", "output", "sum", "mean", "max", "split", "merge", "shift", "unfold",
    "stride", "expand", "share", "reduce", "unused_output", "diagonal", "N", "C", "H", "k", "s", "g", "n", "c", "h",
    "p", "x", "w", "out", "d",
]  # fmt: skip
SIGNS: Final = [*"()[]{}<>,;:=+-*/%^#", "->", "^2", "^-1", "**", "//", "==", "..."]
NUMBERS: Final = ["0", "1", "2", "3", "17", "100", "999999999999", "9" * 18, "9" * 19, "9" * 5000, "007"]
ODD: Final = [
    "", "\0", "\ufeff", "\r", "\r\n", "\t", "\x0b", "\x0c", "\x1b[31m", "\u2028", "\u200b", "\u202e", "\ud800",
    "é", "С", "ﬁ", "x̂", "𝒳", "→", "−", "×", "’", '"', "'", "''", "?", "!", "\\", "@", "$", "`", ".", "{{", "}}",
    "{% raw %}", "__import__", "__class__", "None", "lambda", "self", "x" * 5000, "x'" * 500, "((((((" * 50,
    "[" * 300, "-" * 300, "^2" * 200, "*x" * 300, "\n" * 100, "# " + "x" * 1000,
]  # fmt: skip

TOKENS: Final = st.sampled_from([*WORDS, *SIGNS, *NUMBERS, *ODD])


@lru_cache(maxsize=1)
def corpus() -> list[str]:
    """The texts that are mutated: what ships with the package, and what the diagnostics are tested with."""
    mistakes = HERE.parent.joinpath("diagnostics/mistakes").glob("*.syno")
    files = [*folder("stdlib").rglob("*.syno"), *(path for path in mistakes if "syntax" not in path.name)]
    return [path.read_text(encoding="utf-8") for path in sorted(files)]


def arbitrary() -> st.SearchStrategy[str]:
    """Any text at all, and any sequence of words and signs of the language."""
    spaced = st.lists(TOKENS, max_size=40).map(" ".join)
    return st.one_of(st.text(max_size=300), st.lists(TOKENS, max_size=40).map("".join), spaced)


@lru_cache(maxsize=1)
def grammar() -> tuple[dict[str, list[list[Symbol]]], dict[str, list[str]], dict[str, int]]:
    """The expansions of each rule, spellings of each terminal, and how deep each rule is at least."""
    text = (folder("grammar") / "syno.lark").read_text(encoding="utf-8")
    terminals, rules, _ = Lark(text, parser="lalr").grammar.compile(["start"], ())
    spellings = {item.name: _spellings(item.pattern.to_regexp()) for item in terminals}
    expansions: dict[str, list[list[Symbol]]] = {}
    for rule in sorted(rules, key=repr):
        expansions.setdefault(rule.origin.name, []).append(list(rule.expansion))
    depth: dict[str, int] = {}
    for level in range(len(expansions)):
        for name, choices in expansions.items():
            if any(all(item.is_term or item.name in depth for item in choice) for choice in choices):
                depth.setdefault(name, level)
    return expansions, spellings, depth


def _spellings(pattern: str) -> list[str]:
    plain = re.sub(r"\\b|\\(?=\W)", "", pattern)
    words = [
        *WORDS,
        *(number for number in NUMBERS if len(number) < 19),
        *SIGNS,
        "0.5",
        "1e9",
        '"x"',
        '""',
        '"\\"',
        "flops",
        "params",
        plain,
    ]
    return [word for word in dict.fromkeys(words) if re.fullmatch(pattern, word)]


@st.composite
def grammatical(draw: Any) -> str:
    """Texts that the grammar accepts; hardly one of them means anything."""
    expansions, spellings, depth = grammar()
    words: list[str] = []
    stack: list[Symbol] = [NonTerminal(draw(st.sampled_from(["start", "operator"])))]
    while stack:
        symbol = stack.pop()
        if symbol.is_term:
            words.append(draw(st.sampled_from(spellings[symbol.name])))
            continue
        choices = expansions[symbol.name]
        if len(words) + len(stack) > 120:
            # Large enough: from here on the shortest way to the end.
            choices = [
                min(choices, key=lambda choice: max((depth.get(item.name, 0) for item in choice), default=0))
            ]
        stack += reversed(choices[draw(st.integers(0, len(choices) - 1))])
    return " ".join(words)


@st.composite
def mutated(draw: Any) -> str:
    """A text of the corpus with some tokens lost, repeated, swapped or replaced."""
    return draw(broken(draw(st.sampled_from(corpus()))))


@st.composite
def broken(draw: Any, text: str, most: int = 4) -> str:
    """`text` with up to `most` mutations, half of which put a name or number in the place of another."""
    tokens = TOKEN.findall(text)
    for _ in range(draw(st.integers(1, most))):
        place = draw(st.integers(0, max(len(tokens) - 1, 0)))
        if draw(st.booleans()):
            words = [
                number for number, token in enumerate(tokens) if token.isidentifier() or token.isdecimal()
            ]
            if words:
                place = draw(st.sampled_from(words))
                same = [token for token in tokens if token.isidentifier() == tokens[place].isidentifier()]
                others = WORDS if tokens[place].isidentifier() else NUMBERS
                tokens[place] = draw(
                    st.sampled_from([*others, *(token for token in same if token.isalnum())])
                )
            continue
        match draw(
            st.sampled_from(["lose", "repeat", "swap", "replace", "insert", "cut", "nest", "line ends"])
        ):
            case "lose":
                tokens[place : place + draw(st.integers(1, 4))] = []
            case "repeat":
                tokens[place:place] = tokens[place : place + draw(st.integers(1, 20))]
            case "swap" if tokens:
                other = draw(st.integers(0, len(tokens) - 1))
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case "replace":
                tokens[place : place + 1] = [draw(TOKENS)]
            case "insert":
                tokens[place:place] = [draw(TOKENS)]
            case "cut":
                tokens = tokens[:place]
            case "nest":
                depth = draw(st.sampled_from([1, 50, 99, 100, 101, 1000]))
                opening, closing = draw(
                    st.sampled_from([("(", ")"), ("-", ""), ("shift(", ")"), ("x[", "]")])
                )
                tokens[place : place + 1] = [opening * depth, *tokens[place : place + 1], closing * depth]
            case "line ends":
                tokens = ["\r\n" if token == "\n" else token for token in tokens]
    return "".join(tokens)


#: Sizes that may stand below the line, or multiply.
BLOCKS: Final = ("k", "s", "2", "3", "k*s", "4", "s^2", "1")


@st.composite
def coordinate(draw: Any, frontier: list[tuple[str, str]], depth: int = 3) -> tuple[str, str]:
    """An index expression over the coordinates of `frontier`, in some spelling, and its domain."""
    part = coordinate(frontier, depth - 1)
    block = draw(st.sampled_from(BLOCKS))
    match (
        draw(st.sampled_from(["leaf"] * 3 + ["split", "unfold", "shift", "/", "%", "dilate"]))
        if depth
        else "leaf"
    ):
        case "leaf":
            return draw(st.sampled_from(frontier))
        case "split":
            (major, upper), (minor, lower) = draw(part), draw(part)
            spelled = draw(st.sampled_from([f"split({major}, {minor})", f"({lower})*({major}) + {minor}"]))
            return spelled, f"({upper})*({lower})"
        case "unfold":
            (base, domain), (window, size) = draw(part), draw(part)
            spellings = [f"unfold({base}, {window})", f"({base}) + ({window}) - ({size})/2"]
            return draw(st.sampled_from(spellings)), domain
        case "dilate":
            (base, domain), (window, size) = draw(part), draw(part)
            spellings = [f"stride({window}, {block})", f"({block})*({window})"]
            return f"unfold({base}, {draw(st.sampled_from(spellings))})", domain
        case "shift":
            base, domain = draw(part)
            amount = draw(st.sampled_from(["1", "-1", "2", "999999999999"]))
            spellings = [f"shift({base}, {amount})", f"({base} + {amount}) % ({domain})", f"shift({base})"]
            return draw(st.sampled_from(spellings)), domain
        case half:
            base, domain = draw(part)
            return f"({base}) {half} ({block})", f"({domain})/({block})" if half == "/" else block
    raise AssertionError("every case returns")


def condition() -> st.SearchStrategy[str]:
    """What a `where` may say of the sizes."""
    size = st.sampled_from([*BLOCKS, "N", "H", "C/k", "H/s", "0", "k - s", "k^16"])
    compared = st.tuples(size, st.sampled_from(["<", "<=", "==", ">=", ">"]), size).map(" ".join)
    named = st.tuples(st.sampled_from(["odd", "even", "divides"]), st.lists(size, min_size=1, max_size=2))
    return st.one_of(compared, named.map(lambda parts: f"{parts[0]}({', '.join(parts[1])})"))


@st.composite
def meaningful(draw: Any) -> str:
    """Operators whose coordinates fit the declared axes, sometimes with a slip: mistakes are found late, or none."""
    leaves = [("n", "N"), ("c", "C"), ("h", "H/s")]
    sums = [
        ("p", draw(st.sampled_from(["k", "3", "C/k", "H"]))),
        ("q", draw(st.sampled_from(["k", "s", "2"]))),
    ]
    reads = [draw(st.lists(coordinate([*leaves, *sums]), min_size=1, max_size=4)) for _ in "xw"]
    expanded = draw(st.lists(coordinate([*leaves, *sums], 1), max_size=3))
    shapes = [", ".join(domain for _, domain in read) for read in reads]
    factors = [
        f"{name}[{', '.join(item for item, _ in read)}]" for name, read in zip("xw", reads, strict=True)
    ]
    factors += [f"expand({item})" for item, _ in expanded]
    allow = draw(
        st.sampled_from(["allow(diagonal, unused_output, unused_sum, stride, dropped_half)"] * 3 + [""])
    )
    defaults = [
        draw(st.sampled_from(["", " = 1", " = 2", " = 3", " = 3", " = 0", f" = {10**12}"])) for _ in "ks"
    ]
    conditions = draw(st.lists(condition(), max_size=2))
    head = (
        f"operator f<N, C, H; k{defaults[0]}, s{defaults[1]}>(x: [{shapes[0]}], weight w: [{shapes[1]}]) "
        f"-> [N, C, H/s] {allow} {f'where({chr(44).join(conditions)})' if conditions else ''}"
    )
    binders = ", ".join(f"{name}: {domain}" for name, domain in sums)
    text = f"{head} {{\n    out[n, c, h] = sum[{binders}]\n        " + "\n      * ".join(factors) + "\n}\n"
    return draw(broken(text, 2)) if draw(st.integers(0, 3)) == 0 else text


@st.composite
def printed(draw: Any) -> str:
    """A valid operator as the printer writes it, in either notation, with a slip or two."""
    definition, _ = draw(definitions())
    return draw(broken(draw(st.sampled_from([printer.formula, printer.graph]))(definition), 2))
