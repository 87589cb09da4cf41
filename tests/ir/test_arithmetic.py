"""Index arithmetic in any spelling means the same primitives; what is none is refused with a hint."""

from typing import Any

import pytest
import sympy
from hypothesis import given, strategies as st

import syno_lang
from syno_lang import Operator, SynoError
from syno_lang.sizes import Size

HEAD = "operator f<C, H; k = 3, l = 5, s = 2, B = 4>(x: [%s])"
OUT = "-> [C, H, B, k, l, s] allow(unused_output, stride, dropped_half, large_window) { out[c, h, b, p, q, e] = x[%s] }"


def read(index: str, domain: str) -> Operator:
    return syno_lang.parse(f"{HEAD % domain} {OUT % index}")


SPELLINGS = [
    ("H", "unfold(h, p)", ["h + p - k/2", "p + h - k/2", "p - k/2 + h", "h + (p - k/2)", "h - (k/2 - p)", "-k/2 + h + p"]),
    ("H", "unfold(h, stride(p, s))", ["h + s*p - s*k/2", "h + p*s - (s*k)/2", "s*p + h - k*s/2"]),
    ("H", "unfold(h, stride(p, 2))", ["h + 2*p - k", "h + 2*p - 2*k/2", "2*(p - k/2 + 0) + h - k + 2*(k/2)", "h + p + p - k"]),
    ("H", "unfold(unfold(h, p), q)", ["h + p - k/2 + q - l/2", "(h + p - k/2) + (q - l/2)"]),
    ("H", "unfold(h, unfold(p, q))", ["h + (p + q - l/2) - k/2"]),
    ("B*C", "split(c, b)", ["B*c + b", "b + c*B", "B*(c + 1) + b - B", "b + B*c + 3*B - B*2 - B"]),
    ("B*C*k", "split(c, split(b, p))", ["B*k*c + k*b + p", "p + b*k + k*B*c"]),
    ("B*H", "split(unfold(h, p), b)", ["B*(h + p - k/2) + b", "B*h + B*p - B*(k/2) + b", "b + B*(p - k/2) + B*h"]),
    ("B*H", "unfold(split(h, b), p)", ["p + (B*h + b) - k/2", "p - k/2 + (B*h + b)"]),
    ("C*H", "split(c, unfold(h, p))", ["H*c + (h + p - k/2)", "c*H + (p - k/2 + h)"]),
    ("s*C", "unfold(stride(c, s), p)", ["s*c + p - k/2", "p + (c*s) - k/2"]),
    ("B*C*k", "split(split(c, b), p)", ["k*(B*c + b) + p", "p + (B*c + b)*k"]),
    ("C", "shift(c, 3)", ["(c + 3) % C", "(3 + c) % C", "(c + C + 3) % C", "(1 + c + 2) % C"]),
    ("C", "shift(c, d = -1)", ["(c - 1) % C", "(c - 1 + C) % C", "(C + c - 1) % C"]),
    ("B*C", "shift(split(c, b), 1)", ["(B*c + b + 1) % (B*C)", "(b + 1 + c*B) % (C*B)"]),
    ("H", "shift(unfold(h, p), 1)", ["(h + p - k/2 + 1) % H", "(h + p + 1 - k/2) % H"]),
    ("C", "shift(shift(c, 1), 2)", ["((c + 1) % C + 2) % C"]),
    ("s*C", "stride(c, s)", ["s*c", "c*s", "c + c*s - c"]),
    ("H, B/s, s", "h, b / s, b % s", ["h, b/s, b%s", "h, (b)/s, (b + 0) % s"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "primitives", "spelling"),
    [(domain, primitives, spelling) for domain, primitives, all_ in SPELLINGS for spelling in all_],
)
def test_spellings(domain: str, primitives: str, spelling: str) -> None:
    assert read(spelling, domain) == read(primitives, domain)


def test_half_of_a_multiple_is_not_a_multiple_of_the_half() -> None:
    # 2*3/2 = 3, but 2*(3/2) = 2: the second is no centre of a dilated window.
    with pytest.raises(SynoError) as caught:
        read("h + s*p - s*(k/2)", "H")
    assert "k*s/2" in str(caught.value)


def test_literal_windows() -> None:
    text = "operator f<H>(x: [H], weight w: [3]) -> [H] { out[h] = sum[p: 3] x[%s] * w[p] }"
    assert syno_lang.parse(text % "h + p - 1") == syno_lang.parse(text % "unfold(h, p)")
    assert syno_lang.parse(text % "h + p - 3/2") == syno_lang.parse(text % "unfold(h, p)")


REFUSED = [
    ("H", "h + p + q - k/2 - l/2", "two ways", "h + p + q - k/2 - l/2"),
    ("C*H", "H*c + h + p - k/2", "two ways", "H*c + h + p - k/2"),
    ("B*H", "B*(h + p - k/2) + b + q - l/2", "two ways", "B*(h + p - k/2) + b + q - l/2"),
    ("H", "h + p", "two coordinates are added", "h + p"),
    ("H", "h + 1", "without a modulus", "h + 1"),
    ("H", "h*p", "two coordinates are multiplied", "h*p"),
    ("C*B", "C*c + b", "no factor is the domain", "C*c + b"),
    ("H", "h + p - l/2", "centres no window", "h + p - l/2"),
    ("H", "(h + 1) % C", "modulo the domain, which is H, not C", "(h + 1) % C"),
    ("H", "h - p", "multiplied by `-1`", "h - p"),
    ("H", "k - 1", "no coordinate in this index", "k - 1"),
    ("H", "x[h]", "cannot be an index", "x[h]"),
    ("H", "h + p - (k - 1)/2", "is no size", "(k - 1)/2"),
    ("H", "(B + 1)*h", "multiplied by", "(B + 1)*h"),
]


@pytest.mark.parametrize(("domain", "spelling", "words", "place"), REFUSED)
def test_what_is_no_pgraph_is_refused_at_its_place(domain: str, spelling: str, words: str, place: str) -> None:
    with pytest.raises(SynoError) as caught:
        read(spelling, domain)
    (finding,) = caught.value.diagnostics
    assert finding.code == "E0209"
    assert words in finding.message
    assert finding.hint
    span = finding.span
    assert span is not None
    start = span.source.text.index(f"x[{spelling}]") + 3 + spelling.index(place)
    assert (span.column, span.end_column) == (start, start + len(place))


POOL = {
    "c": ("C", 0), "h": ("H", 0), "b": ("B", 0), "p": ("k", 1), "q": ("l", 1),
}  # fmt: skip


@st.composite
def spelled(draw: Any) -> tuple[str, str, str]:
    """A domain, primitives, and an equal spelling that SymPy made."""
    names = {name: sympy.Symbol(name) for name in ["c", "h", "b", "p", "q"]}
    sizes = {name: sympy.Symbol(name, positive=True) for name in ["C", "H", "B", "k", "l", "s"]}
    half = {"k": sympy.Symbol("half_k"), "l": sympy.Symbol("half_l")}
    operand = draw(st.sampled_from(["c", "h"]))
    text, value, domain = operand, names[operand], Size.variable(POOL[operand][0])
    for step in draw(st.permutations(["b", "p"]))[: draw(st.integers(1, 2))]:
        size = POOL[step][0]
        if POOL[step][1]:
            text, value = f"unfold({text}, {step})", value + names[step] - half[size]
        else:
            text, value = f"split({text}, {step})", sizes[size] * value + names[step]
            domain = domain * Size.variable(size)
    form = draw(st.sampled_from([sympy.expand, sympy.factor, sympy.simplify, lambda item: sympy.collect(sympy.expand(item), sizes["B"])]))
    spelling = str(form(value)).replace("**", "^").replace("half_k", "(k/2)").replace("half_l", "(l/2)")
    return str(domain), text, spelling


@given(spelled())
def test_whatever_sympy_makes_of_it_is_the_same(case: tuple[str, str, str]) -> None:
    domain, primitives, spelling = case
    try:
        found = read(spelling, domain)
    except SynoError as error:
        # A flat sum of a block and a window may be meant either way.
        assert "two ways" in str(error)
        assert "split" in primitives and "unfold" in primitives
        return
    assert found == read(primitives, domain), spelling
