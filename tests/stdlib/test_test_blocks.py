"""Every operator of the stdlib carries tests that hold, among them one against torch; and they can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from syno_lang.checks.run import run_tests
from syno_lang.cli.main import main
from tests.stdlib.stdlib_cases import OPERATORS

NAMES = sorted(path.stem for path in OPERATORS.glob("*.syno"))

#: An operator that computes what the file's does on other data: its first input rolled by one place.
CHANGES = [
    ("conv2d", "unfold(h, p)", "shift(unfold(h, p), 1)"),
    ("linear", "weight[co, ci]", "weight[co, shift(ci, 1)]"),
    ("op1", "v[split(a, c), q, r]", "v[split(a, c), shift(q, 1), r]"),
    ("tile", "l % L", "shift(l % L, 1)"),
    ("average_pool1d", "mean[", "sum["),
]


def test_syno_test_finds_every_claim_true(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(OPERATORS)]) == 0
    out, err = capsys.readouterr()
    assert not err
    *lines, summary = out.splitlines()
    assert summary == f"{len(lines)} claims: {len(lines)} ok"
    assert {Path(line.split()[1].rpartition(":")[0].rpartition(":")[0]).stem for line in lines} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_one_claim_is_about_torch(name: str) -> None:
    claims = [outcome.claim for outcome in run_tests(f"stdlib:{name}")]
    assert all(claim.operator.name == name for claim in claims)
    assert any(claim.text.startswith("equals torch.") for claim in claims)


@pytest.mark.parametrize(("name", "old", "new"), CHANGES)
def test_another_operator_fails(tmp_path: Path, name: str, old: str, new: str) -> None:
    text = (OPERATORS / f"{name}.syno").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{name}.syno"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert "failed" in {outcome.status for outcome in run_tests(path)}
