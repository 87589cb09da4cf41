"""Evaluators for tests: good, slow, and wrong in every way.  Each call leaves a line in the file that LOG names."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence

from syno_lang.api import Operator

Layers = Sequence[Mapping[str, int]]


def worth(operator: Operator, layers: Layers) -> Mapping[str, float]:
    """A number that depends on the operator alone, and where it was found."""
    if path := os.environ.get("SYNO_TEST_LOG"):
        with open(path, "a", encoding="utf-8") as log:
            log.write(f"{operator.digest}\n")
    time.sleep(float(os.environ.get("SYNO_TEST_SLEEP", "0")))
    return {"accuracy": int(operator.digest[:4], 16) / 65535, "pid": os.getppid()}


def raises(operator: Operator, layers: Layers) -> float:
    raise ValueError("no\n<b>good</b>")


def hangs(operator: Operator, layers: Layers) -> float:
    while True:
        time.sleep(1)


def nan(operator: Operator, layers: Layers) -> Mapping[str, float]:
    return {"accuracy": float("nan")}


def nothing(operator: Operator, layers: Layers) -> None:
    return None


def text(operator: Operator, layers: Layers) -> Mapping[str, object]:
    return {"accuracy": "good"}


def exhausts(operator: Operator, layers: Layers) -> float:
    return float(len(bytearray(1 << 40)))


def grows(operator: Operator, layers: Layers) -> float:
    kept = []
    while True:
        kept.append(bytearray(os.urandom(1 << 12) * (1 << 8)))


def dies(operator: Operator, layers: Layers) -> float:
    os.abort()


def leaves(operator: Operator, layers: Layers) -> float:
    sys.exit(3)


def vanishes(operator: Operator, layers: Layers) -> float:
    os._exit(0)


def kills_its_server(operator: Operator, layers: Layers) -> float:
    os.kill(os.getppid(), 9)
    time.sleep(60)
    return 1.0


def chatters(operator: Operator, layers: Layers) -> float:
    print('{"status": "ok", "metrics": {"accuracy": 1}, "error": "", "seconds": 0}', flush=True)
    os.system("echo more")
    return 0.5


def half_fails(operator: Operator, layers: Layers) -> float:
    """Raises for every second operator."""
    if int(operator.digest[-1], 16) % 2:
        raise RuntimeError("odd")
    return int(operator.digest[:4], 16) / 65535
