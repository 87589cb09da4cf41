"""A file and perhaps sizes enter; FLOPs, parameters and bytes moved leave."""

from __future__ import annotations

import click

from syno_lang.api import load
from syno_lang.cli import options
from syno_lang.cli.report import put, put_json


@click.command("cost")
@options.file
@options.sizes
@options.operator
@options.search
@options.as_json
def command(
    file: str, sizes: dict[str, int], operator: str | None, search: tuple[str, ...], as_json: bool
) -> None:
    """Count multiply-adds, parameters and bytes moved.

    Without sizes the counts are formulas, with sizes numbers.  Bytes are those of float32: each stage
    reads its inputs once and writes its result.

    \b
    syno cost stdlib:op1
    syno cost stdlib:op1 --size N=1 --size C_in=64 --size C_out=64 --size H=56
    """
    found = load(file, operator, search=search)
    cost = found.cost(**sizes)
    counts = {"flops": cost.flops, "parameters": cost.parameters, "bytes": cost.bytes, "stages": cost.stages}
    if as_json:
        values = {key: value if isinstance(value, int) else str(value) for key, value in counts.items()}
        put_json({"operator": found.name, "digest": found.digest, "sizes": sizes, **values})
        return
    shown = (f"{value:,}" if isinstance(value, int) else str(value) for value in counts.values())
    put("\n".join((found.name, *(f"  {key:<10}  {text}" for key, text in zip(counts, shown, strict=True)))))
