"""Mistakes in tests are found without running them, each at its place and with advice."""

from __future__ import annotations

import pytest

import syno_lang
from syno_lang.diagnostics import Diagnostic, SynoError

OPERATOR = """\
operator linear<N, C_in, C_out; k = 2>(x: [N, C_in], weight w: [C_out, C_in*k]) -> [N, C_out] {
    out[n, co] = sum[ci: C_in, p: k] x[n, ci] * w[co, split(ci, p)]
}
operator copy<N>(x: [N]) -> [N] { out[n] = x[n] }
operator half<N; s>(x: [N]) -> [N/s] { out[n] = sum[p: s] x[split(n, p)] }
"""

SIZES = "for N = 2, C_in = 3, C_out = 4"

# What is wrong, its code, the text under the caret, and words of what is said about it.
MISTAKES = [
    ("test linaer { }", "E0904", "linaer", "did you mean `linear`?"),
    ("test conv2d { }", "E0904", "conv2d", "stdlib.conv2d"),
    ("test copy { equals cpoy }", "E0904", "cpoy", "did you mean `copy`?"),
    ("test copy { equals copy() for N = 1 }", "E0905", "copy", "not among the functions"),
    ("test copy { equals torch.relu(x) for N = 1 }", "E0905", "torch.relu", "not among the functions"),
    ("test copy { equals torch.nn.functional.rolll(x) for N = 1 }", "E0905", "torch.nn.functional.rolll", "torch"),
    ("test copy { equals F.pad(x, [0, 0]) for N = 1 }", "E0905", "F.pad", "`torch.nn.functional.pad`"),
    ("test copy { equals x.sum() for N = 1 }", "E0905", "x.sum", "did you mean `torch.sum`?"),
    ("test copy { equals torch.conv1d(x) for N = 1 }", "E0905", "torch.conv1d", "`torch.nn.functional.conv1d`"),
    ("test copy { equals torch.tile for N = 1 }", "E0904", "torch.tile", "is a function, no operator"),
    ("test copy { equals torch.roll(y, 1) for N = 1 }", "E0906", "y", "no tensor or size `y`"),
    ("test copy { equals torch.roll(x, 1.5) for N = 1 }", "E0906", "1.5", "whole number"),
    ('test copy { equals torch.roll(x, "1") for N = 1 }', "E0906", '"1"', "not a text"),
    ("test copy { equals torch.roll(x, True) for N = 1 }", "E0906", "True", "not True or False"),
    ("test copy { equals torch.roll(x, [x]) for N = 1 }", "E0906", "[x]", "not a list of tensors"),
    ("test copy { equals torch.roll(x, [x, 1]) for N = 1 }", "E0906", "[x, 1]", "a list holds"),
    ("test copy { equals torch.roll(x, [[1]]) for N = 1 }", "E0906", "[[1]]", "a list holds"),
    ("test copy { equals torch.tile(x, 2) for N = 1 }", "E0906", "2", "in brackets"),
    ("test copy { equals torch.roll(2, 1) for N = 1 }", "E0906", "2", "write its name"),
    ("test copy { equals torch.roll(x, x + 1) for N = 1 }", "E0906", "x", "cannot be calculated with"),
    ("test copy { equals torch.roll(x, 2^-1) for N = 1 }", "E0906", "2^-1", "whole"),
    ("test copy { equals torch.mul(x, 1/2) for N = 1 }", "E0906", "1/2", "rounds down"),
    ("test copy { equals torch.roll(x, torch.roll) for N = 1 }", "E0906", "torch.roll", "is a function"),
    ("test copy { equals torch.roll(x) for N = 1 }", "E0906", "torch.roll(x)", "also needs `shifts`"),
    ("test copy { equals torch.roll(x, shifs = 1) for N = 1 }", "E0906", "shifs", "did you mean `shifts`?"),
    ("test copy { equals torch.roll(x, 1, 0, 3) for N = 1 }", "E0906", "3", "takes 3 arguments at most"),
    ("test copy { equals torch.roll(x, 1, shifts = 2) for N = 1 }", "E0204", "shifts = 2", "given twice"),
    ("test copy { equals torch.roll(x, 1, dims = 0, dims = 0) for N = 1 }", "E0204", "dims = 0", "given twice"),
    ("test copy { equals torch.roll(x, 1) }", "E0601", "equals torch.roll(x, 1)", "give N = ... after `for`"),
    (f"test linear {{ equals stdlib.linear {SIZES[:-11]} }}", "E0601", "N = 2, C_in = 3", "no value is given for C_out"),
    ("test copy { equals copy for M = 2 }", "E0605", "M", "no size or tensor `M`"),
    (f"test linear {{ equals linear {SIZES}, C_inn = 2 }}", "E0605", "C_inn", "did you mean `C_in`?"),
    ("test copy { equals copy for N = 0 }", "E0605", "N = 0", "no positive whole number"),
    ("test copy { equals copy for N = -1 }", "E0605", "N = -1", "no positive whole number"),
    ("test copy { equals copy for N = 1.5 }", "E0605", "1.5", "a whole number"),
    ('test copy { equals copy for N = "a" }', "E0605", '"a"', "a whole number"),
    ("test copy { equals copy for N = M }", "E0906", "M", "no whole number"),
    ("test copy { equals copy for N = 10^18 }", "E0906", "10^18", "too large"),
    ("test copy { equals copy for N = 1, N = 2 }", "E0204", "N", "given twice"),
    ("test half { flops 1 for N = 3, s = 2 }", "E0602", "N = 3, s = 2", "not divisible"),
    ("test copy { equals [1, 2] for N = 2 }", "E0604", "equals [1, 2] for N = 2", "`x = [...]`"),
    ("test copy { equals [1, 2] for N = 3, x = [1, 2, 3] }", "E0603", "[1, 2]", "shape [2], the output [3]"),
    ("test copy { equals [1, 2] for N = 2, x = [1, 2, 3] }", "E0603", "[1, 2, 3]", "its axes are [N]"),
    ("test copy { equals [1, 2] for N = 2, x = 3 }", "E0603", "3", "has shape [] here"),
    ("test copy { equals [[1, 2], [3]] for N = 2, x = [1, 2] }", "E0906", "[3]", "another length"),
    ("test copy { equals [1, x] for N = 2, x = [1, 2] }", "E0906", "x", "made of numbers"),
    ("test copy { equals [1, 1/2] for N = 2, x = [1, 2] }", "E0906", "1/2", "made of numbers"),
    ("test copy { flops M }", "E0203", "M", "no size `M`"),
    ("test copy { flops x }", "E0203", "x", "no size `x`"),
    ("test copy { flops N % 2 }", "E0502", "N % 2", "no formula"),
    ("test copy { flops 0.5*N }", "E0502", "0.5", "no formula"),
    ("test copy { flops N/(N + 1) }", "E0502", "N/(N + 1)", "below the line"),
    ("test copy { flops N/(N - N) }", "E0502", "N/(N - N)", "below the line"),
    ("test copy { flops N^17 }", "E0504", "N^17", "powers go up to 16"),
    ("test copy { flops N^10*N^10 }", "E0504", "N^10*N^10", "out of range"),
    ("test copy { flops 10^13 }", "E0504", "10^13", "out of range"),
    ("test linear { flops (1 + N + C_in + C_out + k)^16 }", "E0504", "(1 + N + C_in + C_out + k)^16", "terms"),
    ("test copy { flops N for N = 2, x = [1, 2] }", "E0906", "x = [1, 2]", "sizes alone"),
    ("use stdlib.conv2dd test copy { }", "E0901", "stdlib.conv2dd", "did you mean `conv2d`?"),
    ("test copy { equals stdlib.cpoy }", "E0901", "stdlib.cpoy", "the stdlib has no `cpoy`"),
    ("use stdlib.conv2d as copy", "E0204", "copy", "`use stdlib.conv2d as ...`"),
    ("use stdlib.conv1d as c, stdlib.conv2d as c", "E0204", "c", "first defined here"),
]  # fmt: skip


