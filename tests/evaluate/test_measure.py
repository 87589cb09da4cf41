"""Times, memory and the comparison of candidates: what is said is what was called."""

from __future__ import annotations

from itertools import count

import pytest
import torch

import syno_lang
from syno_lang.diagnostics import SynoError
from syno_lang.evaluate.bench import bench, sizes_like
from syno_lang.evaluate.candidates import CANDIDATES, Candidate, Setting
from syno_lang.evaluate.device import measuring
from syno_lang.evaluate.measure import Times, geometric_mean, interleaved, peak_bytes, saved_bytes
from syno_lang.evaluate.plot import plot
from syno_lang.evaluate.tune import candidate_ways

OP1 = syno_lang.load("stdlib:op1")
SIZES = OP1.definition.defaults | {"N": 2, "C_in": 32, "C_out": 64, "H": 5}


def setting(dtype: str = "float64") -> Setting:
    return Setting(OP1.definition, SIZES, OP1.emit_torch(), dtype=dtype)


def test_functions_are_called_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    calls: list[str] = []
    functions = {name: lambda name=name: calls.append(name) for name in "ab"}
    times = interleaved(functions, rounds=3)
    assert "".join(calls[-6:]) == "ababab"
    assert times == {name: Times(1.0, 1.0, 1.0, 1.0) for name in "ab"}


def test_geometric_mean() -> None:
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0) and geometric_mean([]) == 1.0


def test_peak_memory_counts_what_is_held_at_once() -> None:
    ones = torch.ones(1000)

    def one_after_the_other() -> float:
        return float((ones + 1).sum() + (ones + 2).sum())

    def at_once() -> float:
        several = [ones + number for number in range(3)]
        return float(sum(several).sum())  # type: ignore[union-attr]

    assert 4000 <= peak_bytes(one_after_the_other, "cpu") < 8000
    assert 12000 <= peak_bytes(at_once, "cpu") < 24000


def test_saved_memory_counts_a_storage_once_and_no_argument() -> None:
    x = torch.ones(1000, requires_grad=True)
    assert saved_bytes(lambda: x * x, [x]) == 0
    # The exponential is kept by itself and by the product.
    assert saved_bytes(lambda: x.exp() * x, [x]) == 4000


@pytest.mark.parametrize("name", ["syno", "fold", "eager-einsum"])
def test_candidates_of_one_setting_have_one_value(name: str) -> None:
    wanted, found = (CANDIDATES[one](setting()) for one in ("syno", name))
    torch.testing.assert_close(found.run(*found.inputs), wanted.run(*wanted.inputs))
    assert found.same and found.trains == (name != "fold")


def test_every_candidate_is_measured() -> None:
    several = [CANDIDATES[name](setting()) for name in ("syno", "fold", "eager-einsum")]
    ours, folded, einsum = bench(several, setting(), backward=True, rounds=2)
    assert [ours.name, folded.name, einsum.name] == ["syno", "fold", "eager-einsum"]
    assert ours.training is not None and folded.training is None
    assert ours.forward.least <= ours.forward.lower <= ours.forward.median <= ours.forward.upper


def test_windows_of_the_data_are_larger_than_the_data() -> None:
    operator = syno_lang.load("stdlib:conv2d")
    sizes = {"N": 2, "C_in": 8, "C_out": 4, "H": 16, "W": 16, "k": 3}
    one = Setting(operator.definition, sizes, operator.emit_torch())
    ours, einsum = bench(
        [CANDIDATES["syno"](one), CANDIDATES["eager-einsum"](one)], one, backward=True, rounds=1
    )
    # A native convolution needs its operands again, and nothing else.
    assert ours.saved is not None and einsum.saved is not None
    assert ours.saved < 9 * 4 * 2 * 8 * 16 * 16 <= einsum.saved
    assert ours.peak is not None and einsum.peak is not None and ours.peak < einsum.peak


def test_a_wrong_candidate_is_found() -> None:
    right = CANDIDATES["syno"](setting())
    wrong = Candidate("wrong", lambda *x: right.run(*x) * 1.01, right.inputs, right.weights)
    with pytest.raises(ValueError, match="wrong differs from syno"):
        bench([right, wrong], setting(), rounds=1)


def test_sizes_of_an_operator_in_the_place_of_another() -> None:
    conv = syno_lang.load("stdlib:conv2d").definition
    values = {"N": 2, "C_in": 32, "C_out": 64, "H": 5, "W": 5, "k": 3}
    assert sizes_like(conv, OP1.definition, SIZES) == values
    linear = syno_lang.load("stdlib:batched_matmul").definition
    with pytest.raises(SynoError, match="no value is given"):
        sizes_like(linear, OP1.definition, SIZES)


def test_what_is_measured_differs_and_the_first_is_most_promising() -> None:
    found = candidate_ways(OP1.definition, SIZES, 6)
    assert len(found) == 6
    prices = [way.seconds for way in found.values()]
    assert prices == sorted(prices)
    assert len({str(way) for way in found.values()}) > 1


@pytest.mark.parametrize("purpose", ["inference", "folded", "training"])
def test_a_tuned_file_says_what_was_measured(purpose: str) -> None:
    text = OP1.tune_torch("cpu", 1, "float32", purpose, **SIZES)  # type: ignore[arg-type]
    notes = [line.strip() for line in text.splitlines() if line.startswith("        #     ")]
    measured = [line for line in notes if line.split()[1].replace(".", "").isdigit()]
    times = [float(line.split()[1]) for line in measured]
    assert len(times) > 2 and times == sorted(times)
    assert [line.endswith("<- this one") for line in measured] == [True] + [False] * (len(measured) - 1)
    assert f"# {purpose}, float32, cpu, 1 threads" in text
    compile(text, "tuned", "exec")


def test_the_number_of_threads_is_as_before() -> None:
    before = torch.get_num_threads()
    with measuring("cpu", 1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there(device: str) -> None:
    with pytest.raises(SynoError) as caught, measuring(device):
        pass
    assert [item.code for item in caught.value.diagnostics] == ["E0704"]


def test_what_torch_refuses() -> None:
    with pytest.raises(SynoError) as caught, measuring("cpu"):
        torch.ones(2) @ torch.ones(3)
    assert [item.code for item in caught.value.diagnostics] == ["E0704"]


def test_a_plot_has_a_bar_for_every_time() -> None:
    several = [CANDIDATES[name](setting()) for name in ("syno", "eager-einsum")]
    measured = bench(several, setting(), backward=True, rounds=1)
    picture = plot(measured, "<op1> & more")
    assert picture.count("<rect") == 4 and "&lt;op1&gt; &amp; more" in picture
    assert picture.count(">eager-einsum<") == 2 and "forward and backward" in picture
