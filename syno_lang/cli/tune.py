"""A file, sizes and a target enter; the fastest schedule that measuring finds is kept for `syno build`."""

from __future__ import annotations

import re
import shutil
import sys
from math import inf
from typing import TYPE_CHECKING, Final

import click

from syno_lang.api import load
from syno_lang.cli import options
from syno_lang.cli.build_tvm import Wanted, database_option, default_database, target_options
from syno_lang.cli.report import put, put_json

if TYPE_CHECKING:
    from syno_lang.backends.tvm.devices import Here, Remote
    from syno_lang.backends.tvm.tune import Progress

#: The length of the bar that shows how far it is.
BAR: Final = 24


@click.command("tune")
@options.file
@options.sizes
@click.option(
    "--trials", type=click.IntRange(min=1), default=64, show_default=True, help="Schedules to measure."
)
@options.dtype("What the kernel computes with.")
@target_options
@database_option
@click.option("--rpc", metavar="HOST:PORT", help="A tracker of TVM; measure on a device behind it.")
@click.option("--key", metavar="KEY", help="The key of that device.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which schedules are drawn.")
@click.option("--no-canon", is_flag=True, help="Compile what is written, never its normal form.")
@options.operator
@options.search
@options.as_json
def command(
    file: str,
    sizes: dict[str, int],
    trials: int,
    dtype: str,
    machine: str | None,
    arch: str | None,
    database: str | None,
    rpc: str | None,
    key: str | None,
    seed: int,
    no_canon: bool,
    operator: str | None,
    search: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure schedules of an operator for TVM, and keep the fastest.

    They are drawn by TVM's MetaSchedule; the first one measured is what `syno build` uses untuned. All are
    kept, with the fastest, in the folder NAME.tvm beside the file, where `syno build --to tvm` finds it for
    the same sizes, dtype and target. An interrupted tuning goes on when it is called again: --trials counts
    the schedules that are there.

    \b
    syno tune stdlib:op1 --size N=1 --size C_in=64 --size C_out=64 --size H=56 --trials 64
    syno tune my.syno --size N=1 --target '{"kind": "llvm", "mcpu": "skylake"}' --rpc 127.0.0.1:9190 --key lab
    """
    from syno_lang.backends.tvm.tune import tune

    device = _device(rpc, key)
    one = load(file, operator, search=search)
    wanted = Wanted(sizes, dtype, not no_canon, machine, arch, database or default_database(file, one))
    program, values = wanted.program(one)
    target = wanted.target
    folder = wanted.database
    try:
        found = tune(program, values, dtype, target, folder, trials, device=device, report=_report, seed=seed)
    except KeyboardInterrupt:
        click.echo(f"\nthe best so far is kept in {folder}", err=True)
        raise
    _print(found, folder, as_json)


def _report(progress: Progress) -> None:
    """A line that is overwritten: how far it is, the best time, and the time left."""
    if not sys.stderr.isatty():
        return
    part = progress.done / progress.trials
    bar = "#" * round(BAR * part) + "." * (BAR - round(BAR * part))
    left = "" if progress.left == inf else f", {progress.left:.0f} s left"
    line = f"[{bar}] {progress.done}/{progress.trials}, best {_time(progress.best)}{left}"
    click.echo(f"\r{line:<{shutil.get_terminal_size().columns - 1}}", nl=part >= 1, err=True)


def _print(found: Progress, database: str, as_json: bool) -> None:
    if as_json:
        put_json({"trials": found.done, "untuned": found.untuned, "best": found.best, "database": database})
        return
    put(f"untuned     {_time(found.untuned)}")
    put(f"best        {_time(found.best)}  ({found.untuned / found.best:.2f} times as fast)")
    put(f"measured    {found.done} schedules, kept in {database}")


def _device(rpc: str | None, key: str | None) -> Here | Remote:
    from syno_lang.backends.tvm.devices import Here, Remote

    if rpc is None and key is None:
        return Here()
    place = re.fullmatch(r"(\S+):(\d{1,5})", rpc or "")
    if place is None or key is None:
        raise click.UsageError("a device is named by --rpc HOST:PORT and --key KEY")
    return Remote(place[1], int(place[2]), key)


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"
