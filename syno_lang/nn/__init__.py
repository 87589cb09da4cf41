"""Models of PyTorch enter; operators take the place of their layers, and the layers come back.

`Sampler`, which needs the whole compiler, is made in `syno_lang.sampler`; it is known here by its name too.
"""

from importlib import import_module
from typing import Any

from syno_lang.nn.infer import infer_sizes
from syno_lang.nn.kernels import make_kernel
from syno_lang.nn.placeholder import Placeholder, find_placeholders
from syno_lang.nn.substitute import Substitution, substitute

__all__ = [
    "Placeholder",
    "Sampler",
    "Substitution",
    "find_placeholders",
    "infer_sizes",
    "make_kernel",
    "substitute",
]


def __getattr__(name: str) -> Any:
    if name == "Sampler":
        return import_module("syno_lang.sampler").Sampler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
