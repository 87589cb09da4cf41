"""A file enters; one of its operators leaves in the notation that was asked for."""

from __future__ import annotations

from typing import Final

import click

from syno_lang.api import Notation, load
from syno_lang.cli import options
from syno_lang.cli.report import put_into, put_json

NOTATIONS: Final = ("formula", "graph", "loops", "stages", "svg")


@click.command("show")
@options.file
@click.option("--as", "notation", type=click.Choice(NOTATIONS), default="formula", show_default=True)
@options.sizes
@options.operator
@options.search
@options.output
@options.as_json
def command(
    file: str,
    notation: Notation,
    sizes: dict[str, int],
    operator: str | None,
    search: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> None:
    """Print an operator in another notation.

    formula and graph are syno text, loops is the definition as loops, stages the loops that are
    compiled, svg a picture of the graph.

    \b
    syno show stdlib:op1 --as graph
    syno show stdlib:op1 --as stages --size H=56 --size C_out=64
    syno show stdlib:op1 --as svg -o op1.svg
    """
    if sizes and notation != "stages":
        raise click.UsageError("--size only matters with --as stages: there it helps to choose the order")
    if as_json and output:
        raise click.UsageError("--json prints; it does not go with -o")
    found = load(file, operator, search=search)
    text = found.show(notation, **sizes)
    if as_json:
        put_json({"operator": found.name, "digest": found.digest, "notation": notation, "text": text})
    else:
        put_into(output, text)
