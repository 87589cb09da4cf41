"""`.syno` files enter pytest; their rules and the claims of their tests leave as test items.

A file is collected if it is named on the command line.  Those in the folders that are tested are collected
with `--syno`, or where the configuration has `syno = true`: who only has the package installed sees no new
test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from syno_lang.checks.claims import Claim
    from syno_lang.diagnostics import Diagnostic
    from syno_lang.rewrite.rules import Rule


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--syno` and the configuration `syno`."""
    words = "collect the rules and tests of all .syno files"
    parser.getgroup("syno").addoption("--syno", action="store_true", help=words)
    parser.addini("syno", f"{words}, as --syno does", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a `.syno` file that is asked for."""
    if file_path.suffix != ".syno" or not (_is_named(file_path, parent.config) or _all(parent.config)):
        return None
    return SynoFile.from_parent(parent, path=file_path)


def _all(config: pytest.Config) -> bool:
    return bool(config.getoption("--syno") or config.getini("syno"))


def _is_named(path: Path, config: pytest.Config) -> bool:
    """Whether an argument is this file, and not a folder that it is in."""
    arguments = (config.invocation_params.dir / argument.split("::")[0] for argument in config.args)
    return any(argument == path or argument.resolve() == path.resolve() for argument in arguments)


class SynoFile(pytest.File):
    """A `.syno` file with an item for each rule and for each claim of its tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Read the file; a mistake in it is an error of collection, as the command line prints it."""
        from syno_lang.checks.read import read_tests
        from syno_lang.diagnostics import SynoError
        from syno_lang.modules.find import search_path
        from syno_lang.modules.load import Loader
        from syno_lang.rewrite.read import read_rules

        loader = Loader(search_path())
        try:
            loaded = loader.file(str(self.path))
            rules = read_rules(loaded.module.rules)
            claims = list(read_tests(loaded, loader))
        except SynoError as error:
            raise self.CollectError(str(error)) from None
        for rule in rules:
            yield RuleItem.from_parent(self, name=f"rule {rule.name}", rule=rule)
        for number, claim in enumerate(claims, 1):
            text = claim.text if len(claim.text) <= 60 else f"{claim.text[:57]}..."
            name = f"{claim.operator.name} {number}: {text}"
            yield ClaimItem.from_parent(self, name=name, claim=claim)


class Failure(Exception):
    """What was found wrong, as the command line prints it."""


class _Item(pytest.Item):
    """An item with a line in its file."""

    line = 1

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the item is; pytest counts lines from 0."""
        return self.path, self.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding alone: a traceback through syno would say nothing."""
        if isinstance(excinfo.value, Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class RuleItem(_Item):
    """A rule holds at every point of random instances, or at the part of them that it states."""

    def __init__(self, *, rule: Rule, **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule
        self.line = rule.node.span.line

    def runtest(self) -> None:
        """Try the rule."""
        from syno_lang.rewrite.try_rules import try_rule

        finding = try_rule(self.rule).finding
        if finding is not None:
            raise _failure([finding])


class ClaimItem(_Item):
    """A claim of a test holds."""

    def __init__(self, *, claim: Claim, **options: Any) -> None:
        super().__init__(**options)
        self.claim = claim
        self.line = claim.node.span.line

    def runtest(self) -> None:
        """Try the claim; skip it where the library that it is about is missing."""
        from syno_lang.checks.run import try_claim

        outcome = try_claim(self.claim)
        if outcome.status == "not run":
            pytest.skip(outcome.diagnostics[0].message)
        if outcome.status == "failed":
            raise _failure(outcome.diagnostics)


def _failure(findings: Any) -> Failure:
    from syno_lang.diagnostics import SynoError

    several: list[Diagnostic] = list(findings)
    return Failure(str(SynoError(several)))
