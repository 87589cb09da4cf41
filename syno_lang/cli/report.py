"""Findings and results enter; they leave on the terminal, as JSON, or in a file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

import click

from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.diagnostics.render import render_text, to_json
from syno_lang.resources import write_atomically


def report(error: SynoError, *, as_json: bool = False) -> int:
    """Print what was found, on standard error or as JSON on standard output; return exit code 1."""
    if as_json:
        put_json({"diagnostics": [to_json(item) for item in error.diagnostics]})
    else:
        put_diagnostics(error.diagnostics)
    return 1


def put_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print each diagnostic on standard error, with an empty line after it."""
    color = _in_color()
    for diagnostic in diagnostics:
        click.echo(f"{render_text(diagnostic, color)}\n", err=True)


def put_json(value: Any) -> None:
    """Print `value` as JSON on standard output."""
    put(json.dumps(value, indent=2))


def put(text: str) -> None:
    """Print `text` on standard output.  Raises `SynoError` (E0702) where that is full."""
    try:
        click.echo(text, nl=not text.endswith("\n"))
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        # What is buffered would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise fail("E0702", f"cannot write to standard output: {reason}") from error


def put_into(path: str | None, text: str) -> None:
    """Write `text` to the file `path`, or print it where there is none."""
    if path is None:
        put(text)
    else:
        write_atomically(path, text)


def _in_color() -> bool:
    """Whether standard error is a terminal and nobody asked for plain text (no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stderr is not None and sys.stderr.isatty()
