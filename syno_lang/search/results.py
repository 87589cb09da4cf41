"""Rows of a store enter; tables, facts for JSON, and files leave."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from syno_lang.diagnostics import fail
from syno_lang.resources import write_atomically
from syno_lang.search.progress import quantity
from syno_lang.search.standing import Met, Standing, front
from syno_lang.search.store import Row


def met(row: Row) -> Met:
    """A row of a store as the strategy was told of it."""
    return Met(row.number, _name(row.text), row.digest, row.reward, row.outcome)


def _name(text: str) -> str:
    """The name of the only operator in a text of ours."""
    return text.split("operator ", 1)[1].split("<", 1)[0].split("(", 1)[0].strip()


def facts(standing: Standing) -> dict[str, Any]:
    """How a search stands, for JSON."""
    return {
        "operators": standing.met,
        "evaluated": standing.evaluated,
        "failed": standing.failed,
        "over_the_limit": standing.rejected,
        "exhausted": standing.exhausted,
        "best": met_facts(standing.best) if standing.best is not None else None,
        "front": [met_facts(item) for item in standing.front],
    }


def met_facts(item: Met) -> dict[str, Any]:
    """An operator and what is known of it, for JSON."""
    return {
        "number": item.number + 1,
        "digest": item.digest,
        "reward": item.reward,
        "status": item.outcome.status,
        "error": item.outcome.error,
        "metrics": dict(item.outcome.metrics),
        "seconds": item.outcome.seconds,
    }


def summary(standing: Standing, store: str) -> str:
    """What a search ends with: counts, and the Pareto front."""
    lines = [f"{standing.met} operators, {standing.evaluated} evaluated now, {standing.failed} failed"]
    if standing.rejected:
        lines[0] += f", {standing.rejected} over the limit"
    if standing.exhausted:
        lines.append("these are all operators of the space")
    if standing.front:
        lines += ["", "Pareto front (reward and FLOPs):", table(standing.front)]
    lines += ["", f"more: syno results {store}"]
    return "\n".join(lines)


def table(items: Sequence[Met]) -> str:
    """One operator a line, under a head."""
    names = [
        name
        for name in ("accuracy", "loss", "latency")
        if any(name in item.outcome.metrics for item in items)
    ]
    lines = [["number", "operator", "reward", *names, "FLOPs", "params", ""]]
    for item in items:
        metrics = item.outcome.metrics
        lines.append(
            [
                str(item.number + 1),
                item.digest[:12],
                "-" if item.reward is None else f"{item.reward:.4f}",
                *(f"{metrics[name]:.4g}" if name in metrics else "-" for name in names),
                *(
                    quantity(metrics[name]).strip() if name in metrics else "-"
                    for name in ("flops", "params")
                ),
                "" if item.outcome.is_ok else f"{item.outcome.status}: {item.outcome.error}"[:60],
            ]
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def export(rows: Sequence[Row], folder: str) -> int:
    """Write each operator as `DIGEST.syno`, and `results.json` with all facts; return how many there are.

    Raises `SynoError` (E0702) where the folder cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise fail("E0702", f"cannot make {folder}: {error.strerror}", hint="check the path") from error
    for row in rows:
        write_atomically(Path(folder) / f"{row.digest}.syno", row.text)
    kept = {item.digest for item in front([met(row) for row in rows if row.reward is not None])}
    found = [
        {**met_facts(met(row)), "file": f"{row.digest}.syno", "front": row.digest in kept} for row in rows
    ]
    write_atomically(Path(folder) / "results.json", json.dumps(found, indent=2) + "\n")
    return len(rows)
