"""Arguments enter, an exit code leaves; whatever goes wrong between is said without a traceback.

Exit codes: 0 fine, 1 the input is wrong, 2 the command is wrong, 70 a bug in syno, 130 interrupted,
141 the reader of the output went away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from typing import Final

import click

from syno_lang.cli.report import report
from syno_lang.diagnostics import SynoError

VERBS: Final = (
    "check",
    "test",
    "show",
    "fmt",
    "build",
    "tune",
    "cost",
    "bench",
    "canon",
    "equal",
    "rules",
    "space",
    "search",
    "results",
    "report",
    "import",
    "explain",
    "lsp",
)

BUG: Final = 70
INTERRUPTED: Final = 130
READER_GONE: Final = 141


class Verbs(click.Group):
    """The verbs, each in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which they are met."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb, or nothing where there is no such verb."""
        if cmd_name not in VERBS:
            return None
        is_taken = iskeyword(cmd_name) or cmd_name == "report"
        module = f"{cmd_name}_" if is_taken else cmd_name
        command: click.Command = import_module(f"syno_lang.cli.{module}").command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="syno-lang", prog_name="syno")
def syno() -> None:
    """Check, show and compile neural-network operators written in the syno language.

    A FILE is a path, or stdlib:NAME for an operator that ships with syno.

    \b
    syno check my_operator.syno
    syno show stdlib:conv2d --as graph
    syno build stdlib:op1 --to torch -o op1.py

    Exit codes: 0 fine, 1 the input is wrong, 2 the command is wrong, 70 a bug in syno.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are those of the process unless given.  Returns the exit code."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return READER_GONE
    except Exception as error:
        if os.environ.get("SYNO_DEBUG") == "1":
            raise
        text = " ".join(str(error).split())[:200]
        click.echo(f"syno: this is a bug in syno: {type(error).__name__}: {text}", err=True)
        click.echo("set SYNO_DEBUG=1 for the traceback, and please report it with the input", err=True)
        return BUG


def entry() -> None:
    """The command `syno`: run it and leave the process with its exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show a character gets its escape instead of an error.
        sys.stdout.reconfigure(errors="backslashreplace")
    code = main()
    if code == READER_GONE:
        # Python flushes once more at exit; that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        context = syno.make_context("syno", arguments)
        with context:
            try:
                return int(syno.invoke(context) or 0)
            except SynoError as error:
                return report(error, as_json=bool(context.meta.get("syno.json")))
    except click.exceptions.Exit as stop:
        return stop.exit_code
