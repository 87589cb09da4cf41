"""Layers of a model leave and come back; between, the model is one like any other."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import syno_lang  # noqa: E402
from syno_lang.nn import Placeholder, Sampler, find_placeholders, make_kernel, substitute  # noqa: E402
from syno_lang.sizes import Size  # noqa: E402
from tests.nn.models import Net  # noqa: E402

N, C_IN, C_OUT, H = (Size.variable(name) for name in ("N", "C_in", "C_out", "H"))
BEFORE, AFTER = (N, C_IN, H, H), (N, C_OUT, H, H)
X = torch.randn(2, 3, 17, 17, generator=torch.Generator().manual_seed(0))
CONVOLUTIONS = ["layer1.conv1", "layer1.conv2", "layer2.conv1", "layer2.conv2", "layer2.shortcut"]


def replaced(stride: Literal["pool", "slice", "keep"] = "pool", bias: bool = False) -> tuple[Net, object]:
    torch.manual_seed(1)
    net = Net(bias)
    substitution = substitute(net, "conv2d", stride=stride)
    substitution.fit(BEFORE, AFTER, X)
    Sampler.replace(net, syno_lang.load("stdlib:op1"))
    return net, substitution


def state(net: nn.Module) -> dict[str, object]:
    return {name: (id(item), item.training) for name, item in net.named_modules()}


@pytest.mark.parametrize("stride", ["pool", "slice", "keep"])
def test_until_it_is_replaced_the_model_computes_the_same(stride: Literal["pool", "slice", "keep"]) -> None:
    net = Net().eval()
    wanted, before = net(X), state(net)
    substitution = substitute(net, "conv2d", stride=stride)
    assert torch.equal(net(X), wanted)
    substitution.fit(BEFORE, AFTER, X)
    assert torch.equal(net(X), wanted)
    strided = {"layer2.conv1", "layer2.shortcut"}
    assert list(substitution.placeholders) == [
        name for name in CONVOLUTIONS if stride != "keep" or name not in strided
    ]
    assert substitution.skipped["stem"] == "it has fewer than 4 channels"
    assert (substitution.skipped.keys() & strided == strided) == (stride == "keep")
    substitution.undo()
    assert state(net) == before and torch.equal(net(X), wanted)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("stride", ["pool", "slice", "keep"])
def test_replaced_models_run_forward_and_backward(
    stride: Literal["pool", "slice", "keep"], bias: bool
) -> None:
    net, _ = replaced(stride, bias)
    y = net(X)
    assert y.shape == (2, 10)
    y.square().sum().backward()
    for item in find_placeholders(net).values():
        assert item.referred_layer is None and item.kernel is not None
        assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in item.parameters())
        assert (item.bias is not None) == (bias and item.original.bias is not None)
    # Another batch is fine: only the sizes of the weights are fixed.
    assert net(torch.zeros(5, 3, 17, 17)).shape == (5, 10)


def test_undo_after_training_restores_the_same_objects_with_their_values() -> None:
    torch.manual_seed(2)
    net = Net(bias=True)
    before, values = state(net), copy.deepcopy(net.state_dict())
    substitution = substitute(net, "conv2d", "linear")
    substitution.fit(BEFORE, AFTER, X)
    assert "head" in substitution.skipped  # it has another rank
    Sampler.replace(net, syno_lang.load("stdlib:op1"))
    names = [name for name in CONVOLUTIONS if name in substitution.originals]
    optimizer = torch.optim.SGD(find_placeholders(net)["layer1.conv1"].parameters(), lr=0.1)
    net.eval()(X).sum().backward()
    optimizer.step()
    net.train()
    substitution.undo()
    assert names and state(net) == before
    for name, value in net.state_dict().items():
        assert torch.equal(value, values[name]), name


def test_a_context_undoes_itself_whatever_happens() -> None:
    net = Net()
    before = state(net)
    with pytest.raises(RuntimeError, match="stop"), substitute(net):
        assert find_placeholders(net)
        raise RuntimeError("stop")
    assert state(net) == before


def test_a_part_is_undone() -> None:
    net = Net()
    first = net.layer1.conv1
    substitution = substitute(net, "conv2d")
    substitution.undo("layer1.conv1")
    assert net.layer1.conv1 is first and isinstance(net.layer1.conv2, Placeholder)


@pytest.mark.parametrize("stride", ["pool", "slice"])
@pytest.mark.parametrize("size", [8, 9, 11])
@pytest.mark.parametrize("by", [2, 3])
def test_strides_give_the_size_that_the_layer_gave(
    stride: Literal["pool", "slice"], size: int, by: int
) -> None:
    net = nn.Sequential(nn.Conv2d(8, 8, 3, by, 1))
    x = torch.randn(1, 8, size, size)
    wanted = net(x).shape
    substitution = substitute(net, stride=stride)
    substitution.fit(BEFORE, AFTER, x, least=1)
    item = substitution.placeholders["0"]
    assert item.sizes["H"] == (wanted[2] if stride == "pool" else size)
    item.reload(make_kernel(syno_lang.load("stdlib:pointwise_conv2d").definition, item.sizes))
    assert net(x).shape == wanted
    kernel = item.kernel
    assert kernel is not None
    if stride == "pool":
        inner = kernel(nn.functional.avg_pool2d(x, by, ceil_mode=True))
    else:
        inner = kernel(x)[..., ::by, ::by]
    torch.testing.assert_close(net(x), inner + item.bias.view(1, -1, 1, 1))


def test_the_state_is_saved_and_loaded() -> None:
    net, _ = replaced(bias=True)
    other, _ = replaced(bias=True)
    for item in find_placeholders(other).values():
        item.kernel.reset_parameters()
    assert not torch.equal(net.eval()(X), other.eval()(X))
    stream = io.BytesIO()
    torch.save(net.state_dict(), stream)
    stream.seek(0)
    other.load_state_dict(torch.load(stream))
    assert torch.equal(net(X), other(X))
    assert {"layer1.conv1.kernel.u", "layer1.conv1.kernel.v", "layer1.conv1.bias"} <= net.state_dict().keys()


def test_copies_and_pickles_are_models_of_their_own() -> None:
    net, _ = replaced(bias=True)
    wanted = net.eval()(X)
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(other(X), wanted)
        with torch.no_grad():
            other.layer1.conv1.kernel.u.zero_()
        assert not torch.equal(other(X), wanted) and torch.equal(net(X), wanted)


def test_another_process_reads_a_pickle(tmp_path: Path) -> None:
    net, _ = replaced()
    net.eval()
    (tmp_path / "net.pickle").write_bytes(pickle.dumps((net, X, net(X).detach())))
    code = "import pickle, torch; net, x, y = pickle.load(open('net.pickle', 'rb')); assert torch.equal(net(x), y)"
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}"]
    subprocess.run(command, cwd=tmp_path, check=True)


def test_modes_reach_the_operators_and_the_layers_that_come_back() -> None:
    net, substitution = replaced()
    net.eval()
    assert all(not item.kernel.training for item in find_placeholders(net).values())
    substitution.undo()  # type: ignore[attr-defined]
    assert not any(item.training for item in net.modules())


def test_types_and_devices_are_those_of_the_model() -> None:
    net = Net().double()
    substitute(net, "conv2d").fit(BEFORE, AFTER, X.double())
    Sampler.replace(net, syno_lang.load("stdlib:op1"))
    assert {item.dtype for item in net.parameters()} == {torch.float64}
    assert net(X.double()).dtype == torch.float64


def test_a_layer_in_two_places_is_one_placeholder() -> None:
    conv = nn.Conv2d(8, 8, 3, 1, 1)
    net = nn.Sequential(conv, nn.ReLU(), conv)
    substitution = substitute(net, "conv2d")
    assert net[0] is net[2] and len(find_placeholders(net)) == 1
    substitution.undo()
    assert net[0] is conv and net[2] is conv


def test_named_modules_of_any_kind() -> None:
    net = Net()
    block = net.layer1
    substitution = substitute(net, names="layer1")
    assert isinstance(net.layer1, Placeholder) and net.layer1.original is block
    assert list(substitution.placeholders) == ["layer1"]
    substitution.fit(BEFORE, AFTER, X)
    assert substitution.placeholders["layer1"].sizes == {"N": 2, "C_in": 64, "C_out": 64, "H": 17}
    for kinds in ((), ("conv2d",)):
        patterns = substitute(Net(), *kinds, names=["layer2.*"])
        assert list(patterns.placeholders) == ["layer2.conv1", "layer2.conv2", "layer2.shortcut"]
    assert not substitute(Net(), "conv2d", names=["layer2.norm1", "head"]).placeholders
    assert list(substitute(Net(), names=["layer2.norm1", "head"]).placeholders) == ["layer2.norm1", "head"]


def test_a_single_layer_has_no_place() -> None:
    with pytest.raises(syno_lang.SynoError, match="wrap it"):
        substitute(nn.Conv2d(8, 8, 3, padding=1))


def test_linear_layers() -> None:
    net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 3), nn.Linear(3, 16))
    substitution = substitute(net, "linear")
    assert list(substitution.placeholders) == ["0"]
    Sampler.of("stdlib:vit", net, example=torch.zeros(2, 7, 16))
    item = substitution.placeholders["0"]
    assert {name: item.sizes[name] for name in ("N", "seq_len", "H_in", "H_out")} == {
        "N": 2, "seq_len": 7, "H_in": 16, "H_out": 32,
    }  # fmt: skip
    linear = syno_lang.parse(
        "operator dense<N, seq_len, H_in, H_out>(x: [N, seq_len, H_in], weight w: [H_out, H_in])"
        " -> [N, seq_len, H_out] { out[n, t, o] = sum[i: H_in] x[n, t, i] * w[o, i] }"
    )
    original = net[0].original
    Sampler.replace(net, linear)
    with torch.no_grad():
        net[0].kernel.w.copy_(original.weight)
    x = torch.randn(4, 5, 16)
    torch.testing.assert_close(net[0](x), original(x))


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (nn.Conv2d(8, 8, 3, groups=2, padding=1), "it is grouped"),
        (nn.Conv2d(8, 8, 3, dilation=2, padding=2), "it is dilated"),
        (nn.Conv2d(8, 8, 3), "its padding changes the size"),
        (nn.Conv2d(8, 8, 4, padding=2), "its padding changes the size"),
        (nn.Conv2d(8, 2, 3, padding=1), "it has fewer than 4 channels"),
        (nn.Linear(2, 8), "it has fewer than 4 features"),
    ],
)
def test_what_stays(layer: nn.Module, reason: str) -> None:
    substitution = substitute(nn.Sequential(layer))
    assert substitution.skipped == {"0": reason} and not substitution.placeholders


def test_what_does_not_fit_the_shapes_stays() -> None:
    net = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1), nn.AvgPool2d((1, 2)), nn.Conv2d(8, 8, 3, 1, 1))
    substitution = substitute(net)
    sizes = substitution.fit(BEFORE, AFTER, torch.zeros(1, 8, 12, 12))
    assert list(sizes) == ["0"] and isinstance(net[2], nn.Conv2d)
    assert substitution.skipped["2"] == "an axis is 6, but `H` is 12 with H = 12"
    small = substitute(nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1)))
    assert small.fit(BEFORE, AFTER, torch.zeros(1, 8, 3, 3)) == {}
    assert small.skipped == {"0": "`H` is 3, less than 4"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kinds": ("conv3d",)}, "did you mean `conv2d`"),
        ({"stride": "slices"}, "did you mean `slice`"),
        ({"names": "layer3.conv1"}, "the model has no module layer3.conv1"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, object], words: str) -> None:
    kinds = arguments.pop("kinds", ())
    with pytest.raises(syno_lang.SynoError, match=words):
        substitute(Net(), *kinds, **arguments)  # type: ignore[misc, arg-type]
