"""Every way to compute an operator has one value: any order of contractions in any forms, folded or kept."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import syno_lang
from syno_lang.backends.torch.choose import ways
from syno_lang.backends.torch.emit import class_name, emit
from syno_lang.backends.torch.load import load_class
from syno_lang.evaluate.measure import saved_bytes
from syno_lang.evaluate.tune import candidate_ways
from syno_lang.ir.definition import Definition
from syno_lang.lower.cost import cost
from syno_lang.lower.schedule import naive, schedule, schedules
from syno_lang.resources import folder
from syno_lang.testing import definitions, random_arrays
from tests.backends.torch.modules import build, define, relative_error, run
from tests.backends.torch.test_torch_values import OWN_SIZES, SIZES

STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))

#: A coordinate that is split, rolled and taken apart again, whose digits other tensors and sums read.
CARRIES = {
    "in place": "(x: [N, s, H]) -> [N, H, s] {"
    " out[n, h, a] = x[n, shift(split(h, a), D) % s, shift(split(h, a), D) / s] }",
    "summed": "(x: [s, N, H]) -> [N, H] {"
    " out[n, h] = sum[a: s] x[shift(split(h, a), D) % s, n, shift(split(h, a), D) / s] }",
    "rolled twice": "(x: [s, N, H]) -> [N, H] {"
    " out[n, h] = mean[a: s] x[shift(split(shift(h, 2), a), D) % s, n, shift(split(shift(h, 2), a), D) / s] }",
    "with a weight": "(x: [N, C, H], weight w: [C, s]) -> [N, C, H] {"
    " out[n, c, h] = sum[a: s] x[n, c, shift(split(h, a), D) / s] * w[c, shift(split(h, a), D) % s] }",
    "a window of it": "(x: [N, s, H], weight w: [k, s]) -> [N, H] {"
    " out[n, h] = sum[a: s, p: k] x[n, shift(split(h, a), D) % s, unfold(shift(split(h, a), D) / s, p)] * w[p, a] }",
}


def check_all(definition: Definition, sizes: dict[str, int], count: int) -> int:
    """Compare `count` ways with the interpreter, before and after `fold`; how many different ones there were."""
    arrays = random_arrays(definition, sizes)
    texts = dict.fromkeys(
        text for folded in (False, True) for text in candidate_ways(definition, sizes, count, folded=folded)
    )
    for text in texts:
        cls = load_class(text, class_name(definition.name))
        module = build(definition, sizes, cls, dtype=torch.float64)
        assert (
            relative_error(definition, run(module, definition, arrays, torch.float64), arrays, sizes) < 1e-12
        )
        if hasattr(module, "fold"):
            inputs = [torch.from_numpy(arrays[one.name]) for one in definition.inputs]
            torch.testing.assert_close(module.fold()(*inputs), module.train()(*inputs))
    return len(texts)


@given(definitions())
@settings(max_examples=max(60, settings().max_examples // 4))
def test_every_way_of_random_operators(case: tuple[Definition, dict[str, int]]) -> None:
    assert check_all(*case, 4) >= 1


@pytest.mark.parametrize("path", STDLIB, ids=lambda path: path.stem)
def test_every_way_of_the_stdlib(path: Path) -> None:
    definition = syno_lang.load(path).definition
    values = SIZES[0] | OWN_SIZES.get(definition.name, ({},))[0]
    check_all(definition, {size.name: values[size.name] for size in definition.sizes}, 4)


@pytest.mark.parametrize("text", CARRIES.values(), ids=CARRIES)
@pytest.mark.parametrize("amount", [-3, -1, 1, 2, 5])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_carries(text: str, amount: int, s: int) -> None:
    names = [name for name in "NCHks" if f"{name}" in text.replace("shift", "").replace("split", "")]
    primary = ", ".join(name for name in names if name.isupper())
    coefficients = ", ".join(name for name in names if name.islower())
    definition = define(f"operator f<{primary}; {coefficients}>{text}".replace("D)", f"{amount})"))
    values = {"N": 2, "C": 3, "H": 4, "k": 3, "s": s}
    sizes = {size.name: values[size.name] for size in definition.sizes}
    assert check_all(definition, sizes, 4) >= 1


def test_a_carry_moves_less_than_a_roll() -> None:
    text = CARRIES["summed"].replace("D)", "1)")
    emitted = emit([define(f"operator f<N, H; s>{text}")])
    assert "_carry_sum(x, 2, 0, 1)" in emitted and ".flatten(" not in emitted


def test_programs_are_different_and_the_first_has_the_fewest_flops() -> None:
    definition = syno_lang.load("stdlib:op1").definition
    sizes = {"N": 1, "C_in": 64, "C_out": 64, "H": 56, "g": 32, "k": 3, "s": 2}
    found = schedules(definition, sizes, 8)
    assert len(set(found)) == 8 and found[0] == schedule(definition, sizes)
    flops = [cost(program, sizes).flops for program in found]
    assert flops == sorted(flops) and flops[0] < flops[-1]


def test_the_cheapest_ways_come_first_and_sizes_decide() -> None:
    definition = syno_lang.load("stdlib:conv2d").definition
    found = ways([schedule(definition), naive(definition)], count=5)
    assert [way.seconds for way in found] == sorted(way.seconds for way in found)
    # A window of one place is a matrix product.
    chosen = {
        k: str(
            ways([naive(definition)], sizes={"N": 1, "C_in": 64, "C_out": 64, "H": 56, "W": 56, "k": k})[0]
        )
        for k in (1, 3)
    }
    assert chosen[3] == "convolution(p, q)"


def test_weights_that_meet_are_multiplied_once() -> None:
    definition = syno_lang.load("stdlib:op1").definition
    sizes = {"N": 1, "C_in": 64, "C_out": 64, "H": 56, "g": 32, "k": 3, "s": 2}
    prices = {
        folded: {
            text: way.seconds for text, way in candidate_ways(definition, sizes, 8, folded=folded).items()
        }
        for folded in (False, True)
    }
    both = [text for text in prices[True] if text in prices[False]]
    assert both and all(prices[True][text] <= prices[False][text] for text in both)
    joined = [text for text in prices[True] if '"' in text.split("def _prepared")[1].split("def forward")[0]]
    assert any("torch.einsum(" in text.split("def _prepared")[1].split("def forward")[0] for text in joined)


def made(checkpoint: bool = False) -> tuple[torch.nn.Module, torch.Tensor]:
    operator = syno_lang.load("stdlib:op1")
    cls = load_class(operator.emit_torch(checkpoint=checkpoint), "Op1")
    torch.manual_seed(0)
    return cls(C_in=4, C_out=8, g=2), torch.randn(2, 4, 5, 5)


def test_what_undoes_a_fold() -> None:
    module, x = made()
    wanted = module(x)
    folded = copy.deepcopy(module).fold()
    with torch.no_grad():
        for weight in folded.parameters():
            weight.zero_()
    # What was folded does not see that; whatever says that weights change does.
    assert torch.equal(folded(x), wanted) and torch.equal(folded.eval()(x), wanted)
    assert not copy.deepcopy(folded).train()(x).any()
    assert not copy.deepcopy(folded).double()(x.double()).any()
    folded.load_state_dict(module.state_dict())
    assert torch.equal(folded(x), wanted)
    assert list(folded.fold().state_dict()) == list(module.state_dict())


def test_a_folded_module_compiles_and_exports() -> None:
    module, x = made()
    wanted = module.eval()(x)
    module.fold()
    with torch.no_grad():
        torch._dynamo.reset()
        compiled = torch.compile(module, backend="eager", fullgraph=True, dynamic=True)
        torch.testing.assert_close(compiled(x), wanted)
        torch.testing.assert_close(torch.export.export(module, (x,)).module()(x), wanted)


def test_checkpoints_keep_the_input_alone() -> None:
    plain, x = made()
    kept, _ = made(checkpoint=True)
    kept.load_state_dict(plain.state_dict())
    x.requires_grad_()
    found, wanted = (
        torch.autograd.grad(module(x).square().sum(), [x, *module.parameters()]) for module in (kept, plain)
    )
    torch.testing.assert_close(found, wanted)
    saved = [saved_bytes(lambda m=m: m(x), [x, *m.parameters()]) for m in (kept, plain)]
    assert saved[0] == 0 < saved[1]
    torch._dynamo.reset()
    compiled = torch.compile(kept, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), plain(x))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast(dtype: torch.dtype) -> None:
    module, x = made()
    wanted = module(x)
    with torch.autocast("cpu", dtype=dtype):
        found = module(x)
    torch.testing.assert_close(found.float(), wanted, rtol=0.05, atol=0.05)
    found.float().square().sum().backward()
    assert all(
        weight.grad is not None and weight.grad.dtype == torch.float32 for weight in module.parameters()
    )


def test_no_way_changes_its_input() -> None:
    definition = syno_lang.load("stdlib:op1").definition
    sizes = {"N": 1, "C_in": 4, "C_out": 8, "H": 5, "g": 2, "k": 3, "s": 2}
    for text in candidate_ways(definition, sizes, 6):
        module = build(definition, sizes, load_class(text, "Op1"))
        x = torch.randn(1, 4, 5, 5)
        before = x.clone()
        module(x)
        assert np.array_equal(x, before)
