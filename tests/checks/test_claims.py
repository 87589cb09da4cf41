"""Each kind of claim: what holds is ok, what does not hold fails and says why."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from syno_lang.checks.run import Outcome, run_tests

OPERATORS = """
operator row_conv<N, C_in, C_out, L; k = 3>(
    x: [N, C_in, L],
    weight w: [C_out, C_in, k],
) -> [N, C_out, L] {
    out[n, co, l] = sum[ci: C_in, p: k] x[n, ci, unfold(l, p)] * w[co, ci, p]
}

operator other_names<B, I, O, T; m = 5>(
    data: [B, I, T],
    weight kernel: [O, I, m],
) -> [B, O, T] {
    y[b, o, t] = sum[q: m, i: I] kernel[o, i, q] * data[b, i, t + q - m/2]
}

operator backwards<N, C_in, C_out, L; k = 3>(
    x: [N, C_in, L],
    weight w: [C_out, C_in, k],
) -> [N, C_out, L] {
    out[n, co, l] = sum[ci: C_in, p: k] x[n, ci, unfold(l, p)] * w[co, ci, shift(p, 1)]
}

operator linear<N, C_in, C_out>(x: [N, C_in], weight w: [C_out, C_in]) -> [N, C_out] {
    out[n, co] = sum[ci: C_in] x[n, ci] * w[co, ci]
}

