"""The tree of a `.syno` text: plain frozen records, each with the span it was read from.

Spans do not take part in equality, so two texts that say the same have equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from syno_lang.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that stands in a text at `span`."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier, wherever it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-operand`"""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right` with `+ - * / %`; `/` is exact between sizes and floors an index."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Power(Node):
    """`base^exponent`, the exponent a literal whole number of either sign."""

    base: Expression
    exponent: int


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """`name = value` among the arguments of a call."""

    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`: a primitive by name."""

    function: Name
    arguments: tuple[Expression | Keyword, ...]


@dataclass(frozen=True, slots=True)
class Access(Node):
    """`tensor[indices]`"""

    tensor: Name
    indices: tuple[Expression, ...]


Expression = Name | Number | Negate | Binary | Power | Call | Access


@dataclass(frozen=True, slots=True)
class Binder(Node):
    """`name: domain` of a reduction."""

    name: Name
    domain: Expression


@dataclass(frozen=True, slots=True)
class Reduction(Node):
    """`reducer[binders]` in front of a product."""

    reducer: Name
    binders: tuple[Binder, ...]


@dataclass(frozen=True, slots=True)
class Equation(Node):
    """`target = reductions value`: what the output is."""

    target: Access
    reductions: tuple[Reduction, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """`targets = values`: names for coordinates."""

    targets: tuple[Name, ...]
    values: tuple[Expression, ...]


Statement = Equation | Binding | Access | Call


@dataclass(frozen=True, slots=True)
class Coefficient(Node):
    """A coefficient variable with its default, if it has one."""

    name: Name
    default: Number | None


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A tensor of the signature."""

    name: Name
    is_weight: bool
    shape: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operator(Node):
    """One `operator` of a file."""

    name: Name
    primaries: tuple[Name, ...]
    coefficients: tuple[Coefficient, ...]
    parameters: tuple[Parameter, ...]
    output: tuple[Expression, ...]
    output_span: Span = field(compare=False, repr=False)
    allows: tuple[Name, ...]
    is_graph: bool
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Module(Node):
    """A whole file."""

    operators: tuple[Operator, ...]
