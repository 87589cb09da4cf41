"""The text that names an evaluator enters; the function that measures an operator leaves.

An evaluator takes an `Operator` and the concrete sizes of the layers that it is for, and returns its
accuracy as a number, or several metrics by name (`accuracy`, `loss`, `latency` in seconds, any others).
FLOPs and parameters are always counted, whatever the evaluator.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from syno_lang.api import Operator
from syno_lang.diagnostics import SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.search.cost import cost_at

Evaluator = Callable[[Operator, Sequence[Mapping[str, int]]], Any]

#: The evaluators that ship, with what each of them rewards unless told otherwise.
BUILT_IN: Final[Mapping[str, str]] = {"digits": "accuracy", "flops": "flops", "random": "accuracy"}

_PYTHON: Final = "python:"


def default_reward(name: str) -> str:
    """The reward that fits an evaluator."""
    return BUILT_IN.get(name, "accuracy")


def check_name(name: str) -> None:
    """Raise `SynoError` (E1201) where `name` has not the form of an evaluator."""
    if name in BUILT_IN:
        return
    module, _, function = name.removeprefix(_PYTHON).rpartition(".")
    parts = [*module.split("."), function]
    if name.startswith(_PYTHON) and module and all(part.isidentifier() for part in parts):
        return
    known = f"use one of {', '.join(BUILT_IN)}, or a function of your own: python:module.name"
    hint = did_you_mean(name, BUILT_IN) or known
    raise fail("E1201", f"there is no evaluator {name}", hint=hint)


def evaluator(name: str) -> Evaluator:
    """The function of a name; importing it may load torch.  Raises `SynoError` (E1201, E0701)."""
    check_name(name)
    if name == "digits":
        from syno_lang.search.digits import data, evaluate

        data()

        return evaluate
    if name in BUILT_IN:
        return flops if name == "flops" else draw
    return _from_python(name.removeprefix(_PYTHON))


def flops(operator: Operator, layers: Sequence[Mapping[str, int]]) -> Mapping[str, float]:
    """Nothing but what is counted anyway."""
    return cost_at(operator.definition, layers)


def draw(operator: Operator, layers: Sequence[Mapping[str, int]]) -> float:
    """A number that depends on the operator alone: for trying out a search."""
    return random.Random(operator.digest).random()


def _from_python(path: str) -> Evaluator:
    module, _, name = path.rpartition(".")
    hint = f"{module} is looked for in the folder in which syno is called, then where Python looks"
    try:
        found = getattr(importlib.import_module(module), name)
    except SynoError:
        raise
    except AttributeError as error:
        raise fail("E1201", f"{module} has no {name}: {error}") from error
    except Exception as error:
        message = f"{module} cannot be imported: {type(error).__name__}: {error}"
        raise fail("E1201", message, hint=hint) from error
    if not callable(found):
        raise fail("E1201", f"{path} is no function", hint="it is called with an operator and the layers")
    function: Evaluator = found
    return function
