"""A path enters, the kernels at it leave: listing, metadata and provenance, not yet understood.

A path is a listing, the folder of a kernel (with `nested_loops.h`, or with `kernel_scheduler_dir`), or
a file of samples with one JSON object on a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from syno_lang.diagnostics import Source, SynoError, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.importer.metadata import (
    Metadata,
    figures_of,
    metadata_of_kernel,
    metadata_of_sample,
    read_json,
)
from syno_lang.syntax.parse import MAX_TEXT

LISTING: Final = "nested_loops.h"
COPY: Final = "loop.txt"
FOLDER: Final = "kernel_scheduler_dir"

#: How many lines of samples are read.
MAX_SAMPLES: Final = 10_000


@dataclass(frozen=True)
class Kernel:
    """One kernel: its listing, the name it goes by, and what is known beside the loops."""

    listing: Source
    identity: str
    metadata: Metadata | None
    figures: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the operator: `op_` and the hash, or what the folder or sample is called."""
        found = re.fullmatch(r"(?:[0-9]+_)?([0-9]+)", self.identity)
        plain = f"op_{found[1]}" if found else re.sub(r"[^A-Za-z0-9]+", "_", self.identity).strip("_")
        return (f"op_{plain}" if plain[:1].isdigit() else plain or "imported")[:100]


def read_kernels(path: str | Path, line: str | None = None) -> list[Kernel]:
    """The kernels at `path`; of a file of samples only the one with id or number `line`, if it is given.

    Raises `SynoError` (E0102, E0103, E0805) where files are missing, or are not what they should be.
    """
    place = Path(path)
    if place.suffix == ".jsonl":
        return _samples(place, line)
    if line is not None:
        raise fail("E0805", f"{path} has no samples to choose from", hint="a file of samples ends in .jsonl")
    return [_kernel(_listing(place))]


def _listing(place: Path) -> Path:
    """The listing of a kernel folder."""
    if not place.is_dir():
        return place
    for found in (place / LISTING, place / FOLDER / LISTING):
        if found.is_file():
            return found
    hint = f"a kernel folder holds {LISTING}, or {FOLDER}/{LISTING}"
    raise fail("E0102", f"{place} holds no {LISTING}", hint=hint)


def _kernel(listing: Path) -> Kernel:
    source = _read(listing)
    folder = listing.resolve().parent
    home = folder.parent if folder.name == FOLDER else folder
    beside = _optional(listing.parent / "metadata.json")
    metadata = metadata_of_kernel(read_json(beside), beside.name) if beside else None
    measured = _optional(home / "meta.json")
    # A file with a name of its own is known by it, not by where it lies.
    identity = home.name if listing.name in (LISTING, COPY) else listing.stem
    return Kernel(source, identity, metadata, figures_of(read_json(measured)) if measured else ())


def _samples(place: Path, wanted: str | None) -> list[Kernel]:
    found: list[Kernel] = []
    names: list[str] = []
    for number, text in enumerate(_read(place).text.splitlines(), 1):
        if not text.strip():
            continue
        if number > MAX_SAMPLES:
            raise fail("E0103", f"{place} has more than {MAX_SAMPLES:,} lines", hint="split the file")
        record = read_json(Source(f"{place}:{number}", text))
        identity = str(record.get("id", f"sample_{number}"))
        names.append(identity)
        if wanted in (None, identity, str(number)):
            loops = record.get("loops")
            if not isinstance(loops, str):
                raise fail("E0805", f"line {number} of {place} has no text `loops`", hint="take a whole copy")
            origin = f"line {number} of {place.name}"
            listing = Source(f"{place.name}:{number}:loops", loops)
            found.append(Kernel(listing, identity, metadata_of_sample(record, origin)))
    if not found:
        hint = did_you_mean(wanted or "", names) or "give the id of a line, or its number"
        what = f"no sample {wanted[:60]}" if wanted else "no samples"
        raise fail("E0805", f"{place} has {what}", hint=hint)
    return found


def _read(place: Path) -> Source:
    try:
        with open(place, encoding="utf-8-sig", newline="") as stream:
            text = stream.read(MAX_TEXT + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise _unreadable(place, reason) from None
    if len(text) > MAX_TEXT:
        raise fail("E0103", f"{place} has more than {MAX_TEXT:,} characters", hint="no kernel is so long")
    return Source(str(place), text)


def _unreadable(place: Path, reason: str) -> SynoError:
    hint = f"give a kernel folder, its {LISTING}, or a file of samples (.jsonl)"
    return fail("E0102", f"cannot read {place}: {reason}", hint=hint)


def _optional(place: Path) -> Source | None:
    return _read(place) if place.exists() else None
