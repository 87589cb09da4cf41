"""An operator and what a command says of its target enter; a script, a library or generated code leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syno_lang.api import Operator
from syno_lang.cli.report import put_into

if TYPE_CHECKING:
    from syno_lang.backends.tvm.kernel import Kernel
    from syno_lang.lower.stages import StageProgram


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--target` and `--arch`."""
    for option in (
        click.option("--arch", metavar="ARCH", help="The GPU architecture of --target cuda, such as sm_90."),
        click.option(
            "--target",
            "machine",
            metavar="TARGET",
            help="llvm (this machine), cuda, or JSON that TVM knows; with it a TVM module is scheduled.",
        ),
    ):
        command = option(command)
    return command


emit_option = click.option(
    "--emit",
    type=click.Choice(("script", "so", "source")),
    default="script",
    show_default=True,
    help="Of a TVM module: its script, a shared library with a C header and a Python loader, or "
    "what is generated from it.",
)

open_option = click.option(
    "--open",
    "open_sizes",
    metavar="NAME",
    multiple=True,
    help="Of a TVM module: leave this size, such as a batch, to the call; may be repeated.",
)

gradient_option = click.option(
    "--gradient", metavar="TENSOR", help="Of a TVM module: compute the gradient of this tensor instead."
)

database_option = click.option(
    "--database",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Where the schedules that `syno tune` found are; by default NAME.tvm beside the file.",
)


@dataclass(frozen=True)
class Wanted:
    """What a command says of a TVM kernel."""

    sizes: dict[str, int]
    dtype: str
    canonicalize: bool
    machine: str | None
    arch: str | None
    database: str
    gradient: str | None = None
    open_sizes: tuple[str, ...] = ()

    @property
    def target(self) -> Any:
        """The target.  Raises `SynoError`: E1301, E0701."""
        from syno_lang.backends.tvm.targets import target_of

        return target_of(self.machine or ("cuda" if self.arch else "llvm"), arch=self.arch)

    def program(self, operator: Operator) -> tuple[StageProgram, dict[str, int]]:
        """What is compiled, and the values of all sizes.  Raises `SynoError` where one does not fit."""
        from syno_lang.ir.assign import assign
        from syno_lang.lower.forms import plainest, programs

        # Whatever they are: it does not matter which.
        values = assign(operator.definition, {**self.sizes, **dict.fromkeys(self.open_sizes, 1)})
        if self.gradient is not None:
            return operator.gradient(self.gradient, **values), values
        return plainest(programs(operator.definition, values, self.canonicalize)), values


def build(operator: Operator, wanted: Wanted, emit: str, output: str | None) -> None:
    """Write what `emit` says to `output`."""
    if emit == "script" and wanted.machine is None and wanted.arch is None:
        from syno_lang.backends.tvm.emit import emit as emit_text

        text = emit_text(*wanted.program(operator), wanted.dtype, open_sizes=wanted.open_sizes)
        put_into(output, text)
        return
    if emit == "so" and output is None:
        raise click.UsageError("--emit so needs -o NAME.so")
    kernel = kernel_of(operator, wanted)
    if emit == "so":
        from syno_lang.backends.tvm.artefact import export

        assert output is not None
        for path in export(kernel, output):
            click.echo(f"wrote {path}", err=True)
    else:
        put_into(output, kernel.script() if emit == "script" else kernel.source())


def kernel_of(operator: Operator, wanted: Wanted) -> Kernel:
    """The compiled operator, by the schedule that was tuned for it where there is one."""
    from syno_lang.backends.tvm.kernel import compile_kernel
    from syno_lang.backends.tvm.records import tuned_module

    program, values = wanted.program(operator)
    target = wanted.target
    tuned = None
    if not wanted.open_sizes:
        tuned = tuned_module(program, values, wanted.dtype, target, wanted.database)
    if tuned is not None:
        click.echo(f"using the schedule that was tuned for {operator.name} in {wanted.database}", err=True)
    return compile_kernel(program, values, target, wanted.dtype, tuned=tuned, open_sizes=wanted.open_sizes)


def default_database(file: str, operator: Operator) -> str:
    """The folder beside `file` in which tuned schedules are kept; of the stdlib, in the current folder."""
    if file.startswith("stdlib:") or file == "-":
        return f"{operator.name}.tvm"
    return str(Path(file).with_suffix(".tvm"))
