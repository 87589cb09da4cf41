"""A checked call, arrays and sizes enter; what torch computes in float64 leaves.

A function is looked up by the key of the table `FUNCTIONS`, never by the text of a file.  The call is made
without data first, which tells the size of every result before any memory is taken.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from syno_lang.checks.arguments import CONSTANTS
from syno_lang.checks.arrays import MAX_NUMBERS
from syno_lang.checks.functions import FUNCTIONS
from syno_lang.checks.numbers import number
from syno_lang.diagnostics import fail
from syno_lang.syntax import ast

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray


def call_torch(node: ast.Apply, arrays: Mapping[str, NDArray[Any]], sizes: Mapping[str, int]) -> NDArray[Any]:
    """The value of the call.  Raises `SynoError`: E0701 without torch, E0906 where torch refuses, E0908."""
    if importlib.util.find_spec("torch") is None:
        hint = "run pip install 'syno_lang[torch]'"
        raise fail("E0701", "this claim needs torch, which is not installed", span=node.span, hint=hint)
    import torch

    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    empty = {name: tensor.to("meta") for name, tensor in tensors.items()}
    # Some functions need data to tell the shape of their result.
    with suppress(NotImplementedError):
        _Run(empty, sizes, NotImplementedError).call(node)
    return _Run(tensors, sizes, ()).call(node).numpy()


@dataclass(frozen=True)
class _Run:
    """Evaluates values where names stand for `tensors` and `sizes`; errors of `passed` are let through."""

    tensors: Mapping[str, torch.Tensor]
    sizes: Mapping[str, int]
    passed: type[Exception] | tuple[()]

    def call(self, node: ast.Apply) -> torch.Tensor:
        import torch

        positional: list[Any] = []
        named: dict[str, Any] = {}
        for argument in node.arguments:
            if isinstance(argument, ast.Keyword):
                named[argument.name.text] = self.value(argument.value)
            else:
                positional.append(self.value(argument))
        (key,) = (name for name in FUNCTIONS if name == node.function.text)
        function = reduce(getattr, key.split(".")[1:], torch)
        try:
            result: torch.Tensor = function(*positional, **named)  # type: ignore[operator]
        except self.passed:
            raise
        except Exception as error:  # whatever torch finds wrong with the arguments
            reason = str(error).strip().split("\n")[0][:300]
            hint = "compare the shapes of its arguments at these sizes"
            raise fail("E0906", f"torch refuses this call: {reason}", span=node.span, hint=hint) from None
        if result.numel() > MAX_NUMBERS:
            message = f"this call gives {result.numel():,} numbers"
            hint = f"choose smaller sizes: a test may have {MAX_NUMBERS:,}"
            raise fail("E0908", message, span=node.span, hint=hint)
        return result

    def value(self, node: ast.Expression) -> Any:
        match node:
            case ast.Apply():
                return self.call(node)
            case ast.Path() if node.text in self.tensors:
                return self.tensors[node.text]
            case ast.Path() if node.text in CONSTANTS and node.text not in self.sizes:
                return CONSTANTS[node.text]
            case ast.Text(value=value):
                return value
            case ast.List(items=items):
                return [self.value(item) for item in items]
        return number(node, self.sizes)
