"""The shape distance against breadth-first search over all small cases that chance brings."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest

from syno_lang.sizes import ONE, Size
from syno_lang.synth.distance import UNREACHABLE, Distance, Have, Means

A, B, H, K, S, W = map(Size.variable, ("A", "B", "H", "k", "s", "W"))
PRIMARY = frozenset(("N", "A", "B", "H", "W"))
DISTANCE = Distance(PRIMARY)

Sizes = tuple[Size, ...]


def legal(size: Size) -> bool:
    return size != ONE and DISTANCE.could_vanish(size)


def parts(size: Size) -> Iterator[tuple[Size, Size]]:
    """Every legal pair with this product whose powers are small."""
    names = ("A", "B", "H", "W", "k", "s")
    powers = dict(size.powers)

    def blocks(left: tuple[str, ...]) -> Iterator[Size]:
        if not left:
            yield ONE
            return
        name, rest = left[0], left[1:]
        low = min(0, powers.get(name, 0)) - (0 if name in PRIMARY else 1)
        high = max(0, powers.get(name, 0)) + (0 if name in PRIMARY else 1)
        for block in blocks(rest):
            for power in range(low, high + 1):
                yield block * Size.variable(name) ** power

    for block in blocks(tuple(name for name in names if name in powers or name not in PRIMARY)):
        if legal(block) and legal(size / block):
            yield block, size / block


def after(state: tuple[Sizes, Means]) -> Iterator[tuple[Sizes, Means]]:
    """Everything that one primitive makes of the sizes."""
    sizes, means = state
    for one, other in combinations(range(len(sizes)), 2):
        rest = tuple(size for place, size in enumerate(sizes) if place not in (one, other))
        if means.split:
            made = (*rest, sizes[one] * sizes[other])
            yield made, Means(means.split - 1, means.merge, means.vanish, means.contractions)
    for place, size in enumerate(sizes):
        rest = (*sizes[:place], *sizes[place + 1 :])
        if means.merge:
            left = Means(means.split, means.merge - 1, means.vanish, means.contractions)
            yield from (((*rest, *pair), left) for pair in parts(size))
        if means.vanish:
            yield rest, Means(means.split, means.merge, means.vanish - 1, means.contractions)
    if means.contractions:
        left = Means(means.split, means.merge, means.vanish, means.contractions - 1)
        for count in range(1, len(sizes) + 1):
            for places in combinations(range(len(sizes)), count):
                yield tuple(size for place, size in enumerate(sizes) if place not in places), left


def truth(have: Sizes, want: Sizes, means: Means, most: int) -> int | None:
    """The least number of steps, if it is at most `most`."""

    def key(state: tuple[Sizes, Means]) -> tuple[tuple[str, ...], Means]:
        return tuple(sorted(map(str, state[0]))), state[1]

    goal = tuple(sorted(map(str, want)))
    front = {key((have, means)): (have, means)}
    seen = set(front)
    for steps in range(most + 1):
        if any(sizes == goal for sizes, _ in front):
            return steps
        if steps == most:
            break
        following: dict[tuple[tuple[str, ...], Means], tuple[Sizes, Means]] = {}
        for state in front.values():
            for made in after(state):
                name = key(made)
                if name not in seen and abs(len(made[0]) - len(want)) <= 3:
                    seen.add(name)
                    following[name] = made
        front = following
    return None


def random_case(chance: random.Random) -> tuple[Sizes, Sizes, Means]:
    """Wanted sizes, and coordinates that come of a few random primitives the other way around."""
    want = tuple(chance.sample([A, B, H, W, H, A * B], chance.randint(1, 2)))
    have = list(want)
    for _ in range(chance.randint(0, 3)):
        pick = chance.randrange(4)
        if pick == 0 and len(have) > 1:
            one, other = have.pop(), have.pop(chance.randrange(len(have)))
            have.append(one * other)
        elif pick == 1 and len(have) < 4:
            place = chance.randrange(len(have))
            pairs = list(parts(have[place]))
            if pairs:
                have[place : place + 1] = chance.choice(pairs)
        elif pick == 2 and len(have) < 4:
            have.append(chance.choice([K, S, K * S, A, A / S]))
        elif pick == 3:
            place = chance.randrange(len(have))
            have[place] = have[place] * chance.choice([K, S])
        chance.shuffle(have)
    means = Means(*(chance.randint(0, 2) for _ in range(3)), contractions=chance.randint(0, 1))
    return tuple(have), want, means


def compare(cases: int, seed: int, most: int) -> Counter[str]:
    chance, found = random.Random(seed), Counter[str]()
    for _ in range(cases):
        have, want, means = random_case(chance)
        bound, least = DISTANCE([Have(size) for size in have], want, means), truth(have, want, means, most)
        case = f"{list(map(str, have))} -> {list(map(str, want))} with {means}: {bound}, in truth {least}"
        if least is not None:
            assert bound <= least, case
            found["equal" if bound == least else "below"] += 1
        else:
            found["unreachable" if bound > most else "missed"] += 1
    return found


def test_it_is_never_above_the_truth_and_mostly_equal() -> None:
    found = compare(300, 1, 3)
    assert found["equal"] > 100
    assert found["below"] <= 0.02 * found["equal"]


@pytest.mark.heavy
def test_it_is_never_above_the_truth_in_thousands_of_cases() -> None:
    found = compare(4000, 2, 4)
    assert found["equal"] > 1000
    assert found["below"] <= 0.02 * found["equal"]


N = Size.variable("N")


@pytest.mark.parametrize(
    ("have", "means", "steps"),
    [
        ([(N, 0), (H, 1), (W, 1)], Means(0, 0, 0), 0),
        ([(N, 1), (H * W, 1)], Means(0, 0, 0), UNREACHABLE),
        ([(N, 0), (H * W, 1)], Means(0, 1, 0), 1),
        ([(N, 1), (H, 1), (W, 1), (K, 1)], Means(0, 0, 0), UNREACHABLE),
        ([(N, 0), (H, 0), (W, 1), (K, 1)], Means(0, 0, 1), 1),
        ([(N, 1), (H, 1), (W / K, 1), (K, 1)], Means(0, 0, 1), UNREACHABLE),
        ([(N, 0), (H, 0), (W / K, 1), (K, 1)], Means(1, 0, 0), 1),
    ],
)
def test_the_cases_of_the_original(have: list[tuple[Size, int]], means: Means, steps: int) -> None:
    coordinates = [Have(size, final=not length) for size, length in have]
    assert DISTANCE(coordinates, [N, H, W], means) == steps


def test_a_contraction_takes_any_number_of_coordinates_at_once() -> None:
    coordinates = [Have(size) for size in (A, B, K, H)]
    assert DISTANCE(coordinates, [H], Means(contractions=1)) == 1
    assert DISTANCE(coordinates, [H], Means()) == 3


def test_a_matrix_product_is_one_contraction_away() -> None:
    assert DISTANCE([Have(A), Have(B), Have(H)], [A, H], Means(contractions=1)) == 1


def test_a_factor_that_is_not_whole_at_a_layer_cannot_vanish() -> None:
    odd, even = (Distance(PRIMARY, ({"H": size, "W": 4, "s": 2},)) for size in (7, 8))
    assert odd([Have(H * W)], [W * S], Means(contractions=1)) == UNREACHABLE
    assert even([Have(H * W)], [W * S], Means(contractions=1)) == 2
