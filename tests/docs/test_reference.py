"""The reference leaves nothing out: Python names with their signatures, verbs, primitives, checks, exit codes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import syno_lang
from syno_lang.cli import main
from syno_lang.ir.elaborate_index import USAGE
from syno_lang.ir.quality import ALLOWABLE

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def headings(text: str) -> set[str]:
    return set(re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE))


def signature(function: Callable[..., object]) -> str:
    """The parameters as they are called, without types."""
    found = inspect.signature(function)
    bare = [item.replace(annotation=item.empty) for item in found.parameters.values() if item.name != "self"]
    text = str(found.replace(parameters=bare, return_annotation=found.empty))
    # Without `self` there is nothing that the slash could stand behind.
    return re.sub(r"^\(/, ", "(", text)


def public(owner: object) -> list[str]:
    return [name for name in vars(owner) if not name.startswith("_")]


def test_every_python_name_has_a_section() -> None:
    expected = {*syno_lang.__all__, *(f"Operator.{name}" for name in public(syno_lang.Operator))}
    assert expected <= headings(page("python"))


@pytest.mark.parametrize("name", ["load", "load_all", "load_space", "parse", *public(syno_lang.Operator)])
def test_signatures(name: str) -> None:
    found = getattr(syno_lang, name, None) or getattr(syno_lang.Operator, name)
    if callable(found):
        assert f"`{name}{signature(found)}`" in page("python")


def test_names_for_models() -> None:
    nn = pytest.importorskip("syno_lang.nn", exc_type=ImportError)
    for name in set(nn.__all__) - {"Substitution"}:
        assert name in headings(page("python"))
        assert f"`{name}{signature(getattr(nn, name))}`" in page("python")


def test_every_verb_shows_its_help() -> None:
    verbs = [f"syno {verb}" for verb in main.VERBS]
    text = page("command-line")
    message = "in command-line.md each verb has a section `## syno VERB` with a console `$ syno VERB --help`"
    assert re.findall(r"^## (syno .*)$", text, flags=re.MULTILINE) == verbs, message
    assert all(f"$ {verb} --help\n" in text for verb in verbs), message


def test_every_exit_code() -> None:
    codes = {0, 1, 2, main.BUG, main.INTERRUPTED, main.READER_GONE}
    text = page("command-line").partition("## Exit codes")[2].partition("## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)} == codes


def test_every_primitive() -> None:
    assert {name.upper() for name in USAGE} <= headings(page("primitives"))


def test_every_quality_check() -> None:
    text = page("quality")
    for name, code in ALLOWABLE.items():
        assert re.search(rf"^\|.*\[{code}\].*`{name}` \|$", text, flags=re.MULTILINE), name
        assert f"fails={code}" in text
