"""The text of a `%%syno` cell enters; its operators become variables of the notebook, and one is shown.

    %%syno [NAME] [--show formula|graph|stages|loops|svg] [--torch]

What is wrong with the text is shown as on a terminal, without a traceback, and the cell counts as failed.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Final

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import SVG, display

from syno_lang.api import Operator
from syno_lang.diagnostics import Source, SynoError
from syno_lang.diagnostics.render import render_text
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.modules.find import search_path
from syno_lang.modules.load import Loader

NOTATIONS: Final = ("formula", "graph", "stages", "loops", "svg")


class CellError(SynoError):
    """The findings in a cell: a notebook shows them and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return "\n\n".join(render_text(item, color=True) for item in self.diagnostics).split("\n")


class Magic:
    """The cell magic of one notebook."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    @magic_arguments("%syno")
    @argument("name", nargs="?", metavar="NAME", help="The operator to show; otherwise the last of the cell.")
    @argument("--show", choices=NOTATIONS, help="Show the operator in this notation only.")
    @argument("--torch", action="store_true", help="Show the PyTorch code of the operator.")
    def syno(self, line: str, cell: str) -> Operator | None:
        """Define the operators of the cell as variables, and show one of them."""
        wanted: Namespace = parse_argstring(self.syno, line)
        operators = self._operators(cell)
        shown = _choose(operators, wanted.name)
        self.shell.push(operators)
        if shown is None or not (wanted.show or wanted.torch):
            return shown
        if wanted.show == "svg":
            display(SVG(shown.show("svg")))
        elif wanted.show:
            print(shown.show(wanted.show))
        if wanted.torch:
            print(shown.emit_torch())
        return None

    def _operators(self, cell: str) -> dict[str, Operator]:
        # The line of the magic is the first of the cell, so lines have the numbers that are seen.
        source = Source("<cell>", f"\n{cell}")
        try:
            found = Loader(search_path()).text(source, beside="").own
        except SynoError as error:
            raise CellError(error.diagnostics) from None
        return {name: Operator(definition) for name, definition in found.items()}


def _choose(operators: Mapping[str, Operator], name: str | None) -> Operator | None:
    if name is None:
        return next(reversed([*operators.values()]), None)
    if name not in operators:
        hint = did_you_mean(name, operators) or f"it has {', '.join(operators) or 'none'}"
        raise UsageError(f"the cell has no operator {name}; {hint}")
    return operators[name]

