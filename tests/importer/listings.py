"""A definition enters, its loops leave as the original Syno would print them.

The rules are those of its printer: a size is one token, coefficients before primaries; an operand is
in parentheses where it binds looser than its operator, in the order of `_LOOSE`.
"""

from __future__ import annotations

from collections.abc import Container

from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.ir.definition import Definition
from syno_lang.sizes import Size, product

_LOOSE = {"": 0, "/": 1, "*": 2, "%": 3, "-": 4, "+": 5}

#: A text and the operator that it is made by; a size counts as a product.
Printed = tuple[str, str]


def listing(definition: Definition) -> str:
    """The forward kernel of `definition`."""
    graph = definition.graph
    primaries = {size.name for size in definition.sizes if size.kind == "primary"}
    printer = Printer(primaries)
    factors = [
        f"in_{read.tensor}[{', '.join(printer.index(item) for item in read.index)}]" for read in graph.reads
    ]
    value = " * ".join(factors)
    means = [item.domain for item in graph.reductions if item.reducer == "mean"]
    if means:
        value = f"({value}) / ({printer.size(product(means))})"
    names = [f"i_{number}" for number in range(len(graph.output))]
    lines = [_loop(name, printer.size(size)) for name, size in zip(names, graph.output, strict=True)]
    inner = [f"ri_{item.label}" for item in graph.reductions][::-1]
    for name, item in zip(inner, graph.reductions[::-1], strict=True):
        lines += [f"float temp_{name} = 0;", _loop(name, printer.size(item.domain))]
    for place, name in reversed([*enumerate(inner)]):
        lines += [f"temp_{name} += {value if place == len(inner) - 1 else f'temp_{inner[place + 1]}'};", "}"]
    lines.append(f"out[{', '.join(names)}] = {f'temp_{inner[0]}' if inner else value};")
    lines += ["}"] * len(names)
    return "/* Loops -1: Forward Kernel */\n" + "\n".join(lines) + "\n"


def _loop(name: str, bound: str) -> str:
    return f"for (int {name} = 0; {name} < {bound}; {name}++) {{"


class Printer:
    """Prints sizes and indices."""

    def __init__(self, primaries: Container[str]) -> None:
        self.primaries = primaries

    def size(self, size: Size) -> str:
        powers = sorted(size.powers, key=lambda item: (item[0] in self.primaries, item[0]))
        factors = [f"{name}^{power}" if power != 1 else name for name, power in powers]
        if size.denominator != 1:
            factors.insert(0, f"{size.denominator}^-1")
        if size.numerator != 1:
            factors.insert(0, str(size.numerator))
        return "*".join(factors) or "1"

    def index(self, node: Coordinate) -> str:
        return self.print(node)[0]

    def print(self, node: Coordinate) -> Printed:
        match node:
            case Iterator():
                return f"i_{node.position}", ""
            case Reduce():
                return f"ri_{node.label}", ""
            case Split():
                major, minor = (self.print(item) for item in node.operands)
                return self.join(self.join(major, "*", self.const(node.operands[1].domain)), "+", minor)
            case Quotient():
                return self.join(self.print(node.operands[0]), "/", self.const(node.block))
            case Remainder():
                return self.join(self.print(node.operands[0]), "%", self.const(node.block))
            case Shift():
                moved = self.join(self.print(node.operands[0]), "+", (str(node.amount), ""))
                return self.join(moved, "%", self.const(node.domain))
            case Stride():
                return self.join(self.print(node.operands[0]), "*", self.const(node.factor))
            case Unfold():
                inner = self.join(self.print(node.operand), "+", self.print(node.window))
                half = self.join(self.const(node.window.domain), "/", ("2", ""))
                return f"restrict({self.join(inner, '-', half)[0]}, 0, {self.size(node.domain)})", ""
        raise TypeError(node)

    def const(self, size: Size) -> Printed:
        return self.size(size), "*"

    def join(self, left: Printed, operator: str, right: Printed) -> Printed:
        sides = [f"({text})" if _LOOSE[kind] > _LOOSE[operator] else text for text, kind in (left, right)]
        return f"{sides[0]} {operator} {sides[1]}", operator
