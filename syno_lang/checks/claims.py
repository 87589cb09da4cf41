"""What a test claims of an operator, once its names are known and its sizes have values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syno_lang.ir.definition import Definition
from syno_lang.sizes.polynomial import Polynomial
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_claim

#: Nested lists of numbers.
Numbers = Any


@dataclass(frozen=True)
class Claim:
    """A claim about `operator` at `sizes` (`None` where it is about all of them) and `arrays` by tensor."""

    node: ast.Claim
    operator: Definition
    sizes: Mapping[str, int] | None
    arrays: Mapping[str, Numbers]

    @property
    def text(self) -> str:
        """The claim as it is written, on one line."""
        return format_claim(self.node)


@dataclass(frozen=True)
class SameGraph(Claim):
    """The pGraph of `other` is that of the operator."""

    other: Definition


@dataclass(frozen=True)
class SameValue(Claim):
    """`other` has the value of the operator at `sizes`."""

    other: Definition


@dataclass(frozen=True)
class SameAsCall(Claim):
    """A call of a function of torch has the value of the operator at `sizes`."""

    call: ast.Apply


@dataclass(frozen=True)
class SameNumbers(Claim):
    """The operator has the value `numbers` for `arrays`."""

    numbers: Numbers


@dataclass(frozen=True)
class Costs(Claim):
    """The operator costs `formula` of `quantity`: `flops`, `params` or `bytes`."""

    quantity: str
    formula: Polynomial
