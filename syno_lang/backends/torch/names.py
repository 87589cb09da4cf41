"""Names of a file enter; identifiers that are safe in emitted Python leave, each used once.

Everything that a template prints as text is `Code`, and `Code` is made here alone: from a name that
passed `identifier`, from a size over such names, or from a text that went through `quoted`.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Final

from markupsafe import Markup

from syno_lang.diagnostics import fail
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Compares, Condition, Divides, Parity

#: Text that a template may print.
Code = Markup

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*'*")

#: The functions that an emitted file holds where its classes call them.
HELPERS: Final = (
    "_Folding",
    "_windows",
    "_shear",
    "_carry",
    "_carry_sum",
    "_convolve",
    "_pool",
    "_padded",
    "_reset",
    "_check_positive",
    "_check_divides",
    "_check_holds",
    "_check_rank",
    "_check_axis",
    "_check_given",
)

#: What an emitted class refers to.
GLOBALS: Final = frozenset(
    {*HELPERS, *"Tensor checkpoint device dtype int math nn self str super torch".split()}
)

_NO_CLASS: Final = frozenset({*dir(builtins), *GLOBALS, *keyword.kwlist})

#: The attributes of an emitted `torch.nn.Module` that a weight or a size would hide.
MODULE_ATTRIBUTES: Final = frozenset(
    """T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float fold forward get_buffer get_extra_state get_parameter get_submodule
    half ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ reset_parameters set_extra_state set_submodule share_memory
    state_dict to to_empty train training type xpu zero_grad""".split()
)


def identifier(name: str) -> str:
    """Return `name` as a Python identifier; a prime of the language becomes an underscore.

    Raises `SynoError` (E0206) for what is no name of the language.
    """
    if not _NAME.fullmatch(name):
        hint = "use letters, digits and underscores"
        raise fail("E0206", f"{name!r} cannot be a name in Python", hint=hint)
    plain = name.replace("'", "_")
    # Inside a class Python rewrites `__name`, so such a name would not be the one that callers write.
    return f"_{plain.lstrip('_')}_" if plain.startswith("__") else plain


def class_name(operator: str) -> str:
    """`conv2d` becomes `Conv2d`, `space_shift` becomes `SpaceShift`.  Raises as `identifier` does."""
    words = [word for word in identifier(operator).split("_") if word]
    camel = "".join(word[0].upper() + word[1:] for word in words)
    camel = camel if camel[:1].isalpha() else f"Op{camel}"
    return f"{camel}_" if camel in _NO_CLASS else camel


class Namespace:
    """Hands out identifiers, each once; one that is taken or reserved gets a trailing underscore."""

    def __init__(self) -> None:
        self._taken = {*GLOBALS, *keyword.kwlist}

    def claim(self, wanted: str) -> Code:
        """Return `wanted`, made safe and distinct from all names so far."""
        found = identifier(wanted)
        while found in self._taken:
            found += "_"
        self._taken.add(found)
        return Code(found)

    def attribute(self, wanted: str) -> Code:
        """As `claim`, for what becomes an attribute of a module and must hide none of its own."""
        private = wanted.startswith("_")
        return self.claim(f"{identifier(wanted)}_" if private or wanted in MODULE_ATTRIBUTES else wanted)


def size_code(size: Size, names: Mapping[str, str], *, atom: bool = False) -> Code:
    """A size as a Python expression over `names`, exact where the size is whole.

    An `atom` stands safely between any operators.

    >>> str(size_code(Size.variable("C") / Size.variable("g"), {"C": "C", "g": "g"}))
    'C // g'
    """
    upper = _factors(size.numerator, size.upper.powers, names) or ["1"]
    lower = _factors(size.denominator, size.lower.powers, names)
    text = " * ".join(upper)
    if lower:
        text += f" // {lower[0]}" if len(lower) == 1 else f" // ({' * '.join(lower)})"
    return Code(f"({text})" if atom and len(upper) + len(lower) > 1 else text)


def size_text(size: Size, names: Mapping[str, str]) -> Code:
    """A size as the language writes it, over `names`: `C/g`."""
    return Code(str(size.rename(names)))


def condition_code(condition: Condition, names: Mapping[str, str]) -> Code:
    """A condition as a Python expression over `names`, in whole numbers alone.

    >>> str(condition_code(Compares(Size.variable("C"), "<", Size.variable("k")), {"C": "C", "k": "k"}))
    'C < k'
    """
    if isinstance(condition, Compares):
        left, right = condition.left, condition.right
        sides = left.upper * right.lower, right.upper * left.lower
        return Code(f" {condition.relation} ").join(size_code(side, names) for side in sides)
    size = condition.dividend / condition.divisor if isinstance(condition, Divides) else condition.size
    # u/l is whole and odd exactly where u % 2l = l.
    twice = size.lower * Size.constant(1 if isinstance(condition, Divides) else 2)
    upper, lower = (size_code(item, names, atom=True) for item in (size.upper, twice))
    odd = not isinstance(condition, Divides) and condition.odd
    return Code(f"{upper} % {lower} == {size_code(size.lower, names) if odd else 0}")


def condition_text(condition: Condition, names: Mapping[str, str]) -> Code:
    """A condition as the language writes it, over `names`: `k <= H`."""
    match condition:
        case Compares(left, relation, right):
            return Code(str(Compares(left.rename(names), relation, right.rename(names))))
        case Divides(divisor, dividend):
            return Code(str(Divides(divisor.rename(names), dividend.rename(names))))
        case Parity(size, odd):
            return Code(str(Parity(size.rename(names), odd)))


def _factors(constant: int, powers: Iterable[tuple[str, int]], names: Mapping[str, str]) -> list[str]:
    factors = [] if constant == 1 else [str(constant)]
    return factors + [names[name] if power == 1 else f"{names[name]}**{power}" for name, power in powers]


def quoted(text: str, indent: int) -> Code:
    """A text for the inside of a docstring: it can neither end the string nor hide what it says.

    Lines are stripped at their ends and indented; characters that do not print become `?`.
    """
    lines = []
    for line in text.expandtabs(4).strip().split("\n"):
        shown = "".join(character if character.isprintable() else "?" for character in line.rstrip())
        lines.append(shown.replace("\\", "\\\\").replace('"', '\\"'))
    return Code(f"\n{' ' * indent}".join(lines)).replace(f"\n{' ' * indent}\n", "\n\n")


def commented(line: str) -> Code:
    """A line for a comment; characters that do not print become `?`."""
    return Code("".join(character if character.isprintable() else "?" for character in line.rstrip()))
