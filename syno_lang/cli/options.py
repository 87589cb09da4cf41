"""What several verbs take: the file, the operator in it, sizes, `--json`, `-o`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from syno_lang.modules.find import search_path

_SIZE: Final = re.compile(r"([A-Za-z_]\w*)\s*=\s*(-?\d{1,18})")


def _read_sizes(ctx: click.Context, param: click.Parameter, texts: tuple[str, ...]) -> dict[str, int]:
    """`NAME=VALUE` texts as a dictionary; anything else is a mistake in the command."""
    sizes: dict[str, int] = {}
    for text in texts:
        found = _SIZE.fullmatch(text.strip())
        if found is None:
            raise click.BadParameter(
                f"{text!r} is not NAME=VALUE with a whole number, such as C_in=64", ctx, param
            )
        if found[1] in sizes:
            raise click.BadParameter(f"{found[1]} is given twice", ctx, param)
        sizes[found[1]] = int(found[2])
    return sizes


def _remember_json(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    # Errors are reported above the verb, which then must know the form.
    ctx.meta["syno.json"] = value
    return value


def _before_environment(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    return (*given, *search_path())


def expanded(paths: Iterable[str], or_folder: bool = False) -> Iterator[str]:
    """The files at `paths`, and those in the folders among them, each once.

    With `or_folder` a folder without any stands for itself: reading it says what is wrong.
    """
    seen: set[str] = set()
    for path in paths:
        inside = sorted(str(file) for file in Path(path).rglob("*.syno")) if os.path.isdir(path) else [path]
        for file in inside or ([path] if or_folder else []):
            if file not in seen:
                seen.add(file)
                yield file


def dtype(meaning: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--dtype`, a floating type; `meaning` says of what."""
    types = click.Choice(("float64", "float32", "float16", "bfloat16"))
    return click.option("--dtype", type=types, default="float32", show_default=True, help=meaning)


file = click.argument("file", metavar="FILE")
files = click.argument("files", metavar="FILE...", nargs=-1, required=True)
operator = click.option("--operator", metavar="NAME", help="Which operator, where the file has several.")
sizes = click.option(
    "--size",
    "sizes",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_read_sizes,
    help="A size; may be repeated.",
)
as_json = click.option(
    "--json", "as_json", is_flag=True, callback=_remember_json, is_eager=True, help="Print JSON."
)
device = click.option(
    "--device", default="cpu", show_default=True, help="Where to measure, as torch names it."
)
threads = click.option("--threads", type=click.IntRange(min=1), help="With how many threads to measure.")
output = click.option("-o", "--output", metavar="PATH", help="Write to a file instead of the terminal.")
search = click.option(
    "--path",
    "search",
    metavar="DIR",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    callback=_before_environment,
    help="A folder in which `use` looks for files, before those of SYNO_PATH; may be repeated.",
)
