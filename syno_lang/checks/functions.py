"""No input; the table of the functions that a test may call leaves: names, and what their parameters take.

A test calls nothing else.  The keys are the only names under which functions are looked up in torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["tensor", "tensors", "int", "ints", "number", "bool", "text", "none"]

#: What a parameter takes, as it is said in a finding.
KIND_NAMES: Final[Mapping[Kind, str]] = {
    "tensor": "a tensor",
    "tensors": "a list of tensors",
    "int": "a whole number",
    "ints": "a list of whole numbers",
    "number": "a number",
    "bool": "True or False",
    "text": "a text",
    "none": "None",
}


@dataclass(frozen=True)
class Parameter:
    """A parameter by its name in torch, and every kind of value that it takes."""

    name: str
    kinds: frozenset[Kind]
    required: bool


@dataclass(frozen=True)
class Function:
    """A function of torch; `rest` is the kind of the arguments after the last parameter, if it takes any."""

    name: str
    parameters: tuple[Parameter, ...]
    rest: Kind | None = None


#: How the table says a kind: `ints` may also be a single number, `list` may not.
_WORDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "tensor": ("tensor",),
    "tensors": ("tensors",),
    "int": ("int",),
    "ints": ("int", "ints"),
    "list": ("ints",),
    "number": ("number", "int"),
    "bool": ("bool",),
    "text": ("text",),
    "none": ("none",),
}


def _function(name: str, signature: str) -> Function:
    """`"input weight bias?:tensor|none"`: a tensor unless a kind is said, needed unless there is a `?`."""
    parameters: list[Parameter] = []
    rest: Kind | None = None
    for item in signature.split():
        parameter, _, words = item.partition(":")
        kinds = [kind for word in (words or "tensor").split("|") for kind in _WORDS[word]]
        if parameter.startswith("*"):
            (rest,) = kinds
        else:
            parameters.append(Parameter(parameter.rstrip("?"), frozenset(kinds), not parameter.endswith("?")))
    return Function(name, tuple(parameters), rest)


_CONVOLUTION = "input weight bias?:tensor|none stride?:ints padding?:ints|text dilation?:ints groups?:int"
_TRANSPOSED = (
    "input weight bias?:tensor|none stride?:ints padding?:ints output_padding?:ints groups?:int"
    " dilation?:ints"
)
_POOLING = "input kernel_size:ints stride?:ints padding?:ints ceil_mode?:bool count_include_pad?:bool"

_FUNCTIONAL: Final = {
    "adaptive_avg_pool1d": "input output_size:ints",
    "adaptive_avg_pool2d": "input output_size:ints",
    "adaptive_avg_pool3d": "input output_size:ints",
    "avg_pool1d": _POOLING,
    "avg_pool2d": f"{_POOLING} divisor_override?:int|none",
    "avg_pool3d": f"{_POOLING} divisor_override?:int|none",
    "bilinear": "input1 input2 weight bias?:tensor|none",
    "channel_shuffle": "input groups:int",
    "conv1d": _CONVOLUTION,
    "conv2d": _CONVOLUTION,
    "conv3d": _CONVOLUTION,
    "conv_transpose1d": _TRANSPOSED,
    "conv_transpose2d": _TRANSPOSED,
    "conv_transpose3d": _TRANSPOSED,
    "fold": "input output_size:ints kernel_size:ints dilation?:ints padding?:ints stride?:ints",
    "interpolate": "input size?:ints|none scale_factor?:number|ints|none mode?:text align_corners?:bool|none",
    "linear": "input weight bias?:tensor|none",
    "pad": "input pad:list mode?:text value?:number|none",
    "pixel_shuffle": "input upscale_factor:int",
    "pixel_unshuffle": "input downscale_factor:int",
    "unfold": "input kernel_size:ints dilation?:ints padding?:ints stride?:ints",
}

_TORCH: Final = {
    "add": "input other:tensor|number",
    "bmm": "input mat2",
    "cat": "tensors:tensors dim?:int",
    "diagonal": "input offset?:int dim1?:int dim2?:int",
    "einsum": "equation:text *operands",
    "flatten": "input start_dim?:int end_dim?:int",
    "flip": "input dims:list",
    "matmul": "input other",
    "mean": "input dim?:ints keepdim?:bool",
    "movedim": "input source:ints destination:ints",
    "mul": "input other:tensor|number",
    "narrow": "input dim:int start:int length:int",
    "permute": "input dims:list",
    "repeat_interleave": "input repeats:int dim?:int|none",
    "reshape": "input shape:list",
    "roll": "input shifts:ints dims?:ints",
    "squeeze": "input dim:ints",
    "stack": "tensors:tensors dim?:int",
    "sub": "input other:tensor|number",
    "sum": "input dim?:ints keepdim?:bool",
    "tile": "input dims:list",
    "transpose": "input dim0:int dim1:int",
    "unflatten": "input dim:int sizes:list",
    "unsqueeze": "input dim:int",
}

#: Every function that a test may call.
FUNCTIONS: Final[Mapping[str, Function]] = {
    name: _function(name, signature)
    for name, signature in (
        *((f"torch.nn.functional.{name}", signature) for name, signature in _FUNCTIONAL.items()),
        *((f"torch.{name}", signature) for name, signature in _TORCH.items()),
    )
}
