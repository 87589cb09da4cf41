"""A notebook enters with `%load_ext syno_lang`; it knows the cell magic `%%syno` afterwards.

Needs IPython: `pip install 'syno-lang[notebook]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load(shell: InteractiveShell) -> None:
    """Register `%%syno`."""
    from syno_lang.notebook.magic import Magic

    shell.register_magic_function(Magic(shell).syno, "cell", "syno")


def unload(shell: InteractiveShell) -> None:
    """Forget `%%syno`."""
    shell.magics_manager.magics["cell"].pop("syno", None)
