"""A rule enters; what is known of it leaves: proved, tested but not proved, approximate, or wrong.

What is known of the rules that ship stands in `stdlib/rules/proofs.json` by the digest of their text, for a
proof takes longer than a listing may; a test computes the whole file again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from syno_lang.resources import folder
from syno_lang.rewrite.rules import Rule
from syno_lang.syntax import ast
from syno_lang.syntax.format import format_module

Word = Literal["proved", "tested", "approximate", "wrong"]


@dataclass(frozen=True)
class Status:
    """What is known of a rule.

    `proof` has the lines of a proof for all sizes.  Otherwise the rule was tried: of the `points` of random
    instances it was `wrong` at some, and may be at `allowed` of them by the bound that it states.
    """

    word: Word
    proof: tuple[str, ...] = ()
    points: int = 0
    wrong: int = 0
    allowed: int = 0

    @property
    def fraction(self) -> float:
        """At which part of the points both sides were equal."""
        return 1 - self.wrong / self.points if self.points else 1.0

    @property
    def stated(self) -> float:
        """At which part of these points they have to be."""
        return 1 - self.allowed / self.points if self.points else 1.0


def status(rule: Rule) -> Status:
    """What is known of a rule; it is found out where it is not one of those that ship."""
    known = _known().get(digest(rule))
    return compute(rule) if known is None else _read(known)


def compute(rule: Rule) -> Status:
    """Find out what is known: prove the rule, or try it.  Takes a part of a second."""
    from syno_lang.rewrite.prove import prove
    from syno_lang.rewrite.try_rules import try_rule

    proof = prove(rule)
    if proof is not None:
        return Status("proved", proof.lines)
    trial = try_rule(rule)
    word: Word = "wrong" if not trial.holds else "tested" if rule.is_exact else "approximate"
    return Status(word, (), trial.points, trial.wrong, int(trial.allowed))


def digest(rule: Rule) -> str:
    """What identifies the claim of a rule, whatever reason it gives for it."""
    claim = replace(rule.node, because=(), source=())
    text = format_module(ast.Module(rule.node.span, (claim,)))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def table(rules: Iterable[Rule]) -> str:
    """What is known of rules, found out again, as `proofs.json` has it."""
    facts = {digest(rule): {"rule": rule.name, **_facts(compute(rule))} for rule in rules}
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def table_path() -> Path:
    """Where `proofs.json` is."""
    return folder("stdlib") / "rules" / "proofs.json"


def _facts(found: Status) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if value or name == "word"}


def _read(facts: dict[str, Any]) -> Status:
    return Status(**{**facts, "proof": tuple(facts.get("proof", ()))})


@cache
def _known() -> dict[str, dict[str, Any]]:
    path = table_path()
    if not path.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return {
        key: {name: value for name, value in facts.items() if name != "rule"} for key, facts in found.items()
    }
