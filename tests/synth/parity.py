"""A golden enumeration enters; how it and ours differ leaves, every difference under a name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from syno_lang.ir.pgraph import PGraph
from syno_lang.synth.candidate import Candidate
from syno_lang.synth.define import definition_of
from syno_lang.synth.enumerate import enumerate_space
from syno_lang.synth.member import violations
from syno_lang.synth.normal import normal_form, ordered
from tests.synth.golden import Golden
from tests.synth.original import why_not_there


@dataclass(frozen=True)
class Parity:
    """The numbers of one row of the table."""

    theirs: int
    duplicates: dict[str, int]
    ours: int
    missing: dict[str, int]
    extra: dict[str, int]

    @property
    def row(self) -> list[str]:
        """The cells after the name."""
        return [
            str(self.theirs), _names(self.duplicates), str(self.ours), _names(self.missing), _names(self.extra)
        ]  # fmt: skip


def _names(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name or 'unexplained'}" for name, number in sorted(counts.items())) or "none"


def parity(golden: Golden) -> Parity:
    """Compare the two."""
    space = golden.space
    theirs: dict[str, PGraph] = {}
    duplicates: Counter[str] = Counter()
    spellings: set[PGraph] = set()
    for graph in golden.graphs:
        digest, spelling = normal_form(space, graph).digest, ordered(graph)
        if digest in theirs:
            duplicates["equal_sums" if spelling in spellings else "weight_reindexed"] += 1
        theirs.setdefault(digest, graph)
        spellings.add(spelling)
    ours = enumerate_space(space)
    missing = Counter(_why_not_here(golden, graph) for digest, graph in theirs.items() if digest not in ours)
    extra = Counter(
        why_not_there(Candidate(space, graph)) for digest, graph in ours.items() if digest not in theirs
    )
    return Parity(len(golden.graphs), dict(duplicates), len(ours), dict(missing), dict(extra))


def _why_not_here(golden: Golden, graph: PGraph) -> str:
    """The first reason of ours; nothing where it is a member that was not enumerated."""
    reasons = violations(golden.space, definition_of(golden.space, graph))
    return reasons[0].name if reasons else ""
