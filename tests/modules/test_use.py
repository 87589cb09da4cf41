"""`use`: where files are looked for, what they give, and what is said where they give nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import syno_lang
from syno_lang.checks.run import run_tests
from syno_lang.diagnostics import Diagnostic, Source, SynoError
from syno_lang.modules import load
from syno_lang.modules.load import MAX_CHAIN, Loader

COPY = "operator {name}<N>(x: [N]) -> [N] {{ out[n] = x[shift(n, {by})] }}\n"


def copy(name: str, by: int = 1) -> str:
    return COPY.format(name=name, by=by)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def used(path: Path, *search: Path) -> dict[str, int]:
    """The operators that a file uses, each with the places that it shifts by."""
    found = Loader(tuple(str(folder) for folder in search)).file(str(path)).used
    return {name: definition.graph.reads[0].index[0].arguments[-1] for name, definition in found.items()}


def refused(path: Path, *search: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(SynoError) as caught:
        syno_lang.load_all(path, search=[str(folder) for folder in search])
    assert all(finding.hint for finding in caught.value.diagnostics)
    return caught.value.diagnostics


def under(finding: Diagnostic) -> str:
    assert finding.span is not None
    span = finding.span
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


def test_the_spellings(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "ops.syno": copy("a", 1) + copy("b", 2),
            "c.syno": copy("c", 3),
            "lib/more.syno": copy("d", 4),
            "lib/e.syno": copy("e", 5),
            "main.syno": "use ops.a, ops.b as bb\nuse c use lib.more.d, lib.e as ee  # here\n" + copy("main"),
        },
    )
    assert used(tmp_path / "main.syno") == {"a": 1, "bb": 2, "c": 3, "d": 4, "ee": 5}
    assert [*syno_lang.load_all(tmp_path / "main.syno")] == ["main"]


def test_the_folder_of_the_file_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"here/main.syno": "use ops.a", "here/ops.syno": copy("a", 1), "there/ops.syno": copy("a", 2)})
    write(tmp_path, {"main.syno": "use ops.a", "last/ops.syno": copy("a", 3)})
    there, last = tmp_path / "there", tmp_path / "last"
    assert used(tmp_path / "here/main.syno", there, last) == {"a": 1}
    assert used(tmp_path / "main.syno", there, last) == {"a": 2}
    assert used(tmp_path / "main.syno", last, there) == {"a": 3}
    monkeypatch.setenv("SYNO_PATH", os.pathsep.join(["", str(tmp_path / "missing"), str(last)]))
    assert syno_lang.load_all(tmp_path / "main.syno") == {}
    monkeypatch.delenv("SYNO_PATH")
    with pytest.raises(SynoError):
        syno_lang.load_all(tmp_path / "main.syno")


def test_a_file_beside_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.syno": "use ops.a", "ops.syno": copy("a")})
    monkeypatch.chdir(tmp_path)
    assert used(Path("main.syno")) == {"a": 1}
    write(tmp_path, {"deep/er/main.syno": "use lib.ops.a", "deep/er/lib/ops.syno": "use more.b\n" + copy("a")})
    write(tmp_path, {"deep/er/lib/more.syno": copy("b")})
    assert used(Path("deep/er/main.syno")) == {"a": 1}


def test_the_stdlib_is_what_ships(tmp_path: Path) -> None:
    """A neighbour of that name does not hide it."""
    write(tmp_path, {"main.syno": "use stdlib.conv2d", "stdlib.syno": copy("conv2d")})
    write(tmp_path, {"stdlib/conv2d.syno": copy("conv2d")})
    found = Loader().file(str(tmp_path / "main.syno")).used["conv2d"]
    assert found.graph == syno_lang.load("stdlib:conv2d").definition.graph


def test_a_text_may_use_the_stdlib_and_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"ops.syno": copy("a")})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SynoError) as caught:
        syno_lang.parse("use ops.a\n" + copy("b"))
    assert "a text has none" in caught.value.diagnostics[0].notes[0]
    monkeypatch.setenv("SYNO_PATH", str(tmp_path))
    assert syno_lang.parse("use ops.a, stdlib.conv2d\n" + copy("b")).name == "b"


def test_every_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"main.syno": "use a.a, b.b, c.c, c.d", "a.syno": "use c.c\n" + copy("a")})
    write(tmp_path, {"b.syno": "use c.c, a.a\n" + copy("b"), "c.syno": copy("c") + copy("d")})
    reads: list[str] = []
    real = load.read

    def read(path: str) -> Source:
        reads.append(os.path.basename(path))
        return real(path)

    monkeypatch.setattr(load, "read", read)
    assert used(tmp_path / "main.syno") == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert sorted(reads) == ["a.syno", "b.syno", "c.syno", "main.syno"]


def test_names_of_used_files_are_not_passed_on(tmp_path: Path) -> None:
    write(tmp_path, {"main.syno": "use a.c", "a.syno": "use c.c\n" + copy("a"), "c.syno": copy("c")})
    (finding,) = refused(tmp_path / "main.syno")
    assert finding.code == "E0903"


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("use opps.a", "E0901", "opps.a", "did you mean `ops`?"),
        ("use lib.opps.a", "E0901", "lib.opps.a", "did you mean `lib.ops`?"),
        ("use nowhere.at.all", "E0901", "nowhere.at.all", "`nowhere/at.syno` or `nowhere/at/all.syno`"),
        ("use conv2d", "E0901", "conv2d", "did you mean `stdlib.conv2d`?"),
        ("use stdlib", "E0901", "stdlib", "the stdlib itself is no definition"),
        ("use stdlib.conv2", "E0901", "stdlib.conv2", "did you mean `conv2d`?"),
        ("use stdlib.operators.conv2d", "E0901", "stdlib.operators.conv2d", "did you mean `conv2d`?"),
        ("use ops.aa", "E0903", "aa", "did you mean `a`?"),
        ("use lib.ops", "E0903", "ops", "it has a"),
        ("use empty.x", "E0903", "x", "no definition"),
        ("use main.main as it", "E0902", "main.main", "uses itself"),
        ("use ops.a, lib.ops.a", "E0204", "a", "`use lib.ops.a as ...`"),
        ("use ops.a as main", "E0204", "main", "first defined here"),
    ],
)
def test_what_is_not_found_is_said_at_its_place(tmp_path: Path, text: str, code: str, place: str, words: str) -> None:
    write(tmp_path, {"main.syno": f"{text}\n{copy('main')}", "ops.syno": copy("a"), "lib/ops.syno": copy("a")})
    write(tmp_path, {"empty.syno": "# nothing\n"})
    (finding,) = refused(tmp_path / "main.syno")
    assert (finding.code, under(finding)) == (code, place)
    labels = (label.text for label in finding.secondary)
    assert words.replace("/", os.sep) in " ".join((finding.message, *finding.notes, finding.hint, *labels))


def test_several_findings_come_in_the_order_of_the_text(tmp_path: Path) -> None:
    write(tmp_path, {"main.syno": "use a.a\noperator f<N>(x: [N]) -> [N] { out[n] = y[n] }\nuse b.b\n"})
    assert [finding.code for finding in refused(tmp_path / "main.syno")] == ["E0901", "E0202", "E0901"]


def test_a_circle_is_shown_all_around(tmp_path: Path) -> None:
    write(tmp_path, {"a.syno": "use b.b\n" + copy("a"), "b.syno": "\nuse c.c\n" + copy("b")})
    write(tmp_path, {"c.syno": "\n\nuse a.a\n" + copy("c")})
    (finding,) = refused(tmp_path / "a.syno")
    assert finding.code == "E0902"
    names = [os.path.basename(name) for name in finding.message.split(" uses ")]
    assert names == ["a.syno", "b.syno", "c.syno", "a.syno"]
    places = [finding.span, *(label.span for label in finding.secondary)]
    assert [(os.path.basename(place.source.name), place.line) for place in places if place] == [
        ("c.syno", 3),
        ("a.syno", 1),
        ("b.syno", 2),
    ]


def test_a_circle_that_others_lead_to(tmp_path: Path) -> None:
    write(tmp_path, {"main.syno": "use a.a, b.b", "a.syno": "use b.b\n" + copy("a"), "b.syno": "use a.a\n" + copy("b")})
    (finding,) = refused(tmp_path / "main.syno")
    assert finding.code == "E0902"
    assert os.path.basename(finding.message.split(" uses ")[0]) == "a.syno"


def test_a_file_known_by_two_names_is_one_file(tmp_path: Path) -> None:
    write(tmp_path, {"real/a.syno": "use a.a\n" + copy("b")})
    (tmp_path / "link.syno").symlink_to(tmp_path / "real" / "a.syno")
    assert refused(tmp_path / "link.syno", tmp_path / "real")[0].code == "E0902"


def test_a_broken_used_file_is_reported_once_at_its_own_place(tmp_path: Path) -> None:
    write(tmp_path, {"main.syno": "use a.a, a.b\nuse c.c\n", "c.syno": "use a.a\n" + copy("c")})
    write(tmp_path, {"a.syno": "operator a<N>(x: [N]) -> [N] { out[n] = y[n] }"})
    (finding,) = refused(tmp_path / "main.syno")
    assert finding.code == "E0202" and finding.span is not None
    assert os.path.basename(finding.span.source.name) == "a.syno"


def test_the_tests_of_a_used_file_are_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"main.syno": "use a.a", "a.syno": copy("a") + "test a { equals nobody }"})
    assert used(tmp_path / "main.syno") == {"a": 1}
    assert refused(tmp_path / "a.syno")[0].code == "E0904"


def test_a_long_chain_is_refused(tmp_path: Path) -> None:
    files = {f"f{number}.syno": f"use f{number + 1}.a\n{copy('a')}" for number in range(MAX_CHAIN + 10)}
    write(tmp_path, {"f0.syno": "use f1.a as b", **{name: text.replace(".a", ".a as b") for name, text in files.items()}})
    (finding,) = refused(tmp_path / "f0.syno")
    assert finding.code == "E0103"
    write(tmp_path, {f"f{MAX_CHAIN - 1}.syno": copy("a")})
    assert [*syno_lang.load_all(tmp_path / "f0.syno")] == ["a"]


@pytest.mark.parametrize(
    "path",
    ["../ops.a", "..ops.a", '"/etc/passwd"', "/etc/passwd", "a/../../b.c", "ops\0.a", "~.a", "C:\\ops.a", ".ops.a", "ops..a"],
)
def test_a_path_is_made_of_names(tmp_path: Path, path: str) -> None:
    """So it cannot leave the folders that are looked in."""
    write(tmp_path, {"ops.syno": copy("a"), "here/main.syno": f"use {path}\n"})
    assert refused(tmp_path / "here" / "main.syno")[0].code == "E0101"


@pytest.mark.parametrize("name", ["x" * 5000, "x'" + "'" * 300, "CON", "__init__", "import", "os.system"])
def test_strange_names_are_only_not_found(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"main.syno": f"use {name}.a\n"})
    assert refused(tmp_path / "main.syno")[0].code == "E0901"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "ops.syno").mkdir()
    write(tmp_path, {"main.syno": "use ops.a\n"})
    assert refused(tmp_path / "main.syno")[0].code == "E0901"


def test_tests_compare_with_what_is_used(tmp_path: Path) -> None:
    write(tmp_path, {"ops.syno": copy("a", 2) + copy("b", 3), "main.syno": "use ops.a as other\n" + copy("main", 2)})
    claims = "equals other equals ops.b equals stdlib.space_shift"
    with (tmp_path / "main.syno").open("a", encoding="utf-8") as stream:
        stream.write(f"test main {{ {claims} }}\ntest other {{ equals main equals ops.a }}")
    assert [outcome.status for outcome in run_tests(tmp_path / "main.syno")] == ["ok", "failed", "failed", "ok", "ok"]


def test_two_files_may_be_compared_from_both_sides(tmp_path: Path) -> None:
    """A path in a claim is no `use`: there is no circle."""
    write(tmp_path, {"a.syno": copy("a") + "test a { equals b.b }", "b.syno": copy("b") + "test b { equals a.a }"})
    for name in ("a", "b"):
        assert [outcome.status for outcome in run_tests(tmp_path / f"{name}.syno")] == ["ok"]
