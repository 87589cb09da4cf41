"""What is proved is true, what is true and simple is proved, and the table of proofs is that of the rules."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest
import sympy
from hypothesis import given, settings, strategies as st

from syno_lang.diagnostics import Source, SynoError
from syno_lang.ir.coordinates import Quotient, Remainder, Shift, Split
from syno_lang.rewrite.patterns import Hole, Pattern, Term, holes, parts
from syno_lang.rewrite.prove import prove
from syno_lang.rewrite.prove_bounds import divided, never_negative
from syno_lang.rewrite.prove_z3 import Opinion, is_installed, second_opinion
from syno_lang.rewrite.read import read_rule, read_rules, standard_rules
from syno_lang.rewrite.read_terms import domain, stand_ins
from syno_lang.rewrite.rules import CoordinateRule, Rule
from syno_lang.rewrite.status import digest, status, table, table_path
from syno_lang.rewrite.try_rules import try_rule
from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.syntax.format_rule import identity_text
from syno_lang.syntax.parse import parse
from tests.rewrite.mutants import mutants

RULES = standard_rules()
EXACT = [rule for rule in RULES if rule.is_exact]

#: Exact rules that ship without a proof: each is tested, and counted by `syno rules`.
UNPROVED: set[str] = set()


def opinion(rule: Rule, patience: int = 500) -> Opinion:
    """What Z3 says, or nothing where it is not installed."""
    return second_opinion(rule, patience) if is_installed() else Opinion(None)


def of(text: str) -> Rule:
    (rule,) = read_rules(parse(Source("<text>", text)).rules)
    return rule


def test_the_rules_that_ship_are_proved() -> None:
    assert {rule.name for rule in EXACT if prove(rule) is None} == UNPROVED
    assert all(prove(rule) is None for rule in RULES if not rule.is_exact)


def test_no_wrong_variant_is_proved() -> None:
    """A variant that is proved is right wherever it is tried, and is so for Z3 as well."""
    proved = 0
    for rule in EXACT:
        for _, mutant in mutants(rule.node):
            try:
                variant = read_rule(mutant)
            except SynoError:
                continue
            if prove(variant) is not None:
                proved += 1
                assert try_rule(variant).holds, identity_text(mutant)
                assert opinion(variant, patience=100).holds is not False, identity_text(mutant)
    assert proved >= 10


PROVED = [
    "rule r<A, C, K>(i: A, j: C, k: K) when even(K) { unfold(split(i, j), stride(k, C)) => split(unfold(i, k), j) }",
    "rule r<N>(a: N) { shift(a % 1, 3) => a % 1 }",
    "rule r<A, C, B>(i: A, j: C) { split(i, j) % C => j }",
    "rule r<A, B>() { sum[r: A, s: B] f[shift(r, 1), s] => sum[q: B, p: A] f[p, q] }",
    "rule r<A, B>() { sum[r: A, s: B] f[shift(split(r, s), 2)] => sum[t: A*B] f[shift(t, 1)] }",
    "rule r<N, B>() { sum[r: N] f[r % B, r / B] => sum[q: B, s: N/B] f[q, s] }",
]

WRONG = [
    "rule r<A, C, K>(i: A, j: C, k: K) when odd(K) { unfold(split(i, j), stride(k, C)) => split(unfold(i, k), j) }",
    "rule r<A, C, K>(i: A, j: C, k: K) { unfold(split(i, j), stride(k, C)) => split(unfold(i, k), j) }",
    "rule r<N, B>(a: N) when N >= B { a / B => a % (N/B) }",
    "rule r<A, C, B>(i: A, j: C) { split(i, j) % B => j % B }",
    "rule r<A, C, B>(i: A, j: C) when divides(2*B, 2*C*B) { split(i, j) / B => split(i, j / B) }",
    "rule r<N; d>(a: N) when d > 0 { shift(a, d) => shift(a, d - 1) }",
    "rule r<A>() { sum[r: A, s: A] f[r, s] => sum[q: A, p: A] f[q, q] }",
    "rule r<A>() { sum[r: A, s: A] f[r, s] => sum[p: A, q: A] f[p, p] }",
    "rule r<N, B>() { sum[r: N] f[r / B, r] => sum[q: N/B, s: B] f[q, split(s, q)] }",
    "rule r<N; e>() { sum[r: N] f[shift(r, 2*e)] => sum[r: N] f[shift(r, e)] }",  # e differs from place to place
    "rule r<N, K>(i: N, j: K) { expand(unfold(i, j)) => expand(i)*expand(j) }",
    "rule r<N, K>(i: N, j: K) { expand(unfold(i, j)) => expand(i) }",
    "rule r<N, K>(i: N, j: K) { unfold(i, j) => i }",
]


@pytest.mark.parametrize("text", PROVED)
def test_proved(text: str) -> None:
    assert prove(of(text)) is not None
    assert try_rule(of(text)).holds
    assert opinion(of(text)).holds is not False


@pytest.mark.parametrize("text", WRONG)
def test_wrong(text: str) -> None:
    try:
        rule = of(text)
    except SynoError:
        return
    assert prove(rule) is None
    assert not try_rule(rule).holds
    assert opinion(rule, patience=100).holds is not True
    assert status(rule).word == "wrong"


def test_what_is_true_without_a_proof_is_tested() -> None:
    rule = of("rule r<N, B>() { sum[r: N] f[r / B, r % B] => sum[q: N/B, s: B] f[q, shift(s, 1)] }")
    found = status(rule)
    assert found.word == "tested" and found.points >= 200 and found.fraction == 1.0
    assert not is_installed() or str(opinion(rule)).startswith("holds for the ")


def test_a_proof_reads_as_one() -> None:
    proof = prove(of("rule r<N, B>(a: N) { split(a / B, a % B) => a }"))
    assert proof is not None
    assert proof.lines == ("with N = B*N'", "with a = B*a1 + a0", "both sides are B*a1 + a0")


@pytest.mark.parametrize("rule", EXACT[:12], ids=lambda rule: rule.name)
def test_z3_agrees(rule: Rule) -> None:
    assert opinion(rule, patience=50).holds is not False


def test_z3_finds_what_is_wrong() -> None:
    pytest.importorskip("z3", reason="z3-solver is not installed")
    wrong = of("rule r<N; d, e>(i: N) { shift(shift(i, d), e) => shift(i, d - e) }")
    assert second_opinion(wrong).holds is False
    assert second_opinion(of("rule r<N>(a: N) { a / 1 => a }")) == Opinion(True, "all sizes")


def test_without_z3_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syno_lang.rewrite.prove_z3.importlib.util.find_spec", lambda name: None)
    with pytest.raises(SynoError) as error:
        second_opinion(EXACT[0])
    assert [item.code for item in error.value.diagnostics] == ["E0701"]


@pytest.mark.heavy
@pytest.mark.skipif(not is_installed(), reason="z3-solver is not installed")
@pytest.mark.parametrize("rule", EXACT, ids=lambda rule: rule.name)
def test_z3_agrees_with_all(rule: Rule) -> None:
    assert opinion(rule, patience=5000).holds


def test_the_table_of_proofs_is_that_of_the_rules() -> None:
    """`SYNO_UPDATE_PROOFS=1` writes it again."""
    text = table(RULES)
    if os.environ.get("SYNO_UPDATE_PROOFS") == "1":
        table_path().write_text(text, encoding="utf-8")
    kept, found = json.loads(table_path().read_text(encoding="utf-8")), json.loads(text)
    without = [
        {key: {**facts, "proof": "proof" in facts} for key, facts in one.items()} for one in (kept, found)
    ]
    assert without[0] == without[1], "run SYNO_UPDATE_PROOFS=1 pytest tests/rewrite/test_prove.py"
    assert set(kept) == {digest(rule) for rule in RULES}


def test_a_digest_is_that_of_the_claim() -> None:
    one = of("rule r<N>(a: N) { shift(a, 0) => a }")
    assert digest(one) == digest(of('rule r<N>(a: N) { because "So it is." shift(a, 0) => a }'))
    assert digest(one) != digest(of("rule r<N>(a: N*N) { shift(a, 0) => a }"))
    assert digest(one) != digest(of("rule r<N>(a: N) when N > 1 { shift(a, 0) => a }"))


A, B = (sympy.Symbol(name, integer=True, positive=True) for name in "AB")
M = sympy.Symbol("m", integer=True, nonnegative=True)
X, Y = (sympy.Symbol(name, integer=True) for name in "xy")
DIGITS = {X: A, Y: B}
polynomials = st.lists(
    st.tuples(st.integers(-3, 3), st.sampled_from([1, A, B, M, X, Y, A * B, X * B, A * Y, X * Y])), max_size=5
).map(lambda terms: sympy.Add(*(number * term for number, term in terms)))


@settings(max_examples=150, deadline=None)
@given(polynomials)
def test_what_is_never_negative_never_is(value: sympy.Expr) -> None:
    if never_negative(value, DIGITS):
        for a, b, m in product((1, 2, 3), (1, 2, 4), (0, 1, 3)):
            for x, y in product(range(a), range(b)):
                assert value.subs({A: a, B: b, M: m, X: x, Y: y}) >= 0


@settings(max_examples=150, deadline=None)
@given(polynomials, st.sampled_from([A, 2 * A, A * B, sympy.Integer(2), A + M, sympy.Integer(1)]))
def test_division_leaves_the_rest(value: sympy.Expr, block: sympy.Expr) -> None:
    whole, rest = divided(value, block)
    assert sympy.expand(block * whole + rest - value) == 0
    numbers = {A: 2, B: 3, M: 4, X: 1, Y: 2}
    assert Fraction(int(whole.subs(numbers))) == whole.subs(numbers)


def pool() -> list[Pattern]:
    """Many small coordinates of `a: N` and `j: C`."""
    names = {name: Polynomial.make([(1, Size.variable(name))]) for name in "NBCd"}
    a, j = Hole("a", names["N"]), Hole("j", names["C"])
    blocks = [names["B"], names["C"], Polynomial.make([(1, Size.variable("B") * Size.variable("C"))])]
    found: list[Pattern] = [a, j, Term(Split, (a, j)), Term(Shift, (a,), names["d"])]
    for _ in range(2):
        found += [
            Term(kind, (node,), block) for node in found for kind in (Quotient, Remainder) for block in blocks
        ]
        found += [Term(Split, (a, node)) for node in found[:6]] + [Term(Shift, (found[-1],), names["d"])]
        found = list(dict.fromkeys(found))[:120]
    return found


def test_what_is_proved_of_any_two_coordinates_holds() -> None:
    """Every pair of small coordinates over one domain, most of which differ."""
    template = of(
        "rule r<N, B, C; d>(a: N, j: C) when divides(B, C) { split(shift(shift(a, d), -d), j) % B => j % B }"
    )
    assert isinstance(template, CoordinateRule)
    leaves = {part.name: part for part in parts(template.left) if isinstance(part, Hole)}
    binding = stand_ins({"N": True, "B": True, "C": True, "d": False}, leaves)
    groups: dict[object, list[Pattern]] = {}
    for pattern in pool():
        groups.setdefault(domain(pattern, binding), []).append(pattern)
    proved = refuted = 0
    for several in groups.values():
        for left, right in combinations(several[:14], 2):
            if not isinstance(left, Term):
                left, right = right, left
            if not isinstance(left, Term) or not holes(right) <= holes(left):
                continue
            rule = replace(template, left=left, right=right, guards=())
            if prove(rule) is not None:
                proved += 1
                assert try_rule(rule, 40).wrong == 0, (left, right)
            elif try_rule(rule, 10).wrong:
                refuted += 1
    assert proved >= 10 and refuted >= 100, (proved, refuted)
