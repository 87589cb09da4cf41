"""An operator, sizes and names of candidates enter; what each of them takes leaves as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import click

from syno_lang.api import Operator, load
from syno_lang.cli import options
from syno_lang.cli.report import put, put_json
from syno_lang.evaluate.bench import Measured, bench, sizes_like
from syno_lang.evaluate.candidates import CANDIDATES, Candidate, Setting, of_module
from syno_lang.evaluate.device import environment, measuring
from syno_lang.evaluate.measure import Times
from syno_lang.evaluate.plot import plot
from syno_lang.ir.assign import assign
from syno_lang.resources import folder, write_atomically


@click.command("bench")
@options.file
@options.sizes
@click.option(
    "--vs",
    "others",
    metavar="NAME",
    multiple=True,
    help="What to measure beside it: a candidate by name, or another operator; may be repeated.",
)
@click.option("--backward", is_flag=True, help="Also measure a forward pass with its gradients.")
@click.option("--tune", is_flag=True, help="First measure the most promising forms, and take the fastest.")
@options.device
@options.threads
@options.dtype("The type of data and weights.")
@click.option("--rounds", type=click.IntRange(min=1), default=21, show_default=True, help="How often.")
@click.option("--plot", "picture", metavar="PATH", help="Also draw the times, as SVG.")
@options.operator
@options.search
@options.as_json
def command(
    file: str,
    sizes: dict[str, int],
    others: tuple[str, ...],
    backward: bool,
    tune: bool,
    device: str,
    threads: int | None,
    dtype: str,
    rounds: int,
    picture: str | None,
    operator: str | None,
    search: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure the emitted module beside other ways to compute the same, or other operators.

    All are called in turn in every round.  A time is a median with its quartiles; memory is the most
    that one call holds beyond its arguments, and with --backward what the forward pass keeps.

    \b
    Candidates by name, all of the same operator:
      fold            the module after `fold`: what needs weights alone is computed once
      eager-einsum    every stage as one einsum of views
      compile         the emitted module through torch.compile
      compile-einsum  the einsum form through torch.compile
      tvm, tvm-tuned  a kernel of TVM, untuned or as `syno tune` left it
    Anything else is an operator, as FILE or the name of one that ships with syno; its sizes follow from
    those given, and from the shapes of input and output.

    \b
    syno bench stdlib:op1 --size N=1 --size C_in=64 --size C_out=64 --size H=56 --vs conv2d
    syno bench my_operator.syno --size N=8 --size C=64 --vs eager-einsum --vs compile --backward
    """
    from syno_lang.evaluate.tune import tune as tuned

    found = load(file, operator, search=search)
    against = {name: _other(name, search) for name in dict.fromkeys(others)}
    known = {size.name for other in against.values() if other for size in other.definition.sizes}
    own = {size.name for size in found.definition.sizes}
    values = assign(found.definition, {key: sizes[key] for key in sizes if key in own or key not in known})
    with measuring(device, threads):
        setting = Setting(found.definition, values, _emitted(found, values), device, dtype)
        if tune:
            setting = replace(setting, emitted=tuned(setting, "training" if backward else "inference").text)
        candidates = [CANDIDATES["syno"](setting)]
        candidates += [_candidate(name, other, setting, sizes) for name, other in against.items()]
        measured = bench(candidates, setting, backward=backward, rounds=rounds)
        facts = _facts(found, setting, measured, rounds)
    if picture is not None:
        write_atomically(picture, plot(measured, _title(found, setting, facts)))
    if as_json:
        put_json(facts)
    else:
        put("\n".join([_title(found, setting, facts), "", *_table(measured)]))


def _other(name: str, search: tuple[str, ...]) -> Operator | None:
    """The operator that `--vs name` means; none for a candidate of the operator itself."""
    if name in CANDIDATES:
        return None
    shipped = folder("stdlib") / "operators" / f"{name}.syno"
    return load(f"stdlib:{name}" if shipped.is_file() else name, search=search)


def _candidate(name: str, other: Operator | None, setting: Setting, sizes: Mapping[str, int]) -> Candidate:
    if other is None:
        return CANDIDATES[name](setting)
    given = {**setting.sizes, **sizes}
    values = sizes_like(other.definition, setting.definition, given)
    same = other.digest == Operator(setting.definition).digest
    return of_module(name, _emitted(other, values), other.definition, values, setting, same=same)


def _emitted(found: Operator, sizes: Mapping[str, int]) -> str:
    return found.emit_torch(canonicalize=True, checkpoint=False, **sizes)


def _facts(found: Operator, setting: Setting, measured: Sequence[Measured], rounds: int) -> dict[str, Any]:
    return {
        "operator": found.name,
        "digest": found.digest,
        "sizes": dict(setting.sizes),
        "device": setting.device,
        "dtype": setting.dtype,
        **environment(),
        "rounds": rounds,
        "candidates": [asdict(one) for one in measured],
    }


def _title(found: Operator, setting: Setting, facts: Mapping[str, Any]) -> str:
    shape = ", ".join(f"{name}={value}" for name, value in setting.sizes.items())
    threads = facts["threads"]
    many = f", {threads} thread{'s' if threads > 1 else ''}" if setting.device == "cpu" else ""
    return f"{found.name} at {shape}: {setting.dtype} on {setting.device}{many}"


def _table(measured: Sequence[Measured]) -> Iterator[str]:
    yield from _times("forward", [(one.name, one.forward, one.peak, None) for one in measured])
    steps = [(one.name, one.training, one.training_peak, one.saved) for one in measured if one.training]
    if steps:
        yield ""
        yield from _times("forward and backward", steps)


def _times(title: str, rows: Sequence[tuple[str, Times, int | None, int | None]]) -> Iterator[str]:
    width = max(len(title), *(len(name) for name, *_ in rows))
    saved = "      saved" if rows[0][3] is not None else ""
    yield f"{title:{width}}   median ms   quartiles             ratio       peak{saved}"
    first = rows[0][1].median
    for name, times, peak, kept in rows:
        middle, lower, upper = (f"{1e3 * value:.3f}" for value in (times.median, times.lower, times.upper))
        line = f"{name:{width}}  {middle:>10}   {f'{lower} .. {upper}':20}  {times.median / first:5.2f}"
        yield f"{line}  {_bytes(peak):>9}" + ("" if kept is None else f"  {_bytes(kept):>9}")


def _bytes(count: int | None) -> str:
    if count is None:
        return "-"
    return f"{count / 2**20:.2f} MiB" if count >= 2**20 else f"{count / 2**10:.1f} KiB"
