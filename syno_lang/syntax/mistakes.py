"""A place where the parser stopped enters; the finding that a person can act on leaves.

What usually goes wrong is a table: a pattern over the tokens around the place, and the advice for it.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from syno_lang.diagnostics import Diagnostic, Label, Source, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.syntax.characters import unusual

_TOKEN: Final = re.compile(r"#[^\n]*|\s+|\"[^\"\n]*\"|[A-Za-z_][A-Za-z_0-9]*'*|[0-9]+|->|.", re.DOTALL)

#: The words that begin an item of a file.
_ITEMS: Final = ("operator", "test", "use", "rule", "approximate", "space")

_PAIRS: Final = {")": "(", "]": "[", "}": "{"}

_SPELLING: Final = {
    "NAME": "a name", "INTEGER": "a number", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`",
    "LBRACE": "`{`", "RBRACE": "`}`", "COMMA": "`,`", "COLON": "`:`", "SEMICOLON": "`;`", "EQUAL": "`=`",
    "LESSTHAN": "`<`", "MORETHAN": "`>`", "OPERATOR": "`operator`", "GRAPH": "`graph`", "ALLOW": "`allow`",
    "WEIGHT": "`weight`", "__ANON_0": "`->`", "$END": "the end of the text",
    "PLUS": "`+`", "MINUS": "`-`", "STAR": "`*`", "SLASH": "`/`", "PERCENT": "`%`", "CIRCUMFLEX": "`^`",
    "DOT": "`.`", "WORD": "a name", "WHOLE": "a number", "_USE": "`use`", "_AS": "`as`", "_TEST": "`test`",
    "_FOR": "`for`", "_RULE": "`rule`", "_APPROXIMATE": "`approximate`", "_WHEN": "`when`",
    "_BECOMES": "`=>`", "_BECAUSE": "`because`", "_SOURCE": "`source`",
    "_SPACE": "`space`", "LABEL": "a name", "FIGURE": "a number", "_MOST": "`most`", "_LEAST": "`least`",
    "_AND": "`and`", "_LIMIT": "`limit`", "_ON": "`on`", "_UNDER": "`under`", "_AT": "`at`",
    "_BETWEEN": "`between`", "_OF": "`of`", "_PER": "`per`", "_TIMES": "`times`",
}  # fmt: skip

#: Sets of tokens that have one word for all of them.
_KINDS: Final = (
    (frozenset(("WORD", "WHOLE", "DECIMAL", "TEXT", "LPAR", "LSQB", "MINUS")), "a value"),
    (frozenset(("_EQUALS", "COUNT")), "a claim"),
    (
        frozenset(("LABEL", "FROM", "TO", "_KEEP", "_NO", "_PERMIT", "_NORMAL", "_LAYER", "_AT", "_FOR")),
        "a clause",
    ),
    (frozenset(("NAME", "INTEGER", "LPAR", "MINUS")), "an expression"),
    (frozenset(("NAME", "INTEGER", "LPAR")), "an expression"),
    (frozenset(("PLUS", "MINUS", "STAR", "SLASH", "PERCENT")), "an operator sign"),
)

_SUM: Final = "write a sum as `sum[r: D]`, first on the right side of the equation"

#: Tokens before and after the place (between them `@`), what the parser would have taken there (or
#: nothing), and the advice.  The first that fits counts.
_SLIPS: Final = tuple(
    (re.compile(pattern), wanted, advice)
    for pattern, wanted, advice in (
        (r"@ (/ |.* / \*)|@ / /", "OPERATOR", "a comment starts with `#`"),
        (r"@ [\w']+ [<(]", "OPERATOR", "a definition starts with the word `operator`"),
        (r"@ (import|from|include) ", "OPERATOR", "other files are named by `use`: `use stdlib.conv2d`"),
        (r"use [\w.,' ]+ @ [:/]", "OPERATOR", "a file is named with dots: `use stdlib.conv2d`"),
        (r"use .*\. @ ", "WORD", "a name stands after every dot: `use lib.ops.conv2d`"),
        (r"use (.* , )?@ ", "WORD", "a file is named with dots and without quotes: `use lib.ops.conv2d`"),
        (r"(?:from|to) @ ", "LSQB", "a shape stands in square brackets: `[N, C: unordered, H]`"),
        (r"[{\w.\]] @ [0-9(<>=]", "_KEEP", "limits are written `at most 3 tensors`, `chain between 1 and 6`"),
        (r"@ (<=?|>=?|=)", "_BETWEEN", "a limit is written in words: `at most 6`, `between 2 and 6`"),
        (r"at @ ", "_MOST", "a limit is written `at most 6`, `at least 2` or `between 2 and 6`"),
        (r"@ ", "FIGURE", "a number stands here: `at most 6`, `layer H = 56`"),
        (r"@ (with|at|where|when|if|\() ", "_FOR", "sizes are given by `for`: `equals other for N = 2`"),
        (r"[{}] @ ", "COUNT", "a claim begins with `equals`, `flops`, `params` or `bytes`"),
        (r"= .* @ \w+ =", "COUNT", "is a `,` missing before it?"),
        (r"\d @ \.|@ \. \d", "", "a number with a fraction has digits on both sides of the point: `0.5`"),
        (r"for .*@ :", "EQUAL", "a value is given by `=`: `for N = 2, C = 4`"),
        (r"\w @ \[", "DOT", "a tensor is named alone; `torch.unsqueeze` and its like give it axes"),
        (r"equals .*\( .*@ ,", "RPAR", "a list stands in square brackets: `[1, 2]`"),
        (r"\* @ \*", "", "a power is written with `^`: `k^2`"),
        (r"/ @ /", "", "one `/` divides, and rounds down in an index; a comment starts with `#`"),
        (r"= @ =|@ [-+*/%:] =|< @ =", "", "an equation has a single `=`"),
        (r"\] @ ;", "COMMA", "tensors are separated by `,`"),
        (r"@ ;", "STAR", "statements end by themselves: leave the `;` out"),
        (r"@ ;", "RBRACE", "statements end by themselves: leave the `;` out"),
        (r"@ ;", "", "one `;` separates the primary sizes from the coefficients"),
        (r"\[ [\w']+ @ (=|in) ", "COLON", _SUM),
        (r"where @ ", "", "conditions stand in round brackets: `where(odd(k))`"),
        (r"where .*@ (odd|even|divides) ", "", "conditions are `odd(k)`, `even(k)` and `divides(g, C)`"),
        (r"operator [\w']+ (@ \[|\( [\w']+ @ [,)])", "", "sizes stand in angle brackets: `<N, C>`"),
        (r"(sum|mean)_? @ \{", "", _SUM),
        (r"return @ ", "", "the output has a name: `out[n, c] = ...`"),
        (r"\) @ =", "RBRACE", "a tensor has square brackets: `out[n, c]`"),
        (r": @ weight ", "LSQB", "`weight` stands before the name: `weight w: [N, C]`"),
        (r"[\[,] @ :", "", "every axis is read at a coordinate; there are no slices"),
        (r"(sum|mean) [\w']+ @ :", "", _SUM),
        (r"@ :", "STAR", _SUM),
        (r"\] @ [-+*/%]", "EQUAL", f"what stands before it is no equation; {_SUM}"),
        (r"[<,] \w+ @ :", "SEMICOLON", "coefficients stand after a `;`: `<N; k = 3>`"),
        (r"@ :", "MORETHAN", "a default is given by `=`: `k = 3`"),
        (r"@ =", "SEMICOLON", "only coefficients have defaults; they stand after a `;`: `<N; k = 3>`"),
        (r"@ \(", "MORETHAN", "close the list of sizes with `>`"),
        (r"= @ ", "INTEGER", "a default is a literal whole number"),
        (r"\^ (\( )?(- )?@ ", "", "a power is a literal whole number: `k^2`, `g^-1`"),
        (r"@ = >", "__ANON_0", "the arrow is written `->`"),
        (r"@ ", "__ANON_0", "the shape of the output follows: `-> [N, C]`"),
        (r"(->|:) @ ", "LSQB", "a shape stands in square brackets: `[N, C]`"),
        (r"weight @ ", "NAME", "`weight` is a word of the language; the name follows it: `weight w: [N, C]`"),
        (r"@ [=\[]", "COLON", "a tensor is declared with its shape after a `:`: `x: [N, C]`"),
        (r"@ -", "LESSTHAN", "names are made of letters, digits and underscores"),
        (r"@ ->", "LBRACE", "an operator has one output"),
        (r"test [\w']+ @ ", "LBRACE", "the claims of a test stand in braces: `{ equals ... }`"),
        (r"@ ", "LBRACE", "the body of an operator stands in braces: `{ out[...] = ... }`"),
        (r"\] @ \[", "", "all coordinates stand in one pair of brackets: `x[n, c]`"),
        (r"[,(\[<] @ ,", "", "there is nothing between two commas"),
        (r"\d @ [A-Za-z_]", "STAR", "a product is written with `*`: `2*k`"),
        (r"@ \w", "COMMA", "is a `,` missing before it?"),
        (r"@ [\w(]", "STAR", "is a `*` missing before it?"),
    )
)


@dataclass(frozen=True)
class Stop:
    """Where the parser stopped: at `offset`, before `found` (empty at the end of the text).

    `wanted` are the kinds of tokens that would have fitted; `start` is where it began to read.
    """

    source: Source
    start: int
    offset: int
    found: str
    wanted: AbstractSet[str]

    def span(self, offset: int, length: int = 1) -> Span:
        """The place of `length` characters of one line."""
        before = self.source.text[:offset]
        line, column = before.count("\n") + 1, offset - before.rfind("\n")
        return Span(self.source, line, column, line, column + length)

    @cached_property
    def here(self) -> Span:
        """The place itself."""
        return self.span(self.offset, len(self.found))

    @cached_property
    def before(self) -> list[tuple[str, int]]:
        """The tokens from `start` to the place, with their offsets."""
        return _tokens(self.source.text, self.start, self.offset)

    @cached_property
    def around(self) -> str:
        """The last tokens before the place, `@`, and the first after it."""
        after = _tokens(self.source.text, self.offset, self.offset + 80)
        words = [token for token, _ in self.before[-12:]] + ["@"] + [token for token, _ in after[:3]]
        return " ".join(words) + " "

    @cached_property
    def item(self) -> str:
        """The word that began the item of the file at the place: `operator`, `test` or `use`."""
        depth, word = 0, ""
        for token, _ in self.before:
            depth += (token == "{") - (token == "}")
            word = token if depth == 0 and token in _ITEMS else word
        return word

    @cached_property
    def begins(self) -> str:
        """The word at or just before the place that begins the next item of the file, or nothing."""
        if self.found in _ITEMS:
            return self.found
        word, offset = self.before[-1] if self.before else ("", 0)
        at_start = self.source.text[offset - 1 : offset] in ("", "\n")
        return word if word in _ITEMS[1:] and at_start and self.found.isidentifier() else ""

    @cached_property
    def open(self) -> list[tuple[str, int]]:
        """The brackets that are open at the place."""
        stack: list[tuple[str, int]] = []
        for token, offset in self.before:
            if token in "([{":
                stack.append((token, offset))
            elif token in _PAIRS and stack and stack[-1][0] == _PAIRS[token]:
                stack.pop()
        return stack


def explain(stop: Stop) -> Diagnostic:
    """What is wrong where the parser stopped (E0101)."""
    special = _character(stop) or _outside(stop) or _bracket(stop)
    if special is not None:
        return special
    message = f"`{stop.found}` does not fit here" if stop.found else "the text ends too early"
    return Diagnostic("E0101", message, stop.here, _expected(stop.wanted), hint=_slip(stop))


def _slip(stop: Stop) -> str:
    for pattern, needed, advice in _SLIPS:
        if (not needed or needed in stop.wanted) and pattern.search(stop.around):
            return advice
    return ""


def _character(stop: Stop) -> Diagnostic | None:
    """A character that is not part of the language."""
    found = unusual(stop.found[:1])
    if stop.found[:1] in ("'", '"') and "TEXT" in stop.wanted:
        wrong = "this text is not closed" if stop.found[0] == '"' else "`'` begins no text"
        found = (wrong, 'a text stands between `"` on one line')
    elif stop.found[:1] in ('"', ".") and stop.item in ("test", "use"):
        return None
    if found is None:
        return None
    return Diagnostic("E0101", found[0], stop.here, hint=found[1])


def _outside(stop: Stop) -> Diagnostic | None:
    """Between operators nothing but an operator can stand."""
    if "OPERATOR" not in stop.wanted:
        return None
    hint = did_you_mean(stop.found, _ITEMS) or _slip(stop)
    if stop.found == "}":
        hint = "remove it: what stands above is closed already"
    hint = hint or "a file is a list of `operator name<sizes>(tensors) -> [shape] { ... }`"
    message = f"only operators, tests, uses, rules and spaces stand at this level, not `{stop.found}`"
    return Diagnostic(
        "E0101", message, stop.here, "expected `operator`, `test`, `use`, `rule` or `space`", hint=hint
    )


def _bracket(stop: Stop) -> Diagnostic | None:
    """A bracket that is not closed, or closed by one of another kind."""
    closing = stop.found in ("", ")", "]", "}", "{", "->") or stop.begins
    if not closing or not stop.open or stop.open[-1][0] == _PAIRS.get(stop.found):
        return None
    bracket, offset = stop.open[-1]
    if bracket == "{" and stop.found and not stop.begins:
        return None
    other = next(closer for closer, opener in _PAIRS.items() if opener == bracket)
    message = f"this `{bracket}` is not closed"
    place = f"before `{stop.begins or stop.found}`" if stop.found else "before the end of the text"
    earlier = stop.begins not in ("", stop.found)
    here = stop.span(stop.before[-1][1], len(stop.begins)) if earlier else stop.here
    label = (Label(here, f"expected `{other}` {place}"),)
    hint = f"close it with `{other}`"
    return Diagnostic("E0101", message, stop.span(offset), "opened here", label, (), hint)


def _expected(wanted: AbstractSet[str]) -> str:
    words: list[str] = []
    left = set(wanted)
    for kinds, word in _KINDS:
        if kinds <= left:
            left -= kinds | ({"CIRCUMFLEX"} if "sign" in word else set())
            words.append(word)
    words += sorted(_SPELLING[name] for name in left if name in _SPELLING)
    if len(words) < 2:
        return f"expected {words[0]}" if words else ""
    return f"expected {', '.join(words[:-1])} or {words[-1]}"


def _tokens(text: str, start: int, end: int) -> list[tuple[str, int]]:
    """The tokens of a stretch of text with their offsets, without spaces and comments."""
    found = _TOKEN.finditer(text, start, min(end, len(text)))
    return [(item[0], item.start()) for item in found if not item[0].isspace() and item[0][0] != "#"]
