"""The files of `stdlib` and the options of spaces enter, two pages of `docs/reference` leave.

Run `python docs/generate_stdlib.py` after a change in the stdlib; a test fails while the page is old.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "stdlib.md"
SPACES = ROOT / "docs" / "reference" / "spaces.md"

HEAD = """\
# The standard library

Every operator here is a file in `stdlib/operators/`, and can be named instead of a path:
`syno show stdlib:conv2d`, or `syno_lang.load("stdlib:conv2d")`.

Windows are centred: a window of size `k` around place `h` begins at `h - k//2`, and what lies outside of
the image is zero. For odd `k` that is the same padding of PyTorch; an even window reaches one place further
to the left than to the right. The torch expressions say what each file computes; `F` is
`torch.nn.functional`. Where they end in *for odd k*, an even window needs uneven padding. There are no
biases: an operator is one product.
"""


SPACES_HEAD = """\
# Search spaces

A [`space`](language.md#search-spaces) holds every operator from one shape to another within its limits.
Whether an operator is a member depends on its normal form alone. `syno space show SPACE` prints all
options of a space, `syno space contains SPACE FILE` says why an operator is no member.

## Options

What a space does not say has its default. The last column is the name of the option in the original
system, as an argument of its `Sampler`; [`syno_lang.nn.Sampler`](python.md#sampler) takes these names
too.

| option | default | what is limited | original |
|---|---|---|---|
"""

SPACES_MIDDLE = """
Beside the counts, `at most 2 C_in` limits how often a size is used: a power of it in the domain of a sum
or in a `stride` is a use, and so is a power of a primary size in an axis of a weight. A size may be used
without limit where nothing is said.

FLOPs are multiply-accumulates in the order of contractions that needs the fewest; `memory` counts, at 4
bytes a number, every tensor and what is computed in between.

## The spaces of the published experiments

These files ship with syno and can be named instead of a path: `syno space show stdlib:resnet`, or
`syno_lang.load_space("stdlib:resnet")`. Their limits are those of the scripts of the published
experiments.
"""


def first_sentence(text: str) -> str:
    """What an operator is, from the comment that its file begins with."""
    comment = " ".join(re.findall(r"^# (?!torch:)(.*)$", text, re.MULTILINE))
    return re.split(r"(?<=\.)\s", comment)[0]


def page() -> str:
    """The page as text."""
    paths = sorted(ROOT.glob("stdlib/operators/*.syno"))
    files = {path.stem: path.read_text(encoding="utf-8") for path in paths}
    summaries = {name: first_sentence(text).replace("*", r"\*") for name, text in files.items()}
    rows = [f"| [{name}](#{name}) | {summary} |" for name, summary in summaries.items()]
    sections = [f"## {name}\n\n```syno\n{text}```\n" for name, text in files.items()]
    return "\n".join([HEAD, "| operator | what it is |", "|---|---|", *rows, "", *sections])


def spaces() -> str:
    """The page of the search spaces as text."""
    from syno_lang.synth.options import OPTIONS
    from syno_lang.synth.space import Limits

    limits = Limits()
    rows = []
    for option in OPTIONS:
        value = getattr(limits, option.limit)
        if option.form == "allow":
            shown = "forbidden"
        else:
            shown = "none" if value in (None, (None, None)) else str(value)
        if isinstance(value, tuple) and value != (None, None):
            shown = f"{value[0]} to {value[1]}"
        original = ", ".join(f"`{name}`" for name in option.original.split(", ") if name)
        rows.append(f"| `{option.usage}` | {shown} | {option.text} | {original} |")
    files = {
        path.stem: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("stdlib/spaces/*.syno"))
    }
    sections = [f"### {name}\n\n```syno\n{text}```\n" for name, text in files.items()]
    return SPACES_HEAD + "\n".join([*rows, SPACES_MIDDLE, *sections])


if __name__ == "__main__":
    from syno_lang.resources import write_atomically

    PAGE.parent.mkdir(exist_ok=True)
    write_atomically(PAGE, page())
    write_atomically(SPACES, spaces())
