"""A file enters; one of its operators leaves as Python source for PyTorch or TVM."""

from __future__ import annotations

import click

from syno_lang.api import load
from syno_lang.cli import options
from syno_lang.cli.report import put_into


@click.command("build")
@options.file
@click.option("--to", "target", type=click.Choice(("torch", "tvm")), required=True, help="What to emit.")
@options.sizes
@options.operator
@options.search
@options.output
def command(
    file: str,
    target: str,
    sizes: dict[str, int],
    operator: str | None,
    search: tuple[str, ...],
    output: str | None,
) -> None:
    """Compile an operator to a file that needs only torch, or only tvm.

    A torch module serves every size; sizes given here help to choose the order of its contractions.
    A TVM module is made for the sizes that are given.

    \b
    syno build stdlib:conv2d --to torch -o conv2d.py
    syno build stdlib:linear --to tvm --size N=8 --size C_in=64 --size C_out=64 -o linear.py
    """
    found = load(file, operator, search=search)
    put_into(output, found.emit_torch(**sizes) if target == "torch" else found.emit_tvm(**sizes))
