"""A size expression of the AST enters, a monomial leaves, or a finding says why it is none."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from syno_lang.diagnostics import Diagnostic, Label, Span
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.definition import SizeDeclaration
from syno_lang.sizes import Size
from syno_lang.syntax import ast

#: The largest power in a size, and the largest number: beyond them nothing is computed.
MAX_POWER: Final = 16
MAX_NUMBER: Final = 10**12

#: The size of what could not be read.  No name of a text is `?`; whatever meets it is not reported again.
UNKNOWN: Final = Size.variable("?")


def is_known(size: Size) -> bool:
    """Whether nothing that went into `size` was reported before."""
    return "?" not in size.variables


@dataclass
class Sizes:
    """The size variables of one operator, and what was found wrong with sizes."""

    declared: Mapping[str, SizeDeclaration]
    places: Mapping[str, Span]
    report: list[Diagnostic]
    coordinates: Container[str] = ()
    refused: set[Size] = field(default_factory=set)

    def size(self, expression: ast.Expression) -> Size | None:
        """The monomial that `expression` states; `None` after a finding."""
        found = self._monomial(expression)
        return found if found is not None and self.in_range(found, expression.span) else None

    def _monomial(self, expression: ast.Expression) -> Size | None:
        match expression:
            case ast.Name():
                return self._variable(expression)
            case ast.Number(value=value) if value > 0:
                return Size.constant(value)
            case ast.Number():
                return self._refuse("E0503", expression, "a size is never 0", "sizes are 1 or more")
            case ast.Binary(operator="*" | "/", left=left, right=right):
                first, second = self.size(left), self.size(right)
                if first is None or second is None:
                    return None
                return first * second if expression.operator == "*" else first / second
            case ast.Power(base=base, exponent=exponent):
                inner = self.size(base)
                if abs(exponent) > MAX_POWER:
                    message = f"the power {exponent} is out of range"
                    return self._refuse("E0504", expression, message, f"powers go up to {MAX_POWER}")
                return None if inner is None else inner**exponent
        message = "a size is a product of sizes and whole powers of them"
        hint = "declare a size variable for it: between `<` and `>`"
        return self._refuse("E0502", expression, message, hint)

    def domain(self, expression: ast.Expression) -> Size:
        """As `size`, for a size that something ranges over: it must be able to be whole.

        After a finding `UNKNOWN`.
        """
        size = self.size(expression)
        return size if size is not None and self.whole(size, expression.span) else UNKNOWN

    def in_range(self, size: Size, span: Span) -> bool:
        """Check that the numbers in `size` stay small; report E0504 where they do not."""
        powers = [power for _, power in size.powers if abs(power) > MAX_POWER]
        if powers:
            message = f"a size is raised to the power {powers[0]}"
            self._report("E0504", span, message, f"powers go up to {MAX_POWER}")
        elif max(size.numerator, size.denominator) > MAX_NUMBER:
            self._report("E0504", span, "a number in this size is too large", f"they go up to {MAX_NUMBER:,}")
        else:
            return True
        return False

    def whole(self, size: Size, span: Span) -> bool:
        """Check that `size` can be a whole number; report E0501 where it cannot."""
        if not is_known(size) or size in self.refused:
            return is_known(size)
        below = [name for name in size.lower.variables if self.declared[name].kind == "primary"]
        if below:
            hint = f"make `{below[0]}` a coefficient (after the `;`), or divide by a coefficient"
            message = f"`{size}` has the primary size `{below[0]}` below the line"
            self._report("E0501", span, message, hint, (below[0],))
            self.refused.add(size)
            return False
        defaults = {name: self.declared[name].default for name in size.variables}
        known = {name: value for name, value in defaults.items() if value is not None}
        if len(known) == len(defaults) and size.evaluate(known).denominator != 1:
            values = ", ".join(f"{name} = {value}" for name, value in known.items())
            message = f"`{size}` is {size.evaluate(known)}" + (f" with {values}" if values else "")
            self._report("E0501", span, message, "change the defaults or the size", known)
            self.refused.add(size)
            return False
        return True

    def _variable(self, name: ast.Name) -> Size | None:
        if name.text in self.declared:
            return Size.variable(name.text)
        if name.text in self.coordinates:
            message, hint = f"`{name.text}` is a coordinate, not a size", "write the size that is meant"
        elif name.text in self.places:
            message, hint = f"`{name.text}` is a tensor, not a size", "write the size that is meant"
        else:
            message = f"there is no size `{name.text}`"
            hint = did_you_mean(name.text, self.declared) or "declare it between `<` and `>`"
        return self._refuse("E0203", name, message, hint)

    def _refuse(self, code: str, node: ast.Node, message: str, hint: str) -> Size | None:
        """Report, and return the `None` of what is no size."""
        self._report(code, node.span, message, hint)
        return None

    def _report(self, code: str, span: Span, message: str, hint: str, names: Iterable[str] = ()) -> None:
        declared = (name for name in names if name in self.places)
        others = tuple(Label(self.places[name], f"`{name}` is declared here") for name in declared)
        self.report.append(Diagnostic(code, message, span, "", others, (), hint))
