"""Definitions and their stage programs enter; the text of one Python file that needs only torch leaves.

Names are kept where Python lets them be (see `syno_lang.backends.torch.names`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from syno_lang.backends.torch.choose import ways
from syno_lang.backends.torch.classes import class_context
from syno_lang.backends.torch.forms import KINDS, Kind
from syno_lang.backends.torch.forward import Way
from syno_lang.backends.torch.names import HELPERS, Code, Namespace, class_name, identifier
from syno_lang.ir.definition import Definition
from syno_lang.lower.schedule import schedule
from syno_lang.lower.stages import StageProgram

__all__ = ["class_name", "emit"]

_TEMPLATES: Final = Path(__file__).parent / "templates"


def emit(
    definitions: Sequence[Definition],
    programs: Mapping[str, StageProgram | Way] | None = None,
    kinds: Collection[Kind] = KINDS,
    sizes: Mapping[str, int] | None = None,
    notes: Mapping[str, Sequence[str]] | None = None,
    *,
    checkpoint: bool = False,
) -> str:
    """The file with a `torch.nn.Module` class per definition, named by `class_name`.

    `programs` gives stage programs by the name of the definition, or ways to compute one; without one the
    default schedule is used.  Of a program the way is emitted that is cheapest at `sizes`, whose forms are
    of the `kinds` given.  `notes` are lines of a comment on it, by the name of the definition.  With
    `checkpoint` a module keeps only its inputs for the gradients.  Raises `SynoError` (E0206) for names that
    no class or variable can have.
    """
    space = Namespace()
    classes = []
    for definition in definitions:
        given = (programs or {}).get(definition.name) or schedule(definition)
        way = given if isinstance(given, Way) else ways([given], kinds, sizes)[0]
        context = class_context(
            space.claim(class_name(definition.name)),
            definition,
            way,
            notes=(notes or {}).get(definition.name, ()),
            checkpoint=checkpoint,
        )
        classes.append(_render("class.py.j2", context))
    called = "".join(classes)
    if "_convolve(" in called or "_pool(" in called:
        called += " _padded("
    whole = {
        "classes": classes,
        "operators": [Code(identifier(definition.name)) for definition in definitions],
        "checkpoint": checkpoint,
        "helpers": [name for name in HELPERS if re.search(rf"\b{name}\b[()]", called)],
    }
    return _render("module.py.j2", whole)


def _render(template: str, context: Mapping[str, object]) -> Code:
    return Code(_environment().get_template(template).render(context))


@cache
def _environment() -> Environment:
    """Templates that print `Code` and whole numbers, and refuse every other value."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_checked,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "commas": lambda items: Code(", ".join(str(_checked(item)) for item in items)),
        "macro": lambda name: name.lstrip("_"),
        "keyword": lambda name: Code(f"{_checked(name)}={name}"),
        "letters": _letters,
        "all_one": lambda sizes: all(size.is_one for size in sizes),
        "own": lambda name: Code(f"self.{_checked(name)}"),
        "shown": lambda name: Code(f"{_checked(name)}={{self.{name}}}"),
    }
    return environment


def _checked(value: object) -> Code | int:
    if isinstance(value, (Code, int)):
        return value
    raise TypeError(f"a template may not print {value!r}")


def _letters(text: str) -> Code:
    """The letters of one operand of an einsum."""
    if not re.fullmatch("[A-Za-z]*", text):
        raise TypeError(f"{text!r} is not a row of letters")
    return Code(text)
