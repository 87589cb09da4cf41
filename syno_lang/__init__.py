"""syno_lang: a declarative language for neural operators, and its compiler.

    >>> import syno_lang
    >>> double = syno_lang.parse('''
    ...     operator repeat<N; s = 2>(x: [N]) -> [s*N] { out[i] = x[i / s] * expand(i % s) }
    ... ''')
    >>> double.interpret({"x": [1, 2]}, N=2)
    array([1., 1., 2., 2.])

Importing this loads neither torch nor tvm.
"""

from typing import Any

from syno_lang.api import Operator, load, load_all, load_space, parse
from syno_lang.diagnostics import Diagnostic, SynoError

__all__ = ["Diagnostic", "Operator", "SynoError", "load", "load_all", "load_space", "parse"]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext syno_lang`: let a notebook have `%%syno` cells."""
    from syno_lang.notebook import load as load_into

    load_into(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext syno_lang`"""
    from syno_lang.notebook import unload

    unload(shell)


def __getattr__(name: str) -> str:
    if name == "__version__":
        # This import takes longer than all the others here.
        from importlib import metadata

        return metadata.version("syno_lang")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
