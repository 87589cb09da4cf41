"""The options of a search space: how each is written, which limit it sets, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: `count`: `at most 3 tensors`; `most`, `least`, `range`: `chain at most 6`; `allow`: `allow tile`.
Form = Literal["count", "most", "least", "range", "allow"]


@dataclass(frozen=True, slots=True)
class Option:
    """An option by the word that stands for it.

    `limit` is a field of `Limits`; `whole` says that its values are whole numbers, `smallest` which the
    least is that makes sense, `open` that `no limit on` may lift it, `compared` that it may be stated as a
    share of what an operator costs.  `original` is its name in the original system.
    """

    word: str
    limit: str
    form: Form
    text: str
    original: str = ""
    whole: bool = True
    smallest: int = 0
    open: bool = True
    compared: bool = False
    #: The word after `per`, where one is needed.
    per: str = ""

    @property
    def usage(self) -> str:
        """How the option is written."""
        shown = {"range": "between 2 and 8", "least": "at least 2", "most": "at most 8"}
        if self.form == "count":
            return f"at most 3 {self.word}"
        if self.form == "allow":
            return f"allow {self.word}"
        return f"{self.word} {shown[self.form]}" + (f" per {self.per}" if self.per else "")


def _count(word: str, text: str, original: str, smallest: int = 0, open: bool = True) -> Option:
    return Option(word, word, "count", text, original, smallest=smallest, open=open)


#: Every option, in the order in which a space is printed.
OPTIONS: Final = (
    _count("primitives", "All primitives: each sum and each weight counts as one.", "depth", open=False),
    _count("tensors", "Tensors that are read, the data among them.", "maximum_tensors", 1, open=False),
    _count("reduce", "Sums.", "maximum_reductions"),
    _count("merge", "`merge` primitives.", "maximum_merges"),
    _count("split", "`split` primitives.", "maximum_splits"),
    _count("shift", "`shift` primitives.", "maximum_shifts"),
    _count("unfold", "`unfold` primitives.", "maximum_unfolds"),
    _count("stride", "`stride` primitives.", "maximum_strides"),
    _count("expand", "`expand` primitives.", "maximum_expands"),
    _count("share", "Coordinates that are used a second time.", "maximum_shares"),
    Option("chain", "chain", "most", "Primitives on the way from a leaf to a tensor.", "max_chain_length"),
    Option(
        "variables", "variables", "most", "Different variables in one size.", "maximum_variables_in_size",
        smallest=1,
    ),
    Option(
        "powers", "powers", "most", "The sum of the absolute powers in one size.",
        "maximum_variables_powers_in_size", smallest=1,
    ),
    Option(
        "power", "power", "most",
        "The power of a coefficient in a size that is brought in; half that of a primary.",
        "maximum_enumerations_per_var", smallest=1, open=False,
    ),
    Option(
        "reduction_ratio", "reduction_ratio", "most",
        "The product of what is summed over, as a multiple of the elements of the input.",
        "max_rdom_size_multiplier", whole=False,
    ),
    Option(
        "pooling", "pooling", "most", "The product of the sums that no weight takes part in.",
        "max_pooling_factor", smallest=1,
    ),
    Option("window", "window", "most", "The size of a window.", "max_unfold_kernel_size", smallest=1),
    Option(
        "window_ratio", "window_ratio", "least", "An axis as a multiple of the window on it.",
        "minimum_unfold_ratio", whole=False, smallest=1,
    ),
    Option("strided", "strided", "most", "A size after a `stride`.", "max_strided_dim_size", smallest=1),
    Option(
        "shift_pattern", "shift_pattern", "most",
        "The block of a `split` or `merge` beside a `shift`, as a multiple of the shift.",
        "maximum_valid_reshape_shift_pattern", whole=False,
    ),
    Option(
        "repeat", "repeat", "most", "How often `expand` repeats an element.",
        "max_expansion_repeat_multiplier", whole=False, smallest=1,
    ),
    Option(
        "outer", "outer", "most", "Elements of the axes of a weight that the data does not have.",
        "max_expansion_merge_multiplier", smallest=1,
    ),
    Option(
        "shared_between_weights", "shared_between_weights", "range",
        "The size of an axis that two weights share and the data does not have.",
        "min_expansion_weights_sharing_dim_size, max_expansion_weights_sharing_dim_size", smallest=1,
    ),
    Option(
        "params", "weight_params", "least", "Parameters of the smallest weight.", "min_single_weight_params",
        open=False, per="weight",
    ),
    Option(
        "flops", "flops", "range", "Multiply-accumulates, summed over the layers.", "min_flops, max_flops",
        compared=True,
    ),
    Option("params", "params", "range", "Parameters, summed over the layers.", compared=True),
    Option("memory", "memory", "most", "Bytes, summed over the layers.", "max_vram"),
    Option("weight_free", "weight_free", "allow", "Operators without a weight."),
    Option(
        "depthwise", "depthwise", "allow",
        "Weights of which every axis is one of the data, or none of them is summed.",
    ),
    Option("tile", "tile", "allow", "Repeating whole blocks: `expand` of the major half of a `merge`.",
           "disallow_tile"),
    Option("pooled_windows", "pooled_windows", "allow", "Windows over a sum that no weight takes part in."),
    Option("even_windows", "odd_windows", "allow", "Windows of even size.",
           "requires_odd_kernel_size_in_unfold"),
)  # fmt: skip

COUNTS: Final = {option.word: option for option in OPTIONS if option.form == "count"}
ALLOWED: Final = {option.word: option for option in OPTIONS if option.form == "allow"}
BOUNDS: Final = {
    (option.word, option.per): option for option in OPTIONS if option.form in ("most", "least", "range")
}
