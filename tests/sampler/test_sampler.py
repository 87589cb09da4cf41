"""The API of the original: its README, its arguments, and what is said where they do not fit."""

from __future__ import annotations

import ast
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

import syno_lang  # noqa: E402
from syno_lang.nn import Placeholder, Sampler, find_placeholders, substitute  # noqa: E402
from syno_lang.sampler.arguments import FIXED, IDLE, LIMITS, OTHERS, read_limits  # noqa: E402
from syno_lang.synth.space import Limits  # noqa: E402


class Model(nn.Module):
    """The model of the README of the original, word for word."""

    def __init__(self):
        super().__init__()
        # `Placeholder`s can provide concrete values for symbolic variables. This can be used to match spatial dimensions of tensors.
        self.kernel_1 = Placeholder({"H": 32, "W": 32})
        self.kernel_2 = Placeholder({"H": 16, "W": 16})
        self.kernel_3 = Placeholder({"H": 16, "W": 16})

    def forward(self, x: torch.Tensor):
        x = self.kernel_1(x)
        x = x.view(1, 1, 32, 32)
        x = F.avg_pool2d(x, 2)
        x = x.view(16, 16)
        x = self.kernel_2(x)
        x = self.kernel_3(x)
        return x  # noqa: RET504


def readme_sampler(net: nn.Module, **limits: Any) -> Sampler:
    return Sampler(
        "[H, W]",  # Symbolic input shape of the operator
        "[H, W]",  # Symbolic output shape of the operator
        ["H: 2", "W: 2"],  # Some hyperparameters for how many times a symbolic variable can be used
        ["s_1=2: 2", "s_2=3: 2"],  # Some coefficients to be used as auxiliary symbolic variables
        net=net,  # Pass our model in, and `Placeholder`s are analyzed.
        **limits,
    )


def test_the_space_of_the_readme_is_the_preset() -> None:
    sampler = readme_sampler(Model())
    preset = syno_lang.load_space("stdlib:plane")
    # The original allows whole blocks to be repeated unless it is told not to.
    assert sampler.space.limits.tile and not preset.limits.tile
    assert [dict(layer) for layer in sampler.space.layers] == [dict(layer) for layer in preset.layers]
    assert (sampler.space.inputs, sampler.space.outputs) == (preset.inputs, preset.outputs)
    assert sampler.space.sizes == preset.sizes


#: A part of the space of the README that is counted in a second.
QUICK = {
    "depth": 4, "maximum_merges": 1, "maximum_splits": 1, "maximum_shifts": 0, "maximum_unfolds": 0,
}  # fmt: skip


def test_a_sampled_operator_takes_the_places() -> None:
    net = Model()
    sampler = readme_sampler(net, **QUICK)
    operator = sampler.sample()
    kernel_packs = operator.construct_kernel_packs()
    sampler.replace(net, kernel_packs)
    x = torch.randn(32, 32, requires_grad=True)
    y = net(x)
    assert y.shape == (16, 16)
    y.sum().backward()
    assert all(item.grad is not None for item in net.parameters())
    first = [item.kernel for item in find_placeholders(net).values()]
    assert first == kernel_packs
    sampler.replace(net, sampler.sample())
    assert net(torch.randn(32, 32)).shape == (16, 16)


SMALL = ("[N, C]", "[N, D]", ["N: 0", "C: 2", "D: 1"], ["s=2: 1"])


def small(seed: int = 42, **limits: Any) -> Sampler:
    net = nn.Sequential(Placeholder({"N": 4, "C": 8, "D": 6}))
    values = {"depth": 4, "min_single_weight_params": 1, "max_chain_length": 3, **limits}
    return Sampler(*SMALL, net=net, fixed_io_pairs=[(0, 0)], seed=seed, **values)


def test_sample_enumerate_and_count_agree() -> None:
    sampler = small()
    every = {operator.digest: operator for operator in sampler.enumerate()}
    assert len(every) == sampler.count() > 1
    assert all(sampler.violations(operator) == [] for operator in every.values())
    drawn = {sampler.sample().digest for _ in range(20 * len(every))}
    assert drawn == set(every)


def test_a_seed_fixes_what_is_drawn() -> None:
    first, same, other = (small(seed) for seed in (1, 1, 2))
    row = [first.sample().digest for _ in range(12)]
    assert row == [same.sample().digest for _ in range(12)]
    assert row != [other.sample().digest for _ in range(12)]


