"""A file with a search space enters; what it holds leaves: its options, its members, or why one is none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from syno_lang.api import Operator, load_all, load_contents, load_space
from syno_lang.cli import options
from syno_lang.cli.report import put, put_diagnostics, put_json
from syno_lang.diagnostics import Diagnostic, SynoError, fail
from syno_lang.diagnostics.render import to_json
from syno_lang.diagnostics.terminal import visible
from syno_lang.ir.definition import Definition
from syno_lang.resources import write_atomically
from syno_lang.synth.space import Space


def _read_names(ctx: click.Context, param: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """`SIZE=NAME` texts as a dictionary; anything else is a mistake in the command."""
    names: dict[str, str] = {}
    for text in texts:
        before, _, after = (part.strip() for part in text.partition("="))
        if not before.isidentifier() or not after.isidentifier() or before in names:
            raise click.BadParameter(f"{text!r} is not SIZE=NAME, each size once, such as k=k_1", ctx, param)
        names[before] = after
    return names


#: The argument and the option of most of the verbs.
_file = click.argument("file", metavar="SPACE")
_name = click.option("--space", "name", metavar="NAME", help="Which space, where the file has several.")
_folder = click.option("-o", "--output", metavar="DIR", help="Write each operator to a file of its own.")


@click.group("space")
def command() -> None:
    """Check, show, count, sample or list a search space.

    A SPACE is a file with a space, or stdlib:NAME for one that ships with syno.

    \b
    syno space check my_space.syno
    syno space show stdlib:resnet
    syno space contains stdlib:resnet my_operator.syno
    syno space sample my_space.syno -n 10 -o found --seed 1
    """


@command.command("check")
@options.files
@options.search
@options.as_json
def check(files: tuple[str, ...], search: tuple[str, ...], as_json: bool) -> int:
    """Check the spaces of files.

    Options, limits and layers have to make sense, and something has to be able to be in a space: what is
    impossible for a plain reason is said, and which reason.
    """
    results: list[dict[str, Any]] = []
    findings: list[Diagnostic] = []
    for file in files:
        found: tuple[Diagnostic, ...] = ()
        spaces: dict[str, Space] = {}
        try:
            spaces = load_contents(file, search=search).spaces
            if not spaces:
                hint = "write `space name<sizes> { from [...] to [...] }`"
                raise fail("E1107", f"{file} holds no space", hint=hint)
        except SynoError as error:
            found = error.diagnostics
        findings += found
        results.append(
            {"file": file, "spaces": list(spaces), "diagnostics": [to_json(item) for item in found]}
        )
        if not as_json:
            put_diagnostics(found)
            lines = [f"{visible(file)}: {name} is fine, {_layers(space)}" for name, space in spaces.items()]
            put("\n".join(lines)) if lines else None
    if as_json:
        put_json({"files": results})
    return int(bool(findings))


@command.command("show")
@_file
@_name
@click.option("--brief", is_flag=True, help="Leave out the options that have their default.")
@options.search
@options.as_json
def show(file: str, name: str | None, brief: bool, search: tuple[str, ...], as_json: bool) -> None:
    """Print a space with all its options.

    Those that have their default are among them, unless --brief leaves them out.
    """
    from syno_lang.synth.describe import describe
    from syno_lang.synth.space_to_ast import space_text

    space = load_space(file, name, search=search)
    if as_json:
        put_json(describe(space))
    else:
        put(space_text(space, whole=not brief))


@command.command("contains")
@_file
@click.argument("operators", metavar="FILE")
@_name
@click.option(
    "--as", "names", metavar="SIZE=NAME", multiple=True, callback=_read_names,
    help="Which size of the space a size of the operators stands for; may be repeated.",
)  # fmt: skip
@options.operator
@options.search
@options.as_json
def contains(
    file: str,
    operators: str,
    names: dict[str, str],
    name: str | None,
    operator: str | None,
    search: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say whether operators are members of a space.

    For those of FILE that are not, every reason is printed.

    Sizes of the operators that the space does not have are matched by their axes and defaults; --as settles
    the rest. The exit code is 0 if all are members.
    """
    from syno_lang.synth.member import violations
    from syno_lang.synth.rename import in_sizes_of

    space = load_space(file, name, search=search)
    found = load_all(operators, search=search)
    if operator is not None or not found:
        from syno_lang.api import load

        found = {item.name: item for item in [load(operators, operator, search=search)]}
    results = {
        key: violations(space, in_sizes_of(space, item.definition, names)) for key, item in found.items()
    }
    if as_json:
        rows = [
            {
                "operator": key,
                "member": not reasons,
                "reasons": [{"name": reason.name, "text": reason.text} for reason in reasons],
            }
            for key, reasons in results.items()
        ]
        put_json({"space": space.name, "operators": rows})
    else:
        for key, reasons in results.items():
            put(f"{key} is {'no' if reasons else 'a'} member of {space.name}")
            for reason in reasons:
                put(f"    {reason.name}: {reason.text}")
    return int(any(results.values()))


