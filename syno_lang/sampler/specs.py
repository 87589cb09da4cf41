"""Shapes and size specifications in the words of the original enter; axes and sizes of a space leave.

A shape is `"[N, C_in: unordered, H, H]"`, a specification `"H = 28: 2"`: a size, perhaps its value, perhaps
how often it may be used (3 times otherwise).  A size without a name is called `x_0` or `c_0` after its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from syno_lang.diagnostics import Diagnostic, Source, SynoError, fail
from syno_lang.ir.definition import SizeDeclaration, SizeKind
from syno_lang.ir.elaborate_sizes import Sizes
from syno_lang.sizes import Size
from syno_lang.syntax import ast, make
from syno_lang.syntax.parse import parse
from syno_lang.synth.read_shapes import Shapes, read_shapes
from syno_lang.synth.space import SpaceSize

#: How often a size may be used that says nothing else.
USES: Final = 3

_SPEC: Final = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*)\s*(?:=\s*(?P<value>\d{1,12}))?|(?P<alone>\d{1,12}))\s*(?::\s*(?P<uses>\d{1,9}))?\s*",
    re.ASCII,
)


@dataclass
class Specs:
    """The sizes of a space in their order, and the values that the specifications give."""

    sizes: dict[str, SpaceSize] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)

    def read(self, texts: Iterable[str], kind: SizeKind) -> None:
        """Take up specifications.  Raises `SynoError` (E1154)."""
        for place, text in enumerate(texts):
            found = _SPEC.fullmatch(text) if isinstance(text, str) else None
            if found is None:
                hint = 'write a size, perhaps its value, perhaps how often it may be used: `"H = 28: 2"`'
                raise fail("E1154", f"{text!r} is no specification of a size", hint=hint)
            name = found["name"] or f"{'x' if kind == 'primary' else 'c'}_{place}"
            if name in self.sizes:
                raise fail("E1154", f"the size {name} is specified twice", hint="keep one of them")
            number = found["value"] or found["alone"]
            if number is not None:
                self.values[name] = int(number)
            if number is not None and int(number) < 1:
                raise fail("E1154", f"the size {name} is {number}", hint="sizes are 1 or more")
            default = self.values.get(name) if kind == "coefficient" else None
            uses = USES if found["uses"] is None else int(found["uses"])
            self.sizes[name] = SpaceSize(SizeDeclaration(name, kind, default), uses)

    def undeclared(self, size: Size) -> None:
        """Declare what a shape names and no specification does: a primary size, as the original has it."""
        for name in size.variables:
            self.sizes.setdefault(name, SpaceSize(SizeDeclaration(name, "primary"), USES))


def read_ends(before: str, after: str, specs: Specs) -> Shapes:
    """The axes of two shapes; sizes that no specification declares are primary.  Raises `SynoError`."""
    ends = (_ends("from", before, "input_shape"), _ends("to", after, "output_shape"))
    for end in ends:
        for axis in end.axes:
            for name in _names(axis.size):
                specs.undeclared(Size.variable(name))
    report: list[Diagnostic] = []
    declared = {name: item.declaration for name, item in specs.sizes.items()}
    node = ast.Space(make.NOWHERE, make.name("sampler"), (), (), (), ends)
    shapes = read_shapes(node, Sizes(declared, {}, report), report)
    if shapes is None:
        raise SynoError(report)
    return shapes


def _ends(side: str, text: str, name: str) -> ast.Ends:
    """A shape as a clause of a space, each finding at its place in the text."""
    if not isinstance(text, str) or not re.fullmatch(r"\s*\[[^{}\[\]#]*\]\s*", text):
        hint = 'write it as `"[N, C_in: unordered, H, H]"`'
        raise fail("E1154", f"{name} is {text!r}, which is no shape", hint=hint)
    (space,) = parse(Source(name, f"space s {{ {side}\n{text}\n}}")).spaces
    (clause,) = space.clauses
    assert isinstance(clause, ast.Ends)
    return clause


def _names(node: ast.Node) -> list[str]:
    match node:
        case ast.Name(text=text):
            return [text]
        case ast.Binary(left=left, right=right):
            return [*_names(left), *_names(right)]
        case ast.Power(base=base):
            return _names(base)
    return []