operator copy<N>(x: [N]) -> [N] { out[n] = x[n] }
operator there_and_back<N>(x: [N]) -> [N] { out[n] = x[shift(shift(n, 1), -1)] }
operator in_pairs<N>(x: [2*N]) -> [N, 2] { out[i, j] = sum[p: 2] x[split(unfold(i, p), j)] }
operator in_a_row<N>(x: [2*N]) -> [N, 2] { out[i, j] = sum[p: 2] x[unfold(split(i, j), stride(p, 2))] }
operator halves<N; s = 2>(x: [N]) -> [N/s, s] { out[a, b] = x[split(a, b)] }
operator low_rank<N, C; r = 2>(x: [N, C], weight u: [C, r], weight v: [r, C]) -> [N, C] {
    out[n, c] = sum[d: C, e: r] x[n, d] * u[d, e] * v[e, c]
}
"""

AT = "for N = 2, C_in = 3, C_out = 4, L = 7"

HOLDS = [
    ("row_conv", f"equals torch.nn.functional.conv1d(x, w, padding = 1) {AT}"),
    ("row_conv", f"equals torch.nn.functional.conv1d(x, weight = w, padding = [k / 2]) {AT}, k = 5"),
    ("row_conv", f'equals torch.nn.functional.conv1d(x, w, None, 1, "same") {AT}'),
    ("row_conv", "equals other_names"),
    ("row_conv", "equals row_conv"),
    ("row_conv", f"equals other_names {AT}"),
    ("row_conv", "equals stdlib.conv1d"),
    ("row_conv", f"equals stdlib.conv1d {AT}, k = 2"),
    ("row_conv", "flops N*C_in*C_out*L*k"),
    ("row_conv", "flops L*(k + C_in*C_out)*N*k - k^2*N*L + 0"),
    ("row_conv", f"flops 504 {AT}"),
    ("row_conv", f"flops k*168 {AT}"),
    ("row_conv", "params C_out*C_in*k"),
    ("row_conv", "bytes 4*(N*C_in*L + C_in*C_out*k + N*C_out*L)"),
    ("copy", "equals there_and_back"),
    ("copy", "equals there_and_back for N = 4"),
    ("copy", "equals [1, -2.5, 1e3] for N = 3, x = [1, -2.5, 1000]"),
    ("copy", "equals torch.mul(x, 1.0) for N = 3, x = [1, 2, 3]"),
    ("copy", "params 0"),
    ("linear", "equals [[5, 11]] for N = 1, C_in = 2, C_out = 2, x = [[1, 2]], w = [[1, 2], [3, 4]]"),
    ("linear", 'equals torch.einsum("ni,oi->no", x, w) for N = 2, C_in = 3, C_out = 4'),
    ("linear", "equals torch.matmul(x, torch.transpose(w, 0, 1)) for N = 2, C_in = 3, C_out = 4"),
    ("halves", "equals torch.reshape(x, [N / s, s]) for N = 6"),
    ("halves", "equals torch.unflatten(x, 0, [-1, s]) for N = 6"),
    ("low_rank", "flops 2*N*C*r"),
    ("low_rank", "params 2*C*r"),
]

FAILS = [
    (
        "row_conv",
        f"equals torch.nn.functional.conv1d(x, w) {AT}",
        "`row_conv` has shape [2, 4, 7], `torch.nn.functional.conv1d` [2, 4, 5]",
    ),
    ("row_conv", f"equals torch.nn.functional.conv1d(x, torch.flip(w, [2]), padding = 1) {AT}", "numbers differ"),
    ("row_conv", "equals backwards", "`row_conv` and `backwards` have different normal forms"),
    ("row_conv", "equals backwards", "the digest is"),
    ("row_conv", "equals backwards", "they differ in value, too"),
    ("row_conv", "equals linear", "`x` of `row_conv` has 3 axes, `x` of `linear` 2 axes"),
    ("row_conv", "equals copy", "`row_conv` takes 1 input and 1 weight, `copy` 1 input and no weight"),
    ("row_conv", f"equals copy {AT}", "take different tensors"),
    ("row_conv", f"equals backwards {AT}", "`row_conv` is not `backwards`"),
    ("row_conv", "flops N*C_in*C_out*L", "the flops of `row_conv` are C_in*C_out*L*N*k, not C_in*C_out*L*N"),
    ("row_conv", "flops N*C_in*C_out*L*k + 1", "the difference is -1"),
    ("row_conv", f"flops 503 {AT}", "are 504, not 503"),
    ("row_conv", f"flops C_in/2 {AT}", "are 504, not 3/2"),
    ("row_conv", "params 3*C_in*C_out", "the params of `row_conv`"),
    ("row_conv", "bytes 0", "the bytes of `row_conv`"),
    ("in_pairs", "equals in_a_row", "they agree in value wherever it was compared"),
    ("copy", "equals [1, 2, 3] for N = 3, x = [1, 2, 3.5]", "at [2] 3.5 against 3; 1 of 3 numbers differ"),
    ("copy", "equals torch.sum(x) for N = 3", "`copy` has shape [3], `torch.sum` []"),
    ("copy", "equals torch.tile(x, [2, 3]) for N = 3", "`copy` has shape [3], `torch.tile` [2, 9]"),
    ("copy", "equals torch.roll(x, 1, 1) for N = 3", "torch refuses this call"),
    ("copy", "equals torch.tile(x, [10^9]) for N = 3", "this call gives 3,000,000,000 numbers"),
    ("copy", "equals there_and_back for N = 10^10", "has 10,000,000,000 numbers in one array"),
    ("low_rank", "equals low_rank for N = 10^4, C = 10^4", "has 100,000,000 numbers in one array"),
    ("low_rank", "equals low_rank for N = 1000, C = 1000, r = 1000", "has 1,000,000,000,000 points"),
]  # fmt: skip


def outcomes(folder: Path, operator: str, claim: str) -> list[Outcome]:
    path = folder / "claims.syno"
    path.write_text(f"{OPERATORS}\ntest {operator} {{\n    {claim}\n}}\n", encoding="utf-8")
    return list(run_tests(path))


def said(outcome: Outcome) -> str:
    (finding,) = outcome.diagnostics
    return "\n".join((finding.message, finding.label, *finding.notes, finding.hint))


@pytest.mark.parametrize(("operator", "claim"), HOLDS)
def test_what_holds_is_ok(tmp_path: Path, operator: str, claim: str) -> None:
    (outcome,) = outcomes(tmp_path, operator, claim)
    assert (outcome.status, outcome.diagnostics) == ("ok", ())
    assert outcome.claim.operator.name == operator


@pytest.mark.parametrize(("operator", "claim", "words"), FAILS)
def test_what_does_not_hold_fails_at_its_place(tmp_path: Path, operator: str, claim: str, words: str) -> None:
    (outcome,) = outcomes(tmp_path, operator, claim)
    assert outcome.status == "failed"
    assert words in said(outcome)
    assert outcome.diagnostics[0].code in ("E0906", "E0907", "E0908")
    span = outcome.diagnostics[0].span
    assert span is not None and span.line == OPERATORS.count("\n") + 3


def test_the_counterexample_is_one(tmp_path: Path) -> None:
    """What a failed claim says after `for` can be claimed, and fails there too."""
    (outcome,) = outcomes(tmp_path, "row_conv", "equals backwards")
    note = outcome.diagnostics[0].notes[-1]
    settings = note.removeprefix("this is for ")
    assert settings != note
    (again,) = outcomes(tmp_path, "row_conv", f"equals backwards for {settings}")
    assert again.status == "failed"
    assert "`row_conv` is not `backwards`" in said(again)
    # Nearly all of it is 0: one product is enough to differ.
    assert settings.replace("[", "").replace("]", "").count("1") <= 8


def test_without_torch_a_claim_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return None if name == "torch" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    claims = f"equals torch.nn.functional.conv1d(x, w, padding = 1) {AT} params C_in*C_out*k"
    first, second = outcomes(tmp_path, "row_conv", claims)
    assert first.status == "not run"
    assert first.diagnostics[0].code == "E0701"
    assert second.status == "ok"


def test_claims_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "copy", "params 0 flops 0 equals there_and_back for N = 3 params 1")
    assert [outcome.claim.text for outcome in found] == [
        "params 0",
        "flops 0",
        "equals there_and_back for N = 3",
        "params 1",
    ]
    assert [outcome.status for outcome in found] == ["ok", "ok", "ok", "failed"]


def test_random_numbers_are_the_same_every_time(tmp_path: Path) -> None:
    claim = f"equals backwards {AT}"
    assert said(outcomes(tmp_path, "row_conv", claim)[0]) == said(outcomes(tmp_path, "row_conv", claim)[0])
