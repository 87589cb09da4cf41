"""Laws of conversion between the notations, and where the comments of a body go."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, strategies as st

from syno_lang.diagnostics import Source, SynoError
from syno_lang.ir.convert import convert
from syno_lang.ir.definition import Definition
from syno_lang.ir.elaborate import elaborate
from syno_lang.ir.print import formula, graph
from syno_lang.ir.quality import ALLOWABLE
from syno_lang.syntax.format import format_text
from syno_lang.syntax.parse import parse, read
from syno_lang.syntax.trivia import comments_of
from syno_lang.testing import definitions
from tests.syntax.respell import respelt

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for name in ("stdlib", "examples") for path in (ROOT / name).rglob("*.syno"))


def of(text: str) -> Source:
    return Source("<text>", text)


def digests(text: str) -> dict[str, str]:
    found = elaborate(parse(of(text)), of(text))
    return {name: definition.graph.digest for name, definition in found.items()}


def check_laws(text: str) -> None:
    for order in ((True, False), (False, True)):
        before = text
        for as_graph in order:
            after = convert(of(before), as_graph=as_graph)
            assert digests(after) == digests(text), after
            assert Counter(comments_of(of(after))) == Counter(comments_of(of(text))), after
            assert all(item.is_graph == as_graph for item in parse(of(after)).operators)
            assert convert(of(after), as_graph=as_graph) == after
            assert format_text(of(after)) == after
            before = after


@given(definitions(), st.sampled_from([formula, graph]), st.integers(0, 2**32).map(Random))
def test_laws_of_random_operators(
    case: tuple[Definition, dict[str, int]], printed: object, random: Random
) -> None:
    definition = dataclasses.replace(case[0], allowed=frozenset(ALLOWABLE))
    assert callable(printed)
    check_laws(respelt(printed(definition), random, comments=8))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_laws_of_every_file(path: Path) -> None:
    check_laws(read(path).text)


FORMULA = """\
# A convolution.
operator conv2d<N, C_in, C_out, H, W; k = 3>(
    x: [N, C_in, H, W],  # data
    weight w: [C_out, C_in, k, k*k/k],
) -> [N, C_out, H, W] {  # same padding
    # the window
    hp = unfold(h, p)

    # the sum
    out[n, co, h, w_] = sum[ci: C_in, p: k, q: k]  # over the window
        x[n, ci, hp, w_ + q - k/2]  # values
        # one per channel
      * w[co, ci, p, q]  # weights
    # nothing else
}
"""

GRAPH = """\
# A convolution.
operator conv2d<N, C_in, C_out, H, W; k = 3>(
    x: [N, C_in, H, W],  # data
    weight w: [C_out, C_in, k, k*k/k],
) -> [N, C_out, H, W] graph {  # same padding
    # the sum
    n, co, h, w_ = output
    ci, p, q = reduce(C_in, k, k)  # over the window
    ci, ci' = share(ci)
    p, p' = share(p)
    q, q' = share(q)
    # the window
    hp = unfold(h, p)
    y0 = unfold(w_, q)
    x[n, ci, hp, y0]  # values
    # one per channel
    w[co, ci', p', q']  # weights
    # nothing else
}
"""

BACK = """\
# A convolution.
operator conv2d<N, C_in, C_out, H, W; k = 3>(
    x: [N, C_in, H, W],  # data
    weight w: [C_out, C_in, k, k*k/k],
) -> [N, C_out, H, W] {  # same padding
    # the sum
    # the window
    out[n, co, h, w_] = sum[ci: C_in, p: k, q: k]  # over the window
        x[n, ci, unfold(h, p), unfold(w_, q)]  # values
        # one per channel
      * w[co, ci, p, q]  # weights
    # nothing else
}
"""


def test_comments_stay_where_they_belong() -> None:
    assert convert(of(FORMULA), as_graph=True) == GRAPH
    assert convert(of(GRAPH), as_graph=False) == BACK


def test_what_is_in_the_notation_is_only_laid_out() -> None:
    assert convert(of(FORMULA), as_graph=False) == FORMULA
    assert convert(of(GRAPH), as_graph=True) == GRAPH


def test_line_ends_stay() -> None:
    text = FORMULA.replace("\n", "\r\n")
    assert convert(of(text), as_graph=True) == GRAPH.replace("\n", "\r\n")
    one_line = "operator f<N>(x: [N]) -> [N] { out[i] = x[i] }\r\n"
    assert convert(of(one_line), as_graph=True).count("\r\n") == 4


def test_the_rest_of_the_file_stays() -> None:
    text = (
        "use stdlib.conv2d as c  # for comparison\n\n"
        "operator f<N>(x: [N]) -> [N] where(N <= 100) {\n    out[i] = x[shift(i, -1)]\n}\n\n"
        "# moves by one\ntest f {\n    equals torch.roll(x, 1) for N = 5\n}\n"
    )
    module = parse(of(text))
    converted = convert(of(text), as_graph=True)
    again = parse(of(converted))
    assert "where(N <= 100) graph {\n" in converted
    assert (again.uses, again.tests) == (module.uses, module.tests)
    assert convert(of(converted), as_graph=False) == text


def test_a_large_index_is_named_in_parts() -> None:
    lines = ["i = output", *(f"i = shift(i, {number})" for number in range(1, 46)), "x[i]"]
    text = f"operator f<N>(x: [N]) -> [N] graph {{ {' '.join(lines)} }}"
    formula = convert(of(text), as_graph=False)
    assert digests(formula) == digests(text)
    assert [part.count("shift(") for part in formula.split(" = ")] == [0, 13, 13, 13, 6]


def test_what_is_wrong_is_not_converted() -> None:
    with pytest.raises(SynoError, match="E0201"):
        convert(of("operator f<N>(x: [N]) -> [N] { out[i] = x[j] }"), as_graph=True)
