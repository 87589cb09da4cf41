"""Files enter; whether each is right, and what its operators demand of sizes, leaves."""

from __future__ import annotations

from typing import Any

import click

from syno_lang.api import Operator, load_all
from syno_lang.cli import options
from syno_lang.cli.report import put, put_diagnostics, put_json
from syno_lang.diagnostics import SynoError
from syno_lang.diagnostics.render import to_json
from syno_lang.diagnostics.terminal import visible
from syno_lang.ir.definition import Definition


@click.command("check")
@options.files
@options.as_json
def command(files: tuple[str, ...], as_json: bool) -> int:
    """Check files and show the conditions on the sizes.

    \b
    syno check my_operator.syno
    syno check --json src/*.syno
    """
    results = []
    for file in files:
        found, error = _load(file)
        results.append(
            {
                "file": file,
                "operators": [_facts(operator) for operator in found.values()],
                "diagnostics": [to_json(item) for item in error.diagnostics] if error else [],
            }
        )
        if as_json:
            continue
        if error:
            put_diagnostics(error.diagnostics)
        else:
            put("\n".join(_lines(file, found)))
    if as_json:
        put_json({"files": results})
    return int(any(result["diagnostics"] for result in results))


def conditions(definition: Definition) -> list[str]:
    """What must divide what, so that every size of the definition is a whole number.

    A condition that follows from another is left out.
    """
    fractions = [size for size in definition.graph.sizes if not size.lower.is_one]
    kept = [
        size
        for size in fractions
        if not any(other != size and (size / other).lower.is_one for other in fractions)
    ]
    return [f"{size.lower} divides {size.upper}" for size in kept]


def _load(file: str) -> tuple[dict[str, Operator], SynoError | None]:
    try:
        return load_all(file), None
    except SynoError as error:
        return {}, error


def _facts(operator: Operator) -> dict[str, Any]:
    return {
        "name": operator.name,
        "digest": operator.digest,
        "conditions": conditions(operator.definition),
    }


def _lines(file: str, operators: dict[str, Operator]) -> list[str]:
    if not operators:
        return [f"{visible(file)}: no operator"]
    lines = []
    for operator in operators.values():
        demands = conditions(operator.definition)
        where = f", where {' and '.join(demands)}" if demands else ""
        lines.append(f"{visible(file)}: {operator.name} is fine{where}")
    return lines
