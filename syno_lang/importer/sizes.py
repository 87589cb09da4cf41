"""A token such as `g^-1*s^-1*C_out` enters, a size leaves; or the reason why it is none."""

from __future__ import annotations

import re
from typing import Final

from syno_lang.diagnostics import Span, fail
from syno_lang.importer.listing import MAX_DIGITS
from syno_lang.sizes import ONE, Size

#: The largest power, as in the language.
MAX_POWER: Final = 16

_SHAPE: Final = "a shape is written as in `[N, g^-1*C_out]`"

_FACTOR: Final = re.compile(r"([A-Za-z_][A-Za-z_0-9]*|[0-9]+)(?:\^(-?[0-9]+))?", re.ASCII)


def factors(text: str) -> list[tuple[str, int]]:
    """The names (or literals) of a monomial with their powers, as they stand.  Raises `ValueError`."""
    found = []
    for factor in text.split("*"):
        parts = _FACTOR.fullmatch(factor)
        if parts is None:
            raise ValueError(f"`{text[:60]}` is no product of powers")
        if max(len(parts[1]) if parts[1].isdigit() else 0, len(parts[2] or "")) > MAX_DIGITS:
            raise ValueError(f"a number in `{text[:60]}` is too long")
        found.append((parts[1], int(parts[2] or 1)))
    return found


def size_of(text: str, code: str, span: Span | None = None) -> Size:
    """The size that `text` writes.  Raises `SynoError` with `code` where it is none."""
    try:
        return _product(text)
    except ValueError as error:
        hint = "a size is written as in `g^-1*C_out`, without blanks"
        raise fail(code, str(error), span=span, hint=hint) from None


def shape_of(text: object, origin: str) -> tuple[Size, ...]:
    """The sizes of `[N, g^-1*C_in]`, which stands in `origin`.  Raises `SynoError` (E0805)."""
    if not isinstance(text, str) or not (text.startswith("[") and text.endswith("]")):
        raise fail("E0805", f"{origin} gives the shape {str(text)[:60]!r}", hint=_SHAPE)
    inside = text[1:-1].strip()
    try:
        return tuple(_product(item.strip()) for item in inside.split(",")) if inside else ()
    except ValueError as error:
        raise fail("E0805", f"{origin} gives the shape {text[:60]!r}: {error}", hint=_SHAPE) from None


def too_large(size: Size) -> bool:
    """Whether `size` has a power or a literal that the language does not read."""
    literal = max(size.numerator, size.denominator)
    return any(abs(power) > MAX_POWER for _, power in size.powers) or len(str(literal)) > MAX_DIGITS


def _product(text: str) -> Size:
    size = ONE
    for name, power in factors(text):
        if abs(power) > MAX_POWER:
            raise ValueError(f"the power {power} in `{text[:60]}` is out of range")
        if name.isdigit() and int(name) == 0:
            raise ValueError("a size is never 0")
        base = Size.constant(int(name)) if name.isdigit() else Size.variable(name)
        size = size * base**power
        if too_large(size):
            raise ValueError(f"`{text[:60]}` is too large")
    return size
