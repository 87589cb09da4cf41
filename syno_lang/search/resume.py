"""The runs of a store and what a user asks for enter; the settings of the run to continue leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from syno_lang.diagnostics import fail
from syno_lang.search.settings import Problem, Settings
from syno_lang.search.store import Run, Store


def run_to_continue(store: Store, asked: Mapping[str, Any]) -> Run:
    """The last run that agrees with all that is asked for; `asked` holds settings by their names.

    Raises `SynoError` (E1204) where there is none.
    """
    runs = store.runs()
    if not runs:
        raise fail("E1204", f"{store.path} has no run yet", hint="leave out --resume")
    agreeing = [run for run in runs if all(run.settings.get(key) == value for key, value in asked.items())]
    if not agreeing:
        said = ", ".join(f"{key} {_said(value)}" for key, value in asked.items())
        known = "; ".join(described(run.settings) for run in runs[-3:])
        message = f"{store.path} has no run with {said}"
        raise fail("E1204", message, hint=f"it has {known}")
    return agreeing[-1]


def settings_of(run: Run) -> Settings:
    """The settings that a run was begun with."""
    return Settings(**{item.name: run.settings[item.name] for item in fields(Settings)})


def check_space(run: Run, problem: Problem) -> None:
    """Raise `SynoError` (E1204) where the space is no longer what it was when `run` began."""
    if run.settings["fingerprint"] != problem.fingerprint:
        message = f"the space {problem.name} has changed since the run began"
        raise fail("E1204", message, hint="begin a new run, without --resume; known evaluations are used")


def check_new(store: Store, settings: Mapping[str, Any]) -> None:
    """Raise `SynoError` (E1204) where the store has a run with these settings already."""
    known: Sequence[Run] = [run for run in store.runs() if run.settings == settings]
    if known and (count := len(store.trials(known[0]))):
        message = f"{store.path} has this run already, with {count} operators"
        raise fail("E1204", message, hint="continue it with --resume, or take another --seed")


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name}={limit:g}" for name, limit in value.items()) or "none"
    return str(value)


def described(settings: Mapping[str, Any]) -> str:
    """A run in a few words."""
    return (
        f"{settings['strategy']} on {settings['space']} by {settings['evaluator']}, seed {settings['seed']}"
    )