def findings(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SynoError) as caught:
        syno_lang.parse(OPERATOR + text, "copy")
    return caught.value.diagnostics


def under(finding: Diagnostic) -> str:
    assert finding.span is not None
    span = finding.span
    assert span.line == span.end_line
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize(("text", "code", "place", "words"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_found_at_its_place(text: str, code: str, place: str, words: str) -> None:
    (finding,) = findings(text)
    assert finding.code == code
    assert under(finding) == place.strip("()") or under(finding) == place
    labels = (label.text for label in finding.secondary)
    assert words in " ".join((finding.message, finding.label, *finding.notes, finding.hint, *labels))
    assert finding.hint


def test_several_mistakes_are_found_at_once() -> None:
    found = findings("""
use nothing.here
test copy { equals torch.foo(y) equals nobody flops M for K = 2 }
test nobody { }
""")
    assert [item.code for item in found] == ["E0901"]
    found = findings("""
test copy { equals torch.foo(y) equals nobody flops M params 2 for K = 2 }
test nobody { }
""")
    assert [item.code for item in found] == ["E0601", "E0905", "E0904", "E0203", "E0605", "E0904"]


def test_no_more_than_twenty_are_reported() -> None:
    assert len(findings("test copy { " + "flops M " * 30 + "}")) == 20


def test_every_argument_is_looked_at() -> None:
    found = findings("test copy { equals torch.add(torch.roll(y, 0.5), torch.roll(z, zz)) for N = 1 }")
    assert [under(item) for item in found] == ["y", "0.5", "z", "zz"]


def test_a_right_test_changes_nothing() -> None:
    text = OPERATOR + "test copy { equals torch.roll(x, N) for N = 2 }"
    assert syno_lang.parse(text, "copy") == syno_lang.parse(OPERATOR, "copy")
