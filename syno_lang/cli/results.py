"""A store enters; its operators leave as a table, a plot, or files."""

from __future__ import annotations

from typing import Any

import click

from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.diagnostics import fail


def chosen_run(store: Any, number: int | None) -> Any:
    """The run with a number, or the last one that met anything.  Raises `SynoError` (E1202)."""
    runs = store.runs()
    if not runs:
        raise fail("E1202", f"{store.path} has no run", hint="`syno search` makes runs")
    if number is None:
        return next((run for run in reversed(runs) if store.trials(run)), runs[-1])
    found = [run for run in runs if run.id == number]
    if not found:
        known = ", ".join(str(run.id) for run in runs)
        raise fail("E1202", f"{store.path} has no run {number}", hint=f"it has {known}: see --runs")
    return found[0]


@click.command("results")
@click.argument("store", metavar="STORE")
@click.option("--run", "number", type=int, metavar="N", help="Which run; by default the last one.")
@click.option("--runs", "show_runs", is_flag=True, help="List the runs instead.")
@click.option("--all", "show_all", is_flag=True, help="All operators in their order, failures too.")
@click.option("--plot", metavar="PATH", help="Draw reward over FLOPs: an .svg file, or - for text.")
@click.option("--export", "folder", metavar="DIR", help="Write every operator as a file, and results.json.")
@click.option("--merge", "others", metavar="OTHER", multiple=True,
              help="First take over what another store has; may be repeated.")  # fmt: skip
@options.as_json
def command(
    store: str,
    number: int | None,
    show_runs: bool,
    show_all: bool,
    plot: str | None,
    folder: str | None,
    others: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what a search has found: the Pareto front of reward and FLOPs, and the best operators.

    \b
    syno results search.db
    syno results search.db --all --json
    syno results search.db --plot pareto.svg --export found
    syno results search.db --merge other_machine.db
    """
    from syno_lang.search.results import export, met, met_facts
    from syno_lang.search.store import Store

    if others:
        _merge(store, others)
    with Store(store) as opened:
        if show_runs:
            _put_runs(opened, as_json)
            return
        run = chosen_run(opened, number)
        rows = opened.rows(run)
    items = [met(row) for row in rows]
    if folder is not None:
        put_count = export(rows, folder)
        click.echo(f"{put_count} operators are in {folder}", err=True)
    if plot is not None:
        _plot(items, plot)
    if as_json:
        put_json({"run": run.id, "settings": dict(run.settings), "operators": list(map(met_facts, items))})
    elif plot != "-":
        _put_table(run, items, show_all)


def _merge(path: str, others: tuple[str, ...]) -> None:
    from syno_lang.search.store import Store

    with Store(path, write=True) as own:
        for name in others:
            with Store(name) as other:
                count = own.merge(other)
            click.echo(f"{count} evaluations are new from {name}", err=True)


def _put_runs(store: Any, as_json: bool) -> None:
    from syno_lang.search.resume import described

    found = [(run, len(store.trials(run))) for run in store.runs()]
    if as_json:
        put_json(
            [{"run": run.id, "operators": count, "settings": dict(run.settings)} for run, count in found]
        )
    for run, count in () if as_json else found:
        put(f"{run.id:>3}  {described(run.settings)}: {count} operators")


def _plot(items: list[Any], path: str) -> None:
    from syno_lang.resources import write_atomically
    from syno_lang.search.chart import pareto, svg, text

    chart = pareto(items)
    if chart is None:
        raise fail("E1202", "there is nothing to plot: no operator has a reward and FLOPs")
    if path == "-":
        put(text(chart))
    else:
        write_atomically(path, svg(chart) + "\n")


def _put_table(run: Any, items: list[Any], show_all: bool) -> None:
    from syno_lang.search.results import table
    from syno_lang.search.resume import described
    from syno_lang.search.standing import front

    good = [item for item in items if item.reward is not None]
    failed = len(items) - len(good)
    put(f"run {run.id}: {described(run.settings)}; {len(items)} operators, {failed} failed")
    if show_all:
        put("\n" + table(items) if items else "")
        return
    if good:
        best = sorted(good, key=lambda item: (-item.reward, item.number))[:10]
        put(f"\nPareto front (reward and FLOPs):\n{table(front(good))}\n\nbest rewards:\n{table(best)}")
