"""`use` of rules: named like operators, checked like them, and used by `syno canon`."""

from pathlib import Path

import pytest

from syno_lang import SynoError, load, load_all
from syno_lang.cli.main import main
from syno_lang.modules.load import Loader
from syno_lang.rewrite.choose import chosen_rules
from syno_lang.rewrite.read import rules_of

RULES = """\
rule whole_turn<N>(a: N) {
    because "Nothing is left of a coordinate that was not there."
    source "These tests."
    shift(shift(a, 1), -1) => a
}
"""

OPERATOR = """\
use {path}

operator back_and_forth<N>(x: [N]) -> [N] {{
    out[i] = x[shift(shift(i, 1), -1)]
}}
"""


def written(folder: Path, path: str) -> str:
    (folder / "mine.syno").write_text(RULES)
    file = folder / "op.syno"
    file.write_text(OPERATOR.format(path=path))
    return str(file)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("mine.whole_turn", "whole_turn"),
        ("mine.whole_turn as turn", "turn"),
        ("stdlib.coordinates.split_of_merge", "split_of_merge"),
    ],
)
def test_a_used_rule_is_in_scope_under_its_name(tmp_path: Path, path: str, name: str) -> None:
    file = written(tmp_path, path)
    assert list(Loader().file(file).rules) == [name]
    assert [rule.name for rule in rules_of(file)] == [name]
    assert list(load_all(file)) == ["back_and_forth"]


def test_a_used_rule_rewrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "mine.whole_turn")
    known = {rule.name for rule in chosen_rules([file], [], [])}
    assert "whole_turn" in known
    assert known - {rule.name for rule in chosen_rules([], [], [])} == {"whole_turn"}
    others = [word for name in sorted(known - {"whole_turn"}) for word in ("--without", name)]
    assert main(["canon", file, *others]) == 0
    assert "x[i]" in capsys.readouterr().out


def test_a_rule_that_ships_may_be_used_again(tmp_path: Path) -> None:
    file = written(tmp_path, "stdlib.coordinates.split_of_merge")
    assert len(chosen_rules([file], [], [])) == len(chosen_rules([], [], []))


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("mine.whole_torn", "E0903", "did you mean `whole_turn`?"),
        ("stdlib.coordinates.split_of_merg", "E0903", "did you mean `split_of_merge`?"),
        ("mine.whole_turn as back_and_forth", "E0204", "defined twice"),
        ("stdlib", "E0901", "use stdlib.conv2d"),
    ],
)
def test_wrong_uses(tmp_path: Path, path: str, code: str, words: str) -> None:
    with pytest.raises(SynoError) as caught:
        load(written(tmp_path, path))
    assert [item.code for item in caught.value.diagnostics] == [code]
    assert words in str(caught.value)
