"""Text enters; what a terminal can show of it, with colours and with known widths, leaves."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

TAB: Final = 4


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours, or nothing where `on` is false."""

    on: bool

    def red(self, text: str) -> str:
        """Bold red: the error itself."""
        return self._wrap("1;31", text)

    def blue(self, text: str) -> str:
        """Bold blue: frames and second places."""
        return self._wrap("1;34", text)

    def bold(self, text: str) -> str:
        """Bold: what is read first."""
        return self._wrap("1", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


def visible(text: str) -> str:
    """Replace control characters, so that no text can drive the terminal; line ends stay."""
    return "".join(_visible(character) for character in text)


def show(text: str) -> str:
    """A source line as it is shown: tabs become spaces, control characters become visible."""
    return visible(text.replace("\t", " " * TAB))


def width(text: str) -> int:
    """How many columns of a terminal `text` takes once shown."""
    return sum(_width(character) for character in text)


def _visible(character: str) -> str:
    number = ord(character)
    if character == "\n":
        return character
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "\u2421"
    # The other controls, lone surrogates and the marks that turn the direction of writing.
    if unicodedata.category(character) in ("Cc", "Cs") or character in "\u202a\u202b\u202c\u202d\u202e":
        return "\ufffd"
    return "\ufffd" if character in "\u2028\u2029\u2066\u2067\u2068\u2069" else character


def _width(character: str) -> int:
    if character == "\t":
        return TAB
    if unicodedata.category(character) in ("Mn", "Me", "Cf") and _visible(character) == character:
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
