"""The VS Code folder: every file can be read, and the TextMate grammar says the words of the language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syno_lang.highlight import CONDITIONS
from tests.editors.words import PRIMITIVES, REDUCERS, grammar_words

FOLDER = Path(__file__).resolve().parents[2] / "editors" / "vscode"
GRAMMAR = FOLDER / "syntaxes" / "syno.tmLanguage.json"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="this is no checkout")


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def rules(node: Any) -> Iterator[dict[str, Any]]:
    """Every rule of a TextMate grammar."""
    if isinstance(node, dict):
        if {"match", "begin", "include", "patterns"} & node.keys():
            yield node
        for value in node.values():
            yield from rules(value)
    elif isinstance(node, list):
        for value in node:
            yield from rules(value)


def regexes() -> list[str]:
    return [rule[key] for rule in rules(read(GRAMMAR)) for key in ("match", "begin", "end") if key in rule]


def alternatives(scope: str) -> set[str]:
    """The words between `(` and `)` of the rules that are coloured as `scope`."""
    found: set[str] = set()
    for rule in rules(read(GRAMMAR)):
        names = [rule.get("name", ""), rule.get("beginCaptures", {}).get("1", {}).get("name", "")]
        if any(name.startswith(scope) and "operator" not in name for name in names):
            group = re.search(r"\\b\(([a-z|]+)\)\\b", rule.get("match", rule.get("begin", "")))
            assert group, rule
            found |= set(group[1].split("|"))
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.json")), ids=lambda path: path.name)
def test_is_json(path: Path) -> None:
    assert read(path)


def test_manifest_names_files_that_are_there() -> None:
    manifest = read(FOLDER / "package.json")
    (language,) = manifest["contributes"]["languages"]
    (grammar,) = manifest["contributes"]["grammars"]
    for file in (manifest["main"], language["configuration"], grammar["path"]):
        assert (FOLDER / file).is_file()
    assert language["extensions"] == [".syno"]
    assert grammar["language"] == language["id"]
    assert grammar["scopeName"] == read(GRAMMAR)["scopeName"]
    command = manifest["contributes"]["configuration"]["properties"]["syno.server.command"]["default"]
    assert command == ["syno", "lsp"]
    assert re.search(r'require\("vscode-languageclient/node"\)', (FOLDER / "extension.js").read_text())
    assert "vscode-languageclient" in manifest["dependencies"]


def test_every_pattern_compiles() -> None:
    """The patterns keep to what Python's expressions and Oniguruma share."""
    assert len(regexes()) > 20
    for pattern in regexes():
        assert re.compile(pattern).match("") is None or pattern.startswith("(?="), pattern


def test_every_include_is_defined() -> None:
    defined = {f"#{name}" for name in read(GRAMMAR)["repository"]}
    used = {rule["include"] for rule in rules(read(GRAMMAR)) if "include" in rule}
    assert used == defined


def test_words_are_those_of_the_language() -> None:
    assert alternatives("keyword.") | alternatives("storage.") == grammar_words()
    assert alternatives("support.function.primitive") == set(PRIMITIVES)
    assert alternatives("support.function.reducer") == set(REDUCERS)
    assert alternatives("support.function.condition") == set(CONDITIONS)


def test_brackets_of_the_editor_are_those_of_the_language() -> None:
    configuration = read(FOLDER / "language-configuration.json")
    assert configuration["brackets"] == [["{", "}"], ["[", "]"], ["(", ")"]]
    word = re.compile(configuration["wordPattern"])
    assert [match[0] for match in word.finditer("x[n'', C_in/g2]")] == ["x", "n''", "C_in", "g2"]
    rules = configuration["indentationRules"]
    assert re.search(rules["increaseIndentPattern"], ") -> [N] {")
    assert re.search(rules["decreaseIndentPattern"], "    }")
