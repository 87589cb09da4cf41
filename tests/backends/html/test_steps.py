"""The page of the steps to a normal form: what is on it, and what its script does in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

import syno_lang
from syno_lang.backends.html.steps import emit
from syno_lang.backends.svg.emit import emit as draw
from syno_lang.modules.readable import readable
from syno_lang.rewrite.canonicalize import trace
from syno_lang.rewrite.engine import ONE_VALUE
from syno_lang.rewrite.read import standard_rules

RULES = [rule for rule in standard_rules() if rule.is_exact]
TEXT = (
    "operator one<N, H; B = 2>(x: [N, H]) -> [N] { out[n] = sum[h: H/B, b: B] x[n, shift(split(h, b), 1)] }"
)
VOID = {"meta"}


def page(text: str) -> str:
    definition = syno_lang.parse(text).definition
    found = trace(definition, RULES)
    return emit(definition, found, RULES, readable(found.definition), draw)


class _Checker(HTMLParser):
    """Every element is closed, in its order; nothing is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole() -> None:
    checker = _Checker()
    checker.feed(page(TEXT))
    assert checker.open == []
    assert checker.links == ["#start", "#step-1", "#step-2", "#end"]


def test_a_step_shows_both_sides_and_why() -> None:
    text = page(TEXT)
    (section,) = re.findall(r'<section id="step-1">.*?</section>', text, re.S)
    assert "<code>split_of_sums</code>" in section
    assert "out[n] = sum[h: H/B, b: B] x[n, shift(split(h, b), 1)]" in section
    assert "out[n] = sum[r2: H] x[n, shift(r2, 1)]" in section
    assert section.count("<svg ") == 2 and 'stroke-width="2.5"' in section
    assert "are one." in section


def test_steps_without_a_rule_have_a_reason() -> None:
    text = page("operator f<N>(x: [1, N]) -> [1, N] { out[i, j] = x[shift(i, 0), j] }")
    assert ONE_VALUE in text and "A coordinate with a single value is 0" in text


def test_an_operator_in_normal_form_has_no_steps() -> None:
    text = page("operator f<N>(x: [N]) -> [N] { out[i] = x[i] }")
    assert "0 steps" in text and text.count("<section ") == 2


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no browser")
@pytest.mark.parametrize("place", ["start", "step-1", "step-2", "end"])
def test_a_browser_shows_one_step(place: str, tmp_path: Path) -> None:
    file = tmp_path / "steps.html"
    file.write_text(page(TEXT))
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--dump-dom",
        f"{file.as_uri()}#{place}",
    ]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    sections = re.findall(r'<section id="([\w-]+)"( hidden="")?>', found)
    assert [name for name, hidden in sections if not hidden] == [place]
    assert f'href="#{place}"' in found and 'aria-current="step"' in found
