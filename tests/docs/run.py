"""A page enters and is run; the same page leaves, with the outputs that its blocks really have.

A page that is right is a fixed point: it shows what happens.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from syno_lang import SynoError, load_all
from syno_lang.checks.run import run_tests
from syno_lang.cli.main import BUG, main
from syno_lang.rewrite.read import load_rules
from tests.docs.blocks import Block, blocks
from tests.docs.grammar import rules

#: What makes a command one for the shell.
_SHELL = set("|;&<>$*?")


def run(page: str, folder: Path) -> str:
    """Run the blocks of `page` in `folder`.  Raises AssertionError where a block does not do what it says."""
    with _inside(folder), _module("page") as module:
        return _Run(folder, module).page(page)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """A shell in `folder`: its modules can be imported, and `syno` is a command."""
    before, path, modules = Path.cwd(), sys.path[:], dict(sys.modules)
    search = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        with patch.dict(os.environ, {"PATH": search, "COLUMNS": "80", "LC_ALL": "C.UTF-8", "SYNO_PATH": ""}):
            yield
    finally:
        os.chdir(before)
        sys.path[:] = path
        # A page may hide a library; loading torch twice would fail.
        sys.modules.update(modules)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(f"{folder}{os.sep}"):
                del sys.modules[name]


@contextlib.contextmanager
def _module(name: str) -> Iterator[ModuleType]:
    """A module that can be imported by its name, as torch.compile does for the functions in it."""
    sys.modules[name] = module = ModuleType(name)
    try:
        yield module
    finally:
        del sys.modules[name]


@dataclass
class _Run:
    """What the blocks of one page leave behind for those that follow."""

    folder: Path
    module: ModuleType
    code: int = 0

    def page(self, text: str) -> str:
        """Every block in order; outputs are replaced from the end, so that places stay true."""
        replacements: list[tuple[Block, str]] = []
        printed: str | None = None
        for block in blocks(text):
            if block.language == "output":
                assert printed is not None, f"line {block.line}: output of nothing"
                replacements.append((block, printed))
                printed = None
                continue
            assert not printed, f"line {block.line}: nothing shows what the python before prints: {printed}"
            printed = None
            if block.language == "lark":
                replacements.append((block, _rules(block)))
            elif block.language == "syno":
                self.syno(block)
            elif block.language == "python":
                printed = self.python(block)
            elif block.language == "console":
                replacements.append((block, self.console(block)))
        assert not printed, f"nothing shows what the last python prints: {printed}"
        for block, new in reversed(replacements):
            text = text[: block.start] + new + text[block.end :]
        return text

    def syno(self, block: Block) -> None:
        """A text that loads, or that has the mistakes it names."""
        path = self.folder / (block.file or "example.syno")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        found: set[str] = set()
        try:
            load_all(path)
        except SynoError as error:
            found = {item.code for item in error.diagnostics}
            assert found == block.fails, f"line {block.line}: {error}"
        assert found == block.fails, f"line {block.line}: has no mistake"
        if not found:
            load_rules(path)
        for outcome in () if found else run_tests(str(path)):
            assert outcome.status != "failed", f"line {block.line}: {SynoError(outcome.diagnostics)}"

    def python(self, block: Block) -> str:
        """What the code prints."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = compile("\n" * block.line + block.text, "<page>", "exec")
            exec(code, self.module.__dict__)
        return out.getvalue()

    def console(self, block: Block) -> str:
        """The commands, each followed by what it prints."""
        shown, lines = "", block.text.splitlines()
        assert lines and lines[0].startswith("$ "), f"line {block.line}: a console begins with `$ `"
        commands: list[str] = []
        for line in lines:
            if line.startswith("$ "):
                commands.append(line)
            elif commands and commands[-1].endswith("\\") and line.startswith("> "):
                commands[-1] += f"\n{line}"
        for command in commands:
            shown += f"{command}\n{self.command(command.replace(chr(10) + '> ', chr(10))[2:])}"
        return shown

    def command(self, command: str) -> str:
        """What one command prints, on both streams."""
        if command == "echo $?":
            return f"{self.code}\n"
        words = shlex.split(command)
        if words[0] == "syno" and not _SHELL & set(command):
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                self.code = main(words[1:])
            assert self.code != BUG, out.getvalue()
            return _ended(out.getvalue())
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.code = result.returncode
        return _ended(result.stdout)


def _rules(block: Block) -> str:
    """The rules that a block names, as they are in the grammar."""
    names = re.findall(r"^[?!]*([A-Za-z_]\w*)(?:\.\d+)?(?::|$)", block.text, flags=re.MULTILINE)
    unknown = set(names) - rules().keys()
    assert names and not unknown, f"line {block.line}: no rules of the grammar: {unknown}"
    return "".join(f"{rules()[name]}\n" for name in names)


def _ended(text: str) -> str:
    """`text` without blank lines at its end, where a page would show none."""
    return text.rstrip("\n") + "\n" if text.strip() else ""