def test_what_is_drawn_computes_what_it_says() -> None:
    sampler = small()
    layer = dict(sampler.space.layers[0])
    for operator in sampler.enumerate():
        (kernel,) = operator.construct_kernel_packs()
        x = torch.randn(4, 8)
        arrays = {"x": x.numpy(), **{name: item.detach().numpy() for name, item in kernel.named_parameters()}}
        used = {
            name: layer[name] for name in layer if name in {size.name for size in operator.definition.sizes}
        }
        wanted = operator.interpret(arrays, **used)
        torch.testing.assert_close(
            kernel(x).detach().double(), torch.from_numpy(wanted), rtol=1e-4, atol=1e-5
        )


def test_flops_and_parameters_are_known_in_the_model() -> None:
    net = nn.Sequential(Placeholder({"N": 4, "C_in": 8, "C_out": 6}))
    Sampler.replace(net, syno_lang.load("stdlib:linear"))
    assert (net[0].flops, net[0].params) == (4 * 8 * 6, 48)


def test_sizes_are_inferred() -> None:
    net = nn.Sequential(Placeholder({"C": 8, "D": 6}), nn.ReLU(), Placeholder({"D": 12}))
    sampler = Sampler(*SMALL, net=net, example=torch.zeros(5, 8), min_single_weight_params=1)
    assert [(layer["N"], layer["C"], layer["D"]) for layer in sampler.space.layers] == [(5, 8, 6), (5, 6, 12)]
    assert net.training and all(item._trace is None for item in find_placeholders(net).values())


def test_mapping_functions_of_the_original() -> None:
    def mapping(before: torch.Size, after: torch.Size) -> dict[str, int]:
        return {"N": before[0], "C": before[1], "D": after[1]}

    net = nn.Sequential(Placeholder(None, nn.Linear(8, 6), mapping))
    sampler = Sampler(*SMALL, net=net, example=torch.zeros(3, 8), min_single_weight_params=1)
    assert dict(sampler.space.layers[0]) == {"N": 3, "C": 8, "D": 6, "s": 2}


def test_without_a_model() -> None:
    sampler = Sampler("[N, C_in, H, H]", "[N, C_out, H, H]", ["N: 0"], ["3: 2", "k = 5"])
    assert dict(sampler.space.layers[0]) == {"N": 4, "c_0": 3, "k": 5, "C_in": 4, "H": 8, "C_out": 8}
    uses = {item.declaration.name: item.uses for item in sampler.space.sizes}
    assert uses == {"N": 0, "c_0": 2, "k": 3, "C_in": 3, "H": 3, "C_out": 3}


def test_a_space_of_a_file() -> None:
    net = nn.Sequential(nn.Conv2d(32, 64, 3, padding=1))
    substitute(net)
    sampler = Sampler.of("stdlib:resnet", net, example=torch.zeros(1, 32, 8, 8))
    assert dict(sampler.space.layers[0]) == {
        "N": 1, "C_in": 32, "C_out": 64, "H": 8, "k_1": 3, "k_2": 7, "s": 2, "g": 32,
    }  # fmt: skip
    assert sampler.space.limits.flops == (int(0.15 * 32 * 64 * 64 * 9) + 1, int(0.9 * 32 * 64 * 64 * 9))
    pointwise = nn.Sequential(nn.Conv2d(32, 64, 1))
    substitute(pointwise)
    sampler = Sampler.of("stdlib:resnet", pointwise, example=torch.zeros(1, 32, 8, 8))
    assert sampler.space.limits.flops == (int(0.15 * 32 * 64 * 64) + 1, int(0.9 * 32 * 64 * 64))
    value = syno_lang.load_space("stdlib:resnet")
    sampler = Sampler.of(value, pointwise)
    assert sampler.space.limits == value.limits and len(sampler.space.layers) == 1


def test_written_operators_are_matched_to_the_sizes() -> None:
    net = nn.Sequential(nn.Conv2d(512, 512, 3, padding=1))
    substitute(net)
    sampler = Sampler.of("stdlib:resnet", net, example=torch.zeros(1, 512, 7, 7))
    operator = sampler.operator(syno_lang.load("stdlib:op1"))
    (kernel,) = operator.construct_kernel_packs()
    assert kernel(torch.zeros(2, 512, 7, 7)).shape == (2, 512, 7, 7)
    assert [reason.name for reason in sampler.violations(syno_lang.load("stdlib:op1"))] == []


