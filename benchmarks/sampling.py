"""Prints how fast operators are found: without guidance, with the shape distance, with reachability.

    python benchmarks/sampling.py [SPACE] [--depth 4 --depth 5] [--seconds 30] [--free] [--json FILE]

Each way has the same CPU time, tables included.  A walk is a random sequence of primitives; it succeeds when
it ends in a member.  Unguided walks stop only at the limits of the space, walks with the distance where it
is larger than what is left, and walks through the tables never fail.  `--free` lifts the limits on FLOPs and
memory, which otherwise decide after the walk (`yield`).
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import click

from syno_lang.api import load_space
from syno_lang.resources import folder
from syno_lang.synth.distance import Distance, Have, Means
from syno_lang.synth.enumerate import member_of_state
from syno_lang.synth.extend import Extend, height
from syno_lang.synth.layers import layers_of
from syno_lang.synth.sample import Sampler, name
from syno_lang.synth.space import Space
from syno_lang.synth.state import State


@dataclass
class Result:
    """What one way found in its time."""

    way: str
    depth: int
    walks: int = 0
    ended: int = 0
    kept: int = 0
    distinct: int = 0
    cpu: float = 0.0
    tables: float = 0.0
    megabytes: int = 0
    operators: int | None = None

    @property
    def row(self) -> list[str]:
        """As text."""
        walking = self.cpu - self.tables
        return [
            self.way,
            str(self.depth),
            str(self.walks),
            f"{100 * self.ended / max(self.walks, 1):.2f} %",
            f"{100 * self.kept / max(self.ended, 1):.1f} %" if self.ended else "-",
            str(self.distinct),
            f"{self.distinct / max(self.cpu, 1e-9):.2f}",
            f"{1000 * walking / max(self.walks, 1):.2f}",
            f"{self.tables:.1f}",
            str(self.megabytes),
            "-" if self.operators is None else str(self.operators),
        ]


HEAD = (
    "way", "depth", "walks", "success", "yield", "distinct", "per CPU-s", "ms per walk", "tables s", "MB",
    "operators",
)  # fmt: skip


class Unguided(Extend):
    """Every primitive that the limits allow, wherever it leads."""

    def room(self, state: State) -> bool:
        return state.steps <= self.limits.primitives


class Guided(Extend):
    """Only what the shape distance says can still be completed."""

    def __init__(self, space: Space) -> None:
        super().__init__(space)
        layers = layers_of(space)
        self.distance = Distance(layers.primary, tuple(layers.values))
        kept = {axis for axis, _ in space.keep}
        self.wanted = [axis.size for place, axis in enumerate(space.inputs) if place not in kept]

    def room(self, state: State) -> bool:
        left = self.limits.primitives - state.steps
        if left < 0 or state.steps == len(state.reductions) or state.index is not None:
            # More sums may come, or the views are done.
            return left >= 0
        most = self.limits.chain
        have = [
            Have(node.domain, most is not None and height(node) >= most) for node in state.live - self.kept
        ]
        contractions = self.limits.tensors - 1 - len(state.weights)
        return self.distance(have, self.wanted, Means(contractions=contractions)) <= left


def walking(extend: Extend, space: Space, random: Random) -> Iterator[str | None]:
    """Names of the members that random walks end in, `None` for each that fails."""
    while True:
        state = extend.root
        while not state.finished:
            following = extend.decisions(state)
            if not following:
                break
            state = random.choice(following).state
        found = member_of_state(space, extend, state) if state.finished else None
        yield None if found is None else name(found)


def tries(way: str, space: Space, seed: int, result: Result) -> Iterator[tuple[bool, str | None]]:
    """Whether each walk ended in an operator, and its name where its costs are within the limits."""
    random = Random(seed)
    if way == "reachability":
        sampler = Sampler(space)
        result.operators = sum(sampler.counts().values())
        result.tables = time.process_time()
        while result.operators:
            graph = sampler.draw(random)
            yield True, name(graph) if sampler.affordable(graph) else None
    else:
        extend = Unguided(space) if way == "unguided" else Guided(space)
        yield from ((found is not None, found) for found in walking(extend, space, random))


def measure(way: str, space: Space, seconds: float, seed: int) -> Result:
    """One way, in a process of its own."""
    result, names = Result(way, space.limits.primitives), set()
    for ended, found in tries(way, space, seed, result):
        result.walks += 1
        result.ended += ended
        result.kept += found is not None
        if found is not None:
            names.add(found)
        if time.process_time() > seconds:
            break
    result.distinct, result.cpu = len(names), time.process_time()
    result.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result


def apart(task: Callable[..., Result], *arguments: Any) -> Result:
    """Run in a fresh process, so that time and memory are its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(task, arguments)


@click.command(help=__doc__.split("\n", 1)[0] if __doc__ else None)
@click.argument("path", required=False)
@click.option("--depth", multiple=True, type=int, default=(4,), show_default=True)
@click.option("--tensors", type=int)
@click.option("--seconds", default=30.0, show_default=True, help="CPU seconds for each way and depth.")
@click.option("--seed", default=0, show_default=True)
@click.option("--free", is_flag=True, help="Without the limits on FLOPs and memory.")
@click.option("--way", multiple=True, default=("unguided", "distance", "reachability"), show_default=True)
@click.option("--json", "target", type=click.Path(path_type=Path))
def main(
    path: str | None,
    depth: tuple[int, ...],
    tensors: int | None,
    seconds: float,
    seed: int,
    free: bool,
    way: tuple[str, ...],
    target: Path | None,
) -> None:
    space = load_space(path or folder("stdlib") / "spaces" / "resnet.syno")
    rows = []
    click.echo("  ".join(HEAD))
    for most in depth:
        limits = replace(space.limits, primitives=most, tensors=tensors or space.limits.tensors)
        if free:
            limits = replace(limits, flops=(None, None), memory=None)
        for one in way:
            rows.append(apart(measure, one, replace(space, limits=limits), seconds, seed))
            click.echo("  ".join(rows[-1].row))
    if target is not None:
        target.write_text(json.dumps([vars(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
