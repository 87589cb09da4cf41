"""Rewards: what they are worth, and what may be written."""

from __future__ import annotations

import pytest

from syno_lang import SynoError
from syno_lang.search.reward import OPTIONS, read_limits, read_reward


@pytest.mark.parametrize(
    ("text", "metrics", "expected"),
    [
        ("accuracy", {"accuracy": 0.9}, 0.81),
        ("accuracy:power=1", {"accuracy": 0.9}, 0.9),
        ("accuracy:floor=0.1,ceiling=0.6,power=1", {"accuracy": 0.35}, 0.5),
        ("accuracy:floor=0.1", {"accuracy": 0.05}, 0.0),
        ("accuracy:ceiling=0.5", {"accuracy": 0.9}, 1.0),
        ("loss", {"loss": 5}, 0.25),
        ("loss:worst=4,power=1", {"loss": 1}, 0.75),
        ("loss", {"loss": -3}, 1.0),
        ("loss", {"loss": 10}, None),
        ("flops", {"flops": 1e6}, 0.5),
        ("flops:reference=3e6", {"flops": 1e6}, 0.75),
        ("flops:min_accuracy=0.8", {"flops": 1e6, "accuracy": 0.9}, 0.9),
        ("flops:min_accuracy=0.8", {"flops": 1e6, "accuracy": 0.5}, 0.5),
        ("latency:power=2", {"latency": 1e-3}, 0.25),
    ],
)
def test_worth(text: str, metrics: dict[str, float], expected: float | None) -> None:
    found = read_reward(text)(metrics)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("name", OPTIONS)
def test_better_is_more(name: str) -> None:
    reward = read_reward(name)
    values = [reward({name: value}) or 0.0 for value in (0.1, 0.2, 0.4, 0.8)]
    assert values == sorted(values, reverse=name != "accuracy") and len(set(values)) == 4
    assert all(0 <= value <= 1 for value in values)


def test_an_accuracy_that_is_too_low_is_worth_less_than_any_that_is_not() -> None:
    reward = read_reward("flops:min_accuracy=0.8")
    too_low = reward({"flops": 1.0, "accuracy": 0.79})
    slow = reward({"flops": 1e12, "accuracy": 0.8})
    assert too_low is not None and slow is not None and too_low < slow


@pytest.mark.parametrize(
    "text", ["accuracy", "accuracy:floor=0.1,power=4", "flops:min_accuracy=0.9", "loss:worst=3"]
)
def test_what_is_written_is_read(text: str) -> None:
    assert str(read_reward(text)) == text
    assert (
        str(read_reward(f"{text.partition(':')[0]}:power={OPTIONS[text.partition(':')[0]]['power']}"))
        == text.partition(":")[0]
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("acuracy", "did you mean `accuracy`"),
        ("", "the rewards are"),
        ("accuracy:flor=1", "did you mean `floor`"),
        ("accuracy:floor", "'' for floor is no number"),
        ("accuracy:floor=x", "'x' for floor is no number"),
        ("accuracy:floor=nan", "'nan' for floor is no number"),
        ("accuracy:power=0", "larger than 0"),
        ("accuracy:floor=2", "floor is below ceiling"),
        ("loss:worst=0", "larger than 0"),
        ("flops:min_accuracy=2", "min_accuracy from 0 to 1"),
    ],
)  # fmt: skip
def test_mistakes(text: str, words: str) -> None:
    with pytest.raises(SynoError) as caught:
        read_reward(text)
    assert caught.value.diagnostics[0].code == "E1206" and words in str(caught.value)


def test_limits() -> None:
    assert read_limits({"flops": "2e9", "params": "100"}) == {"flops": 2e9, "params": 100}
    for name, text in (("flop", "1"), ("flops", "x"), ("flops", "0"), ("flops", "inf")):
        with pytest.raises(SynoError) as caught:
            read_limits({name: text})
        assert caught.value.diagnostics[0].code == "E1206"
