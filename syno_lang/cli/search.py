"""A space and an evaluator enter; operators of the space are evaluated, and leave in a store."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.search.settings import AHEAD, Bounds, Problem, Settings
from syno_lang.search.strategy import STRATEGIES

#: The options that decide a run: when it is resumed, those that are given must be its own.
_DECIDING: Final = ("evaluator", "strategy", "seed", "reward", "limits", "ahead")


def _read_limits(ctx: click.Context, param: click.Parameter, texts: tuple[str, ...]) -> Mapping[str, str]:
    found = dict(text.split("=", 1) for text in texts if "=" in text)
    if len(found) != len(texts):
        raise click.BadParameter("limits are NAME=VALUE, each name once, such as flops=2e9", ctx, param)
    return found


def _read_memory(ctx: click.Context, param: click.Parameter, text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MG])(?:i?B)?", text.strip())
    if found is None or not float(found[1]):
        raise click.BadParameter(f"{text!r} is no amount of memory such as 4G or 500M", ctx, param)
    return int(float(found[1]) * {"M": 1 << 20, "G": 1 << 30}[found[2]])


@click.command("search")
@click.argument("space", metavar="[SPACE]", required=False)
@click.option("--space", "name", metavar="NAME", help="Which space, where the file has several.")
@click.option(
    "--evaluate", "evaluator", metavar="EVALUATOR", default="flops", show_default=True,
    help="digits, flops, random, or python:module.function.",
)  # fmt: skip
@click.option("--strategy", type=click.Choice(STRATEGIES), default="mcts", show_default=True)
@click.option("--reward", metavar="REWARD", default="", help="What to make large; see below.")
@click.option("--limit", "limits", metavar="NAME=VALUE", multiple=True, callback=_read_limits,
              help="Evaluate nothing above: flops or params of all layers together.")  # fmt: skip
@click.option("--budget", type=click.IntRange(1), metavar="N", help="Stop after N operators.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), metavar="M", help="Stop after M minutes.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True,
              help="Evaluations at a time; they do not change the result.")  # fmt: skip
@click.option("--ahead", type=click.IntRange(1), default=AHEAD, show_default=True,
              help="Proposals at a time; they do.")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), default=300.0, show_default=True,
              metavar="SECONDS", help="For one evaluation.")  # fmt: skip
@click.option("--memory-limit", default="4G", show_default=True, metavar="SIZE", callback=_read_memory,
              help="For one evaluation.")  # fmt: skip
@click.option("--store", "store", metavar="PATH", default="search.db", show_default=True,
              type=click.Path(dir_okay=False), help="Where evaluations are kept.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Continue a run of the store, by default the last one.")
@click.option("--ray", metavar="ADDRESS", help="Evaluate on a Ray cluster: `auto`, or an address.")
@options.search
@options.as_json
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Search a space for good operators.

    Every evaluation is kept in the store before anything else happens; a search that ended, however it did,
    continues with --resume. An operator that the store knows is not evaluated again.

    Rewards: accuracy, loss, flops, latency, with options, as in `accuracy:floor=0.1,power=4` or
    `flops:min_accuracy=0.9`.

    \b
    syno search stdlib:resnet --evaluate flops --budget 100
    syno search my_space.syno --evaluate digits --minutes 30 --workers 2
    syno search --resume --budget 200
    """
    from syno_lang.search.progress import Progress
    from syno_lang.search.run import Search
    from syno_lang.search.store import Store

    if given["space"] is None and not given["resume"]:
        raise click.UsageError("name a SPACE, or continue a run with --resume", ctx)
    if given["resume"]:
        # Otherwise a misspelled name would make a store.
        Store(given["store"]).close()
    with Store(given["store"], write=True) as store:
        problem, settings = _decided(ctx, given, store)
        if given["workers"] > settings.ahead:
            message = (
                f"{given['workers']} workers need as many proposals at a time: --ahead {given['workers']}"
            )
            raise click.UsageError(message, ctx)
        live = sys.stderr.isatty() and not given["as_json"]
        progress = Progress(lambda text: click.echo(text, nl=False, err=True), live)
        watch: Callable[[Any], None] = (lambda standing: None) if given["as_json"] else progress
        search = Search(problem, settings, store, _executor(settings, given), watch)
        bounds = Bounds(given["budget"], given["minutes"], given["time_limit"], given["memory_limit"])
        try:
            search.run(bounds)
        except KeyboardInterrupt:
            progress.end()
            click.echo(f"what was evaluated is in {given['store']}; --resume continues", err=True)
            raise
        progress.end()
        _conclude(search, given)


def _decided(ctx: click.Context, given: Mapping[str, Any], store: Any) -> tuple[Problem, Settings]:
    """What is searched, and by which settings: those given, or those of the run to continue."""
    from syno_lang.search import resume
    from syno_lang.search.evaluators import check_name, default_reward
    from syno_lang.search.problem import read_problem
    from syno_lang.search.reward import read_limits, read_reward

    check_name(given["evaluator"])
    settings = Settings(
        given["evaluator"],
        given["strategy"],
        given["seed"],
        str(read_reward(given["reward"] or default_reward(given["evaluator"]))),
        read_limits(given["limits"]),
        given["ahead"],
    )
    if not given["resume"]:
        problem = read_problem(given["space"], given["name"], given["search"])
        resume.check_new(store, settings.to_json(problem))
        return problem, settings
    source = click.core.ParameterSource
    asked = {key: getattr(settings, key) for key in _DECIDING
             if ctx.get_parameter_source(key) == source.COMMANDLINE}  # fmt: skip
    if given["space"] is not None:
        problem = read_problem(given["space"], given["name"], given["search"])
        asked["space"] = problem.name
        run = resume.run_to_continue(store, asked)
    else:
        run = resume.run_to_continue(store, asked)
        problem = read_problem(run.source[0], run.source[1] or None, given["search"])
    resume.check_space(run, problem)
    return problem, resume.settings_of(run)


def _executor(settings: Settings, given: Mapping[str, Any]) -> Callable[[], Any]:
    def start() -> Any:
        if given["ray"] is not None:
            from syno_lang.search.cluster import RayExecutor

            return RayExecutor(settings.evaluator, given["workers"], given["ray"])
        from syno_lang.search.local import LocalExecutor

        return LocalExecutor(settings.evaluator, given["workers"])

    return start


def _conclude(search: Any, given: Mapping[str, Any]) -> None:
    from syno_lang.search.results import facts, summary

    if given["as_json"]:
        put_json(facts(search.standing))
    else:
        put(summary(search.standing, given["store"]))
