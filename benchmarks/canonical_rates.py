"""Prints which share of random operators is in normal form, by the number of their primitives.

    python benchmarks/canonical_rates.py [NUMBER] [--size 10]

Operators are drawn over the sizes of the published ResNet-18 space without any rule: from the coordinates of
the output and some sums each next primitive is chosen evenly among the kinds, and evenly among its operands
and blocks that are legal at every layer.  Then the rules are asked, in three sets: those that hold at every
point, all of them, and all with the re-indexing of weights and the order of channels.
"""

from __future__ import annotations

from random import Random
from typing import Any

import click

from syno_lang.api import load_space
from syno_lang.ir.coordinates import (
    Coordinate,
    Iterator,
    Quotient,
    Reduce,
    Remainder,
    Shift,
    Split,
    Stride,
    Unfold,
)
from syno_lang.ir.pgraph import PGraph, Read, Tensor
from syno_lang.rewrite.local import Local, matcher, rewriting_rule
from syno_lang.rewrite.read import exact_rules, standard_rules
from syno_lang.sizes import Size
from syno_lang.synth.blocks import SizeMaker
from syno_lang.synth.layers import Layers, layers_of
from syno_lang.synth.normal import normal_form, ordered
from syno_lang.synth.space import Space


class Draw:
    """Random operators of a space, in normal form or not."""

    def __init__(self, space: Space, random: Random) -> None:
        self.space, self.random = space, random
        self.layers: Layers = layers_of(space)
        self.domains = SizeMaker(space, self.layers).reductions(())
        self.small = [size for size in self.domains if self.layers.high(size) <= 30]

    def operator(self, primitives: int) -> PGraph:
        """An operator of so many primitives, one of them a weight if there are more than two."""
        random = self.random
        sums = random.randrange(min(primitives, 3) + 1)
        live: list[Coordinate] = [Iterator(n, axis.size) for n, axis in enumerate(self.space.outputs)]
        live += [Reduce(n, random.choice(self.small)) for n in range(sums)]
        weights: list[Coordinate] = []
        weighted = primitives - sums > 1
        views = primitives - sums - weighted
        at = random.randrange(views + 1)
        for number in range(views + 1):
            if weighted and number == at:
                weights = random.sample(live, random.randrange(1, len(live) + 1))
                # Half of what a weight reads is not read by the data any more.
                for node in random.sample(weights, min(len(weights) // 2, len(live) - 1)):
                    live.remove(node)
            if number < views:
                self.view(live)
        return self.graph(live, weights)

    def view(self, live: list[Coordinate]) -> None:
        """One more view; the kinds are tried until one fits."""
        kinds: list[Any] = [self.split, self.unfold, self.merge, self.shift, self.stride]
        self.random.shuffle(kinds)
        for kind in kinds:
            self.random.shuffle(live)
            made, taken = kind(live)
            if made:
                live[:] = [*live[taken:], *made]
                return

    def split(self, live: list[Coordinate]) -> tuple[list[Coordinate], int]:
        return (
            ([Split(*live[:2])], 2)
            if len(live) > 1 and self.legal(live[0].domain * live[1].domain)
            else ([], 0)
        )

    def unfold(self, live: list[Coordinate]) -> tuple[list[Coordinate], int]:
        fits = len(live) > 1 and self.layers.low(live[0].domain / live[1].domain) >= 1
        return ([Unfold(*live[:2])], 2) if fits and self.layers.high(live[1].domain) <= 30 else ([], 0)

    def merge(self, live: list[Coordinate]) -> tuple[list[Coordinate], int]:
        blocks = [size for size in self.domains if self.legal(live[0].domain / size)]
        if not blocks:
            return [], 0
        block = self.random.choice(blocks)
        return [Quotient(live[0], block), Remainder(live[0], block)], 1

    def shift(self, live: list[Coordinate]) -> tuple[list[Coordinate], int]:
        return [Shift(live[0], 1)], 1

    def stride(self, live: list[Coordinate]) -> tuple[list[Coordinate], int]:
        factors = [size for size in self.small if self.legal(live[0].domain * size)]
        return ([Stride(live[0], self.random.choice(factors))], 1) if factors else ([], 0)

    def legal(self, size: Size) -> bool:
        return not self.layers.fault(size)

    def graph(self, live: list[Coordinate], weight: list[Coordinate]) -> PGraph:
        indices = [tuple(live), *([tuple(weight)] if weight else [])]
        tensors = [
            Tensor("weight" if n else "input", tuple(node.domain for node in item))
            for n, item in enumerate(indices)
        ]
        used = {leaf for item in indices for node in item for leaf in node.leaves}
        output = [axis.size for axis in self.space.outputs]
        lost = [leaf for n, size in enumerate(output) if (leaf := Iterator(n, size)) not in used]
        return PGraph.make(output, tensors, [Read(n, item) for n, item in enumerate(indices)], lost)


def canonical(space: Space, graph: PGraph, exact_local: Local, approximate: Local) -> tuple[bool, bool, bool]:
    """Whether it is in normal form under exact rules, under all, and with weights and channels too."""
    exact = rewriting_rule(graph, exact_rules(), exact_local) == ""
    every = exact and not any(approximate.rule_for(node) for node in graph.coordinates)
    return exact, every, every and normal_form(space, graph) == ordered(graph)


@click.command()
@click.argument("number", type=int, default=300)
@click.option("--size", type=int, default=10, help="The most primitives.")
def main(number: int, size: int) -> None:
    """Print the table; NUMBER operators for each size."""
    space = load_space("stdlib:resnet")
    draw = Draw(space, Random(0))
    names = [rule.name for rule in standard_rules() if not rule.is_exact]
    local, approximate = Local(exact_rules()), matcher(names, layers_of(space).values)
    print("primitives  exact rules  all rules  weights and channels too")
    for primitives in range(1, size + 1):
        found = [canonical(space, draw.operator(primitives), local, approximate) for _ in range(number)]
        shares = [sum(column) / number for column in zip(*found, strict=True)]
        print(f"{primitives:>10}  {shares[0]:>11.1%}  {shares[1]:>9.1%}  {shares[2]:>24.1%}", flush=True)


if __name__ == "__main__":
    main()