@command.command("count")
@_file
@_name
@options.search
@options.as_json
def count(file: str, name: str | None, search: tuple[str, ...], as_json: bool) -> None:
    """Count the operators of a space, exactly.

    Where the space limits costs, every operator is looked at.
    """
    from syno_lang.synth.sample import Sampler

    space = load_space(file, name, search=search)
    number = Sampler(_with_layers(space)).count()
    put_json({"space": space.name, "operators": number}) if as_json else put(f"{number:,}")


@command.command("sample")
@_file
@click.option(
    "-n", "number", default=1, show_default=True, type=click.IntRange(1), help="How many operators."
)
@click.option("--seed", default=0, show_default=True, help="Fixes what is drawn.")
@_name
@_folder
@options.search
@options.as_json
def sample(
    file: str,
    number: int,
    seed: int,
    name: str | None,
    output: str | None,
    search: tuple[str, ...],
    as_json: bool,
) -> None:
    """Draw operators of a space at random.

    They are different, and all of them are equally likely. Fewer are drawn where the space does not hold
    so many.
    """
    from syno_lang.synth.sample import Sampler

    space = _with_layers(load_space(file, name, search=search))
    _put(space, Sampler(space).sample(number, seed), output, as_json)


@command.command("enumerate")
@_file
@click.option("--limit", type=click.IntRange(1), help="Stop after so many.")
@_name
@_folder
@options.search
@options.as_json
def enumerate_(
    file: str, limit: int | None, name: str | None, output: str | None, search: tuple[str, ...], as_json: bool
) -> None:
    """List every operator of a space, those with few primitives first."""
    from itertools import islice

    from syno_lang.synth.sample import Sampler

    space = _with_layers(load_space(file, name, search=search))
    _put(space, list(islice(Sampler(space).enumerate(), limit)), output, as_json)


def _with_layers(space: Space) -> Space:
    """`space`, which has layers.  Raises `SynoError` (E1105) where it has none."""
    if space.layers or all(item.declaration.default is not None for item in space.sizes):
        return space
    hint = "add a `layer`, such as `layer C_in = 64, H = 56`"
    raise fail("E1105", f"{space.name} has no layer, so no size has a value", hint=hint)


def _put(space: Space, found: list[Definition], output: str | None, as_json: bool) -> None:
    """Print operators, or write them to `output`."""
    operators = [Operator(item) for item in found]
    if output is not None:
        try:
            os.makedirs(output, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise fail("E0702", f"cannot make {output}: {reason}", hint="check the path") from error
        for item in operators:
            write_atomically(Path(output, f"{item.name}.syno"), item.show("formula"))
    if as_json:
        rows = [
            {"operator": item.name, "digest": item.digest, "text": item.show("formula")} for item in operators
        ]
        put_json({"space": space.name, "operators": rows})
    elif output is not None:
        put(f"{len(operators)} operators of {space.name} are in {visible(output)}")
    elif operators:
        put("\n".join(item.show("formula") for item in operators))
    else:
        put(f"{space.name} holds no operator")


def _layers(space: Space) -> str:
    number = len(space.layers)
    shapes = len({tuple(sorted(layer.items())) for layer in space.layers})
    if number == 0:
        return "without a layer"
    return f"{number} layer{'s' * (number > 1)} of {shapes} shape{'s' * (shapes > 1)}"