# Arguments ----------------------------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_original() -> None:
    found = read_limits({})
    wanted = Limits(
        primitives=12, tensors=2, reduce=5, merge=None, split=None, shift=None, unfold=None, stride=0, expand=None,
        share=None, chain=6, variables=3, powers=16, power=2, reduction_ratio=4, pooling=8, window=30,
        window_ratio=2.0, odd_windows=True, strided=30, shift_pattern=2.0, repeat=5, tile=True, outer=6144,
        shared_between_weights=(3, 8), weight_params=100,
    )  # fmt: skip
    assert found == wanted


def test_every_argument_of_the_original_is_known() -> None:
    source = """
depth max_chain_length maximum_tensors maximum_reductions max_flops min_flops max_vram max_rdom_size_multiplier
max_pooling_factor enable_flops_based_pruning maximum_enumerations_per_var maximum_variables_in_size
maximum_variables_powers_in_size requires_exact_division requires_odd_kernel_size_in_unfold
count_coefficients_in_weights_as_allowance_usage expression_one_tensor expression_two_tensors
expression_three_tensors expression_four_tensors maximum_finalizations allow_weight_permutation
min_single_weight_params max_strided_dim_size max_unfold_kernel_size minimum_unfold_ratio
maximum_valid_reshape_shift_pattern disallow_merge_input_and_weight disallow_tile disallow_share_weights
max_expansion_repeat_multiplier max_expansion_merge_multiplier max_expansion_weights_sharing_dim_size
min_expansion_weights_sharing_dim_size canonicalize_unfold_order maximum_expands maximum_merges maximum_splits
maximum_shifts maximum_strides maximum_unfolds maximum_shares num_worker_threads save_path halide cuda
autoscheduler extra_options rfactor_threshold in_bounds_likely_threshold
"""
    assert {*LIMITS, *OTHERS, *FIXED, *IDLE} == set(source.split())


