"""The layout, by example: each text here is as it is laid out, or stands beside how it is."""

from __future__ import annotations

import pytest

from syno_lang.diagnostics import Source, SynoError
from syno_lang.syntax import make
from syno_lang.syntax.format import format_expression, format_text, lay_out
from syno_lang.syntax.parse import MAX_TEXT, parse
from syno_lang.syntax.trivia import words


def laid_out(text: str) -> str:
    return format_text(Source("<text>", text))


CONV2D = """\
# A 2-D convolution, stride 1, same padding.
operator conv2d<N, C_in, C_out, H, W; k = 3>(
    x: [N, C_in, H, W],
    weight w: [C_out, C_in, k, k],
) -> [N, C_out, H, W] {
    out[n, co, h, w_] = sum[ci: C_in, p: k, q: k]
        x[n, ci, unfold(h, p), unfold(w_, q)] * w[co, ci, p, q]
}
"""

OP1 = """\
operator op1<N, C_in, C_out, H; g = 32, k = 3, s = 2>(
    x: [N, C_in, H, H],
    weight u: [g, k, k, C_out, C_out/(g*s)],
    weight v: [C_in, k, C_out/(g*s)],
) -> [N, C_out, H, H] {
    out[n, co, h, w] = sum[a: g, c: C_in/g, p: k, q: k, r: C_out/(g*s)]
        x[n, split(a, c), unfold(h, p), unfold(w, q)]
      * u[a, p, q, co, r]
      * v[split(a, c), q, r]
}
"""

SHORT = """\
operator matmul<M, K, N>(a: [M, K], b: [K, N]) -> [M, N] {
    out[i, j] = sum[r: K] a[i, r] * b[r, j]
}
"""

GRAPH = """\
operator first<N; k>(x: [N, k]) -> [N] allow(unused_sum) graph {
    # the leaves
    i = output
    r, s = reduce(k, k)

    x[i, r]  # the only read
    expand(s)
}

operator second() -> [] {}
"""

COMMENTS = """\
# License.

# What it does.
operator f<
    N,  # the batch
    # the window
    ;
    k = 3,
>(
    # the data
    x: [N],  # of one axis
    weight w: [
        k,  # of another
    ],
    # and nothing else
) -> [N] {  # the same shape
    # before

    out[i] = sum[p: k]  # over the window
        x[unfold(i, p)]  # the value
        # and below
      * w[p]  # the weight

    # after
}  # the end

# the end of the file
"""


@pytest.mark.parametrize(
    "text", [CONV2D, OP1, SHORT, GRAPH, "", "# only a comment\n", "# two\n\n# comments\n"]
)
def test_it_stays(text: str) -> None:
    assert laid_out(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" \n\t\n", ""),
        ("\n\n# a\n\n\n\n# b", "# a\n\n# b\n"),
        ("#  kept as it is\t ", "#  kept as it is\n"),
        ("# a\r\n\r\n# b\n", "# a\r\n\r\n# b\r\n"),
        ("# a\n# b\r\n", "# a\n# b\n"),
        (" ".join(SHORT.split()), SHORT),
        (" ".join(OP1.split()), OP1),
        (GRAPH.replace("\n\n", "\n\n\n\n").replace("reduce(k, k)", "reduce(\n(k) , k,)"), GRAPH),
        (
            "operator a<>() -> [] { }operator b<>()->[]{\n\n}",
            "operator a() -> [] {}\n\noperator b() -> [] {}\n",
        ),
    ],
)
def test_it_becomes(text: str, expected: str) -> None:
    assert laid_out(text) == expected


