"""The evaluator that trains: it repeats itself, tells good operators from bad ones, and refuses what does not fit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syno_lang import SynoError, load, parse
from syno_lang.search import digits
from syno_lang.search.local import LocalExecutor
from syno_lang.search.outcome import Job
from syno_lang.search.settings import Bounds
from tests.search.support import ROOT, run

LAYERS = (
    {"N": 50, "C": 16, "C_in": 16, "C_out": 16, "H": 8, "W": 8, "k": 3},
    {"N": 50, "C": 16, "C_in": 16, "C_out": 24, "H": 4, "W": 4, "k": 3},
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    torch = pytest.importorskip("torch", reason="needs torch")
    pytest.importorskip("sklearn", reason="needs scikit-learn")
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    monkeypatch.setattr(digits, "EPOCHS", 4)
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)


def test_it_repeats_itself_and_tells_good_from_bad(quick: None) -> None:
    conv, point = load("stdlib:conv2d"), load("stdlib:pointwise_conv2d")
    first, second = (dict(digits.evaluate(conv, LAYERS)) for _ in range(2))
    del first["latency"], second["latency"]
    assert first == second
    assert first["accuracy"] > 0.8 and first["test_accuracy"] > 0.8 and first["epochs"] == 4
    assert digits.evaluate(point, LAYERS)["accuracy"] < first["accuracy"]


def test_the_parts_of_the_data_are_disjoint(quick: None) -> None:
    images = {
        name: {tuple(image.flatten().tolist()) for image in part[0]} for name, part in digits.data().items()
    }
    assert sum(len(part) for part in images.values()) == len(set().union(*images.values())) == 1797
    assert [len(part[1]) for part in digits.data().values()] == [1000, 400, 397]


def test_training_ends_early_where_nothing_is_learnt(quick: None) -> None:
    constant = parse(
        "operator f<N, C, H>(x: [N, C, H, H], weight w: [C]) -> [N, C, H, H] { out[n, c, h, v] = x[n, c, h, v] * w[c] }"
    )
    found = digits.evaluate(constant, LAYERS[:1])
    assert found["epochs"] in (2, 4)


@pytest.mark.parametrize("name", ["linear", "conv1d", "conv3d"])
def test_operators_that_are_not_for_images(name: str, quick: None) -> None:
    sizes = {"N": 4, "C_in": 4, "C_out": 4, "H": 8, "W": 8, "D": 8, "L": 8, "M": 4, "K": 4, "k": 3}
    with pytest.raises(SynoError) as caught:
        digits.evaluate(load(f"stdlib:{name}"), [sizes])
    assert caught.value.diagnostics[0].code in ("E0603", "E0601")


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    digits.data.cache_clear()
    monkeypatch.setattr(digits, "find_spec", lambda name: None if name == "sklearn" else sys)
    with pytest.raises(SynoError) as caught:
        digits.data()
    assert caught.value.diagnostics[0].code == "E0701"
    assert "syno_lang[search]" in str(caught.value) or "syno-lang[search]" in str(caught.value)


def test_in_a_process_of_its_own(quick: None, tmp_path: Path) -> None:
    job = Job("d", load("stdlib:conv2d").show("formula"), LAYERS[:1], 300.0, 4 << 30)
    executor = LocalExecutor("digits", 1, str(ROOT))
    try:
        executor.submit(job)
        found = None
        while found is None:
            found = executor.next(5.0)
    finally:
        executor.close()
    assert found[1].is_ok, found
    assert found[1].metrics["accuracy"] > 0.5


@pytest.mark.heavy
def test_a_search_by_digits(quick: None, tmp_path: Path) -> None:
    rows = run(
        tmp_path / "s.db", lambda: LocalExecutor("digits", 2, str(ROOT)), Bounds(budget=4), evaluator="digits"
    ).rows
    again = run(
        tmp_path / "t.db", lambda: LocalExecutor("digits", 1, str(ROOT)), Bounds(budget=4), evaluator="digits"
    ).rows
    assert [(row.digest, row.reward) for row in rows] == [(row.digest, row.reward) for row in again]
    assert max(row.outcome.metrics.get("accuracy", 0.0) for row in rows) > 0.5
