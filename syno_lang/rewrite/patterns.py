"""Patterns over coordinates: one is matched with a coordinate, or built from what its variables stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator as Iterate
from dataclasses import dataclass

from syno_lang.ir.coordinates import Coordinate, Shift
from syno_lang.rewrite.amounts import Binding, Value, as_amount, as_size, evaluate
from syno_lang.sizes import Size
from syno_lang.sizes.polynomial import Polynomial


@dataclass(frozen=True)
class Hole:
    """Any coordinate of a domain."""

    name: str
    domain: Polynomial


@dataclass(frozen=True)
class Term:
    """A primitive of patterns; `parameter` is the block, the factor or the amount, where it has one."""

    kind: type[Coordinate]
    operands: tuple[Pattern, ...]
    parameter: Polynomial | None = None


Pattern = Hole | Term

#: Expressions with what they must be equal to.
_Later = list[tuple[Polynomial, Value]]


def parts(pattern: Pattern) -> Iterate[Pattern]:
    """The pattern and everything in it."""
    yield pattern
    if isinstance(pattern, Term):
        for operand in pattern.operands:
            yield from parts(operand)


def holes(pattern: Pattern) -> set[str]:
    """The names of the coordinates of a pattern."""
    return {part.name for part in parts(pattern) if isinstance(part, Hole)}


def numbers_of(pattern: Pattern) -> set[str]:
    """The names of the sizes and amounts of a pattern, those of its domains among them."""
    numbers = (part.domain if isinstance(part, Hole) else part.parameter for part in parts(pattern))
    return {name for number in numbers if number is not None for name in number.variables}


def match(pattern: Pattern, node: Coordinate, known: Binding | None = None) -> Binding | None:
    """What the variables must stand for such that `pattern` is `node`; `known` ones keep their value."""
    binding: Binding = dict(known or {})
    later: _Later = []
    if not _fits(pattern, node, binding, later) or not _solve(later, binding):
        return None
    return binding


def with_domains(several: Iterable[Hole], known: Binding) -> Binding | None:
    """`known`, which has the coordinates of the holes, with the sizes that their domains have."""
    binding = dict(known)
    nodes = [(hole.domain, binding[hole.name]) for hole in several]
    later: _Later = [(domain, node.domain) for domain, node in nodes if isinstance(node, Coordinate)]
    return binding if _solve(later, binding) else None


def _fits(pattern: Pattern, node: Coordinate, binding: Binding, later: _Later) -> bool:
    if isinstance(pattern, Hole):
        if pattern.name in binding:
            return binding[pattern.name] is node
        binding[pattern.name] = node
        later.append((pattern.domain, node.domain))
        return True
    if type(node) is not pattern.kind:
        return False
    if pattern.parameter is not None:
        later.append((pattern.parameter, node.arguments[-1]))
    return all(
        _fits(part, operand, binding, later)
        for part, operand in zip(pattern.operands, node.operands, strict=True)
    )


def _solve(later: _Later, binding: Binding) -> bool:
    """Bind the variables of sizes and amounts; whether every expression has its value then."""
    while later:
        rest = [item for item in later if not _settle(*item, binding)]
        if len(rest) == len(later):
            return False
        later = rest
        if any(binding.get("") == 0 for _ in rest):
            return False
    return binding.pop("", 1) == 1


def _settle(expression: Polynomial, value: Value, binding: Binding) -> bool:
    """Whether an expression is done with; the entry of no name is 0 once one has another value."""
    unknown = [name for name in expression.variables if name not in binding]
    if not unknown:
        found = evaluate(expression, binding)
        same = as_amount(found) == value if isinstance(value, int) else as_size(found) == value
        if not same:
            binding[""] = 0
        return True
    if len(unknown) > 1 or len(expression.terms) > 1:
        return False
    ((coefficient, monomial),) = expression.terms
    name, power = unknown[0], dict(monomial.powers)[unknown[0]]
    if isinstance(value, int):
        if (coefficient, monomial) != (1, Size.variable(name)):
            return False
        binding[name] = value
        return True
    rest = as_size(
        evaluate(Polynomial.make([(coefficient, monomial / Size.variable(name) ** power)]), binding)
    )
    if rest is None or abs(power) != 1 or not isinstance(value, Size):
        return False
    binding[name] = (value / rest) ** power
    return True


def build(pattern: Pattern, binding: Binding) -> Coordinate | None:
    """The coordinate that `pattern` is; `None` where an expression in it has no value."""
    if isinstance(pattern, Hole):
        found = binding[pattern.name]
        return found if isinstance(found, Coordinate) else None
    operands = [build(operand, binding) for operand in pattern.operands]
    if any(operand is None for operand in operands):
        return None
    if pattern.parameter is None:
        return _made(pattern.kind, *operands)
    value = evaluate(pattern.parameter, binding)
    parameter = as_amount(value) if pattern.kind is Shift else as_size(value)
    return None if parameter is None else _made(pattern.kind, *operands, parameter)


def _made(kind: Callable[..., Coordinate], *arguments: object) -> Coordinate:
    return kind(*arguments)
