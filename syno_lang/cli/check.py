"""Files enter; whether each is right, and what its operators demand of sizes, leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from syno_lang.api import Contents, Operator, load_contents
from syno_lang.cli import options
from syno_lang.cli.report import put, put_diagnostics, put_json
from syno_lang.diagnostics import Diagnostic, SynoError
from syno_lang.diagnostics.render import to_json
from syno_lang.diagnostics.sarif import to_sarif
from syno_lang.diagnostics.terminal import visible
from syno_lang.ir.definition import Definition, SizeDeclaration

if TYPE_CHECKING:
    from syno_lang.ir.explain_sizes import Demand, SizeFacts


@click.command("check")
@options.files
@options.search
@options.as_json
@click.option(
    "--explain-sizes", "explained", is_flag=True, help="Say where each condition comes from, with an example."
)
@click.option("--sarif", "as_sarif", is_flag=True, help="Print a SARIF log, for code scanning.")
def command(
    files: tuple[str, ...], search: tuple[str, ...], as_json: bool, explained: bool, as_sarif: bool
) -> int:
    """Check files and show the conditions on the sizes.

    FILE may be a folder: all .syno files in it are checked.

    \b
    syno check my_operator.syno
    syno check --json src/*.syno
    syno check --explain-sizes stdlib:op1
    syno check --sarif src/*.syno > syno.sarif
    """
    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif exclude each other")
    results = []
    findings: list[Diagnostic] = []
    for file in options.expanded(files, or_folder=True):
        found, error = _load(file, search)
        results.append(
            {
                "file": file,
                "operators": [_facts(operator, explained) for operator in found.operators.values()],
                "spaces": [{"name": name, "layers": len(item.layers)} for name, item in found.spaces.items()],
                "diagnostics": [to_json(item) for item in error.diagnostics] if error else [],
            }
        )
        findings += error.diagnostics if error else ()
        if as_json or as_sarif:
            continue
        if error:
            put_diagnostics(error.diagnostics)
        else:
            put("\n".join(_lines(file, found, explained)))
    if as_json:
        put_json({"files": results})
    if as_sarif:
        from importlib.metadata import version

        put_json(to_sarif(findings, version("syno_lang")))
    return int(bool(findings))


def conditions(definition: Definition) -> list[str]:
    """What must hold for the sizes of the definition: what divides, and what the file states."""
    divisions = [f"{item.divisor} divides {item.dividend}" for item in definition.divisions]
    return [*divisions, *(str(item) for item in definition.conditions)]


def _load(file: str, search: tuple[str, ...]) -> tuple[Contents, SynoError | None]:
    try:
        return load_contents(file, search=search), None
    except SynoError as error:
        return Contents({}, {}), error


def _facts(operator: Operator, explained: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": operator.name,
        "digest": operator.digest,
        "conditions": conditions(operator.definition),
    }
    if explained:
        found = _size_facts(operator.definition)
        facts["sizes"] = {
            "required": _demands(found.required),
            "advised": _demands(found.advised),
            "example": found.example,
        }
    return facts


def _size_facts(definition: Definition) -> SizeFacts:
    # It prints coordinates: not to be loaded by a plain check.
    from syno_lang.ir.explain_sizes import explain_sizes

    return explain_sizes(definition)


def _demands(demands: Iterable[Demand]) -> list[dict[str, str]]:
    return [{"condition": str(item.condition), "reason": item.reason} for item in demands]


def _lines(file: str, contents: Contents, explained: bool) -> list[str]:
    lines = [f"{visible(file)}: the space {name} is fine" for name in contents.spaces]
    if not contents.operators:
        return lines or [f"{visible(file)}: no operator"]
    for operator in contents.operators.values():
        demands = conditions(operator.definition)
        where = f", where {' and '.join(demands)}" if demands and not explained else ""
        lines.append(f"{visible(file)}: {operator.name} is fine{where}")
        if explained:
            lines += _explained(operator.definition)
    return lines


def _explained(definition: Definition) -> list[str]:
    """One line a size, a demand, and the example."""
    found = _size_facts(definition)
    rows = [(size.name, _kind(size)) for size in definition.sizes]
    rows += [(str(item.condition), f"must hold: {item.reason}") for item in found.required]
    rows += [(str(item.condition), f"should hold: {item.reason}") for item in found.advised]
    if found.example:
        rows.append(("example", ", ".join(f"{name} = {value}" for name, value in found.example.items())))
    width = max((len(left) for left, _ in rows), default=0)
    return [f"    {left.ljust(width)}  {right}" for left, right in rows]


def _kind(size: SizeDeclaration) -> str:
    return size.kind if size.default is None else f"{size.kind}, {size.default} by default"
