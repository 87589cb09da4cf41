"""A search space: the shapes, the sizes and the limits that say which operators are its members.

A space is a value, made from a `space` block or in Python.  Whether a complete operator is a member is
defined in `syno_lang.synth.member`, and depends on nothing but its canonical pGraph: enumeration, counting
and sampling all have to agree with that definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syno_lang.ir.definition import SizeDeclaration
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Condition


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of the input or of the output; `unordered` when any permutation of it is as good (channels)."""

    size: Size
    unordered: bool = False


@dataclass(frozen=True, slots=True)
class SpaceSize:
    """A size variable of a space; `uses` bounds how often the search may bring it in (`None`: no bound).

    A use is one power of the variable, of either sign, in a REDUCE domain or a STRIDE factor, and one power
    of a primary variable in an axis of a weight (the original's allowance; MERGE is free there too).  What
    is left over bounds how far the powers in a MERGE block may leave those of the coordinate.
    """

    declaration: SizeDeclaration
    uses: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of what an operator may hold; `None` means no limit.  In brackets: the original's option."""

    #: All primitives, one for each REDUCE and for each weight (a contraction) [depth].
    primitives: int = 12
    #: Tensors that are read, the data input among them [maximumTensors].
    tensors: int = 2
    reduce: int | None = 5
    merge: int | None = None
    split: int | None = None
    shift: int | None = None
    unfold: int | None = None
    stride: int | None = 0
    expand: int | None = None
    share: int | None = None
    #: Primitives on the way from a leaf to a tensor, REDUCE among them, SHARE not [maxChainLength].
    chain: int | None = 6
    #: Distinct variables in one domain, and the sum of their absolute powers [maximumVariablesInSize,
    #: maximumVariablesPowersInSize].
    variables: int | None = 3
    powers: int | None = 16
    #: The largest power of a coefficient, of either sign, in a domain that the search brings in (a REDUCE
    #: domain, a MERGE block, a STRIDE factor); twice that for a primary [maximumEnumerationsPerVar = 5].
    power: int = 2
    #: Product of all REDUCE domains over the elements of the input, at most [maxRDomSizeMultiplier].
    reduction_ratio: float | None = 4
    #: Product of REDUCE domains that no weight reads, at most [maxPoolingFactor].
    pooling: int | None = 8
    #: The largest value of an UNFOLD window, and the least axis/window [maxUnfoldKernelSize,
    #: minimumUnfoldRatio].
    window: int | None = 30
    window_ratio: float | None = 2.0
    #: Only odd windows [requiresOddKernelSizeInUnfold].
    odd_windows: bool = True
    #: The largest value of a strided domain [maxStridedDimSize].
    strided: int | None = 30
    #: A SHIFT next to a SPLIT or MERGE whose block is at most this many times the shift
    #: [maximumValidReshapeShiftPattern].
    shift_pattern: float | None = 2.0
    #: UNFOLD may slide over a reduction that no weight reads (pooling) [never in the original].
    pooled_windows: bool = False
    #: How often EXPAND repeats elements: the product of the halves of MERGE that nothing reads
    #: [maxExpansionRepeatMultiplier; 1 is none]; whether major halves may be left out [disallowTile].
    repeat: float | None = 5
    tile: bool = False
    #: Product of the outer weight axes that come from merges or outputs [maxExpansionMergeMultiplier].
    outer: int | None = 6144
    #: Size of a reduction that two weights share while the input does not depend on it
    #: [minExpansionWeightsSharingDimSize, maxExpansionWeightsSharingDimSize].
    shared_between_weights: tuple[int, int] | None = (3, 8)
    #: Elements of the smallest weight, at every layer [minSingleWeightParams].
    weight_params: int = 100
    #: Whether there may be operators without a weight, and weights without an inner axis (one that the data
    #: or a later weight has too) or without an outer one (depthwise) [never in the original].
    weight_free: bool = False
    depthwise: bool = False
    #: Bounds summed over all layers: multiply-accumulates, parameters, bytes of all tensors and
    #: intermediates in float32 [minFLOPs, maxFLOPs, maxVRAM].
    flops: tuple[int | None, int | None] = (None, None)
    params: tuple[int | None, int | None] = (None, None)
    memory: int | None = None


@dataclass(frozen=True)
class Space:
    """All operators from `inputs` to `outputs` within `limits`, at each of the `layers`.

    `layers` are the concrete sizes at which the operator has to work (one substitution for all of them);
    `keep` pairs an input axis with the output axis that passes through to it.  `rules` names the approximate
    rules under which members must be normal, beside all exact ones.
    """

    name: str
    sizes: tuple[SpaceSize, ...]
    inputs: tuple[Axis, ...]
    outputs: tuple[Axis, ...]
    keep: tuple[tuple[int, int], ...] = ()
    layers: tuple[Mapping[str, int], ...] = ()
    limits: Limits = field(default_factory=Limits)
    conditions: tuple[Condition, ...] = ()
    rules: tuple[str, ...] = ()
