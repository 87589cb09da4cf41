"""The tree of a `.syno` text: plain frozen records, each with the span it was read from.

Spans do not take part in equality, so two texts that say the same have equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

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


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`name.name.name`: a definition of a file, a function, or (a single name) something near."""

    names: tuple[Name, ...]

    @property
    def text(self) -> str:
        """The names with dots between them."""
        return ".".join(name.text for name in self.names)


@dataclass(frozen=True, slots=True)
class Decimal(Node):
    """A literal number with a fraction or an exponent, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`"value"`"""

    value: str


@dataclass(frozen=True, slots=True)
class List(Node):
    """`[items]`"""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """`function(arguments)` of a test: a function of a fixed table."""

    function: Path
    arguments: tuple[Expression | Keyword, ...]


#: Bodies have no `Path` ... `Apply`; tests have no `Name`, `Call` or `Access`: so says the grammar.
Expression = Name | Number | Negate | Binary | Power | Call | Access | Path | Decimal | Text | List | Apply


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
class Compares(Node):
    """`left relation right` after `where`."""

    left: Expression
    relation: str
    right: Expression


#: A comparison, or a call of `divides`, `odd` or `even`.
Condition = Compares | Call


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
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Used(Node):
    """`path as alias` in a `use`."""

    path: Path
    alias: Name | None

    @property
    def name(self) -> Name:
        """The name by which the definition is known in this file."""
        return self.alias or self.path.names[-1]


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use path, path as alias`"""

    items: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """`name = value` after `for`: the value of a size or of a tensor."""

    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Equality(Node):
    """`equals reference for settings`: an operator, a call, or literal numbers."""

    reference: Path | Apply | List
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Count(Node):
    """`flops value for settings`, also of `params` and `bytes`."""

    quantity: str
    value: Expression
    settings: tuple[Setting, ...]


Claim = Equality | Count


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`test operator { claims }`"""

    operator: Name
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Side(Node):
    """`reductions value`: one side of a rule."""

    reductions: tuple[Reduction, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """`rule name<sizes; amounts>(coordinates) when conditions { left => right }`

    `bound` is the fraction of points at which an approximate rule may be wrong, `None` for an exact one.
    """

    name: Name
    bound: Expression | None
    sizes: tuple[Name, ...]
    amounts: tuple[Name, ...]
    coordinates: tuple[Binder, ...]
    conditions: tuple[Condition, ...]
    because: tuple[Text, ...]
    source: tuple[Text, ...]
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Figure(Node):
    """A literal number of a space, as it is written; it may have a fraction or an exponent."""

    text: str

    @property
    def value(self) -> Fraction:
        """The number, exactly."""
        return Fraction(self.text)


@dataclass(frozen=True, slots=True)
class SpaceAxis(Node):
    """`size: unordered` in a shape of a space, or `size` alone."""

    size: Expression
    attribute: Name | None


@dataclass(frozen=True, slots=True)
class Ends(Node):
    """`from [axes]` or `to [axes]`: the shape of the input or of the output."""

    side: str
    axes: tuple[SpaceAxis, ...]


@dataclass(frozen=True, slots=True)
class Keep(Node):
    """`keep N`: the axes that pass through."""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Amount(Node):
    """`3 tensors`: how many, of what."""

    figure: Figure
    name: Name


@dataclass(frozen=True, slots=True)
class AtMost(Node):
    """`at most 12 primitives, 3 tensors`"""

    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`at most X`, `at least X` or `between X and Y`."""

    least: Figure | None
    most: Figure | None


@dataclass(frozen=True, slots=True)
class Compared(Node):
    """`conv2d(W = H)`: an operator with what stands for its sizes."""

    path: Path
    arguments: tuple[Expression | Keyword, ...]


@dataclass(frozen=True, slots=True)
class Bounded(Node):
    """`name range per each of reference`"""

    name: Name
    range: Range
    per: Name | None
    reference: Compared | None


@dataclass(frozen=True, slots=True)
class Unlimited(Node):
    """`no limit on names`"""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Permits(Node):
    """`allow names`"""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Normal(Node):
    """`normal under rules`: the approximate rules under which members are in normal form."""

    rules: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Fixed(Node):
    """`name = value` of a layer."""

    name: Name
    value: Figure


@dataclass(frozen=True, slots=True)
class Given(Node):
    """`for N = 128`: what all layers have in common."""

    sizes: tuple[Fixed, ...]


@dataclass(frozen=True, slots=True)
class Layer(Node):
    """`layer C = 64, H = 56 times 4`"""

    sizes: tuple[Fixed, ...]
    times: Figure | None


Clause = Ends | Keep | AtMost | Bounded | Unlimited | Permits | Normal | Given | Layer


@dataclass(frozen=True, slots=True)
class Space(Node):
    """`space name<sizes> where(conditions) { clauses }`"""

    name: Name
    primaries: tuple[Name, ...]
    coefficients: tuple[Coefficient, ...]
    conditions: tuple[Condition, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Module(Node):
    """A whole file."""

    items: tuple[Use | Operator | Test | Rule | Space, ...]

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators in the order of the file."""
        return tuple(item for item in self.items if isinstance(item, Operator))

    @property
    def uses(self) -> tuple[Used, ...]:
        """The definitions of other files that this one uses."""
        return tuple(used for item in self.items if isinstance(item, Use) for used in item.items)

    @property
    def tests(self) -> tuple[Test, ...]:
        """The tests in the order of the file."""
        return tuple(item for item in self.items if isinstance(item, Test))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the order of the file."""
        return tuple(item for item in self.items if isinstance(item, Rule))

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The search spaces in the order of the file."""
        return tuple(item for item in self.items if isinstance(item, Space))
