"""`import` statements enter, operators leave: importing this module lets Python import `.syno` files.

    import syno_lang.hook
    from ops import op1         # from ops.syno, or from the file op1.syno in the folder ops

A file is a module whose attributes are its operators.  Where it holds one operator and has its name, the
module is an `Operator` too; so the line above gives an operator in both cases.  A Python module of the
same name is found first.  `importlib.reload` reads a file again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import FileLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from itertools import takewhile
from types import CodeType, ModuleType
from typing import Any, Final

from syno_lang.api import Operator, load_all
from syno_lang.syntax.parse import read

__all__ = ["OperatorModule", "install", "uninstall"]

SUFFIX: Final = ".syno"


class OperatorModule(Operator, ModuleType):
    """The module of a file that holds one operator, of the name of the file: it is that operator too."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Operator, (self.definition,))


class SynoFinder(MetaPathFinder):
    """Finds `name.syno` in the folders in which Python looks for the module `name`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a `.syno` file; `None` where there is none, or Python has such a module."""
        name = fullname.rpartition(".")[2] + SUFFIX
        folders = (folder for folder in (sys.path if path is None else path) if isinstance(folder, str))
        files = (os.path.join(folder, name) for folder in folders)
        file = next(filter(os.path.isfile, files), None)
        if file is None:
            return None
        python = PathFinder.find_spec(fullname, path)
        # A folder without __init__.py is found too, but has no loader that would read it.
        if python is not None and python.origin is not None:
            return None
        file = os.path.abspath(file)
        return spec_from_file_location(fullname, file, loader=SynoLoader(fullname, file))


class SynoLoader(FileLoader):
    """Fills a module with the operators of a file."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the operators of the file into `module`, in the place of those of an earlier version.

        Raises `SynoError` with every finding; `module` is then as before.
        """
        operators = load_all(self.path)
        attributes = vars(module)
        documentation = _documentation(self.path)
        for name in (*attributes.get("__all__", ()), "definition"):
            attributes.pop(name, None)
        attributes.update(operators, __all__=list(operators), __doc__=documentation)
        own = operators.get(module.__name__.rpartition(".")[2])
        if own is not None and len(operators) == 1 and own.name not in _RESERVED:
            attributes["definition"] = own.definition
            module.__class__ = OperatorModule
        else:
            module.__class__ = ModuleType

    def is_package(self, fullname: str) -> bool:
        """Return whether the file has submodules: it has none."""
        return False

    def get_source(self, fullname: str) -> str:
        """Return the text of the file; tracebacks and `inspect` show it."""
        return read(self.path).text

    def get_code(self, fullname: str) -> CodeType | None:
        """Return `None`: there is nothing that Python could run."""
        return None


#: A module cannot hold an operator under these names and be an operator.
_RESERVED: Final = frozenset((*dir(Operator), "definition"))


def install() -> None:
    """Let Python import `.syno` files; importing this module does it already."""
    if not any(isinstance(finder, SynoFinder) for finder in sys.meta_path):
        places = [number for number, finder in enumerate(sys.meta_path) if finder is PathFinder]
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), SynoFinder())


def uninstall() -> None:
    """Undo `install`; modules that were imported stay."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, SynoFinder)]


def _documentation(path: str) -> str | None:
    """The comment with which the file begins."""
    lines = takewhile(lambda line: line.startswith("#"), read(path).text.splitlines())
    return "\n".join(line.lstrip("#").strip() for line in lines) or None


install()
