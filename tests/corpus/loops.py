"""The text of a published `nested_loops.h` enters, its value on NumPy arrays leaves.

A reader of its own, for the forward kernel alone: it shares no code with the package, so that agreement
with it means something.  In the text a size is one token without blanks (`g^-1*s^-1*C_out`), `/` floors,
`%` is a remainder, and outside its bounds `restrict(e, low, high)` makes the whole product zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice, product
from math import prod
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

#: `("loop", name)`, `("size", {variable: power})`, `("number", value)`, `("restrict", e, low, high)`, or
#: an operator with its two operands.
Expression = tuple[Any, ...]

_POWER = r"[A-Za-z]\w*(?:\^-?\d+)?"
_TOKEN = re.compile(rf"\s*(restrict|{_POWER}(?:\*{_POWER})*|\d+|[-+*/%(),\[\]])")
_LOOP = re.compile(r"for \(int (r?i_\d+) = 0; \1 < (\S+); \1\+\+\) \{")
_PLAIN = re.compile(r"(float temp_ri_(\d+) = 0;|temp_ri_\d+ \+= temp_ri_\d+;|out\[[^]]*\] = temp_ri_\d+;|\})")
_PRODUCT = re.compile(r"(?:temp_ri_\d+ \+=|out\[[^]]*\] =) (in_.*);")


@dataclass(frozen=True)
class Kernel:
    """The loops in the order of the text, each with its bound, and the factors `in_number[index]`."""

    loops: dict[str, Mapping[str, int]]
    factors: list[tuple[int, list[Expression]]]
    shapes: list[list[Mapping[str, int]]]

    @property
    def outer(self) -> list[str]:
        """The loops over the output, in the order of its axes."""
        return sorted((name for name in self.loops if name.startswith("i_")), key=lambda name: int(name[2:]))

    @property
    def inner(self) -> list[str]:
        """The loops that are summed over."""
        return [name for name in self.loops if name.startswith("ri_")]

    @cached_property
    def sizes(self) -> list[Mapping[str, int]]:
        """Every size that must be whole: bounds, axes, those in an index, and what a division leaves."""
        found = [*self.loops.values(), *(size for shape in self.shapes for size in shape)]
        stack = [item for _, index in self.factors for item in index]
        while stack:
            node = stack.pop()
            if node[0] == "size":
                found.append(node[1])
            elif node[0] in "/%" and (domain := self.domain(node[1])):
                found.append(times(domain, node[2][1], -1))
            stack += [item for item in node[1:] if isinstance(item, tuple)]
        return found

    def domain(self, expression: Expression) -> Mapping[str, int]:
        """What a coordinate ranges over; nothing for a constant."""
        match expression:
            case ("loop", name):
                return self.loops[name]
            case ("%", _, ("size", size)) | ("restrict", _, _, ("size", size)):
                return cast(Mapping[str, int], size)
            case ("*" | "/" as operator, left, ("size", size)):
                return times(self.domain(left), size, 1 if operator == "*" else -1)
            case ("+" | "-", left, _):
                return self.domain(left)
        return {}

    @property
    def variables(self) -> list[str]:
        """The names of the size variables, sorted."""
        return sorted({name for size in self.sizes for name in size})

    def input_shapes(self, values: Mapping[str, int]) -> list[tuple[int, ...]]:
        """The shapes of `in_0`, `in_1`, ... for these values of the variables."""
        return [tuple(whole(size, values) for size in shape) for shape in self.shapes]


def read(text: str, shapes: Sequence[str]) -> Kernel:
    """Read the forward kernel of `text`; `shapes` are those of the inputs, `"[N, g^-1*C]"`.

    Raises `ValueError` at the first line that is not understood.
    """
    forward = text.partition("Forward Kernel */")[2].partition("/*")[0]
    loops: dict[str, Mapping[str, int]] = {}
    factors: list[tuple[int, list[Expression]]] = []
    for line in filter(None, map(str.strip, forward.splitlines())):
        if found := _LOOP.fullmatch(line):
            loops[found[1]] = size_of(found[2])
        elif found := _PRODUCT.fullmatch(line):
            factors += _Reader(found[1]).product()
        elif not _PLAIN.fullmatch(line):
            raise ValueError(f"cannot read {line!r}")
    if not loops or not factors:
        raise ValueError("there is no forward kernel")
    return Kernel(loops, factors, [shape_of(shape) for shape in shapes])


def shape_of(text: str) -> list[Mapping[str, int]]:
    """The sizes of `"[N, g^-1*C]"`."""
    return [size_of(item) for item in text.strip("[] ").split(", ")]


def size_of(text: str) -> Mapping[str, int]:
    """`g^-1*C` as `{"g": -1, "C": 1}`."""
    powers: dict[str, int] = {}
    for factor in text.split("*"):
        name, _, power = factor.partition("^")
        powers[name] = powers.get(name, 0) + int(power or 1)
    return powers


def times(left: Mapping[str, int], right: Mapping[str, int], power: int) -> Mapping[str, int]:
    """`left * right^power`"""
    return {name: left.get(name, 0) + power * right.get(name, 0) for name in {*left, *right}}


def value_of(size: Mapping[str, int], values: Mapping[str, int]) -> Fraction:
    """The exact value of a size."""
    return prod((Fraction(values[name]) ** power for name, power in size.items()), start=Fraction(1))


def whole(size: Mapping[str, int], values: Mapping[str, int]) -> int:
    """The value of a size.  Raises `ValueError` where it is no whole number."""
    value = value_of(size, values)
    if value.denominator != 1:
        raise ValueError(f"{size} is {value}")
    return value.numerator


class _Reader:
    """Recursive descent with C's precedence: `* / %` bind tighter than `+ -`, all from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None:
                raise ValueError(f"cannot read {text[position:]!r}")
            self.tokens.append(found[1])
            position = found.end()
        self.tokens.append("")

    def take(self, wanted: str = "") -> str:
        token = self.tokens.pop(0)
        if wanted and token != wanted:
            raise ValueError(f"{wanted!r} expected, not {token!r}")
        return token

    def product(self) -> list[tuple[int, list[Expression]]]:
        factors = [self.factor()]
        while self.tokens[0] == "*":
            self.take()
            factors.append(self.factor())
        self.take("")
        if self.tokens:
            raise ValueError(f"cannot read {self.tokens}")
        return factors

    def factor(self) -> tuple[int, list[Expression]]:
        name = self.take()
        if not name.startswith("in_"):
            raise ValueError(f"an input expected, not {name!r}")
        return int(name[3:]), self.list("[", "]")

    def list(self, opening: str, closing: str) -> list[Expression]:
        self.take(opening)
        found = [self.sum()]
        while self.tokens[0] == ",":
            self.take()
            found.append(self.sum())
        self.take(closing)
        return found

    def sum(self) -> Expression:
        return self.chain("+-", lambda: self.chain("*/%", self.atom))

    def chain(self, operators: str, operand: Callable[[], Expression]) -> Expression:
        left = operand()
        while self.tokens[0] and self.tokens[0] in operators:
            left = (self.take(), left, operand())
        return left

    def atom(self) -> Expression:
        if self.tokens[0] == "(":
            (inner,) = self.list("(", ")")
            return inner
        token = self.take()
        if token == "restrict":
            return ("restrict", *self.list("(", ")"))
        if token.isdigit():
            return ("number", int(token))
        if re.fullmatch(r"r?i_\d+", token):
            return ("loop", token)
        if not token[:1].isalpha():
            raise ValueError(f"a coordinate or size expected, not {token!r}")
        return ("size", size_of(token))


