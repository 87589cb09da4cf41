"""What holds for every strategy, and what each is for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from syno_lang.search.explored import Explored
from syno_lang.search.random_draws import RandomDraws
from syno_lang.search.strategy import STRATEGIES, Proposal, Strategy, strategies, strategy
from syno_lang.search.tree import TreeSearch
from tests.search.toy import MEMBERS, Toy

SOME = frozenset({"mix", "window_h"})


def reward(proposal: Proposal) -> float:
    """Three decisions help, one hurts; the rest does not matter."""
    taken = {step.key for step in proposal.steps}
    return (
        0.3 * ("mix" in taken)
        + 0.3 * ("window_h" in taken)
        + 0.2 * ("shift_w" in taken)
        - 0.1 * ("scale" in taken)
        + 0.1
    )


def everything(found: Strategy, value: Callable[[Proposal], float | None] = reward) -> list[Proposal]:
    proposals = []
    while (proposal := found.propose()) is not None:
        proposals.append(proposal)
        found.report(proposal, value(proposal))
    return proposals


def test_the_names() -> None:
    assert tuple(strategies()) == STRATEGIES


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("counts", [True, False])
def test_every_operator_is_proposed_once(name: str, counts: bool) -> None:
    proposals = everything(strategy(name, Toy(counts), 1))
    assert len({proposal.key for proposal in proposals}) == len(proposals) == MEMBERS
    assert {proposal.definition.graph.digest for proposal in proposals} == {
        proposal.definition.graph.digest for proposal in everything(strategy("exhaustive", Toy(), 0))
    }


@pytest.mark.parametrize("name", STRATEGIES)
def test_steps_lead_to_the_operator(name: str) -> None:
    toy, found = Toy(), strategy(name, Toy(), 5)
    for _ in range(20):
        proposal = found.propose()
        assert proposal is not None
        state = toy.root()
        for step in proposal.steps:
            assert step in toy.steps(state)
            state = toy.after(state, step)
        assert toy.key(state) == proposal.key
        assert toy.result(state) == proposal.definition


@pytest.mark.parametrize("name", STRATEGIES)
@settings(max_examples=10)
@given(seed=st.integers(0, 99), ahead=st.integers(1, 6), failing=st.integers(2, 9))
def test_the_same_history_gives_the_same_proposals(name: str, seed: int, ahead: int, failing: int) -> None:
    def history() -> tuple[list[str], Any]:
        found, pending, keys = strategy(name, Toy(), seed), [], []
        for number in range(30):
            pending.append(found.propose())
            keys.append(pending[-1].key)
            if len(pending) == ahead:
                proposal = pending.pop(0)
                found.report(proposal, None if number % failing == 0 else reward(proposal))
        return keys, found.statistics()

    assert history() == history()


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_space_without_operators(name: str) -> None:
    assert strategy(name, Toy(broken=(frozenset(),)), 0).propose() is None


@pytest.mark.parametrize("name", ["mcts", "evolutionary", "random"])
def test_seeds_matter(name: str) -> None:
    first, second = (strategy(name, Toy(), seed) for seed in (1, 2))
    assert [item.key for item in everything(first)] != [item.key for item in everything(second)]


def test_random_draws_are_uniform() -> None:
    seen: Counter[str] = Counter()
    draws = 4800
    for seed in range(draws):
        proposal = RandomDraws(Toy(ordered=True), seed).propose()
        assert proposal is not None
        seen[proposal.key] += 1
    expected = draws / MEMBERS
    chi_square = sum((count - expected) ** 2 / expected for count in seen.values())
    # 47 degrees of freedom: the 99.9 % quantile is 84.
    assert len(seen) == MEMBERS and chi_square < 84


def test_dead_ends_are_entered_once() -> None:
    entered: Counter[str] = Counter()

    class Counting(Toy):
        def result(self, state: Any) -> Any:
            entered[self.key(state)] += 1
            return super().result(state)

    everything(strategy("mcts", Counting(counts=False), 0))
    assert len(entered) == 2**6
    assert set(entered.values()) == {1}


def regret(name: str, seed: int, budget: int) -> float:
    """The mean reward of the first proposals."""
    found, total = strategy(name, Toy(), seed), 0.0
    for _ in range(budget):
        proposal = found.propose()
        assert proposal is not None
        total += reward(proposal)
        found.report(proposal, reward(proposal))
    return total / budget


@pytest.mark.parametrize("name", ["mcts", "evolutionary"])
def test_learning_pays(name: str) -> None:
    budget = 24 if name == "mcts" else 44
    seeds = range(20)
    learnt = sum(regret(name, seed, budget) for seed in seeds)
    drawn = sum(regret("random", seed, budget) for seed in seeds)
    assert learnt > drawn


def test_the_tree_shares_states() -> None:
    found = TreeSearch(Toy(), 1)
    everything(found)
    nodes = found.statistics()
    # All sets of decisions, each open and stopped; sequences would be thousands.
    assert len(nodes) <= 2 * 2**6
    assert nodes[""]["visits"] == MEMBERS


def test_what_is_under_way_counts_as_a_visit() -> None:
    found = TreeSearch(Toy(), 1)
    proposals = [found.propose() for _ in range(5)]
    assert found.statistics()[""]["waiting"] == 5
    for proposal in proposals:
        assert proposal is not None
        found.report(proposal, 0.5)
    assert found.statistics()[""]["waiting"] == 0
    assert found.statistics()[""]["visits"] == 5


def test_huge_counts() -> None:
    class Huge(Toy):
        def count(self, state: Any) -> int:
            return (super().count(state) or 0) * 10**400

    for name in STRATEGIES:
        assert len(everything(strategy(name, Huge(), 1))) == MEMBERS


def test_trails_are_left_only_downwards() -> None:
    explored = Explored(Toy())
    trail = explored.start()
    trail.extend(next(arrow for arrow in explored.arrows(trail.states[-1]) if arrow.step.key == "mix"))
    pick = random.Random(0).choice
    found = []
    while (proposal := explored.down(trail, lambda _, arrows: pick(arrows))) is not None:
        found.append(proposal.key)
        del trail.states[2:], trail.keys[2:], trail.steps[1:]
    assert len(found) == 2**4 and all("mix" in key for key in found)
    assert trail.keys[-1] in explored.done