def test_comments_keep_their_places() -> None:
    expected = COMMENTS.replace("    # the window\n    ;\n    k", "    # the window\n    k").replace(
        "N,  # the b", "N;  # the b"
    )
    assert laid_out(COMMENTS) == expected
    assert laid_out(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x[i # c\n, j]", "x[\n        i,  # c\n        j,\n    ]"),
        ("x[i, # c\n j]", "x[\n        i,  # c\n        j,\n    ]"),
        ("x # c\n[i]", "x[  # c\n        i,\n    ]"),
        ("x[\n# c\n]", "x[\n        # c\n    ]"),
        ("a = # c\n b", "a =  # c\n    b"),
        ("a, # c\n b = merge(i, 2)", "a,  # c\n        b = merge(i, 2)"),
        ("x[((i)\n# c\n) + j]", "x[\n        i\n        # c\n        + j,\n    ]"),
    ],
)
def test_comments_within_a_statement(text: str, expected: str) -> None:
    assert (
        laid_out(f"operator f() -> [] graph {{ {text} }}")
        == f"operator f() -> [] graph {{\n    {expected}\n}}\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h+p - k / 2", "h + p - k/2"),
        ("B * i+j", "B*i + j"),
        ("i/B", "i / B"),
        ("i%B", "i % B"),
        ("(i+3)%N", "(i + 3) % N"),
        ("s * i", "s*i"),
        ("merge(i, N / (B * s))", "merge(i, N/(B*s))"),
        ("((i)) + (j * 2)", "i + j*2"),
        ("i + (j + k)", "i + (j + k)"),
        ("(i + j) - k", "i + j - k"),
        ("i % B * 2", "(i % B)*2"),
        ("i / B / 2", "(i / B) / 2"),
        ("i / (B * 2)", "i / (B*2)"),
        ("2 * i % B", "2*i % B"),
        ("i + j % B", "i + (j % B)"),
        ("- i + j", "-i + j"),
        ("(-i) * j", "(-i)*j"),
        ("-(i * j)", "-i*j"),
        ("2 ^ ( - 1 ) * N^2", "2^-1*N^2"),
        ("(N^2)^3", "(N^2)^3"),
        ("(N / B) ^ 2", "(N/B)^2"),
        ("shift(i,d=-007)", "shift(i, d = -7)"),
    ],
)
def test_arithmetic(text: str, expected: str) -> None:
    before, after = (
        f"operator f<N; B, k, s>() -> [] graph {{\n    x[{part}]\n}}\n" for part in (text, expected)
    )
    assert laid_out(before) == after


def test_long_lists_have_one_item_a_line() -> None:
    names = [f"a_long_name_{number}" for number in range(9)]
    text = f"operator f() -> [] graph {{ x[{', '.join(names)}] }}"
    rows = "".join(f"        {name},\n" for name in names)
    assert laid_out(text) == f"operator f() -> [] graph {{\n    x[\n{rows}    ]\n}}\n"


@pytest.mark.parametrize("length", [90, 91])
def test_a_line_has_100_columns(length: int) -> None:
    """`    x[...]` is 7 columns longer than the name in it, `    x[..., i]` 10 columns."""
    text = laid_out(f"operator f() -> [] graph {{ x[{'a' * length}, i] }}")
    assert max(len(line) for line in text.split("\n")) == (100 if length == 90 else length + 9)
    assert text.count("\n") == (3 if length == 90 else 6)


def test_what_has_no_layout_is_refused() -> None:
    source = Source("<text>", "operator f() -> [] {}")
    with pytest.raises(ValueError, match="none of this source"):
        lay_out(parse(source), words(Source("<text>", "operator g() -> [] {}")))


def test_a_text_with_an_error_has_no_layout() -> None:
    with pytest.raises(SynoError, match="E0101"):
        laid_out("operator f() -> [] {")


def test_what_could_not_be_read_again_is_refused() -> None:
    """Indentation makes a text longer."""
    with pytest.raises(SynoError, match="E0103"):
        laid_out("operator f() -> [] graph {" + "x[] " * (MAX_TEXT // 5) + "}")


def test_expressions_alone() -> None:
    quotient = make.binary(make.name("i"), "/", make.binary(make.name("N"), "/", make.name("s")))
    assert format_expression(quotient, {"N", "s"}) == "i / (N/s)"
    assert format_expression(make.product([quotient, make.number(-2)]), ()) == "(i / (N / s))*(-2)"
