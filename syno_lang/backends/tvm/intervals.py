"""Quasi-affine indices and the extents of their loops enter; simplified indices with their intervals leave.

Division and remainder are those of Python and of TensorIR: they round towards minus infinity, so every
simplification here holds for negative numbers too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syno_lang.backends.tvm.dialect import WORDS
from syno_lang.lower.affine import Binary, Index, Loop, Number, SizeValue

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Variable:
    """A loop variable over `0 .. extent-1`, under its name in the emitted text."""

    name: str
    extent: int

    @property
    def interval(self) -> Interval:
        """The smallest and the largest value."""
        return 0, self.extent - 1

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Floor:
    """`operand // divisor`."""

    operand: Linear
    divisor: int

    @property
    def interval(self) -> Interval:
        """The smallest and the largest value."""
        low, high = self.operand.interval
        return low // self.divisor, high // self.divisor

    def __str__(self) -> str:
        return f"{self.operand.as_operand()} // {self.divisor}"


@dataclass(frozen=True, slots=True)
class Modulo:
    """`operand % divisor`, of an operand that is never negative and not known to stay within one block."""

    operand: Linear
    divisor: int

    @property
    def interval(self) -> Interval:
        """The smallest and the largest value."""
        return 0, self.divisor - 1

    def __str__(self) -> str:
        if self.operand.constant:
            # `((i + 1) % n + j % m) % k` and its like: TVM 0.27 simplifies `%` of a sum with a constant to
            # something else where another `//` or `%` is near.  The other remainder it leaves alone.
            return f"{WORDS['remainder']}({self.operand}, {self.divisor})"
        return f"{self.operand.as_operand()} % {self.divisor}"


Atom = Variable | Floor | Modulo


@dataclass(frozen=True, slots=True)
class Linear:
    """`sum of atom * coefficient + constant`, every atom once and with a coefficient that is not zero."""

    terms: tuple[tuple[Atom, int], ...] = ()
    constant: int = 0

    @staticmethod
    def of(terms: Iterable[tuple[Atom, int]], constant: int = 0) -> Linear:
        """Join the terms of equal atoms and drop those that vanish."""
        joined: dict[Atom, int] = {}
        for atom, coefficient in terms:
            joined[atom] = joined.get(atom, 0) + coefficient
        return Linear(tuple(item for item in joined.items() if item[1]), constant)

    def __add__(self, other: Linear) -> Linear:
        return Linear.of((*self.terms, *other.terms), self.constant + other.constant)

    def scaled(self, factor: int) -> Linear:
        """`self * factor`."""
        return Linear.of(((atom, number * factor) for atom, number in self.terms), self.constant * factor)

    def divided(self, divisor: int) -> Linear:
        """`self // divisor`, for a positive divisor."""
        # (d*a + r) // d = a + r // d
        whole = Linear.of((atom, number // divisor) for atom, number in self.terms if number % divisor == 0)
        rest = Linear.of(((atom, number) for atom, number in self.terms if number % divisor), self.constant)
        low, high = (end // divisor for end in rest.interval)
        return whole + (Linear((), low) if low == high else Linear(((Floor(rest, divisor), 1),)))

    def modulo(self, divisor: int) -> Linear:
        """`self % divisor`, for a positive divisor."""
        # (d*a + r) % d = r % d
        rest = Linear.of(((atom, number) for atom, number in self.terms if number % divisor), self.constant)
        for atom, number in rest.terms:
            if isinstance(atom, Modulo) and atom.divisor % divisor == 0:
                # (a % (c*d) + r) % d = (a + r) % d
                return (rest + Linear(((atom, -number),)) + atom.operand.scaled(number)).modulo(divisor)
        low, high = rest.interval
        rest += Linear((), -(low // divisor * divisor))
        return rest if low // divisor == high // divisor else Linear(((Modulo(rest, divisor), 1),))

    @property
    def interval(self) -> Interval:
        """Bounds on the value; exact where the atoms are independent."""
        low = high = self.constant
        for atom, number in self.terms:
            ends = [end * number for end in atom.interval]
            low, high = low + min(ends), high + max(ends)
        return low, high

    @property
    def movable(self) -> Linear:
        """The index without its constant."""
        return Linear(self.terms)

    def as_operand(self) -> str:
        """The text as the left operand of `//` or `%`."""
        alone = len(self.terms) == 1 and self.terms[0][1] == 1 and not self.constant
        return str(self) if alone and isinstance(self.terms[0][0], Variable) else f"({self})"

    def __str__(self) -> str:
        parts = [(number, f"{atom} * {abs(number)}".removesuffix(" * 1")) for atom, number in self.terms]
        if self.constant or not parts:
            parts.append((self.constant, str(abs(self.constant))))
        text = "".join(f" {'-' if number < 0 else '+'} {part}" for number, part in parts)
        # A sign before `a // b` would bind to `a`.
        return f"0{text}" if text.startswith(" - ") else text[3:]


def linear(index: Index, loops: Mapping[str, Variable | Linear], sizes: Mapping[str, int]) -> Linear:
    """`index` at `sizes`, simplified; `loops` gives what stands for an axis by its name."""
    match index:
        case Loop(name):
            value = loops[name]
            return value if isinstance(value, Linear) else Linear(((value, 1),))
        case Number(value):
            return Linear((), value)
        case SizeValue(size, divisor):
            return Linear((), size.value(sizes) // divisor)
        case Binary(operator, left, right):
            return _joined(operator, linear(left, loops, sizes), linear(right, loops, sizes))


def _joined(operator: str, left: Linear, right: Linear) -> Linear:
    if operator == "+":
        return left + right
    if operator == "-":
        return left + right.scaled(-1)
    if operator == "*" and not left.terms:
        return right.scaled(left.constant)
    if right.terms or operator not in ("*", "//", "%"):
        raise TypeError(f"({left}) {operator} ({right}) is not quasi-affine")
    if operator == "*":
        return left.scaled(right.constant)
    return left.divided(right.constant) if operator == "//" else left.modulo(right.constant)


def conditions(index: Linear, size: int) -> tuple[str, ...] | None:
    """What is left to test of `0 <= index < size`, constants on one side; `None` where it never holds."""
    low, high = index.interval
    if high < 0 or low >= size:
        return None
    tests = []
    if low < 0:
        tests.append(f"{-index.constant} <= {index.movable}")
    if high >= size:
        tests.append(f"{index.movable} < {size - index.constant}")
    return tuple(tests)
