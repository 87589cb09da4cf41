"""A store enters; one HTML page about a run leaves."""

from __future__ import annotations

import click

from syno_lang.cli.report import put_into
from syno_lang.cli.results import chosen_run


@click.command("report")
@click.argument("store", metavar="STORE")
@click.option("-o", "--output", metavar="PATH", required=True, help="The page.")
@click.option("--run", "number", type=int, metavar="N", help="Which run; by default the last one.")
@click.option("--top", type=click.IntRange(0), default=30, show_default=True, metavar="N",
              help="How many operators are shown in full, beside the Pareto front.")  # fmt: skip
def command(store: str, output: str, number: int | None, top: int) -> None:
    """Make a page of what a search has found.

    The page needs nothing else: Pareto front, the best reward over time, and of the best operators the
    formula, the picture of the pGraph, the loops and the cost.

    \b
    syno report search.db -o report.html
    """
    from syno_lang.search.report import report
    from syno_lang.search.store import Store

    with Store(store) as opened:
        run = chosen_run(opened, number)
        rows = opened.rows(run)
    put_into(output, report(run, rows, top))
