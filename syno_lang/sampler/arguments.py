"""The keyword arguments of the original's sampler enter, `Limits` leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from syno_lang.diagnostics import fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.synth.space import Limits

#: The arguments that set one limit, with their defaults there.  -1 means that there is no limit.
LIMITS: Final[dict[str, tuple[str, Any]]] = {
    "depth": ("primitives", 12),
    "max_chain_length": ("chain", 6),
    "maximum_tensors": ("tensors", 2),
    "maximum_reductions": ("reduce", 5),
    "max_rdom_size_multiplier": ("reduction_ratio", 4),
    "max_pooling_factor": ("pooling", 8),
    "maximum_variables_in_size": ("variables", 3),
    "maximum_variables_powers_in_size": ("powers", 16),
    "requires_odd_kernel_size_in_unfold": ("odd_windows", True),
    "min_single_weight_params": ("weight_params", 100),
    "max_strided_dim_size": ("strided", 30),
    "max_unfold_kernel_size": ("window", 30),
    "minimum_unfold_ratio": ("window_ratio", 2.0),
    "maximum_valid_reshape_shift_pattern": ("shift_pattern", 2.0),
    "max_expansion_repeat_multiplier": ("repeat", 5),
    "max_expansion_merge_multiplier": ("outer", 6144),
    "maximum_expands": ("expand", -1),
    "maximum_merges": ("merge", -1),
    "maximum_splits": ("split", -1),
    "maximum_shifts": ("shift", -1),
    "maximum_strides": ("stride", 0),
    "maximum_unfolds": ("unfold", -1),
    "maximum_shares": ("share", -1),
}

#: Those that set a limit together with others, or in another unit.
OTHERS: Final[dict[str, Any]] = {
    "max_flops": 1e15,
    "min_flops": 0,
    "max_vram": 40 * 1024,
    "disallow_tile": False,
    "max_expansion_weights_sharing_dim_size": 8,
    "min_expansion_weights_sharing_dim_size": 3,
    "maximum_enumerations_per_var": 5,
}

#: Those that are accepted and mean nothing: they had no effect, or were about machines and file formats.
IDLE: Final = (
    "allow_weight_permutation", "disallow_merge_input_and_weight", "disallow_share_weights",
    "enable_flops_based_pruning", "maximum_finalizations", "num_worker_threads", "save_path", "halide",
    "cuda", "autoscheduler", "extra_options", "rfactor_threshold", "in_bounds_likely_threshold",
)  # fmt: skip

#: Those whose default is the only value that there is here.
FIXED: Final[dict[str, Any]] = {
    "requires_exact_division": True,
    "count_coefficients_in_weights_as_allowance_usage": False,
    "canonicalize_unfold_order": True,
    "expression_one_tensor": "in_0",
    "expression_two_tensors": "in_0 * in_1",
    "expression_three_tensors": "in_0 * in_1 * in_2",
    "expression_four_tensors": "in_0 * in_1 * in_2 * in_3",
}

#: Bytes of a value and its gradient, by which the original counts memory, as a multiple of those here.
_WITH_GRADIENTS: Final = 2


def read_limits(given: Mapping[str, Any]) -> Limits:
    """The limits that the arguments set.  Raises `SynoError` (E1154) for one that there is not."""
    for name, value in given.items():
        if name in FIXED and value != FIXED[name]:
            hint = f"leave it out: it is {FIXED[name]!r}"
            raise fail("E1154", f"{name} = {value!r} is not supported", hint=hint)
        if name not in {*LIMITS, *OTHERS, *IDLE, *FIXED}:
            hint = did_you_mean(name, [*LIMITS, *OTHERS, *FIXED]) or "the reference lists the arguments"
            raise fail("E1154", f"the sampler has no argument {name}", hint=hint)
        if name in LIMITS or name in OTHERS:
            _check(name, value)
    values: dict[str, Any] = {}
    for name, (limit, default) in LIMITS.items():
        value = given.get(name, default)
        values[limit] = None if value == -1 and not isinstance(value, bool) else value
    every = {**OTHERS, **{name: given[name] for name in OTHERS if name in given}}
    least, most = (every[f"{end}_expansion_weights_sharing_dim_size"] for end in ("min", "max"))
    values["shared_between_weights"] = (least, most)
    # Where nothing is said, nothing is counted: the defaults there are beyond what any model needs.
    ends = (int(given[name]) if name in given else None for name in ("min_flops", "max_flops"))
    values["flops"] = tuple(ends)
    values["memory"] = int(given["max_vram"] * 2**20) // _WITH_GRADIENTS if "max_vram" in given else None
    values["tile"] = not every["disallow_tile"]
    values["power"] = every["maximum_enumerations_per_var"] // 2
    _check_ranges(values)
    return replace(Limits(), **values)


def _check(name: str, value: Any) -> None:
    default = LIMITS[name][1] if name in LIMITS else OTHERS[name]
    wanted = bool if isinstance(default, bool) else (int, float)
    if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)) or value != value:
        kind = "True or False" if wanted is bool else "a number"
        raise fail("E1154", f"{name} = {value!r} is not {kind}", hint=f"its default is {default!r}")
    if wanted is not bool and (value < -1 or (value == -1 and default != -1)):
        raise fail("E1154", f"{name} = {value!r} is negative", hint=f"its default is {default!r}")


def _check_ranges(values: Mapping[str, Any]) -> None:
    for limit, what in (("flops", "flops"), ("shared_between_weights", "expansion_weights_sharing_dim_size")):
        least, most = values[limit]
        if least is not None and most is not None and least > most:
            message = f"the least {what} is {least}, and the most {most}"
            raise fail("E1154", message, hint="the least is at most the most")
    if values["tensors"] < 1:
        raise fail("E1154", "maximum_tensors is less than 1", hint="an operator reads its input")
