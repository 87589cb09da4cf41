"""The page of the language has every rule of the grammar, each with words and an example that uses it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tests.docs.blocks import blocks
from tests.docs.grammar import rules, used

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "language.md").read_text(
    encoding="utf-8"
)
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]


def documented(section: str) -> list[str]:
    """The names of the rules that a section shows."""
    shown = "\n".join(block.text for block in blocks(section) if block.language == "lark")
    return re.findall(r"^[?!]*([A-Za-z_]\w*)(?:\.\d+)?:", shown, flags=re.MULTILINE)


def test_every_rule_is_in_one_section() -> None:
    shown = Counter(name for section in SECTIONS for name in documented(section))
    assert shown.keys() == rules().keys(), (
        f"write about {sorted(rules().keys() ^ shown.keys())} in language.md"
    )
    assert not [name for name, count in shown.items() if count > 1]


def test_every_section_has_words_and_an_example() -> None:
    for section in SECTIONS:
        title = section.splitlines()[0]
        languages = {block.language for block in blocks(section)}
        prose = re.sub(r"```.*?```", "", section, flags=re.DOTALL)
        assert len(prose.split()) > 20, title
        assert title == "Words" or {"lark", "syno"} <= languages, title


def test_the_examples_of_a_section_use_its_rules() -> None:
    everywhere = {name for block in blocks(PAGE) if block.language == "syno" for name in used(block.text)}
    for section in SECTIONS:
        examples = {
            name for block in blocks(section) if block.language == "syno" for name in used(block.text)
        }
        missing = set(documented(section)) - (examples or everywhere)
        assert not missing, section.splitlines()[0]
