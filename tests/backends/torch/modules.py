"""Definitions enter, emitted modules leave: loaded, built and run beside the interpreter."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import syno_lang
from syno_lang.backends.torch.emit import class_name, emit
from syno_lang.backends.torch.forms import KINDS, Kind
from syno_lang.backends.torch.load import load_class
from syno_lang.ir.definition import Definition
from syno_lang.ir.interpret import interpret
from syno_lang.lower.stages import StageProgram

Array = NDArray[np.float64]


def define(text: str) -> Definition:
    return syno_lang.parse(text).definition


def module_class(
    definition: Definition, program: StageProgram | None = None, kinds: Collection[Kind] = KINDS
) -> type[Any]:
    programs = {} if program is None else {definition.name: program}
    return load_class(emit([definition], programs, kinds), class_name(definition.name))


def required(cls: type[Any]) -> list[str]:
    parameters = inspect.signature(cls).parameters.values()
    return [item.name for item in parameters if item.default is inspect.Parameter.empty]


def build(
    definition: Definition, sizes: Mapping[str, int], cls: type[Any] | None = None, **options: Any
) -> Any:
    """A module with the sizes that it must have, and every coefficient."""
    cls = cls or module_class(definition)
    known = inspect.signature(cls).parameters
    given = {
        name: value
        for name, value in sizes.items()
        if name in known and (name in required(cls) or known[name].default is not None)
    }
    return cls(**given, **options)


def run(module: Any, definition: Definition, arrays: Mapping[str, Array], dtype: torch.dtype) -> Array:
    """What `module` gives for `arrays`, its weights included."""
    tensors = {name: torch.from_numpy(array).to(dtype) for name, array in arrays.items()}
    module.load_state_dict({weight.name: tensors[weight.name] for weight in definition.weights})
    result: Array = module(*(tensors[one.name] for one in definition.inputs)).detach().double().numpy()
    return result


def relative_error(
    definition: Definition, got: Array, arrays: Mapping[str, Array], sizes: Mapping[str, int]
) -> float:
    """The largest error, in units of what the summed terms of the worst point could add up to."""
    wanted = interpret(definition, arrays, sizes)
    assert got.shape == wanted.shape
    size = interpret(definition, {name: np.abs(array) for name, array in arrays.items()}, sizes)
    return float((np.abs(got - wanted) / np.maximum(size, 1e-30)).max(initial=0.0))
