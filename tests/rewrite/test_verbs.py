"""`syno canon`, `syno equal`, `syno rules` and `syno test` on rules, as they are called."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

from syno_lang import parse
from syno_lang.rewrite.choose import find_rule
from syno_lang.rewrite.prove_z3 import is_installed
from syno_lang.rewrite.read import standard_rules
from syno_lang.syntax.format_rule import identity_text
from tests.verbs import run

BOTH = """\
operator one<N, H; B = 2>(x: [N, H]) -> [N] { out[n] = sum[h: H/B, b: B] x[n, shift(split(h, b), 1)] }
operator same<N, H>(x: [N, H]) -> [N] { out[n] = sum[h: H] x[n, h] }
operator other<N, H>(x: [N, H]) -> [N] { out[n] = mean[h: H] x[n, h] }
operator order<H, K; k = 3>(x: [H], weight w: [k, k]) -> [H] {
    out[h] = sum[p: k, q: k] x[unfold(unfold(h, p), q)] * w[p, q] * expand(h)
}
""".replace("H, K; k", "H; k")


@pytest.fixture
def both(tmp_path: Path) -> str:
    path = tmp_path / "both.syno"
    path.write_text(BOTH)
    return str(path)


def test_canon_shows_the_steps(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "canon", both, "--operator", "one", "--trace")
    steps = [line for line in output.splitlines() if line.startswith("#")]
    assert code == 0
    assert [step.split(": ")[0] for step in steps] == ["# 1. split_of_sums", "# 2. shift_of_sum"]
    assert parse(output).digest == parse(BOTH, "same").digest


def test_canon_leaves_rules_out(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "canon", both, "--operator", "one", "--without", "shift_of_sum")
    assert code == 0 and "shift(" in output and "split(" not in output


def test_canon_takes_more_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules.syno"
    rules.write_text("rule gone<N; d>(i: N) { shift(i, d) => i }")
    code, output, _ = run(capsys, "canon", "stdlib:space_shift", "--rules", str(rules))
    assert code == 0 and "shift(" not in output


def test_canon_uses_approximate_rules_if_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pool.syno"
    file.write_text(
        "operator pool<H>(x: [H], weight w: [3]) -> [8*H] allow(dropped_half) { out[h] = sum[p: 3] x[unfold(h, p) / 8] * w[p] * expand(h % 8) }"
    )
    plain = run(capsys, "canon", str(file))[1]
    near = run(capsys, "canon", str(file), "--with", "quotient_of_unfold")[1]
    assert "unfold(h, p) / 8" in plain and "x[h / 8]" in near


def test_canon_as_json(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "canon", both, "--operator", "one", "--json")
    found = json.loads(output)
    assert code == 0 and found["digest"] == parse(BOTH, "same").digest
    assert found["steps"][1] == {"rule": "shift_of_sum", "before": ["shift(r2, 1)"], "after": ["r3"]}


def test_equal(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "equal", f"{both}:one", f"{both}:same")
    assert code == 0 and output == f"yes: one and same have the normal form {parse(BOTH, 'same').digest}\n"


def test_unequal(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "equal", f"{both}:one", f"{both}:other")
    assert code == 1
    assert "sum r0 is sum over H in one and mean over H in other" in output
    assert "values differ for N = " in output


def test_unequal_without_a_rule(both: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "equal", f"{both}:one", f"{both}:same", "--without", "shift_of_sum")
    assert code == 1 and "values agree at random inputs" in output
    code, output, _ = run(capsys, "equal", f"{both}:one", f"{both}:order", "--json")
    assert code == 1 and "values are not compared" in json.loads(output)["notes"]


NAMES = """\
operator near<N, H>(x: [N, H]) -> [N, H] { out[n, h] = x[n, shift(h, 1)] }
operator far<M, K>(x: [M, K]) -> [M, K] { out[n, h] = x[n, shift(h, 2)] }
operator total<N, H>(x: [N, H]) -> [N] { out[n] = sum[h: H] x[n, h] }
operator shuffled<N, H; B = 2, C = 3>(x: [N, H]) -> [N] {
    out[n] = sum[a: H/(B*C), b: B, c: C] x[n, split(a, split(b, c))] * x[n, split(a, split(c, b))]
}
"""


def test_unequal_under_other_names_of_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "names.syno"
    path.write_text(NAMES)
    code, output, _ = run(capsys, "equal", f"{path}:near", f"{path}:far")
    assert code == 1
    assert "  index 1 of tensor 0 is shift(i1, 1) in near and shift(i1, 2) in far\n" in output


@pytest.mark.parametrize("names", [("total", "shuffled"), ("shuffled", "total")])
def test_values_differ_at_sizes_of_either(
    names: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "names.syno"
    path.write_text(NAMES)
    code, output, _ = run(capsys, "equal", f"{path}:{names[0]}", f"{path}:{names[1]}")
    assert code == 1 and "  values differ for N = " in output
    assert " B = " in output and " C = " in output


@pytest.mark.parametrize(
    "pair",
    [("stdlib:conv2d", "stdlib:strided_conv2d"), ("stdlib:strided_conv2d", "stdlib:conv2d")],
)
def test_shapes_that_agree_at_some_sizes_only(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, output, _ = run(capsys, "equal", *pair)
    assert code == 1 and "perhaps a rule is missing" not in output
    assert "but the shapes of strided_conv2d for " in output and "s = 2 are none of conv2d" in output


def test_a_name_of_two_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.syno"
    file.write_text("rule split_of_sums<N; d>(i: N) { shift(shift(i, d), -d) => i }\n")
    code, _, errors = run(capsys, "rules", "--rules", str(file))
    assert code == 1 and "error[E0204]: there are two rules `split_of_sums`" in errors


def test_a_rule_is_tried_at_least_once(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, errors = run(capsys, "rules", "show", "split_of_merge", "--instances", "0")
    assert code == 2 and "0 is not in the range x>=1" in errors


@pytest.mark.parametrize(
    "arguments", [["rules", "show", "nope"], ["canon", "stdlib:conv2d", "--without", "nope"]]
)
def test_a_missing_rule(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, _, errors = run(capsys, *arguments)
    assert code == 1 and "error[E1004]: there is no rule nope" in errors


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "rules")
    *lines, summary = output.splitlines()
    assert code == 0 and any(line.split()[:2] == ["split_of_merge", "proved"] for line in lines)
    (near,) = (line for line in lines if line.startswith("quotient_of_unfold "))
    assert near.split()[1] == "approximate" and near.endswith("% by its bound)")
    assert summary.startswith(f"{len(lines)} rules: ") and " proved" in summary
    code, output, _ = run(capsys, "rules", "--json")
    rules = json.loads(output)["rules"]
    assert code == 0 and len(rules) == len(lines)
    by_name = {rule["name"]: rule for rule in rules}
    assert by_name["split_of_merge"]["status"] == "proved" and by_name["split_of_merge"]["proof"]
    assert 0.5 < by_name["quotient_of_unfold"]["stated"] <= by_name["quotient_of_unfold"]["fraction"] < 1


def test_rules_show(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, "rules", "show", "quotient_of_unfold", "--instances", "50")
    assert code == 0 and "\napproximate: equal at " in output and "because" in output
    code, output, _ = run(capsys, "rules", "show", "split_of_merge", "--instances", "50", "--prove")
    assert code == 0 and "proved for all sizes\n    with N = B*N'\n" in output
    assert not is_installed() or "points of 50 random instances\nZ3: holds for " in output
    code, output, _ = run(capsys, "rules", "--json", "show", "split_of_merge", "--instances", "50")
    assert code == 0 and json.loads(output)["tried"]["instances"] == 50


def test_rules_of_a_file_are_proved_or_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.syno"
    file.write_text(
        "rule there_and_back<N; d>(i: N) { shift(shift(i, d), -d) => i }\n"
        "rule blocks<N, B>() { sum[r: N] f[r / B, r % B] => sum[q: N/B, s: B] f[q, shift(s, 1)] }\n"
    )
    code, output, _ = run(capsys, "rules", "--rules", str(file))
    words = {line.split()[0]: line.split()[1] for line in output.splitlines()}
    assert code == 0 and (words["there_and_back"], words["blocks"]) == ("proved", "tested")
    file.write_text("rule wrong<N; d>(i: N) { shift(shift(i, d), -d) => shift(i, d) }")
    code, output, _ = run(capsys, "rules", "--rules", str(file))
    assert code == 1 and any(line.split()[:2] == ["wrong", "wrong"] for line in output.splitlines())
    code, output, errors = run(capsys, "rules", "--rules", str(file), "show", "wrong")
    assert code == 1 and "error[E1003]" in errors


def test_canon_writes_a_page(both: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "steps.html"
    code, output, _ = run(capsys, "canon", both, "--operator", "one", "--html", str(page))
    text = page.read_text()
    assert code == 0 and output.startswith("operator one")
    assert text.count("<section ") == 4 and text.count("<svg ") == 6
    rule = find_rule("shift_of_sum", standard_rules())
    assert html.escape(rule.why) in text and html.escape(identity_text(rule.node)) in text
    assert "http://www.w3.org/2000/svg" in text and text.count("http") == text.count(
        "http://www.w3.org/2000/svg"
    )


def test_a_page_escapes_what_a_file_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules, page = tmp_path / "rules.syno", tmp_path / "steps.html"
    rules.write_text('rule bad<N>(i: N) { because "<script>alert(1)</script>" shift(i, 1) => i }')
    code, _, _ = run(capsys, "canon", "stdlib:space_shift", "--rules", str(rules), "--html", str(page))
    assert code == 0 and page.read_text().count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in page.read_text()


def test_test_tries_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.syno"
    file.write_text(
        "rule good<N>(i: N) { shift(i, 0) => i }\nrule bad<N; d, e>(i: N) { shift(shift(i, d), e) => shift(i, d - e) }"
    )
    code, output, errors = run(capsys, "test", str(file))
    assert code == 1
    assert "ok       " in output and "FAILED   " in output and "overlap" not in output
    assert "error[E1003]: `bad` does not hold for N = 3, d = 0, e = -1" in errors
    code, output, _ = run(capsys, "test", str(file), "--json")
    (found,) = json.loads(output)["files"]
    assert code == 1 and [item["status"] for item in found["rules"]] == ["ok", "failed"]


def test_test_shows_overlaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.syno"
    file.write_text(
        "rule one<N, B; d>(a: N) { shift(a % B, d) => shift(a, d) % B }\n"
        "rule two<A, C, B>(i: A, j: C) when divides(B, C) { split(i, j) % B => j % B }"
    )
    code, output, _ = run(capsys, "test", str(file))
    assert code == 0 and "overlap  one with two: shift(split(i0, i1) % " in output
    assert " becomes shift(split(i0, i1), " in output and "2 claims: 2 ok" in output


def test_a_rule_without_end_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.syno"
    file.write_text("rule turn<A, B, C>(a: A, b: B, c: C) { split(a, split(b, c)) => split(split(a, b), c) }")
    for arguments in (
        ["check", str(file)],
        ["test", str(file)],
        ["canon", "stdlib:conv2d", "--rules", str(file)],
    ):
        code, _, errors = run(capsys, *arguments)
        assert code == 1 and "error[E1002]" in errors and "from small to large" in errors
