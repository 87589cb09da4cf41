"""`syno check --sarif` prints what code scanning services read."""

import json
from pathlib import Path

import pytest

from syno_lang.cli.main import main

TEXT = """operator f<N, C; g = 4>(x: [N, C]) -> [N, C/g] {
    out[n, c] = x[n, c] * w[c]
}
"""


def test_a_finding_is_a_result(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "f.syno"
    path.write_text(TEXT)
    assert main(["check", "--sarif", str(path)]) == 1
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E0202", "E0302"]
    domain, tensor = run["results"]
    assert domain["ruleId"] == "E0302"
    assert domain["ruleIndex"] == 1
    place = domain["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == str(path)
    assert place["region"] == {"startLine": 2, "startColumn": 22, "endLine": 2, "endColumn": 23}
    assert domain["relatedLocations"][0]["message"]["text"]
    assert tensor["ruleId"] == "E0202"
    assert "hint:" in tensor["message"]["text"]


def test_no_finding_is_an_empty_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--sarif", "stdlib:conv2d"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"] == []


def test_one_format_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--sarif", "--json", "stdlib:conv2d"]) == 2
