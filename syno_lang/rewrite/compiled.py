"""A rule between coordinates enters; a function that tells whether it fits a coordinate leaves.

The left side is taken apart once: which types stand where, which places hold one coordinate, where each
variable is read off, and which sizes must be equal then.  What cannot be said in this way is matched in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator as Iterate
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from syno_lang.ir.coordinates import Coordinate, Shift
from syno_lang.rewrite.amounts import Facts, Guard
from syno_lang.rewrite.patterns import Hole, Pattern
from syno_lang.rewrite.rules import CoordinateRule
from syno_lang.sizes import ONE, Size
from syno_lang.sizes.polynomial import Polynomial

Fits = Callable[[Coordinate, Facts], bool]

#: Where a coordinate stands: the operand numbers from the top.
Path = tuple[int, ...]

#: A size as powers of variables, without a constant.
Powers = tuple[tuple[str, int], ...]


@dataclass
class _Parts:
    """A left side, taken apart."""

    kinds: list[tuple[Path, type[Coordinate]]] = field(default_factory=list)
    holes: dict[str, list[Path]] = field(default_factory=dict)
    #: An expression and where its value is: the domain of a place, or its last argument.
    numbers: list[tuple[Polynomial, Path, bool]] = field(default_factory=list)
    plain: bool = True

    def take(self, pattern: Pattern, path: Path) -> None:
        if isinstance(pattern, Hole):
            self.holes.setdefault(pattern.name, []).append(path)
            if len(self.holes[pattern.name]) == 1:
                self.numbers.append((pattern.domain, path, True))
            return
        self.kinds.append((path, pattern.kind))
        if pattern.parameter is not None:
            self.plain = self.plain and pattern.kind is not Shift
            self.numbers.append((pattern.parameter, path, False))
        for place, part in enumerate(pattern.operands):
            self.take(part, (*path, place))


def compiled(rule: CoordinateRule) -> Fits:
    """Whether the rule fits a coordinate, where what `Facts` says is whole."""
    parts = _Parts()
    parts.take(rule.left, ())
    names: dict[str, Any] = {"times": _times, "over": _over}
    tests = [*_shape(parts, names), *(_sizes(rule, parts, names) or ("full(node, facts)",))]
    names["full"] = _by_domains(rule) if len(parts.kinds) == 1 else _in_full(rule)
    # Only places, types and numbered sizes stand in the text: nothing that a rule says does.
    found: Fits = eval(f"lambda node, facts: {' and '.join(tests)}", names)
    return found


def _in_full(rule: CoordinateRule) -> Fits:
    return lambda node, facts: rule.apply(node, facts) is not None


def _by_domains(rule: CoordinateRule) -> Fits:
    """A match in full of one primitive: it depends on domains and on the parameter alone."""
    known: dict[Any, bool] = {}

    def fits(node: Coordinate, facts: Facts) -> bool:
        key = (node.arguments[-1], facts, *(item.domain for item in node.operands))
        found = known.get(key)
        if found is None:
            found = known[key] = rule.apply(node, facts) is not None
        return found

    return fits


def _shape(parts: _Parts, names: dict[str, Any]) -> Iterate[str]:
    """The tests of types and of equal coordinates."""
    for number, (path, kind) in enumerate(parts.kinds):
        names[f"kind{number}"] = kind
        yield f"type({_place(path)}) is kind{number}"
    for paths in parts.holes.values():
        for other in paths[1:]:
            yield f"{_place(paths[0])} is {_place(other)}"


def _place(path: Path) -> str:
    return "node" + "".join(f".operands[{place}]" for place in path)


def _monomial(expression: Polynomial) -> Powers | None:
    """The powers of an expression that is a product of variables."""
    if len(expression.terms) != 1:
        return None
    ((coefficient, size),) = expression.terms
    return size.powers if coefficient == 1 and (size.numerator, size.denominator) == (1, 1) else None


def _sizes(rule: CoordinateRule, parts: _Parts, names: dict[str, Any]) -> list[str] | None:
    """The tests of sizes and guards; `None` where that takes more than products of variables read off."""
    known: dict[str, str] = {}
    equal: list[tuple[Powers, str]] = []
    for expression, path, is_domain in parts.numbers:
        powers = _monomial(expression)
        if powers is None:
            return None
        place = _place(path) + (".domain" if is_domain else ".arguments[-1]")
        if len(powers) == 1 and powers[0][1] == 1 and powers[0][0] not in known:
            known[powers[0][0]] = place
        else:
            equal.append((powers, place))
    guards = list(_guards(rule))
    products = [powers for powers, _ in equal] + [side for guard in guards for side in guard or ()]
    if not parts.plain or None in guards or not {name for side in products for name, _ in side} <= set(known):
        return None
    names["one"] = ONE
    tests = [f"{_value(powers, known)} == {place}" for powers, place in equal]
    return tests + [
        f"facts.divides({_value(one, known)}, {_value(other, known)})" for one, other in guards
    ] or ["True"]


def _guards(rule: CoordinateRule) -> Iterate[Any]:
    """The guards that say `divides`, as pairs of powers; `None` for any other."""
    for guard in rule.guards:
        if not isinstance(guard, Guard) or guard.relation != "divides":
            yield None
            continue
        sides = (_monomial(guard.left), _monomial(guard.right))
        yield None if None in sides else sides


def _value(powers: Powers, known: dict[str, str]) -> str:
    """The text of a product."""
    text = "one"
    for name, power in powers:
        for _ in range(abs(power)):
            text = (
                known[name]
                if text == "one" and power > 0
                else f"{'times' if power > 0 else 'over'}({text}, {known[name]})"
            )
    return text


@lru_cache(maxsize=1 << 16)
def _times(one: Size, other: Size) -> Size:
    return one * other


@lru_cache(maxsize=1 << 16)
def _over(one: Size, other: Size) -> Size:
    return one / other
