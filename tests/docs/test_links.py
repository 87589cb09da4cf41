"""Every link of the documentation leads somewhere: to a page and a heading of it, or to a well-formed address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)

_CODE = re.compile(r"^( *)(`{3,}).*?^\1\2$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def prose(path: Path) -> str:
    """The text of a page without its code; headings keep the words of theirs."""
    text = path.read_text(encoding="utf-8")
    return _CODE.sub(lambda found: "" if "\n" in found[0] else found[0].strip("`"), text)


def links(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    yield from _LINK.findall(_CODE.sub(lambda found: "" if "\n" in found[0] else "code", text))


@cache
def anchors(path: Path) -> set[str]:
    """The headings as a link spells them: lower case, dashes for blanks, without other signs."""
    headings = re.findall(r"^#{1,4} (.+)$", prose(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_links(path: Path) -> None:
    for link in links(path):
        address = urlsplit(link)
        if address.scheme:
            assert address.scheme == "https" and "." in address.netloc, link
            continue
        target = (path.parent / address.path).resolve() if address.path else path
        assert target.is_file(), link
        assert target.is_relative_to(DOCS), f"{link}: the site has only what is in docs"
        assert not address.fragment or address.fragment in anchors(target), link


def test_every_page_is_reached() -> None:
    """A page is linked to, such as a how-to from its index; those of errors and decisions are listed by Sphinx."""
    linked = {
        (path.parent / urlsplit(link).path).resolve()
        for path in PAGES
        for link in links(path)
        if not urlsplit(link).scheme
    }
    listed = {path for folder in ("errors", "adr") for path in (DOCS / folder).glob("*.md")}
    missing = set(PAGES) - linked - listed - {DOCS / "index.md"}
    assert not missing, f"no page links to {sorted(str(path.relative_to(DOCS)) for path in missing)}"
