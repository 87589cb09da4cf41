"""Index expressions, guards and sizes enter; Python text over whole numbers leaves, with few parentheses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from syno_lang.lower.affine import Binary, Guard, Index, Loop, Number, SizeValue
from syno_lang.sizes import Size


class Level(IntEnum):
    """How tightly the outermost operator of a text binds; a quotient is no factor of a longer product."""

    SUM = 1
    QUOTIENT = 2
    PRODUCT = 3
    ATOM = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of Python with its level."""

    text: str
    level: Level

    def at(self, level: Level) -> str:
        """The text, in parentheses where it binds less tightly than `level`."""
        return self.text if self.level >= level else f"({self.text})"


#: What each operator asks of its left and its right operand.
NEEDS = {
    "+": (Level.SUM, Level.SUM),
    "-": (Level.SUM, Level.QUOTIENT),
    "*": (Level.QUOTIENT, Level.PRODUCT),
    "//": (Level.QUOTIENT, Level.ATOM),
    "%": (Level.QUOTIENT, Level.ATOM),
}


def index_text(index: Index) -> str:
    """The value of `index`."""
    return _index(index).text


def size_text(size: Size) -> str:
    """The value of `size`, which is whole: `C_out // (g * s)`."""
    return _size(size, 1).text


def factor_text(size: Size) -> str:
    """The value of `size` as a factor of a product."""
    return _size(size, 1).at(Level.PRODUCT)


def guard_text(guard: Guard) -> str:
    """The condition `0 <= index < size`."""
    return f"0 <= {index_text(guard.index)} < {size_text(guard.size)}"


def _index(index: Index) -> Text:
    match index:
        case Loop(name):
            return Text(name, Level.ATOM)
        case Number(value):
            return Text(str(value), Level.ATOM if value >= 0 else Level.SUM)
        case SizeValue(size, divisor):
            return _size(size, divisor)
        case Binary("+", left, Number(value)) if value < 0:
            return _binary("-", _index(left), Text(str(-value), Level.ATOM))
        case Binary(operator, left, right):
            return _binary(operator, _index(left), _index(right))


def _binary(operator: str, left: Text, right: Text) -> Text:
    if operator in "+-" and right.text == "0":
        return left
    of_left, of_right = NEEDS[operator]
    level = Level.SUM if operator in "+-" else Level.QUOTIENT
    if operator == "*" and left.level >= Level.PRODUCT:
        level = Level.PRODUCT
    return Text(f"{left.at(of_left)} {operator} {right.at(of_right)}", level)


def _size(size: Size, divisor: int) -> Text:
    """`size // divisor`; the parts above and below the fraction line are whole."""
    below = size.lower * Size.constant(divisor)
    if not size.powers:
        return Text(str(size.numerator // below.numerator), Level.ATOM)
    upper = _product(size.upper)
    return upper if below.is_one else _binary("//", upper, _product(below))


def _product(size: Size) -> Text:
    """A monomial without a denominator."""
    factors = [name if power == 1 else f"{name}**{power}" for name, power in size.powers]
    if size.numerator != 1 or not factors:
        factors.insert(0, str(size.numerator))
    return Text(" * ".join(factors), Level.PRODUCT if len(factors) > 1 else Level.ATOM)
