"""pytest collects `.syno` files that are asked for, and shows what is wrong as the command line does."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

RULES = """\
rule good<N; d>(i: N) { shift(shift(i, d), -d) => i }
rule bad<N; d, e>(i: N) { shift(shift(i, d), e) => shift(i, d - e) }
"""

TESTS = """\
operator twice<N>(x: [N]) -> [N] { out[i] = x[i] }
test twice {
    equals [1, 2] for N = 2, x = [1, 2]
    equals [1, 3] for N = 2, x = [1, 2]
    flops 0
}
"""


def test_what_is_named_is_collected(pytester: pytest.Pytester) -> None:
    path = pytester.path / "rules.syno"
    path.write_text(RULES)
    result = pytester.runpytest_inprocess("rules.syno", "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*rules.syno::rule good PASSED*", "*error?E1003?: `bad` does not hold for N = 3, d = 0, e = -1*"]
    )
    result.stdout.no_fnmatch_line("*try_rule*")


def test_one_item_is_picked(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.syno").write_text(RULES)
    pytester.runpytest_inprocess("rules.syno::rule good").assert_outcomes(passed=1)


def test_claims(pytester: pytest.Pytester) -> None:
    (pytester.path / "twice.syno").write_text(TESTS)
    result = pytester.runpytest_inprocess("twice.syno", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*twice.syno::twice 1: equals*PASSED*", "*E09*"])


def test_nothing_is_collected_unasked(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.syno").write_text(RULES)
    pytester.makepyfile("def test_one(): pass")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    pytester.runpytest_inprocess(".").assert_outcomes(passed=1)
    pytester.runpytest_inprocess("--syno").assert_outcomes(passed=2, failed=1)


def test_the_configuration_asks(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.syno").write_text(RULES)
    pytester.makeini("[pytest]\nsyno = true\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=1, failed=1)


def test_a_mistake_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    (pytester.path / "wrong.syno").write_text("operator f<N>(x: [N]) -> [N] { out[i] = x[j] }\n")
    result = pytester.runpytest_inprocess("wrong.syno")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*error?E0201?*", "*wrong.syno:1:*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_what_needs_a_missing_library_is_skipped(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "test twice { equals torch.roll(x, 0, 0) for N = 2 }\n"
    (pytester.path / "twice.syno").write_text(TESTS.splitlines()[0] + "\n" + text)
    monkeypatch.setattr("syno_lang.checks.call_torch.importlib.util.find_spec", lambda name: None)
    pytester.runpytest_inprocess("twice.syno").assert_outcomes(skipped=1)


def test_the_plugin_is_light() -> None:
    import subprocess
    import sys

    code = "import syno_lang.pytest_plugin, sys; print(*(n for n in ('numpy', 'torch', 'sympy', 'jinja2', 'hypothesis') if n in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
