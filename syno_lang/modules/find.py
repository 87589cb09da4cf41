"""The dotted path of a `use` enters, the file that it names leaves.

`lib.ops.conv2d` is the definition `conv2d` of `lib/ops.syno`, or of `lib/ops/conv2d.syno`, looked for
beside the file that names it, then in the folders of the search path.  `stdlib.conv2d` is always what ships
with the package.  A path is made of names, so it cannot leave the folder that it is looked for in.
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
    names = [name.text for name in path.names]
    if names[0] == STDLIB:
        return _shipped(path)
    files = [f"{os.path.join(*part)}.syno" for part in (names[:-1], names) if part]
    for place in places.folders:
        for file in files:
            if os.path.isfile(os.path.join(place, file)):
                return os.path.normpath(os.path.join(place, file))
    where = ", ".join(places.folders) or "no folder: a text has none, and the search path is empty"
    message = f"there is no file {' or '.join(f'`{file}`' for file in files)}"
    notes = (f"looked for in {where}",)
    raise fail("E0901", message, span=path.span, hint=_hint(path, places), notes=notes)


def resolve(path: str) -> str:
    """The path of a file; `stdlib:NAME` is one that ships with the package.  Raises `SynoError` (E0102)."""
    scheme, _, name = path.partition(":")
    if scheme != STDLIB or not name.isidentifier():
        return path
    known = shipped()
    if name not in known:
        hint = did_you_mean(name, known) or _listing()
        raise fail("E0102", f"the stdlib has no {name}", hint=hint)
    return known[name]


def search_path() -> tuple[str, ...]:
    """The folders of the environment variable SYNO_PATH."""
    return tuple(entry for entry in os.environ.get("SYNO_PATH", "").split(os.pathsep) if entry)


def shipped() -> dict[str, str]:
    """The files that ship with the package, by the name of their definition."""
    root = folder(STDLIB)
    return {file.stem: str(file) for kind in SHIPPED for file in sorted((root / kind).glob("*.syno"))}


def _listing() -> str:
    """What ships, by its kind."""
    root = folder(STDLIB)
    kinds = {kind: sorted(file.stem for file in (root / kind).glob("*.syno")) for kind in SHIPPED}
    return "it has " + "; ".join(f"the {kind} {', '.join(names)}" for kind, names in kinds.items() if names)


def _shipped(path: ast.Path) -> str:
    known = shipped()
    name = ".".join(name.text for name in path.names[1:])
    if name in known:
        return known[name]
    # A file of rules holds many: `stdlib.coordinates.split_of_merge`.
    if len(path.names) == 3 and path.names[1].text in known:
        return known[path.names[1].text]
    if not name:
        hint = f"say which: `use {STDLIB}.conv2d`"
        raise fail("E0901", "the stdlib itself is no definition", span=path.span, hint=hint)
    hint = did_you_mean(path.names[-1].text, known) or _listing()
    raise fail("E0901", f"the stdlib has no `{name}`", span=path.span, hint=hint)


def _hint(path: ast.Path, places: Places) -> str:
    near = sorted({item for place in places.folders for item in _files(place, path)})
    stem, last = ".".join(name.text for name in path.names[:-1]), path.names[-1].text
    hint = did_you_mean(stem, near) or (f"did you mean `{STDLIB}.{last}`?" if last in shipped() else "")
    hint = hint or did_you_mean(path.text, near)
    return hint or "files are looked for beside this one, then along SYNO_PATH"


def _files(place: str, path: ast.Path) -> Iterator[str]:
    """The files under `place` as dotted paths, where `path` begins and in the folder that it names."""
    for depth in sorted({0, len(path.names) - 2, len(path.names) - 1}):
        names = [name.text for name in path.names[:depth]]
        try:
            files = islice(Path(place, *names).glob("*.syno"), _MAX_LISTED)
            yield from (".".join((*names, file.stem)) for file in files)
        except OSError:
            continue
