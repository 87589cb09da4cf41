"""The dotted path of a `use` enters, the file that it names leaves.

`lib.ops.conv2d` is the definition `conv2d` of `lib/ops.syno`, looked for beside the file that names it,
then in the folders of the search path.  `stdlib.conv2d` is always what ships with the package.  A path
is made of names, so it cannot leave the folder that it is looked for in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from syno_lang.diagnostics import fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.resources import folder
from syno_lang.syntax import ast

#: The first name of what ships with the package, and where its definitions lie, one a file.
STDLIB: Final = "stdlib"
SHIPPED: Final = ("operators", "rules", "spaces")

#: How many files of a folder are looked at for a hint.
_MAX_LISTED: Final = 300


@dataclass(frozen=True)
class Places:
    """Where files are looked for: beside the file at hand (`None` for a text), then along `search`."""

    beside: str | None
    search: Sequence[str] = ()

    @property
    def folders(self) -> list[str]:
        """The folders in the order in which they are looked at."""
        return [*([] if self.beside is None else [self.beside or "."]), *self.search]


def find(path: ast.Path, places: Places) -> str:
    """The file that holds the definition `path`.  Raises `SynoError` (E0901) where there is none."""
    first, *others = (name.text for name in path.names)
    if not others:
        hint = f"name its file too: `{STDLIB}.{first}`, or `ops.{first}` for one in `ops.syno`"
        raise fail("E0901", f"`{first}` names no file", span=path.span, hint=hint)
    if first == STDLIB:
        return _shipped(path)
    relative = f"{os.path.join(first, *others[:-1])}.syno"
    for place in places.folders:
        if os.path.isfile(os.path.join(place, relative)):
            return os.path.normpath(os.path.join(place, relative))
    where = ", ".join(places.folders) or "no folder: a text has none, and the search path is empty"
    notes = (f"looked for in {where}",)
    hint = _hint(path, places)
    raise fail("E0901", f"there is no file `{relative}`", span=path.span, hint=hint, notes=notes)


def shipped() -> dict[str, str]:
    """The files that ship with the package, by the name of their definition."""
    root = folder(STDLIB)
    return {file.stem: str(file) for kind in SHIPPED for file in sorted((root / kind).glob("*.syno"))}


def _shipped(path: ast.Path) -> str:
    known = shipped()
    name = ".".join(name.text for name in path.names[1:])
    if name in known:
        return known[name]
    hint = did_you_mean(name, known) or f"it has {', '.join(known)}"
    raise fail("E0901", f"the stdlib has no `{name}`", span=path.span, hint=hint)


def _hint(path: ast.Path, places: Places) -> str:
    near = {item for place in places.folders for item in _files(place, path)}
    if path.text in near:
        return f"`{path.text}` is a file: name a definition in it, `{path.text}.name`"
    stem = ".".join(name.text for name in path.names[:-1])
    return did_you_mean(stem, sorted(near)) or "files are looked for beside this one, then along SYNO_PATH"


def _files(place: str, path: ast.Path) -> Iterator[str]:
    """The files under `place` as dotted paths, where `path` begins and in the folder that it names."""
    for depth in sorted({0, len(path.names) - 2, len(path.names) - 1}):
        names = [name.text for name in path.names[:depth]]
        try:
            files = islice(Path(place, *names).glob("*.syno"), _MAX_LISTED)
            yield from (".".join((*names, file.stem)) for file in files)
        except OSError:
            continue
