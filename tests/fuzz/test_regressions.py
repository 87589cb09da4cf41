"""What fuzzing and adversaries found, each kept as a test: wrong answers, not only crashes."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

import syno_lang
from syno_lang import SynoError
from tests.fuzz.test_fuzz import answer


def formula(body: str, shape: str = "[N]") -> str:
    return f"operator f<N; k = 4, s = 2>(x: {shape}) -> [N] {{ {body} }}"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # Half of a half was a size variable that nobody declared.
        (formula("out[n] = sum[p: 3, q: s] x[unfold(n, (k/2)/2*p), q]", "[N, s]"), ["E0209"]),
        (formula("out[n] = sum[p: 3] x[unfold(n, (k*s)/2*p)]"), ["E0209"]),
        # No 64-bit index holds the sum of many shifts.
        (formula("out[n] = sum[p: k, q: s] x[shift(n, 999999999999999999), p, q]", "[N, k, s]"), ["E0207"]),
        # What had been reported came up again as a finding of its own.
        ("operator f<N; k = 3>(x: [N]) -> [N - k] { out[n] = sum[p: k] x[n + p] }", ["E0502"]),
        ("operator f<N>(x: [N, M]) -> [N, M] { out[n, m] = x[n, m] }", ["E0203", "E0203"]),
        ("operator f<N>(x: [N]) -> [N*N] { out[n*m] = x[n] * expand(m) }", ["E0301"]),
        ("operator f<N>(x: [N]) -> [N] graph { x[n] }", ["E0303"]),
        ("operator f<N, C>(x: [N, C]) -> [N, C] { out[N, C] = x[N, C] }", ["E0204", "E0204"]),
        ("operator f<C>(x: [C]) -> [N, C] { out[n, c] = x[unfold(n, c)] }", ["E0203"]),
        # A size of 0 was reported, and then divided by.
        ("operator f<N; k = 0>(x: [k]) -> [k] { out[i] = sum[p: 3] x[unfold(i, p)] }", ["E0503"]),
        # What no sizes satisfy was not noticed without a condition, and had no place with one elsewhere.
        (
            "operator f<N; k, s>(x: [N, k/2, s]) -> [N] where(k < s) "
            "{ out[n] = sum[p: k/2, q: 1/k, r: s] x[n, p, r] * expand(q) }",
            ["E0505"],
        ),
        (
            "operator f<N; k>(x: [N, k/2]) -> [N] { out[n] = sum[p: k/2, q: 1/k] x[n, p] * expand(q) }",
            ["E0505"],
        ),
        # A finding in the signature hid those in the body.
        ("operator f<N>(x: [N, M]) -> [N] { out[n] = sum[m: M] x[n, mm] * y[n] }", ["E0203", "E0203", "E0201", "E0202"]),
        # What is wrong with one operator hid the next: the body above is not closed.
        ("operator f<N>(x: [N]) -> [N] { out[n] = x[n]\noperator g<N>(x: [N]) -> N { }", ["E0101", "E0101"]),
        # After a number that is too long the findings before it were lost.
        (f"operator f<N>(x: [N]) -> N {{}}\noperator g<N>(x: [{'9' * 19}]) -> [N] {{}}", ["E0101", "E0103"]),
        # A definition that is never used was not seen in a formula.
        ("operator f<N>(x: [N]) -> [N] { y = shift(n) out[n] = x[n] }", ["E0208"]),
        # The output cannot have the name of an input.
        ("operator f<N>(x: [N]) -> [N] { x[n] = x[n] }", ["E0204"]),
        ("operator f<N>(x: [N]) -> [N] { out[n] = out[n] * x[n] }", ["E0202"]),
        # Names that would break out of an emitted file.
        ("operator f<N>(x: [N]) -> [N] { out[n] = x[n] }\u2028import os", ["E0101"]),
        ('operator f<N>(x": [N]) -> [N] { out[n] = x[n] }', ["E0101"]),
        ("operator class<N>(x: [N]) -> [N] { out[n] = x[n] }", ["E0206"]),
        ("operator f<__import__>(x: [__import__]) -> [__import__] { out[n] = x[n] }", ["E0206"]),
        ("operator f<N>(self': [N]) -> [N] { out[n] = self'[n] }", ["E0206"]),
        (f"operator f<N>(x: [N]) -> [N] {{ out[{'n' * 101}] = x[{'n' * 101}] }}", ["E0206"]),
    ],
)  # fmt: skip
def test_findings(text: str, codes: list[str]) -> None:
    assert answer(text) == codes


@pytest.mark.parametrize(
    ("character", "words"),
    [
        ("\u0421", ("CYRILLIC CAPITAL LETTER ES", "`C`")),
        ("\u00a0", ("NO-BREAK SPACE", "ordinary space")),
        ("\u200b", ("ZERO WIDTH SPACE", "ordinary space")),
        ("\0", ("U+0000", "remove it")),
        ("\ud800", ("U+D800", "remove it")),
        ("\u2192", ("RIGHTWARDS ARROW", "`->`")),
        ("\u2212", ("MINUS SIGN", "`-`")),
        ("\u00e9", ("LATIN SMALL LETTER E WITH ACUTE", "letters a-z")),
        ("\u202e", ("RIGHT-TO-LEFT OVERRIDE", "remove it")),
    ],
)
def test_a_character_is_named(character: str, words: tuple[str, str]) -> None:
    with pytest.raises(SynoError) as caught:
        syno_lang.parse(f"operator f<N>(x: [{character}]) -> [N] {{ out[n] = x[n] }}")
    (finding,) = caught.value.diagnostics
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (1, 19)
    assert words[0] in finding.message
    assert words[1] in finding.hint
    assert str(caught.value).encode("utf-8")


@pytest.mark.parametrize(
    ("array", "digits", "code"),
    [
        ([1.0], 12, "E0603"),
        ([1.0], 30, "E0605"),
        (["a"], 0, "E0604"),
        ([[1], [1, 2]], 0, "E0604"),
        ([1j], 0, "E0604"),
        ([1.0, 2.0], 0, "E0603"),
        # Python refuses to write so large a number, in a message too.
        ([1.0], 5000, "E0605"),
    ],
)
def test_arrays_that_cannot_be(array: list[object], digits: int, code: str) -> None:
    operator = syno_lang.parse("operator f<N, H>(x: [N]) -> [N, H] { out[n, h] = x[n] * expand(h) }")
    with pytest.raises(SynoError) as caught:
        operator.interpret({"x": array}, N=1, H=10**digits)
    assert [finding.code for finding in caught.value.diagnostics] == [code]
    assert str(caught.value)


def test_a_path_with_a_nul() -> None:
    with pytest.raises(SynoError, match="E0102"):
        syno_lang.load("\0")


TRIANGLES = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]
HEXAGON = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]
STAR = [(0, 1), (0, 2), (0, 3), (0, 4), (5, 0)]
LOOPS = [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5)]


def contraction(edges: list[tuple[int, int]], drawn: random.Random) -> str:
    """`sum x[a, b] * x[b, c] * ...` over the edges of a graph, in any order and with any names."""
    nodes = sorted({node for edge in edges for node in edge})
    names = {node: f"r{number}" for number, node in enumerate(drawn.sample(nodes, len(nodes)))}
    binders = ", ".join(f"{name}: k" for name in drawn.sample(sorted(names.values()), len(names)))
    reads = " * ".join(f"x[{names[left]}, {names[right]}]" for left, right in drawn.sample(edges, len(edges)))
    return f"operator f<N; k>(x: [k, k]) -> [N] allow(diagonal) {{ out[n] = sum[{binders}] {reads} * expand(n) }}"


@pytest.mark.parametrize("edges", [TRIANGLES, HEXAGON, STAR, LOOPS])
def test_the_digest_does_not_see_the_order_of_equal_reads(edges: list[tuple[int, int]]) -> None:
    drawn = random.Random(0)
    assert len({syno_lang.parse(contraction(edges, drawn)).digest for _ in range(20)}) == 1


def test_different_contractions_have_different_digests() -> None:
    drawn = random.Random(0)
    graphs = [TRIANGLES, HEXAGON, STAR, LOOPS]
    assert len({syno_lang.parse(contraction(edges, drawn)).digest for edges in graphs}) == len(graphs)


def test_the_digest_does_not_see_names_of_sizes_that_only_expand_uses() -> None:
    text = "operator f<N; a, b>(x: [N, %s]) -> [N] { out[n] = sum[p: a, q: b, r: %s] x[n, r] * expand(p, q) }"
    assert syno_lang.parse(text % ("a", "a")).digest == syno_lang.parse(text % ("b", "b")).digest


def test_findings_load_no_algebra() -> None:
    """A message about index arithmetic was written by SymPy, which takes longer to load than to check a file."""
    code = (
        "import sys, syno_lang\n"
        "for index in ('n + p', 'n + p - 2', '(k - 1)*n', '(k - 1)/2 + n', 'n - n', '(n + 2) % 3'):\n"
        "    try: syno_lang.parse('operator f<N; k>(x: [N]) -> [N] { out[n] = sum[p: k] x[%s] }' % index)\n"
        "    except syno_lang.SynoError as error: assert str(error)\n"
        "    else: raise AssertionError(index)\n"
        "assert not {'sympy', 'numpy', 'torch', 'tvm', 'jinja2'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
