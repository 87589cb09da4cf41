"""A model enters; placeholders stand in the place of its layers, and leave them again with `undo`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from torch import nn

from syno_lang.diagnostics import fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.nn.infer import trace
from syno_lang.nn.placeholder import STRIDES, Placeholder, Stride
from syno_lang.sizes import Size

#: What can be replaced by its kind.
KINDS: Final = {"conv2d": nn.Conv2d, "linear": nn.Linear}


@dataclass
class Substitution:
    """What was replaced in `net`, by its name there; `skipped` says of other layers why they were not.

    Used as a context, it is undone at the end.
    """

    net: nn.Module
    placeholders: dict[str, Placeholder] = field(default_factory=dict)
    originals: dict[str, nn.Module] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def undo(self, *names: str) -> None:
        """Put the very modules back that stood there before: those at `names`, or all."""
        for name in names or tuple(self.originals):
            self.placeholders.pop(name).restore()
            _put(self.net, name, self.originals.pop(name))

    def fit(
        self, before: Sequence[Size], after: Sequence[Size], *example: Any, least: int = 4
    ) -> dict[str, dict[str, int]]:
        """Infer sizes, and undo what does not fit the shapes or has an axis below `least`.

        Gives the sizes of the placeholders that stay.  Raises `SynoError` as `infer_sizes` does.
        """
        found = trace(self.net, before, after, *example)
        for name, item in list(self.placeholders.items()):
            sizes = found.sizes.get(id(item))
            fault = found.faults.get(id(item), "" if sizes else "the forward never comes to it")
            fault = fault or _small(sizes or {}, (*before[1:], *after[1:]), least)
            if fault:
                self.skipped[name] = fault
                self.undo(name)
            elif sizes:
                item.sizes = dict(sizes)
        return {name: item.sizes for name, item in self.placeholders.items()}

    def __enter__(self) -> Substitution:
        return self

    def __exit__(self, *error: object) -> None:
        self.undo()


def substitute(
    net: nn.Module,
    *kinds: str,
    names: str | Iterable[str] = (),
    stride: Stride = "pool",
    least: int = 4,
    bias: bool = True,
) -> Substitution:
    """Put a `Placeholder` in the place of layers of `net`, which goes on computing the same until replaced.

    `kinds` are "conv2d" and "linear", both of them where none is given.  `names` are names of modules in the
    model, or patterns such as "layer1.*": only these are replaced.  What is named in full may be of any kind.

    A convolution that strides has its input pooled ("pool") or the result of its operator thinned ("slice"),
    or stays as it is ("keep").  Layers with fewer than `least` channels stay, and so do convolutions that are
    grouped or dilated, or change the size otherwise.  With `bias` the bias of a layer stays, else it is
    dropped.  Raises `SynoError` (E1153, E1154).

        with substitute(net, "conv2d", stride="slice") as substitution: ...
    """
    patterns = [names] if isinstance(names, str) else list(names)
    _check(net, kinds, patterns, stride)
    types = tuple(KINDS[kind] for kind in kinds or KINDS)
    done = Substitution(net)
    made: dict[int, Placeholder] = {}
    for name, layer in list(net.named_modules(remove_duplicate=False)):
        if not name or isinstance(layer, Placeholder) or _inside(name, done.placeholders):
            continue
        if patterns and not any(fnmatchcase(name, pattern) for pattern in patterns):
            continue
        # What is named in full may be anything, unless kinds are given.
        if not isinstance(layer, types) and (kinds or name not in patterns):
            continue
        reason = _unfit(layer, stride, least)
        if reason:
            done.skipped[name] = reason
            continue
        if id(layer) not in made:
            made[id(layer)] = _placeholder(layer, stride, bias)
        done.originals[name], done.placeholders[name] = layer, made[id(layer)]
        _put(net, name, made[id(layer)])
    return done


def _small(sizes: Mapping[str, int], axes: Iterable[Size], least: int) -> str:
    """Which size of the axes is below `least`, or nothing."""
    for name in (name for size in axes for name in size.variables):
        if sizes.get(name, least) < least:
            return f"`{name}` is {sizes[name]}, less than {least}"
    return ""


def _check(net: nn.Module, kinds: Iterable[str], patterns: Iterable[str], stride: str) -> None:
    if isinstance(net, tuple(KINDS.values())):
        hint = "wrap it: `nn.Sequential(layer)`"
        raise fail("E1153", "the model is a single layer, which nothing holds", hint=hint)
    for kind in kinds:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"write one of {', '.join(KINDS)}, or give `names`"
            raise fail("E1154", f"{kind!r} is no kind of layer that can be replaced", hint=hint)
    if stride not in STRIDES:
        hint = did_you_mean(stride, STRIDES) or f"write one of {', '.join(STRIDES)}"
        raise fail("E1154", f"stride = {stride!r} is nothing that can be done with strides", hint=hint)
    known = [name for name, _ in net.named_modules(remove_duplicate=False) if name]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            hint = did_you_mean(pattern, known) or "`net.named_modules()` lists them"
            raise fail("E1153", f"the model has no module {pattern}", hint=hint)


def _inside(name: str, others: Iterable[str]) -> bool:
    return any(name.startswith(f"{other}.") for other in others)


def _unfit(layer: nn.Module, stride: Stride, least: int) -> str:
    """Why `layer` cannot be replaced, or nothing."""
    if isinstance(layer, nn.Linear):
        small = min(layer.in_features, layer.out_features) < least
        return f"it has fewer than {least} features" if small else ""
    if not isinstance(layer, nn.Conv2d):
        return ""
    if layer.groups != 1:
        return "it is grouped"
    if set(layer.dilation) != {1}:
        return "it is dilated"
    if min(layer.in_channels, layer.out_channels) < least:
        return f"it has fewer than {least} channels"
    if stride == "keep" and set(layer.stride) != {1}:
        return "it strides"
    padding = layer.padding
    same = padding == "same" or (
        not isinstance(padding, str)
        and all(size == 2 * pad + 1 for size, pad in zip(layer.kernel_size, padding, strict=True))
    )
    return "" if same else "its padding changes the size"


def _placeholder(layer: nn.Module, stride: Stride, bias: bool) -> Placeholder:
    own = layer.bias if bias and isinstance(layer, (nn.Conv2d, nn.Linear)) else None
    if isinstance(layer, nn.Conv2d):
        made = Placeholder(None, layer, stride=tuple(layer.stride), stride_by=stride, bias=own)
    else:
        made = Placeholder(None, layer, bias=own, bias_axis=-1)
    made.train(layer.training)
    return made


def _put(net: nn.Module, name: str, module: nn.Module) -> None:
    """Let `module` stand at `name` in `net`; containers keep their order."""
    parent, _, last = name.rpartition(".")
    owner = net.get_submodule(parent) if parent else net
    owner._modules[last] = module
