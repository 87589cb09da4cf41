"""Files and folders enter; whether the claims of their `test` blocks hold leaves."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import click

from syno_lang.checks.run import Outcome, run_tests
from syno_lang.cli import options
from syno_lang.cli.report import put, put_diagnostics, put_json
from syno_lang.cli.trials import put_overlaps, put_trial, trial_facts, try_file
from syno_lang.diagnostics import Diagnostic, SynoError
from syno_lang.diagnostics.render import to_json
from syno_lang.diagnostics.suggest import counted
from syno_lang.diagnostics.terminal import visible
from syno_lang.modules.find import resolve

#: What the line of a claim begins with, by its status.
WORDS: Final = {"ok": "ok     ", "failed": "FAILED ", "not run": "NOT RUN"}

#: How much of a claim is shown on its line.
WIDTH: Final = 100


@click.command("test")
@options.files
@options.search
@options.as_json
def command(files: tuple[str, ...], search: tuple[str, ...], as_json: bool) -> int:
    """Try what the test blocks and the rules of files claim.

    A rule is tried at every point of 200 random instances; overlaps of rules that do not join are shown.
    FILE may be a folder: all .syno files in it are tested.  Claims about functions of torch need torch.
    The exit code is 0 only if there were claims, every one was tried, and every one holds.

    \b
    syno test my_operator.syno
    syno test examples stdlib:conv2d
    """
    counts: Counter[str] = Counter()
    results = []
    for file in options.expanded(files):
        claims: list[dict[str, Any]] = []
        findings: tuple[Diagnostic, ...] = ()
        trials: list[dict[str, Any]] = []
        try:
            for outcome in run_tests(file, search=search):
                counts[outcome.status] += 1
                claims.append(_facts(outcome))
                if not as_json:
                    _put(file, outcome)
            for trial in try_file(resolve(file)):
                counts["ok" if trial.holds else "failed"] += 1
                trials.append(trial_facts(trial))
                if not as_json:
                    put_trial(file, trial)
            if trials and all(item["status"] == "ok" for item in trials) and not as_json:
                put_overlaps(resolve(file))
        except SynoError as error:
            findings = error.diagnostics
            counts["broken"] += 1
            if not as_json:
                put_diagnostics(findings)
        results.append(
            {
                "file": file,
                "claims": claims,
                "rules": trials,
                "diagnostics": [to_json(item) for item in findings],
            }
        )
    names = {"ok": "ok", "failed": "failed", "not run": "not_run", "broken": "broken_files"}
    if as_json:
        put_json({"files": results, **{name: counts[status] for status, name in names.items()}})
    else:
        put(_summary(counts))
    return int(counts["ok"] == 0 or counts["ok"] != counts.total())


def _facts(outcome: Outcome) -> dict[str, Any]:
    claim = outcome.claim
    return {
        "operator": claim.operator.name,
        "claim": claim.text,
        "line": claim.node.span.line,
        "status": outcome.status,
        "diagnostics": [to_json(item) for item in outcome.diagnostics],
    }


def _put(file: str, outcome: Outcome) -> None:
    claim = outcome.claim
    text = claim.text if len(claim.text) <= WIDTH else f"{claim.text[: WIDTH - 3]}..."
    place = f"{file}:{claim.node.span.line}"
    put(visible(f"{WORDS[outcome.status]}  {place}: {claim.operator.name} {text}"))
    put_diagnostics(outcome.diagnostics)


def _summary(counts: Counter[str]) -> str:
    """`5 claims: 4 ok, 1 failed`; what there is none of is left out."""
    total = counts["ok"] + counts["failed"] + counts["not run"]
    parts = [f"{counts[status]} {status}" for status in ("ok", "failed", "not run") if counts[status]]
    text = f"{counted(total, 'claim')}: {', '.join(parts)}" if total else "there are no claims"
    if counts["broken"]:
        verb = "has" if counts["broken"] == 1 else "have"
        text += f"; {counted(counts['broken'], 'file')} {verb} mistakes"
    return text
