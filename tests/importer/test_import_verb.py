"""`syno import`: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import syno_lang
from syno_lang.cli.main import main
from tests.importer.published import CORPUS, FOLDERS, SAMPLES, needs_corpus, samples

LISTING = "for (int i = 0; i < N; i++) { out[i] = in_0[i / (g), i % g]; }\n"


@pytest.fixture
def listing(tmp_path: Path) -> str:
    path = tmp_path / "nested_loops.h"
    path.write_text(LISTING)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert main(["import", *arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return out, err


def test_a_listing_is_printed(listing: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = printed(capsys, listing, "--name", "halves")
    assert err == ""
    assert syno_lang.parse(out).name == "halves"
    found = json.loads(printed(capsys, listing, "--name", "halves", "--json")[0])
    assert found == {"operators": [{"name": "halves", "text": out}]}


def test_coefficients_get_their_defaults(listing: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = printed(capsys, listing, "--name", "halves", "--coefficients", "g=4")
    assert "<N; g = 4>" in out
    for wrong in ("g=0", "g=x", "g=1,g=2", "1", "g=-1"):
        assert "--coefficients" in printed(capsys, listing, "--coefficients", wrong, code=2)[1]
    assert "E0203" in printed(capsys, listing, "--coefficients", "k", code=1)[1]


def test_a_refused_kernel_writes_nothing(
    listing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "kept.syno"
    target.write_text("before")
    Path(listing).write_text(LISTING[:-5])
    _, err = printed(capsys, listing, "-o", str(target), code=1)
    assert "E0801" in err and "nested_loops.h:1:" in err
    assert target.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.syno", "nested_loops.h"]
    found = json.loads(printed(capsys, listing, "--json", code=1)[0])
    assert [item["code"] for item in found["diagnostics"]] == ["E0801"]


def test_missing_files_and_folders_are_told(
    listing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "E0102" in printed(capsys, str(tmp_path / "none"), code=1)[1]
    assert "E0702" in printed(capsys, listing, "-o", str(tmp_path / "none" / "x.syno"), code=1)[1]
    printed(capsys, listing, "--json", "-o", "x", code=2)
    printed(capsys, code=2)


def test_a_folder_gets_a_file_by_the_name_of_the_operator(
    listing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, listing, "--name", "halves", "-o", str(tmp_path))
    assert syno_lang.load(tmp_path / "halves.syno").name == "halves"


@needs_corpus
def test_a_kernel_folder_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "op1.syno"
    assert printed(capsys, str(CORPUS / "15252107013978896537"), "-o", str(target)) == ("", "")
    assert syno_lang.load(target) == syno_lang.load("stdlib:op1")
    assert main(["check", str(target)]) == 0


@needs_corpus
def test_samples_are_imported_all_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "sampled"
    out, _ = printed(capsys, str(SAMPLES), "-o", str(target))
    assert out == f"{target}: 114 files\n"
    assert {path.stem for path in target.iterdir()} == set(samples())
    lines = SAMPLES.read_text().splitlines()[:3]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join([*lines, lines[0].replace("gpt2_0001", "five").replace("% g^-1", "% g^-9")]))
    assert "E0804" in printed(capsys, str(broken), "-o", str(tmp_path / "none"), code=1)[1]
    assert not (tmp_path / "none").exists()
    broken.write_text("\n".join([*lines, lines[0]]))
    assert "E0805" in printed(capsys, str(broken), "-o", str(tmp_path / "none"), code=1)[1]
    printed(capsys, str(SAMPLES), code=2)
    printed(capsys, str(SAMPLES), "--name", "x", "-o", str(target), code=2)
    out, _ = printed(capsys, str(SAMPLES), "--line", "hw_0002")
    assert syno_lang.parse(out).name == "hw_0002"


@needs_corpus
def test_every_published_folder_passes_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in FOLDERS:
        target = tmp_path / f"{folder.name}.syno"
        printed(capsys, str(folder), "-o", str(target))
        assert main(["check", str(target)]) == 0, folder.name


def test_a_file_of_samples_becomes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {"id": "halves", "loops": LISTING, "inputs": ["[g^-1*N, g]"], "output": "[N]"}
    record["constants"] = ["Primary: { N: 4 }, Coefficient { g: 2 }"]
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record))
    out, _ = printed(capsys, str(path), "-o", str(tmp_path / "all"))
    assert out == f"{tmp_path / 'all'}: 1 file\n"
    assert syno_lang.load(tmp_path / "all" / "halves.syno").definition.defaults == {"g": 2}
    assert printed(capsys, str(path), "--line", "1", "-o", str(tmp_path / "one.syno"))[0] == ""
    assert (tmp_path / "one.syno").read_text() == (tmp_path / "all" / "halves.syno").read_text()
    (tmp_path / "file").write_text("")
    assert "E0702" in printed(capsys, str(path), "-o", str(tmp_path / "file"), code=1)[1]
