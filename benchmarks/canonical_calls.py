"""Times how many coordinates a second are found to be in normal form or not, on one core.

    python benchmarks/canonical_calls.py

Two cases: coordinates that are met for the first time, and those that are met again (most of a search).
"""

from __future__ import annotations

from random import Random
from statistics import median
from time import process_time

from syno_lang.ir.coordinates import Coordinate, Iterator, Quotient, Reduce, Remainder, Shift, Split, Unfold
from syno_lang.rewrite.local import Local
from syno_lang.rewrite.read import exact_rules
from syno_lang.sizes import Size

COORDINATES = 100_000
ROUNDS = 5


def coordinates(random: Random, number: int) -> list[Coordinate]:
    """New primitives over coordinates in normal form, as a search meets them."""
    sizes = {name: Size.variable(name) for name in ("N", "C", "H", "k", "s", "g")}
    local = Local(exact_rules(), sums=True)
    pool: list[Coordinate] = [Iterator(n, sizes[name]) for n, name in enumerate(("N", "C", "H"))]
    pool += [Reduce(n, sizes[name]) for n, name in enumerate(("C", "k", "s", "g"))]
    made: dict[Coordinate, None] = {}
    while len(made) < number:
        one, other = random.choice(pool), random.choice(pool)
        block = sizes[random.choice("ksg")]
        kinds = (
            Split(one, other),
            Unfold(one, other),
            Shift(one, 1),
            Quotient(one, block),
            Remainder(one, block),
        )
        node = random.choice(kinds)
        made[node] = None
        if len(pool) < 4000 and local.is_normal(node):
            pool.append(node)
    return list(made)


def rate(local: Local, nodes: list[Coordinate]) -> float:
    """Calls per second of CPU time."""
    start = process_time()
    normal = local.is_normal
    for node in nodes:
        normal(node)
    return len(nodes) / (process_time() - start)


def main() -> None:
    """Print the medians."""
    nodes = coordinates(Random(0), COORDINATES)
    first, again = [], []
    for _ in range(ROUNDS):
        local = Local(exact_rules(), sums=True)
        first.append(rate(local, nodes))
        again.append(rate(local, nodes))
    share = sum(map(local.is_normal, nodes)) / len(nodes)
    print(f"{COORDINATES:,} different new primitives, {share:.0%} of them in normal form; median of {ROUNDS}")
    print(f"met for the first time   {median(first):>12,.0f} calls per second")
    print(f"met again                {median(again):>12,.0f} calls per second")


if __name__ == "__main__":
    main()
