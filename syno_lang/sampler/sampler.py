"""Shapes, sizes and limits, perhaps with a model, enter; operators leave, and take places in the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator as Iterate, Sequence
from dataclasses import replace
from functools import cached_property
from os import PathLike
from random import Random
from typing import Any, Final

from torch import nn

from syno_lang.api import Operator, load_space
from syno_lang.diagnostics import fail
from syno_lang.ir.definition import Definition
from syno_lang.nn.infer import no_placeholder
from syno_lang.nn.kernels import flops_of, make_kernel, parameters_of
from syno_lang.nn.placeholder import Placeholder, find_placeholders
from syno_lang.sampler.arguments import read_limits
from syno_lang.sampler.layers import layers_of
from syno_lang.sampler.specs import Specs, read_ends
from syno_lang.synth.ast_to_space import checked
from syno_lang.synth.define import definition_of
from syno_lang.synth.member import Reason, violations
from syno_lang.synth.read_shapes import Shapes
from syno_lang.synth.rename import in_sizes_of
from syno_lang.synth.sample import Sampler as Members
from syno_lang.synth.space import Space

#: How many operators are drawn for one that is within the limits on costs.
PATIENCE: Final = 10_000


class SampledOperator(Operator):
    """An operator of a space, which knows the layers that it was made for."""

    def __init__(self, definition: Definition, layers: Sequence[dict[str, int]]) -> None:
        super().__init__(definition)
        self.layers = tuple(layers)

    def construct_kernel_packs(self) -> list[nn.Module]:
        """A `torch.nn.Module` for each layer, in the order of the placeholders of the model."""
        return [make_kernel(self.definition, layer) for layer in self.layers]


class Sampler:
    """All operators between two shapes within limits, of which some can be had.

    The arguments have the names and defaults of the original; see `syno_lang.sampler.arguments` for those
    after `seed`.  `example` is what the model is called with once, to learn sizes that its placeholders do
    not say: a tensor, or a tuple of arguments.

        sampler = Sampler("[H, W]", "[H, W]", ["H: 2", "W: 2"], ["s_1=2: 2", "s_2=3: 2"], net=net)
        operator = sampler.sample()
        sampler.replace(net, operator)

    Raises `SynoError` for what does not make sense, and for a space that has no member for certain.
    """

    def __init__(
        self,
        input_shape: str,
        output_shape: str,
        primary_specs: Iterable[str],
        coefficient_specs: Iterable[str],
        net: nn.Module | None = None,
        fixed_io_pairs: Iterable[tuple[int, int]] = (),
        seed: int = 42,
        example: Any = None,
        **limits: Any,
    ) -> None:
        specs = Specs()
        specs.read(primary_specs, "primary")
        specs.read(coefficient_specs, "coefficient")
        shapes = read_ends(input_shape, output_shape, specs)
        keep = _pairs(fixed_io_pairs, shapes)
        bounds = read_limits(limits)
        layers = layers_of(net, shapes, specs, _arguments(example))
        sizes = tuple(specs.sizes.values())
        space = Space("sampler", sizes, shapes.inputs, shapes.outputs, keep, layers, bounds)
        self._start(checked(space), seed)

    @classmethod
    def of(
        cls,
        space: Space | str | PathLike[str],
        net: nn.Module | None = None,
        *,
        example: Any = None,
        seed: int = 42,
    ) -> Sampler:
        """The sampler of a space, or of the space of a file; with `net`, at the layers of that model.

        Limits of a file that are shares of a cost, such as `flops between 0.15 and 0.9 of conv2d(W = H)`, are
        shares of the cost at these layers; the window `k` there is that of the convolution that stands there.

            Sampler.of("stdlib:resnet", net, example=torch.zeros(1, 3, 224, 224))
        """
        path, space = (None, space) if isinstance(space, Space) else (space, load_space(space))
        if net is not None:
            specs = Specs({item.declaration.name: item for item in space.sizes})
            defaults = {item.declaration.name: item.declaration.default for item in space.sizes}
            specs.values = {name: value for name, value in defaults.items() if value is not None}
            shapes = Shapes(space.inputs, space.outputs, space.keep)
            layers = layers_of(net, shapes, specs, _arguments(example))
            if path is None:
                space = replace(space, layers=layers)
            else:
                windows = map(_window, find_placeholders(net).values())
                found = [{**window, **layer} for window, layer in zip(windows, layers, strict=True)]
                space = load_space(path, layers=found)
        sampler = cls.__new__(cls)
        sampler._start(checked(space), seed)
        return sampler

    def _start(self, space: Space, seed: int) -> None:
        self.space = space
        self._random = Random(seed)

    @cached_property
    def members(self) -> Members:
        """What the space holds: its tables take a while at the first use."""
        return Members(self.space)

    def sample(self) -> SampledOperator:
        """An operator, each of the space as likely as every other.

        Raises `SynoError` (E1106) where the space holds none, or `PATIENCE` draws in a row cost too much.
        """
        try:
            for _ in range(PATIENCE):
                graph = self.members.draw(self._random)
                if self.members.affordable(graph):
                    return self._operator(definition_of(self.space, graph))
        except LookupError:
            message = "no operator is within the limits of the sampler"
            raise fail("E1106", message, hint="weaken its limits") from None
        message = f"each of {PATIENCE:,} operators that were drawn costs too much, or too little"
        raise fail("E1106", message, hint="weaken the limits on FLOPs, parameters and memory")

    def enumerate(self) -> Iterate[SampledOperator]:
        """Every operator of the space once, those with few primitives first."""
        return map(self._operator, self.members.enumerate())

    def count(self) -> int:
        """How many operators the space has; where it limits costs, every one is looked at."""
        return self.members.count()

    def violations(self, operator: Operator) -> list[Reason]:
        """Why an operator is no member of the space; nothing for a member."""
        return violations(self.space, in_sizes_of(self.space, operator.definition))

    def operator(self, operator: Operator) -> SampledOperator:
        """An operator that was written, for the layers of this sampler; its sizes are matched to theirs."""
        return self._operator(in_sizes_of(self.space, operator.definition))

    def _operator(self, definition: Definition) -> SampledOperator:
        return SampledOperator(definition, [dict(layer) for layer in self.space.layers])

    @staticmethod
    def replace(net: nn.Module, kernels: Operator | Sequence[nn.Module]) -> None:
        """Put an operator, or a module for each placeholder, into the placeholders of `net`.

        New weights are on the device of the model and have its type.  Raises `SynoError`: E1151, E1152 for
        another number of modules, E1153 where the operator does not exist at a layer.
        """
        placeholders = find_placeholders(net)
        if not placeholders:
            raise no_placeholder()
        if isinstance(kernels, Operator):
            modules = _kernels(net, kernels.definition, placeholders)
        else:
            modules = list(kernels)
        if len(modules) != len(placeholders):
            message = f"the model has {len(placeholders)} placeholders, not {len(modules)}"
            raise fail("E1152", message, hint="give one module for each, in the order of the model")
        for item, module in zip(placeholders.values(), modules, strict=True):
            item.reload(module)
            if isinstance(kernels, Operator):
                item.flops = flops_of(kernels.definition, item.sizes)
                item.params = parameters_of(kernels.definition, kernels.definition.defaults | item.sizes)


def _kernels(net: nn.Module, definition: Definition, places: dict[str, Placeholder]) -> list[nn.Module]:
    """A module for each placeholder, all of them made before the first is put in."""
    like = next((item for item in net.parameters() if item.is_floating_point()), None)
    device, dtype = (None, None) if like is None else (like.device, like.dtype)
    return [make_kernel(definition, item.sizes, device=device, dtype=dtype) for item in places.values()]


def _window(placeholder: Placeholder) -> dict[str, int]:
    """The window of the convolution in whose place a placeholder stands, under its name in the stdlib."""
    layer = placeholder.original
    return {"k": layer.kernel_size[0]} if isinstance(layer, nn.Conv2d) else {}


def _arguments(example: Any) -> tuple[Any, ...] | None:
    if example is None:
        return None
    return example if isinstance(example, tuple) else (example,)


def _pairs(given: Iterable[tuple[int, int]], shapes: Shapes) -> tuple[tuple[int, int], ...]:
    """The axes that pass through.  Raises `SynoError` (E1154) for axes that are none, or not alike."""
    pairs = sorted({(int(before), int(after)) for before, after in given})
    for before, after in pairs:
        if not (0 <= before < len(shapes.inputs) and 0 <= after < len(shapes.outputs)):
            hint = "axes are counted from 0"
            raise fail("E1154", f"there are no axes {before} and {after} to pass through", hint=hint)
        one, other = shapes.inputs[before].size, shapes.outputs[after].size
        if one != other:
            message = f"axis {before} of the input is {one}, axis {after} of the output {other}"
            raise fail("E1154", message, hint="an axis that passes through keeps its size")
    if len({pair[0] for pair in pairs}) < len(pairs) or len({pair[1] for pair in pairs}) < len(pairs):
        raise fail("E1154", "an axis passes through twice", hint="pair each axis with one other")
    return tuple(pairs)
