"""Every rule that ships holds, ends and says why; every wrong variant of one is caught; and so on for new ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syno_lang.diagnostics import Source, SynoError
from syno_lang.ir.coordinates import Coordinate, Quotient, Remainder, Split, Stride, walk
from syno_lang.resources import folder
from syno_lang.rewrite.overlaps import overlaps
from syno_lang.rewrite.read import read_rule, read_rules, standard_rules
from syno_lang.rewrite.rules import CoordinateRule, Rule, SumRule
from syno_lang.rewrite.try_rules import INSTANCES, try_rule
from syno_lang.syntax.format_rule import identity_text
from syno_lang.syntax.parse import parse
from tests.rewrite.mutants import mutants

RULES = standard_rules()
EXACT = [rule for rule in RULES if rule.is_exact]

#: Variants of rules that are true as well, so nothing can be caught.
TRUE = {
    "split(j, i) => j",  # the names of the coordinates, changed on one side of a rule that names them apart
    "split(j, i) => i",
    "shift(i, 0*2) => i",  # 0 in other words
    "shift(i, -0) => i",
    "(a % (B*2)) % C => a % C",  # C divides 2*B wherever this has a meaning
    "sum[r: N] f[r] => sum[r: N] f[r]",
    "sum[r: N] f[shift(r, d + 1)] => sum[r: N] f[r]",  # true for any amount
    "sum[r: N] f[shift(r, d*2)] => sum[r: N] f[r]",
    "sum[r: N] f[shift(r, -d)] => sum[r: N] f[r]",
    "expand(split(j, i)) => expand(i)*expand(j)",
    "expand(i % B) => expand(i)",  # true for any block, amount and factor
    "expand(i / B) => expand(i)",
    "expand(i / (B + 1)) => expand(i)",
    "expand(i / (B*2)) => expand(i)",
    "expand(i % (B + 1)) => expand(i)",
    "expand(i % (B*2)) => expand(i)",
    "expand(shift(i, d + 1)) => expand(i)",
    "expand(shift(i, d*2)) => expand(i)",
    "expand(shift(i, -d)) => expand(i)",
    "stride(i, S*2) % B => stride(i % 1, B)",  # B divides 2*S as well
    "expand(stride(i, S + 1)) => expand(i)",
    "expand(stride(i, S*2)) => expand(i)",
}

#: Overlaps that do not join, of which the page tells: a remainder keeps the amount by which what it is of is shifted,
#: for the quotient beside it needs that; and of blocks, factors and minor domains neither may divide the other.
SHIFTED = "shift_of_remainder"
MERGED = {
    *(f"{half}_of_{view}_by_{much}" for half in ("quotient", "remainder") for view in ("split", "stride")
      for much in ("more", "less")),
}  # fmt: skip


def of(text: str) -> list[Rule]:
    return read_rules(parse(Source("<text>", text)).rules)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_holds(rule: Rule) -> None:
    trial = try_rule(rule, INSTANCES)
    assert trial.holds, trial.finding
    assert trial.instances == INSTANCES and trial.points >= INSTANCES
    assert (trial.wrong == 0) == rule.is_exact


@pytest.mark.heavy
@pytest.mark.parametrize("rule", EXACT, ids=lambda rule: rule.name)
def test_a_rule_holds_ten_thousand_times(rule: Rule) -> None:
    assert try_rule(rule, 10_000, seed=1).holds


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_why(rule: Rule) -> None:
    assert rule.why.endswith(".") and rule.source.endswith(".")


def test_wrong_variants_are_caught(record_property: Callable[[str, object], None]) -> None:
    refused = caught = 0
    survivors = []
    for rule in EXACT:
        for _, mutant in mutants(rule.node):
            try:
                wrong = read_rule(mutant)
            except SynoError:
                refused += 1
                continue
            if try_rule(wrong, 60).holds:
                survivors.append(wrong)
            else:
                caught += 1
    unknown = [identity_text(rule.node) for rule in survivors if identity_text(rule.node) not in TRUE]
    assert not unknown
    record_property("refused when read, caught by trying, true as well", (refused, caught, len(survivors)))
    assert caught >= 80 and refused >= 300


def test_overlaps_join_but_for_the_known_ones(record_property: Callable[[str, object], None]) -> None:
    rules = [rule for rule in EXACT if isinstance(rule, CoordinateRule)]
    found = list(overlaps(rules))
    apart = [(one, other, item) for one, other, item in found if item is not None]
    record_property("overlaps, apart", (len(found), len(apart)))
    assert len(found) > 400 and len(apart) < 30
    for one, other, item in apart:
        if SHIFTED not in (one, other):
            assert MERGED & {one, other}, item
            assert not _divide_evenly(item.coordinate, *item.forms), item


def _divide_evenly(*coordinates: Coordinate) -> bool:
    """Whether of the blocks, factors and minor domains in coordinates one always divides the other."""
    nodes = [node for node in walk(*coordinates) if isinstance(node, (Quotient, Remainder, Split, Stride))]
    sizes = [
        (node.operands[1].domain if isinstance(node, Split) else node.arguments[1]).value({})
        for node in nodes
    ]
    return all(one % other == 0 or other % one == 0 for one in sizes for other in sizes)


def test_the_smallest_counterexample_is_shown() -> None:
    (rule,) = of("rule wrong<N, B>(a: N) { split(a % B, a / B) => a }")
    finding = try_rule(rule).finding
    assert finding is not None and finding.code == "E1003"
    assert "N = 4, B = 2" in finding.message
    assert finding.notes == ("at a = 1 the left side is 2, the right side 1",)


def test_a_missing_guard_is_shown() -> None:
    (rule,) = of("rule wrong<A, C, B>(i: A, j: C) { split(i, j) / B => split(i, j / B) }")
    finding = try_rule(rule).finding
    assert finding is not None and "whole sizes" in finding.notes[0]


def test_an_approximate_rule_keeps_to_its_bound() -> None:
    text = "approximate({}) rule near<N, K, B>(i: N, j: K) when B >= K {{ unfold(i, j) / B => i / B }}"
    (near,), (far,) = of(text.format("K/(4*B)")), of(text.format("K/(9*B)"))
    assert try_rule(near).holds and not try_rule(far).holds


REFUSED = [
    ("E1001", "rule r<N, B>(a: N) { a / B => a % B }"),
    ("E1001", "rule r<N, B, C>(a: N) { a / B => a / C }"),
    ("E1001", "rule r<N>(a: N) { split(a, b) => a }"),
    ("E1001", "rule r<N>(a: N) { a => shift(a, 0) }"),
    ("E1001", "rule r<N>(a: N) { shift(a) => a }"),
    ("E1001", "rule r<N>(a: N) { turn(a) => a }"),
    ("E1001", "rule r<N>(a: N, a: N*N) { shift(a, 0) => a }"),
    ("E1001", "rule r<N>(a: N) when prime(N) { shift(a, 0) => a }"),
    ("E1001", "rule r<N; d>(a: N + 1) { shift(a, d) => a }"),
    ("E1001", "rule r<N, B>() { sum[r: N] f[r / B, r] => sum[q: N/B] f[q, q] }"),
    ("E1001", "rule r<N>() { sum[r: N] f[shift(r, 1)] => sum[r: N] g[r] }"),
    ("E1001", "rule r<A, B>() { sum[r: A, s: B] expand(r) => 1 }"),
    ("E1001", "rule r<A>() { sum[r: A] expand(r) => 1 }"),
    ("E1001", "rule r<N>(a: N, b: N) { f[a] * expand(b) => f[a] }"),
    ("E1002", "rule r<A, B, C>(a: A, b: B, c: C) { split(a, split(b, c)) => split(split(a, b), c) }"),
    ("E1002", "rule r<N, B; d>(a: N) { shift(a, d) % B => shift(a % B, d) }"),
    ("E1002", "rule r<N; d>(a: N) { shift(a, d) => shift(a, d + N) }"),
    ("E1002", "rule r<A, B>() { sum[t: A*B] f[t] => sum[r: A, s: B] f[split(r, s)] }"),
    ("E1002", "rule r<N; d>() { sum[t: N] f[t] => sum[t: N] f[shift(t, d)] }"),
    ("E1002", "rule r<N, B>(a: N) { a % B => shift(a, 0) % B }"),
    ("E1002", "rule r<N, K, L>(i: N, p: K, q: L) { unfold(unfold(i, p), q) => unfold(unfold(i, q), p) }"),
    (
        "E1002",
        "rule r<N, K, L>(i: N, p: K, q: L) when K < L { unfold(unfold(i, p), q) => unfold(unfold(i, q), p) }",
    ),
    ("E1002", "rule r<N; d>(i: N) { expand(shift(i, d)) => expand(shift(shift(i, d), 1)) }"),
    ("E0204", "rule r<N>(a: N) { shift(a, 0) => a }\nrule r<N>(a: N) { a / 1 => a }"),
]


@pytest.mark.parametrize(("code", "text"), REFUSED)
def test_what_is_refused(code: str, text: str) -> None:
    with pytest.raises(SynoError) as error:
        of(text)
    assert [item.code for item in error.value.diagnostics] == [code], str(error.value)
    assert error.value.diagnostics[0].hint or code == "E0204"


def test_an_amount_may_differ_from_place_to_place() -> None:
    """`e` may, so it is tried with two values: this holds for one alone."""
    both, one = of(
        "rule both<N; d, e>() { sum[r: N] f[shift(r, d), shift(r, e)] => sum[r: N] f[r, shift(r, e - d)] }\n"
        "rule one<N; e>() { sum[r: N] f[shift(r, e)] => sum[r: N] f[shift(r, -e)] }"
    )
    assert isinstance(both, SumRule) and both.local == {"e"} and try_rule(both).holds
    assert isinstance(one, SumRule) and one.local == {"e"} and not try_rule(one).holds


def test_every_file_of_rules_is_read() -> None:
    files = sorted(Path(folder("stdlib") / "rules").glob("*.syno"))
    assert len(files) == 3
    names = [node.name.text for file in files for node in parse(Source(file.name, file.read_text())).rules]
    assert sorted(names) == sorted(rule.name for rule in RULES)
