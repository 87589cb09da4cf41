"""A file enters; one of its operators leaves as Python source for PyTorch or TVM."""

from __future__ import annotations

import click

from syno_lang.api import Purpose, load
from syno_lang.cli import options
from syno_lang.cli.build_torch import TorchOptions, build as build_torch, torch_options
from syno_lang.cli.build_tvm import (
    Wanted,
    build,
    database_option,
    default_database,
    emit_option,
    gradient_option,
    open_option,
    target_options,
)


@click.command("build")
@options.file
@click.option("--to", "target", type=click.Choice(("torch", "tvm")), required=True, help="What to emit.")
@options.sizes
@options.dtype("What a TVM module computes with; a torch module takes any.")
@torch_options
@click.option("--no-canon", is_flag=True, help="Compile what is written, never its normal form.")
@emit_option
@target_options
@gradient_option
@open_option
@database_option
@options.operator
@options.search
@options.output
def command(
    file: str,
    target: str,
    sizes: dict[str, int],
    dtype: str,
    tune: bool,
    purpose: Purpose,
    checkpoint: bool,
    device: str,
    threads: int | None,
    no_canon: bool,
    emit: str,
    machine: str | None,
    arch: str | None,
    gradient: str | None,
    open_sizes: tuple[str, ...],
    database: str | None,
    operator: str | None,
    search: tuple[str, ...],
    output: str | None,
) -> None:
    """Compile operators to a file that needs only torch, or only tvm.

    A torch file has a module for each operator of the file; it serves every size, and sizes given here help
    to choose what is fastest. With --tune that is measured, at all sizes of one operator; a comment in the
    file keeps the times. A TVM module is made of one operator, for the sizes given: plain loops, or with
    --target loops that are arranged for it.

    The normal form under the exact rules is compiled where it is expected to be faster; weights, inputs and
    values are those of what is written.

    \b
    syno build stdlib:conv2d --to torch -o conv2d.py
    syno build stdlib:linear --to tvm --size N=8 --size C_in=64 --size C_out=64 -o linear.py
    syno build stdlib:op1 --to tvm --size N=1 --size C_in=64 --size C_out=64 --size H=56 --emit so -o op1.so
    syno build stdlib:op2 --to torch --tune --size N=1 --size C_in=64 --size C_out=64 --size H=56
    """
    if target == "tvm":
        one = load(file, operator, search=search)
        folder = database or default_database(file, one)
        wanted = Wanted(sizes, dtype, not no_canon, machine, arch, folder, gradient, open_sizes)
        build(one, wanted, emit, output)
        return
    torch = TorchOptions(tune, purpose, checkpoint, device, threads)
    build_torch(file, operator, search, sizes, torch, dtype=dtype, canonicalize=not no_canon, output=output)