@pytest.mark.parametrize(
    ("argument", "limit", "value"),
    [
        ("max_flops=10", "flops", (None, 10)),
        ("min_flops=10", "flops", (10, None)),
        ("max_vram=1", "memory", 2**19),
        ("maximum_merges=-1", "merge", None),
        ("maximum_merges=2", "merge", 2),
        ("disallow_tile=True", "tile", False),
        ("min_expansion_weights_sharing_dim_size=5", "shared_between_weights", (5, 8)),
        ("requires_odd_kernel_size_in_unfold=False", "odd_windows", False),
        ("maximum_enumerations_per_var=3", "power", 1),
    ],
)
def test_an_argument_sets_its_limit(argument: str, limit: str, value: object) -> None:
    name, _, text = argument.partition("=")
    assert getattr(read_limits({name: ast.literal_eval(text)}), limit) == value


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"maximum_tensor": 3}, "did you mean `maximum_tensors`"),
        ({"depth": "12"}, "is not a number"),
        ({"depth": -2}, "is negative"),
        ({"depth": -1}, "is negative"),
        ({"disallow_tile": 1}, "is not True or False"),
        ({"requires_exact_division": False}, "is not supported"),
        ({"expression_two_tensors": "in_0 + in_1"}, "is not supported"),
        ({"min_flops": 10, "max_flops": 5}, "the least flops is 10"),
        ({"maximum_tensors": 0}, "less than 1"),
        ({"max_flops": float("nan")}, "is not a number"),
    ],
)
def test_limits_that_make_no_sense(limits: dict[str, Any], words: str) -> None:
    with pytest.raises(syno_lang.SynoError, match=words):
        readme_sampler(Model(), **limits)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("[H, W", "[H, W]", [], []), "is no shape"),
        (("[H, W]", "[H, W] junk", [], []), "is no shape"),
        ((3, "[H, W]", [], []), "is no shape"),
        (("[H, W + 1]", "[H, W]", [], []), "product of sizes"),
        (("[H: unorderd]", "[H]", [], []), "did you mean `unordered`"),
        (("[H]", "[H]", ["H:"], []), "no specification"),
        (("[H]", "[H]", ["H = x"], []), "no specification"),
        (("[H]", "[H]", ["H"], ["H = 3"]), "specified twice"),
        (("[H]", "[H]", ["H = 0"], []), "is 0"),
        (("[H]", "[Q]", ["H = 4"], []), "does not say what Q is"),
        (("[H/s]", "[H/s]", ["H = 5"], ["s = 2"]), "is 5/2 at the default layer"),
    ],
)
def test_shapes_and_sizes_that_make_no_sense(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(syno_lang.SynoError, match=words):
        Sampler(*arguments)


@pytest.mark.parametrize("pairs", [[(0, 2)], [(0, 1)], [(0, 0), (1, 0)], [(-1, 0)]])
def test_pairs_that_make_no_sense(pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(syno_lang.SynoError, match="E1154"):
        Sampler("[H, W]", "[H, W]", ["H", "W"], [], fixed_io_pairs=pairs)


def test_an_impossible_sampler_is_explained_at_once() -> None:
    with pytest.raises(syno_lang.SynoError, match=r"E1106.*`C` and the output does not"):
        small(maximum_reductions=0)
    with pytest.raises(syno_lang.SynoError, match="E1106"):
        small(min_single_weight_params=10**9).sample()


# Models -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("net", "code", "words"),
    [
        (nn.Sequential(nn.Linear(8, 6)), "E1151", "no placeholder"),
        (nn.Sequential(Placeholder({"C": 8, "D": 6})), "E1152", "does not say what N is"),
        (nn.Sequential(Placeholder({"N": 1, "C": 8, "E": 6})), "E1152", "has a size E"),
    ],
)
def test_models_that_do_not_fit(net: nn.Module, code: str, words: str) -> None:
    with pytest.raises(syno_lang.SynoError, match=words) as caught:
        Sampler(*SMALL, net=net)
    assert caught.value.diagnostics[0].code == code


@pytest.mark.parametrize(
    ("net", "example", "words"),
    [
        (nn.Sequential(Placeholder({"C": 9, "D": 6})), torch.zeros(2, 8), "an axis is 8, but `C` is 9"),
        (nn.Sequential(Placeholder({"D": 6})), torch.zeros(2, 8, 3), "it has 3 axes, not the 2"),
        (nn.Sequential(Placeholder()), torch.zeros(2, 8), "nothing says what D of its output is"),
        (nn.Sequential(nn.Linear(5, 4), Placeholder({"D": 6})), torch.zeros(2, 8), "does not take the example"),
        (nn.ModuleList([Placeholder({"D": 6})]), torch.zeros(2, 8), "does not take the example"),
        (nn.Sequential(Placeholder({"D": 6}, nn.Linear(8, 7))), torch.zeros(2, 8), "an axis is 7, but `D` is 6"),
    ],
)  # fmt: skip
def test_examples_that_do_not_fit(net: nn.Module, example: torch.Tensor, words: str) -> None:
    with pytest.raises(syno_lang.SynoError, match=words) as caught:
        Sampler(*SMALL, net=net, example=example)
    assert caught.value.diagnostics[0].code == "E1152"
    assert all(item._trace is None for item in find_placeholders(net).values())


def test_a_placeholder_that_is_used_in_two_sizes() -> None:
    shared = Placeholder({"D": 8})

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shared = shared

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.shared(self.shared(x)[:1])

    with pytest.raises(syno_lang.SynoError, match="an axis is 1, but `N` is 2"):
        Sampler(*SMALL, net=Twice(), example=torch.zeros(2, 8))


@pytest.mark.parametrize("mappings", [{"H": 0}, {"H": 2.5}, {"H": True}, {"H": "4"}, {3: 4}])
def test_mappings_that_make_no_sense(mappings: Any) -> None:
    with pytest.raises(syno_lang.SynoError, match="E1154"):
        Placeholder(mappings)


def test_an_empty_placeholder_says_so() -> None:
    with pytest.raises(syno_lang.SynoError, match="E1155"):
        Placeholder({"H": 4})(torch.zeros(4))


def test_the_number_of_modules_has_to_fit() -> None:
    with pytest.raises(syno_lang.SynoError, match="the model has 3 placeholders, not 1"):
        Sampler.replace(Model(), [nn.Identity()])
    with pytest.raises(syno_lang.SynoError, match="E1151"):
        Sampler.replace(nn.Linear(2, 2), [nn.Identity()])


def test_an_operator_that_does_not_exist_at_a_layer_changes_nothing() -> None:
    net = nn.Sequential(
        Placeholder({"C_in": 64, "C_out": 64, "H": 8}), Placeholder({"C_in": 48, "C_out": 64, "H": 8})
    )
    with pytest.raises(syno_lang.SynoError, match="C_in = 48 is not divisible by g = 32"):
        Sampler.replace(net, syno_lang.load("stdlib:op1"))
    assert all(item.kernel is None for item in find_placeholders(net).values())
