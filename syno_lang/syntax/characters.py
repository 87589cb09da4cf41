"""A character that cannot stand in a `.syno` text enters; a sentence about it and a hint leave."""

from __future__ import annotations

import unicodedata
from string import ascii_letters, digits
from typing import Final

_USED: Final = frozenset(f"{ascii_letters}{digits}_ \t\r\n\f#()[]{{}}<>,;:=+-*/%^")

#: Letters of other alphabets that look like Latin ones, each above the letter it looks like.
_LOOKALIKES: Final = dict(zip(
    "АВСЕНІЈКМОРЅТХУаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧνοικ",
    "ABCEHIJKMOPSTXYaeopcyxijsdqwABEZHIKMNOPTYXvoik",
    strict=True,
))  # fmt: skip

#: Typographic signs, with what they stand for.
_SIGNS: Final = {
    "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u00d7": "*", "\u00b7": "*", "\u22c5": "*",
    "\u2217": "*", "\u00f7": "/", "\u2215": "/", "\u2192": "->", "\u21d2": "->", "\uff0c": ",", "\uff1a": ":",
    "\uff1b": ";", "\uff08": "(", "\uff09": ")", "\u2019": "'", "\u2032": "'", "\u2026": "...",
}  # fmt: skip

_MEANINGS: Final = {
    ".": "numbers are whole; every axis has its own coordinate",
    "'": "a prime stands at the end of a name; text in quotes has no place here",
    '"': "text in quotes has no place here: write the name alone",
    "!": "a comment starts with `#`",
    "?": "write a coordinate for every axis",
    "\\": "a line end needs no sign: a statement may take several lines",
    "@": "a product of tensors is written with `*` and a sum: `sum[r: D] x[n, r] * w[r, m]`",
}

_NAMES: Final = "names are made of the letters a-z and A-Z, digits and underscores"


def unusual(character: str) -> tuple[str, str] | None:
    """What is wrong with a character, and a hint; `None` for one that the language uses."""
    if not character or character in _USED:
        return None
    name = unicodedata.name(character, "")
    shown = f"`{character}`" if character.isprintable() and not unicodedata.combining(character) else "this"
    named = f"U+{ord(character):04X}{' ' + name if name else ''}"
    if character in _LOOKALIKES:
        latin = _LOOKALIKES[character]
        return f"{shown} is not the letter {latin}, it is {named}", f"write the Latin letter `{latin}`"
    if character in _SIGNS:
        return f"{shown} is no sign of the language, it is {named}", f"write `{_SIGNS[character]}`"
    if character.isascii() and character.isprintable():
        return f"{shown} is no sign of the language", _MEANINGS.get(character, "remove it")
    if character.isspace() or not character.isprintable():
        return f"there is an invisible character here: {named}", "remove it, or write an ordinary space"
    return f"{shown} cannot stand in a text, it is {named}", _NAMES if character.isalpha() else "remove it"