def evaluate(
    kernel: Kernel, inputs: Sequence[NDArray[np.float64]], values: Mapping[str, int]
) -> NDArray[np.float64]:
    """The output: the whole loop nest at once, one array axis a loop, so keep the sizes small."""
    loops = [*kernel.outer, *kernel.inner]
    extents = [whole(kernel.loops[name], values) for name in loops]
    places = dict(zip(loops, np.ix_(*map(np.arange, extents)), strict=True))
    total = np.ones(extents)
    for number, index in kernel.factors:
        inside = np.array(True)
        coordinates = []
        for expression, extent in zip(index, inputs[number].shape, strict=True):
            coordinate, legal = _coordinate(expression, places, values)
            if (legal & ((coordinate < 0) | (coordinate >= extent))).any():
                raise ValueError(f"in_{number} is read outside: {expression}")
            inside = inside & legal
            coordinates.append(np.where(legal, coordinate, 0))
        total *= inputs[number][tuple(coordinates)] * inside
    summed: NDArray[np.float64] = total.sum(tuple(range(len(kernel.outer), len(loops))))
    return summed


def _coordinate(
    expression: Expression, places: Mapping[str, NDArray[Any]], values: Mapping[str, int]
) -> tuple[Any, Any]:
    """The value of `expression` at every point of the nest, and where no `restrict` forbids it."""
    kind, *rest = expression
    if kind == "loop":
        return places[rest[0]], np.array(True)
    if kind in ("size", "number"):
        return np.array(whole(rest[0], values) if kind == "size" else rest[0]), np.array(True)
    (first, legal), *others = (_coordinate(item, places, values) for item in rest)
    if kind == "restrict":
        (low, _), (high, _) = others
        return first, legal & (low <= first) & (first < high)
    ((second, also_legal),) = others
    compute = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.floor_divide, "%": np.remainder}[kind]
    return compute(first, second), legal & also_legal


def small_values(kernel: Kernel, points: int = 500_000) -> dict[str, int]:
    """Values of the variables that make every size whole, with at most `points` points in the nest.

    Primaries differ from one another where they can.  Raises `ValueError` where nothing is found.
    """
    coefficients = [name for name in kernel.variables if name.islower() and name != "seq_len"]
    primaries = [name for name in kernel.variables if name not in coefficients]
    for small in ({"g": 2, "k_1": 3, "k_2": 5, "s": 2, "t": 3, "s_1": 2}, {"g": 2, "k_1": 2, "k_2": 3}, {}):
        values = {name: small.get(name, 1) for name in coefficients}
        candidates = [_candidates(kernel, values, name) for name in primaries]
        # The fewest equal values first; `product` already goes from small to large.
        for choice in sorted(product(*candidates), key=lambda choice: -len(set(choice))):
            values.update(zip(primaries, choice, strict=True))
            nest = prod(value_of(size, values) for size in kernel.loops.values())
            if nest <= points and all(value_of(size, values).denominator == 1 for size in kernel.sizes):
                return values
    raise ValueError(f"no small sizes for {kernel.variables}")


def _candidates(kernel: Kernel, values: Mapping[str, int], name: str) -> list[int]:
    """The first few values of a primary at which every size without another primary is whole."""
    sizes = [size for size in kernel.sizes if name in size and set(size) <= {*values, name}]
    legal = (
        number
        for number in range(2, 400)
        if all(value_of(size, {**values, name: number}).denominator == 1 for size in sizes)
    )
    return list(islice(legal, 5))
