"""syno_lang: a declarative language for neural operators, and its compiler.

    >>> import syno_lang
    >>> double = syno_lang.parse('''
    ...     operator repeat<N; s = 2>(x: [N]) -> [s*N] { out[i] = x[i / s] * expand(i % s) }
    ... ''')
    >>> double.interpret({"x": [1, 2]}, N=2)
    array([1., 1., 2., 2.])

Importing this loads neither torch nor tvm.
"""

from syno_lang.api import Operator, load, load_all, parse
from syno_lang.diagnostics import Diagnostic, SynoError

__all__ = ["Diagnostic", "Operator", "SynoError", "load", "load_all", "parse"]


def __getattr__(name: str) -> str:
    if name == "__version__":
        # This import takes longer than all the others here.
        from importlib import metadata

        return metadata.version("syno_lang")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
