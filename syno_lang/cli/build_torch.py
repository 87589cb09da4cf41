"""What `syno build --to torch` takes beside what every target takes, and what it does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from syno_lang.api import Purpose, emit_torch, load, load_all
from syno_lang.cli import options
from syno_lang.cli.report import put_into

_OPTIONS: Final = (
    click.option("--tune", is_flag=True, help="Measure several forms of a torch module, emit the fastest."),
    click.option(
        "--for",
        "purpose",
        type=click.Choice(("inference", "folded", "training")),
        default="inference",
        show_default=True,
        help="What --tune measures: a forward pass, one after `fold`, or one with its gradients.",
    ),
    click.option(
        "--checkpoint",
        is_flag=True,
        help="A torch module that keeps only its inputs for the gradients, and computes the rest again.",
    ),
    options.device,
    options.threads,
)


@dataclass(frozen=True)
class TorchOptions:
    """What the options say."""

    tune: bool
    purpose: Purpose
    checkpoint: bool
    device: str
    threads: int | None


def torch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def build(
    file: str,
    operator: str | None,
    search: tuple[str, ...],
    sizes: Mapping[str, int],
    wanted: TorchOptions,
    *,
    dtype: str,
    canonicalize: bool,
    output: str | None,
) -> None:
    """Emit a module for each operator of a file, or tune the one that is asked for."""
    if wanted.tune:
        one = load(file, operator, search=search)
        text = one.tune_torch(
            wanted.device, wanted.threads, dtype, wanted.purpose, checkpoint=wanted.checkpoint, **sizes
        )
        put_into(output, text)
        return
    several = load_all(file, search=search)
    chosen = several.values() if operator is None and several else [load(file, operator, search=search)]
    text = emit_torch(chosen, canonicalize=canonicalize, checkpoint=wanted.checkpoint, **sizes)
    put_into(output, text)
