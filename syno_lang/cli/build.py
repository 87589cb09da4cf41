"""A file enters; one of its operators leaves as Python source for PyTorch or TVM."""

from __future__ import annotations

import click

from syno_lang.api import emit_torch, load, load_all
from syno_lang.cli import options
from syno_lang.cli.report import put_into


@click.command("build")
@options.file
@click.option("--to", "target", type=click.Choice(("torch", "tvm")), required=True, help="What to emit.")
@options.sizes
@click.option(
    "--dtype",
    type=click.Choice(("float64", "float32", "float16", "bfloat16")),
    default="float32",
    show_default=True,
    help="What a TVM module computes with; a torch module takes any.",
)
@options.operator
@options.search
@options.output
def command(
    file: str,
    target: str,
    sizes: dict[str, int],
    dtype: str,
    operator: str | None,
    search: tuple[str, ...],
    output: str | None,
) -> None:
    """Compile operators to a file that needs only torch, or only tvm.

    A torch file has a module for each operator of the file; it serves every size, and sizes given here help
    to choose the order of its contractions. A TVM module is made of one operator, for the sizes given.

    \b
    syno build stdlib:conv2d --to torch -o conv2d.py
    syno build stdlib:linear --to tvm --size N=8 --size C_in=64 --size C_out=64 -o linear.py
    """
    if target == "tvm":
        put_into(output, load(file, operator, search=search).emit_tvm(dtype, **sizes))
        return
    found = load_all(file, search=search)
    chosen = found.values() if operator is None and found else [load(file, operator, search=search)]
    put_into(output, emit_torch(chosen, **sizes))
