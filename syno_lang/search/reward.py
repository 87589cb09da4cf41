"""Metrics of an operator enter, one number from 0 (worst) to 1 leaves: what the search makes large.

A reward is written `NAME` or `NAME:OPTION=VALUE,...`:

    accuracy   ((accuracy - floor) / (ceiling - floor)) ** power, accuracy cut off at both ends
    loss       ((worst - loss) / worst) ** power; a loss of `worst` or more is a failure
    flops      (a + (1 - a) * reference / (reference + flops)) ** power, where a = min_accuracy; an
               operator below min_accuracy gets accuracy ** power, which is less
    latency    the same in seconds

`power` makes differences between good operators count for more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syno_lang.diagnostics import SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean

#: The options of each reward, with their defaults.
OPTIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "accuracy": {"floor": 0.0, "ceiling": 1.0, "power": 2.0},
    "loss": {"worst": 10.0, "power": 2.0},
    "flops": {"reference": 1e6, "min_accuracy": 0.0, "power": 1.0},
    "latency": {"reference": 1e-3, "min_accuracy": 0.0, "power": 1.0},
}


@dataclass(frozen=True)
class Reward:
    """A reward with a value for every option; calling it gives the number."""

    name: str
    options: Mapping[str, float]

    def __str__(self) -> str:
        given = [
            f"{key}={value:g}" for key, value in self.options.items() if value != OPTIONS[self.name][key]
        ]
        return f"{self.name}:{','.join(given)}" if given else self.name

    def __call__(self, metrics: Mapping[str, float]) -> float | None:
        """The reward; `None` where the metrics are a failure.

        Raises `SynoError` (E1206) where the evaluator does not give the metric.
        """
        if self.name not in metrics:
            hint = f"choose one of those with --reward, or let the evaluator give {self.name}"
            raise fail(
                "E1206", f"the reward is {self.name}, the evaluator gives {', '.join(metrics)}", hint=hint
            )
        value, power = metrics[self.name], self.options["power"]
        if self.name == "accuracy":
            floor, ceiling = self.options["floor"], self.options["ceiling"]
            return float((max(0.0, min(value, ceiling) - floor) / (ceiling - floor)) ** power)
        if self.name == "loss":
            worst = self.options["worst"]
            return float(min(1.0, (worst - value) / worst) ** power) if value < worst else None
        return float(self._cheap(max(0.0, value), metrics.get("accuracy", 1.0)) ** power)

    def _cheap(self, value: float, accuracy: float) -> float:
        least, reference = self.options["min_accuracy"], self.options["reference"]
        if accuracy < least:
            return max(0.0, accuracy)
        return least + (1 - least) * reference / (reference + value)


def read_reward(text: str) -> Reward:
    """The reward that `text` states.  Raises `SynoError` (E1206)."""
    name, _, rest = text.partition(":")
    if name not in OPTIONS:
        hint = did_you_mean(name, OPTIONS) or f"the rewards are {', '.join(OPTIONS)}"
        raise fail("E1206", f"there is no reward {name}", hint=hint)
    options = dict(OPTIONS[name])
    for part in rest.split(",") if rest else ():
        key, _, value = part.partition("=")
        if key not in options:
            hint = did_you_mean(key, options) or f"its options are {', '.join(options)}"
            raise fail("E1206", f"the reward {name} has no option {key}", hint=hint)
        options[key] = _number(key, value)
    if options["power"] <= 0 or options.get("worst", 1) <= 0 or options.get("reference", 1) <= 0:
        raise fail("E1206", f"{text}: power, worst and reference are larger than 0")
    if options.get("ceiling", 1) <= options.get("floor", 0) or not 0 <= options.get("min_accuracy", 0) <= 1:
        raise fail("E1206", f"{text}: floor is below ceiling, min_accuracy from 0 to 1")
    return Reward(name, options)


#: What can be limited, by the space for all layers together.
LIMITED: Final = ("flops", "params")


def read_limits(texts: Mapping[str, str]) -> dict[str, float]:
    """Limits by the name of what they bound.  Raises `SynoError` (E1206)."""
    limits = {}
    for name, text in texts.items():
        if name not in LIMITED:
            hint = did_you_mean(name, LIMITED) or f"limits are for {' and '.join(LIMITED)}"
            raise fail("E1206", f"{name} cannot be limited", hint=hint)
        limits[name] = _number(name, text)
        if limits[name] <= 0:
            raise fail("E1206", f"a limit of {text} leaves no operator", hint="give a positive number")
    return limits


def _number(name: str, text: str) -> float:
    problem: SynoError = fail("E1206", f"{text!r} for {name} is no number", hint="write it like 0.5 or 2e9")
    try:
        value = float(text)
    except ValueError:
        raise problem from None
    if not math.isfinite(value):
        raise problem
    return value
