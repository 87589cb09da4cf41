"""Counts and samples against the enumeration that looks at every state."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from syno_lang.synth.enumerate import enumerate_space
from syno_lang.synth.forest import Entry, Way
from syno_lang.synth.forest_walk import ForestWalk, Open
from syno_lang.synth.normal import normal_form
from syno_lang.synth.sample import Sampler, name
from syno_lang.synth.space import Space
from tests.synth.spaces import CHANNELS, FREE, LINE, REPEAT, SPACES, SQUARE, THREE, WINDOW


def digests(space: Space) -> list[str]:
    return [normal_form(space, item.graph).digest for item in Sampler(space).enumerate()]


@pytest.mark.parametrize("title", ["free", "channels", "square", "repeat", "three", "window"])
def test_enumeration_is_that_of_looking_at_every_state(title: str) -> None:
    space = SPACES[title]
    found = digests(space)
    assert sorted(found) == sorted(enumerate_space(space))


@pytest.mark.heavy
@pytest.mark.parametrize("space", [LINE, replace(CHANNELS, limits=replace(CHANNELS.limits, primitives=4))])
def test_larger_spaces_too(space: Space) -> None:
    assert sorted(digests(space)) == sorted(enumerate_space(space))


def test_counts_are_numbers_of_operators() -> None:
    for space in (WINDOW, FREE, THREE):
        sampler = Sampler(space)
        sizes = Counter(sum(1 for _ in [item]) for item in sampler.enumerate())
        assert sampler.count() == sum(sampler.counts().values()) == sum(sizes.values())


def test_every_operator_is_met_once() -> None:
    names = [name(item.graph) for item in Sampler(WINDOW).enumerate()]
    assert len(names) == len(set(names)) == 28


def test_limits_on_costs_are_kept_to() -> None:
    free = [item.graph for item in Sampler(WINDOW).enumerate()]
    sampler = Sampler(replace(WINDOW, limits=replace(WINDOW.limits, params=(None, 30))))
    cheap = [item.graph for item in sampler.enumerate()]
    assert 0 < len(cheap) < len(free)
    assert sampler.count() == len(cheap)
    assert {name(graph) for graph in cheap} <= {name(graph) for graph in free}
    assert {name(item.graph) for item in sampler.sample(1000, patience=500)} == {
        name(graph) for graph in cheap
    }


def test_samples_are_uniform() -> None:
    """Chi-square on 26 operators and more: the statistic has mean `n - 1` and variance `2 (n - 1)`."""
    sampler = Sampler(WINDOW)
    total, draws = sampler.count(), 6000
    found = Counter(map(name, islice(sampler.walks(seed=7), draws)))
    assert len(found) == total
    expected = draws / total
    statistic = sum((number - expected) ** 2 / expected for number in found.values())
    free = total - 1
    assert abs(statistic - free) < 4 * (2 * free) ** 0.5
    assert sampler.draws.walks == sampler.draws.kept == draws


def test_samples_with_two_weights_are_uniform() -> None:
    sampler = Sampler(THREE)
    found = Counter(map(name, islice(sampler.walks(seed=3), 3000)))
    expected = 3000 / sampler.count()
    free = sampler.count() - 1
    statistic = sum((number - expected) ** 2 / expected for number in found.values())
    assert len(found) == sampler.count() and abs(statistic - free) < 4 * (2 * free) ** 0.5 + 4


def test_a_seed_fixes_the_samples() -> None:
    first, again, other = (
        [name(item.graph) for item in Sampler(SQUARE).sample(5, seed)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert len(set(first)) == 5


def test_a_sample_of_more_than_there_are_has_all() -> None:
    sampler = Sampler(REPEAT)
    assert len(sampler.sample(10_000)) == sampler.count()


def test_a_walk_meets_every_operator_and_no_dead_end() -> None:
    walk = ForestWalk(SQUARE)
    found: list[str] = []

    def visit(state: Open) -> int:
        steps = walk.steps(state)
        if not steps:
            made = walk.result(state)
            assert made is not None
            found.append(name(made.graph))
            return 1
        followed = sum(visit(walk.after(state, step)) for step in steps)
        assert followed == walk.count(state) > 0
        return followed

    visit(walk.root())
    assert len(found) == len(set(found)) == Sampler(SQUARE).count()


def test_a_forest_numbers_what_it_makes() -> None:
    leaf, both = Entry(), Entry()
    for rule in "ab":
        leaf.add(Way(rule))
    both.add(Way("pair", leaf, leaf))
    both.add(Way("one", leaf))
    assert both.count == 6
    assert len({repr(item) for item in both}) == 6
    with pytest.raises(IndexError):
        both.at(6)
