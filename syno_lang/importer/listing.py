"""The data of a listing: what `loops_to_expressions` makes of the text of a kernel.

Nodes are equal only to themselves, for each stands at one place of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from syno_lang.diagnostics import Span
from syno_lang.sizes import Size

#: The largest number of digits of a literal, as in the language.
MAX_DIGITS: Final = 18


@dataclass(frozen=True, eq=False)
class Monomial:
    """A size, a loop variable or a whole number: one token, such as `g^-1*C_out`, `ri_0` or `-1`."""

    span: Span
    text: str

    @property
    def number(self) -> int | None:
        """The value of a plain whole number."""
        digits = self.text.lstrip("+-")
        return int(self.text) if digits.isdigit() and len(digits) <= MAX_DIGITS else None


@dataclass(frozen=True, eq=False)
class Chain:
    """`first op node op node ...`, from left to right, each operator one of `* / %`."""

    span: Span
    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, eq=False)
class Sum:
    """Terms with their signs; the first sign is `+`."""

    span: Span
    terms: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, eq=False)
class Restrict:
    """`restrict(value, low, high)`: outside `low .. high-1` the whole product is zero."""

    span: Span
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, eq=False)
class Access:
    """`name[index, ...]`."""

    span: Span
    name: str
    index: tuple[Node, ...]


Node: TypeAlias = "Monomial | Chain | Sum | Restrict | Access"


@dataclass(frozen=True, eq=False)
class Loop:
    """`for (int name = 0; name < bound; name++)`; `names` are the three places of the name."""

    span: Span
    names: tuple[str, str, str]
    start: Monomial
    bound: Monomial
    body: tuple[Statement, ...]


@dataclass(frozen=True, eq=False)
class Declaration:
    """`float name = value;`"""

    span: Span
    name: str
    value: Monomial


@dataclass(frozen=True, eq=False)
class Assignment:
    """`target = value;`, or `target += value;` where it `adds`."""

    span: Span
    target: Monomial | Access
    adds: bool
    value: Node


Statement: TypeAlias = "Loop | Declaration | Assignment"


@dataclass(frozen=True)
class Bound:
    """A loop of the forward kernel: its variable and how far it goes; `text` spells that as the listing."""

    name: str
    size: Size
    text: str
    span: Span


@dataclass(frozen=True)
class Listing:
    """The forward kernel: `out[outer] = sum[inner] product(reads) / divisor`.

    `monomials` are the texts of all its sizes as they stand there.
    """

    span: Span
    outer: tuple[Bound, ...]
    inner: tuple[Bound, ...]
    reads: tuple[Access, ...]
    divisor: Size
    divisor_span: Span | None
    monomials: frozenset[str]
