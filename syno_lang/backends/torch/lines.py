"""Operations enter one by one; the statements of a forward pass leave, with their variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from syno_lang.backends.torch.operations import Ones, Operation, Same
from syno_lang.ir.coordinates import Coordinate
from syno_lang.sizes import Size

Labels = tuple[Coordinate, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """`target = operation(operands)`; afterwards dimension `i` of `target` runs over `axes[i]`."""

    target: str
    operation: Operation
    operands: tuple[str, ...]
    axes: Labels


@dataclass
class Lines:
    """The statements of one stage, which write its variable `target` again and again.

    `fresh` finds an unused variable; `sample`, where there is a tensor, lends type and place to ones.
    """

    target: str
    fresh: Callable[[str], str]
    sample: str | None
    statements: list[Statement] = field(default_factory=list)

    def add(
        self, operation: Operation, operands: Iterable[str], axes: Iterable[Coordinate], target: str = ""
    ) -> str:
        """Append a statement that leaves dimensions over `axes`; returns the variable that it fills."""
        self.statements.append(Statement(target or self.target, operation, tuple(operands), tuple(axes)))
        return target or self.target

    def settle(self, name: str) -> None:
        """Let the variable of the stage hold what `name` holds."""
        last = self.statements[-1] if self.statements else None
        if last is not None and last.target == name:
            self.statements[-1] = replace(last, target=self.target)
        else:
            self.add(Same(), (name,), ())

    def ones(self, shape: Iterable[Size], axes: Iterable[Coordinate] = (), target: str = "") -> str:
        """Append a tensor of ones; returns the variable that it fills."""
        return self.add(Ones(tuple(shape)), () if self.sample is None else (self.sample,), axes, target)
