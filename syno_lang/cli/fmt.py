"""Files and folders enter; their texts leave laid out, in place, as a list or as a diff."""

from __future__ import annotations

import os
import sys
from codecs import getincrementaldecoder
from dataclasses import dataclass, field
from difflib import unified_diff
from io import TextIOWrapper
from typing import Final

import click

from syno_lang.cli.report import put, put_diagnostics
from syno_lang.diagnostics import Source, SynoError, fail
from syno_lang.diagnostics.terminal import visible
from syno_lang.ir.convert import convert
from syno_lang.resources import write_atomically
from syno_lang.syntax.format import format_text
from syno_lang.syntax.parse import MAX_TEXT, read

#: The path that stands for standard input and output.
STDIN: Final = "-"

_MARK: Final = "\ufeff"

_NO_END: Final = "\\ No newline at end of file\n"

#: More than the longest text has.
_MAX_BYTES: Final = 4 * MAX_TEXT + 8


@click.command("fmt")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.option(
    "--as",
    "notation",
    type=click.Choice(("formula", "graph")),
    help="Write every operator in this notation.",
)
def command(paths: tuple[str, ...], check: bool, diff: bool, notation: str | None) -> int:
    """Lay out files in place.

    A FILE is a path, - for standard input and output, or a folder with all *.syno files below it.
    With --check or --diff nothing is written, and the exit code is 1 where a file would change.
    Comments stay; a file with an error is reported and left as it is.

    \b
    syno fmt my_operator.syno
    syno fmt --check src
    syno fmt --as graph - < my_operator.syno
    """
    run = _Run(check, diff, notation)
    for path in paths:
        run.lay_out(path)
    return run.code


@dataclass
class _Run:
    """One call of the verb."""

    check: bool
    diff: bool
    notation: str | None
    code: int = 0
    seen: set[str] = field(default_factory=set)

    def lay_out(self, path: str) -> None:
        """Lay out a file or all files of a folder; hidden folders are left out."""
        if not os.path.isdir(path):
            self.file(path)
            return
        for folder, folders, files in os.walk(path, onerror=self.unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                place = os.path.join(folder, name)
                if name.endswith(".syno") and os.path.isfile(place):
                    self.file(place)

    def file(self, path: str) -> None:
        """Lay out one file, unless it was met before under another name."""
        place = path if path == STDIN else os.path.realpath(path)
        if place in self.seen:
            return
        self.seen.add(place)
        try:
            self.show(path, *self.texts(path))
        except SynoError as error:
            self.failed(error)

    def texts(self, path: str) -> tuple[str, str]:
        """What a file holds, and what it should hold."""
        before, source = _read(path)
        if self.notation is None:
            return before, format_text(source)
        return before, convert(source, as_graph=self.notation == "graph")

    def show(self, path: str, before: str, after: str) -> None:
        """Write a text, or say what would be written."""
        name, changed = "<stdin>" if path == STDIN else visible(path), before != after
        if self.diff and changed:
            _put_exactly(_difference(name, before, after))
        if self.check and changed:
            put(f"{name}: not formatted")
        if self.check or self.diff:
            self.code = max(self.code, int(changed))
        elif path == STDIN:
            _put_exactly(after)
        elif changed:
            write_atomically(path, after)
            put(f"{name}: formatted")

    def failed(self, error: SynoError) -> None:
        """Report an error, and go on."""
        put_diagnostics(error.diagnostics)
        self.code = 1

    def unreadable(self, error: OSError) -> None:
        """Report a folder that cannot be read, and go on."""
        message = f"cannot read {error.filename}: {error.strerror}"
        self.failed(fail("E0102", message, hint="check its permissions"))


def _read(path: str) -> tuple[str, Source]:
    """All that a file holds, and the text in it: the same without a byte order mark."""
    if path != STDIN:
        source = read(path)
        with open(path, "rb") as stream:
            marked = stream.read(3) == _MARK.encode()
        return (_MARK if marked else "") + source.text, source
    data = sys.stdin.buffer.read(_MAX_BYTES)
    try:
        # Where there is more than any text may have, it may end within a character.
        text = getincrementaldecoder("utf-8")().decode(data, final=len(data) < _MAX_BYTES)
    except UnicodeDecodeError as error:
        message, hint = f"cannot read standard input: {error}", "a .syno text is in UTF-8"
        raise fail("E0102", message, hint=hint) from error
    return text, Source("<stdin>", text.removeprefix(_MARK))


def _put_exactly(text: str) -> None:
    """Print what may become a file: in UTF-8 and with its own line ends, whatever a terminal would get."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    if text:
        put(text)


def _difference(name: str, before: str, after: str) -> str:
    """The change as a unified diff."""
    lines = unified_diff(_lines(before), _lines(after), name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in lines)


def _lines(text: str) -> list[str]:
    """The lines with their ends; unlike `splitlines`, only a line feed ends one."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]
