"""The files of `stdlib/operators` enter, the page `docs/reference/stdlib.md` leaves.

Run `python docs/generate_stdlib.py` after a change in the stdlib; a test fails while the page is old.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "stdlib.md"

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


if __name__ == "__main__":
    from syno_lang.resources import write_atomically

    PAGE.parent.mkdir(exist_ok=True)
    write_atomically(PAGE, page())
