"""An editor enters: it is served until it leaves."""

from __future__ import annotations

import importlib.util

import click

from syno_lang.diagnostics import fail


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output, as without it.")
def command(stdio: bool) -> int:
    """Serve an editor: the language server.

    It talks the Language Server Protocol over standard input and output.  An editor starts it:

    \b
    syno lsp --stdio
    """
    if importlib.util.find_spec("pygls") is None:
        raise fail("E0701", "pygls is not installed", hint="run pip install 'syno-lang[lsp]'")
    from syno_lang.lsp.server import run

    return 0 if run() else 1
