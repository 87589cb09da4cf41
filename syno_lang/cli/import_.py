"""A kernel of the original Syno enters, a `.syno` file leaves."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import click

from syno_lang.cli import options
from syno_lang.cli.report import put, put_into, put_json
from syno_lang.diagnostics import MAX_FINDINGS, Diagnostic, SynoError, fail
from syno_lang.importer import Kernel, import_kernel, read_kernels
from syno_lang.resources import write_atomically

_COEFFICIENT: Final = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)(?:=([1-9][0-9]{0,17}))?", re.ASCII)


def _read_coefficients(
    ctx: click.Context, param: click.Parameter, text: str | None
) -> dict[str, int | None] | None:
    """`g=32,k` as a dictionary."""
    if text is None:
        return None
    found: dict[str, int | None] = {}
    for item in filter(None, re.split(r"[\s,]+", text)):
        parts = _COEFFICIENT.fullmatch(item)
        if parts is None:
            raise click.BadParameter(f"{item!r} is not NAME or NAME=VALUE, as in g=32,k_1=3,s", ctx, param)
        if parts[1] in found:
            raise click.BadParameter(f"{parts[1]} is given twice", ctx, param)
        found[parts[1]] = int(parts[2]) if parts[2] else None
    return found


@click.command("import")
@click.argument("path", metavar="PATH")
@options.output
@click.option("--name", metavar="NAME", help="What the operator is called, instead of op_HASH.")
@click.option(
    "--line", metavar="ID", help="Which sample of a .jsonl file: its id, or the number of its line."
)
@click.option(
    "--coefficients",
    metavar="NAMES",
    callback=_read_coefficients,
    help="Which sizes are coefficients, as in g=32,k_1=3,s.  Only needed where no metadata tells.",
)
@options.as_json
def command(
    path: str,
    output: str | None,
    name: str | None,
    line: str | None,
    coefficients: dict[str, int | None] | None,
    as_json: bool,
) -> None:
    """Read a kernel of the original Syno and write it as a syno operator.

    PATH is a kernel folder, a nested_loops.h, or a .jsonl file of samples.  Of a .jsonl file --line
    picks one; without it -o is a folder, and every sample goes into a file of its own.

    \b
    syno import kernels/07889_15252107013978896537 -o op1.syno
    syno import nested_loops.h --coefficients g=32,k_1=3,s=2
    syno import sampled.jsonl -o sampled/
    """
    if as_json and output:
        raise click.UsageError("--json prints; it does not go with -o")
    kernels = read_kernels(path, line)
    if len(kernels) > 1 and (name is not None or not (output or as_json)):
        raise click.UsageError(
            f"{path} holds {len(kernels)} kernels: pick one by --line, or give a folder by -o"
        )
    texts = _import_all(kernels, name, coefficients)
    if as_json:
        put_json({"operators": [{"name": title, "text": text} for title, text in texts.items()]})
    elif output is not None and _is_folder(output, path, line):
        _write_all(texts, Path(output))
    else:
        put_into(output, next(iter(texts.values())))


def _is_folder(output: str, path: str, line: str | None) -> bool:
    """Whether `output` is where files go, rather than a file."""
    several = Path(path).suffix == ".jsonl" and line is None
    return several or output.endswith(("/", os.sep)) or Path(output).is_dir()


def _import_all(
    kernels: list[Kernel], name: str | None, coefficients: dict[str, int | None] | None
) -> dict[str, str]:
    """The texts by the names of their operators.  Raises `SynoError` with what is wrong in any of them."""
    texts: dict[str, str] = {}
    findings: list[Diagnostic] = []
    for kernel in kernels:
        title = kernel.name if name is None else name
        if title.lower() in (known.lower() for known in texts):
            hint = "give the samples different ids"
            raise fail("E0805", f"two operators would be called {title}", hint=hint)
        try:
            texts[title] = import_kernel(kernel, name=name, coefficients=coefficients)
        except SynoError as error:
            findings += error.diagnostics
    if findings:
        raise SynoError(findings[:MAX_FINDINGS])
    return texts


def _write_all(texts: dict[str, str], folder: Path) -> None:
    """Write each text to `folder`, into a file called after its operator."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise fail("E0702", f"cannot make the folder {folder}", hint="check the path") from error
    for title, text in texts.items():
        write_atomically(folder / f"{title}.syno", text)
    put(f"{folder}: {len(texts)} {'files' if len(texts) > 1 else 'file'}")
