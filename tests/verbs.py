"""The words of a command enter; its exit code and what it printed leave."""

from __future__ import annotations

import pytest

from syno_lang.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code, the output and the errors of `syno ARGUMENTS...`."""
    code = main(list(arguments))
    output, errors = capsys.readouterr()
    return code, output, errors
