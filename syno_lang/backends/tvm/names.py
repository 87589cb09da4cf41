"""Names of a file enter; distinct identifiers that mean nothing else in TVMScript leave."""

from __future__ import annotations

import builtins
import re
from keyword import iskeyword
from typing import Final

# What the text itself uses, and what `from_source` and the printer of TVM have in scope.
RESERVED: Final = frozenset(
    (*dir(builtins), "tvm", "I", "T", "R", "Tx", "ir", "tir", "tirx", "relax", "Axis", "TypeVar", "Module")
)


def readable(name: str) -> str:
    """`name` as it may stand in a comment: ASCII letters, digits, underscores and primes."""
    return re.sub(r"[^A-Za-z0-9_']", "_", name)


def identifier(name: str) -> str:
    """An identifier like `name` that starts with a letter and is no keyword, builtin or TVM name."""
    text = readable(name).replace("'", "_prime")
    if not text[:1].isalpha():
        text = f"n{text}"
    return f"{text}_" if iskeyword(text) or text in RESERVED else text


class Names:
    """The identifiers of a scope; those of the scope around it, `outer`, are taken."""

    def __init__(self, outer: Names | None = None) -> None:
        self._taken: set[str] = set(outer._taken) if outer else set()

    def fresh(self, name: str) -> str:
        """An identifier like `name` that no earlier call has returned."""
        base = text = identifier(name)
        number = 2
        while text in self._taken:
            text = f"{base}_{number}"
            number += 1
        self._taken.add(text)
        return text
