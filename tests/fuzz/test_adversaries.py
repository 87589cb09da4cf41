"""Texts made to be expensive: twice the text is at most about twice the work, and every one is answered.

Work is counted in calls of functions, which does not depend on the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from syno_lang.syntax.parse import MAX_TEXT
from tests.fuzz.test_fuzz import answer


def numbered(pattern: str, count: int, between: str = ", ") -> str:
    """`a0, a1, ...` of the pattern `a#`; `##` is the number before."""
    return between.join(
        pattern.replace("##", str(number - 1)).replace("#", str(number)) for number in range(1, count + 1)
    )


def formula(body: str, shape: str = "[N]", sizes: str = "N") -> str:
    return f"operator f<{sizes}>(x: {shape}) -> [N] {{ {body} }}"


ADVERSARIES: dict[str, Callable[[int], str]] = {
    # sizes: what would be computed is far larger than what is written
    "tower of powers": lambda n: formula("out[n] = x[n]", f"[{'(' * n}N{'^16)' * n}]"),
    "product of huge numbers": lambda n: formula("out[n] = x[n]", f"[{'*'.join(['9' * 18] * n)}]"),
    "product of many sizes": lambda n: formula(
        "out[n] = x[n]", f"[{numbered('a#', n, '*')}]", numbered("a#", n)
    ),
    "sum of many sizes": lambda n: formula(
        f"out[n] = x[n + {numbered('a#', n, ' + ')}]", sizes=numbered("a#", n)
    ),
    "product of sums": lambda n: formula(
        f"out[n] = x[n*{numbered('(a# + a##)', n, '*')}]", sizes="a0, " + numbered("a#", n)
    ),
    "halves of halves": lambda n: formula(f"out[n] = x[n + {'(' * n}N{'/2)' * n}]"),
    "a domain that doubles": lambda n: (
        "operator f<N>(x: [N]) -> [2] graph { n = output\n"
        + "a, b = share(n)\nn = split(a, b)\n" * n
        + "x[n] }"
    ),
    # coordinates: what would be written is far larger than what is shared
    "a coordinate that doubles": lambda n: formula(
        "a0 = shift(n)\n" + numbered("a# = split(a## % 2, a## / 2)", n, "\n") + f"\nout[n] = x[a{n}]", "[4]"
    ).replace("-> [N]", "-> [4]"),
    "a long chain": lambda n: formula(
        "a0 = n\n" + numbered("a# = shift(a##)", n, "\n") + f"\nout[n] = x[a{n}]"
    ),
    "a sum of many coordinates": lambda n: formula(
        f"out[n] = sum[{numbered('p#: 3', n)}] x[n + {numbered('p#', n, ' + ')}]"
    ),
    "many windows": lambda n: formula(
        f"out[n] = sum[{numbered('p#: 3', n)}] {numbered('x[n + p# + p1 - 2]', n, ' * ')}"
    ),
    # symmetry: many orders to try
    "many equal reads": lambda n: formula("out[n] = " + " * ".join(["x[n]"] * n)),
    "many reads that differ in names": lambda n: formula(
        f"out[n] = sum[{numbered('p#: N', n)}] x[n] * {numbered('x[p#]', n, ' * ')}"
    ),
    "a chain of reads": lambda n: formula(
        f"out[n] = sum[p0: N, {numbered('p#: N', n)}] {numbered('x[p##, p#]', n, ' * ')} * expand(n)",
        "[N, N]",
    ),
    "many expanded sums": lambda n: formula(
        f"out[n] = sum[{numbered('p#: N', n)}] x[n] * expand({numbered('p#', n)})"
    ),
    # many of everything
    "many operators": lambda n: numbered("operator f#<N>(x: [N]) -> [N] { out[n] = x[n] }", n, "\n"),
    "many operators of one name": lambda n: "operator f<N>(x: [N]) -> [N] { out[n] = x[n] }\n" * n,
    "many broken operators": lambda n: "operator f<N>(x: [N]) -> N { out[n] = x[n] }\n" * n,
    "many findings": lambda n: formula(f"out[n] = x[{numbered('z#', n)}]"),
    "many sizes": lambda n: formula("out[n] = x[n]", sizes=numbered("a#", n)),
    "many tensors": lambda n: f"operator f<N>({numbered('x#: [N]', n)}) -> [N] {{ out[n] = x1[n] }}",
    "many axes": lambda n: formula(f"out[n] = x[{'n, ' * n}]", f"[{'N, ' * n}]"),
    "many output axes": lambda n: (
        f"operator f<N>(x: [N]) -> [{'N, ' * n}] {{ out[{numbered('n#', n)}] = x[n1] }}"
    ),
    "many sums": lambda n: formula(f"out[n] = sum[{numbered('p#: N', n)}] x[n]"),
    "many bindings": lambda n: formula(numbered("a# = shift(n, #)", n, "\n") + "\nout[n] = x[a1]"),
    "many conditions": lambda n: formula("out[n] = x[n]", sizes=f"N; {numbered('a#', n)}").replace(
        "{", f"where({numbered('odd(a#)', n)}) {{"
    ),
    "many conditions on one size": lambda n: formula("out[n] = x[n]").replace(
        "{", f"where({numbered('N > #', n)}) {{"
    ),
    "conditions with many values": lambda n: formula("out[n] = x[n]").replace(
        "{", f"where({numbered('divides(#, N)', n)}) {{"
    ),
    "equalities that multiply": lambda n: formula(
        "out[n] = x[n]", sizes=f"N; a0, {numbered('a#', n)}"
    ).replace("{", f"where({numbered('7*a## == a#^16', n)}) {{"),
    "equalities of everything": lambda n: formula(
        "out[n] = x[n]", sizes=f"N; a0, {numbered('a#', n)}"
    ).replace("{", f"where({numbered('a##*a# == a0', n)}) {{"),
    "many blanks": lambda n: " " * 100 * n,
    "many comments": lambda n: "# nothing\n" * n,
    # nesting
    "many parentheses": lambda n: formula(f"out[n] = x[{'(' * n}n{')' * n}]"),
    "many open parentheses": lambda n: formula(f"out[n] = x[{'(' * n}"),
    "many calls": lambda n: formula(f"out[n] = x[{'shift(' * n}n{')' * n}]"),
    "many signs": lambda n: formula(f"out[n] = x[{'-' * n}n]"),
    "many open braces": lambda n: "{" * n,
    "a long path": lambda n: f"use {'a.' * n}a",
    "many claims": lambda n: formula("out[n] = x[n]") + " test f { " + "equals g(x, y) for N = 2\n" * n + "}",
    "many settings": lambda n: (
        formula("out[n] = x[n]") + f" test f {{ equals f for {numbered('N = #', n)} }}"
    ),
    "nested lists": lambda n: formula("out[n] = x[n]") + f" test f {{ equals {'[' * n}1{']' * n} }}",
    "one long name": lambda n: f"operator {'a' * 100 * n}<N>(x: [N]) -> [N] {{ out[n] = x[n] }}",
    "one long unknown name": lambda n: formula(f"out[{'a' * 100 * n}] = x[{'b' * 100 * n}]"),
}


def work(text: str) -> int:
    """How many functions are called to answer `text`."""
    count = 0

    def called(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        answer(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", ADVERSARIES)
def test_work_grows_with_the_text(name: str) -> None:
    answer("")  # builds the parser
    for size in (30, 250):
        assert work(ADVERSARIES[name](2 * size)) <= 2.5 * work(ADVERSARIES[name](size)) + 20_000


@pytest.mark.parametrize(
    "name", ["many operators", "many parentheses", "many findings", "many open parentheses"]
)
def test_the_largest_text_is_answered(name: str) -> None:
    adversary = ADVERSARIES[name]
    per_part = len(adversary(10_001)) - len(adversary(10_000))
    text = adversary((MAX_TEXT - 200) // per_part)
    assert MAX_TEXT // 2 < len(text) <= MAX_TEXT
    answer(text)


def test_a_larger_text_is_refused() -> None:
    assert answer("#" * (MAX_TEXT + 1)) == ["E0103"]
