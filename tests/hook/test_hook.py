"""`import` of `.syno` files: what is found, what is made of it, and how it fails."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import syno_lang
from syno_lang import Operator, SynoError, hook

DOUBLE = "operator {}<N; s = 2>(x: [N]) -> [s*N] {{ out[i] = x[i / s] * expand(i % s) }}\n"
TURN = "operator {}<N>(x: [N]) -> [N] {{ out[i] = x[shift(i, 1)] }}\n"

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a file into a folder from which Python imports; afterwards its modules are forgotten."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    hook.install()

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return path

    yield write_file
    hook.uninstall()
    for name in set(sys.modules) - before:
        if name.startswith("made_"):
            del sys.modules[name]


def test_module_of_operators(write: Write) -> None:
    path = write("made_ops.syno", "# Two operators,\n# side by side.\n" + DOUBLE.format("op1") + TURN.format("op2"))
    module = importlib.import_module("made_ops")
    assert type(module) is ModuleType
    assert module.__all__ == ["op1", "op2"]
    assert module.op1 == syno_lang.load(path, "op1")
    assert module.op2 != module.op1
    assert module.__doc__ == "Two operators,\nside by side."
    assert module.__file__ == str(path)
    assert inspect.getsource(module) == path.read_text(encoding="utf-8")


def test_from_ops_import_op1(write: Write) -> None:
    write("made_a.syno", DOUBLE.format("op1") + TURN.format("op2"))
    write("made_b/op1.syno", DOUBLE.format("op1"))
    write("made_c/__init__.py", "")
    write("made_c/op1.syno", DOUBLE.format("op1"))
    found = [importlib.import_module("made_a").op1]
    for package in ("made_b", "made_c"):
        names: dict[str, object] = {}
        exec(f"from {package} import op1", names)
        found.append(names["op1"])
    assert all(isinstance(item, Operator) for item in found)
    assert found[0] == found[1] == found[2]


def test_module_of_one_operator_is_that_operator(write: Write) -> None:
    write("made_one.syno", DOUBLE.format("made_one"))
    module = importlib.import_module("made_one")
    assert isinstance(module, Operator)
    assert isinstance(module, ModuleType)
    assert (module.name, module.digest) == ("made_one", vars(module)["made_one"].digest)
    assert list(module.interpret({"x": [1, 2]}, N=2)) == [1, 1, 2, 2]
    for twin in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module)):
        assert type(twin) is Operator
        assert twin == module


@pytest.mark.parametrize("name", ["made_several", "other", "digest", "definition"])
def test_other_modules_are_only_modules(write: Write, name: str) -> None:
    """Several operators, one of another name, or one whose name an `Operator` uses itself."""
    text = DOUBLE.format(name) + (TURN.format("second") if name == "made_several" else "")
    file = name if name in ("made_several", "other") else f"made_package/{name}"
    write(f"{'made_other' if name == 'other' else file}.syno", text)
    module = importlib.import_module("made_other" if name == "other" else file.replace("/", "."))
    assert type(module) is ModuleType
    assert isinstance(vars(module)[name], Operator)


def test_python_goes_first_but_a_bare_folder_does_not(write: Write) -> None:
    write("made_both.syno", DOUBLE.format("op1"))
    write("made_both.py", "op1 = 'python'\n")
    write("made_folder.syno", DOUBLE.format("op1"))
    write("made_folder/notes.txt", "")
    assert importlib.import_module("made_both").op1 == "python"
    assert isinstance(importlib.import_module("made_folder").op1, Operator)


def test_reload_reads_the_file_again(write: Write) -> None:
    write("made_again.syno", DOUBLE.format("made_again"))
    module = importlib.import_module("made_again")
    assert isinstance(module, Operator)
    first = module.digest
    write("made_again.syno", TURN.format("made_again"))
    assert importlib.reload(module) is module
    assert module.digest != first
    write("made_again.syno", TURN.format("one") + DOUBLE.format("two"))
    importlib.reload(module)
    assert type(module) is ModuleType
    assert module.__all__ == ["one", "two"]
    assert not {"made_again", "definition"} & set(vars(module))
    write("made_again.syno", DOUBLE.format("made_again"))
    importlib.reload(module)
    assert module.digest == first


def test_mistakes_are_findings(write: Write) -> None:
    path = write("made_wrong.syno", "operator f<N>(x: [N]) -> [N] { out[i] = x[j] }\n")
    with pytest.raises(SynoError) as caught:
        importlib.import_module("made_wrong")
    assert [item.code for item in caught.value.diagnostics] == ["E0201"]
    assert f"{path}:1:" in str(caught.value)
    assert "made_wrong" not in sys.modules


def test_failed_reload_changes_nothing(write: Write) -> None:
    write("made_kept.syno", TURN.format("op1"))
    module = importlib.import_module("made_kept")
    before = dict(vars(module))
    write("made_kept.syno", "operator {")
    with pytest.raises(SynoError):
        importlib.reload(module)
    assert vars(module)["op1"] is before["op1"]
    assert module.__all__ == ["op1"]


def test_what_is_not_there_is_an_import_error(write: Write) -> None:
    write("made_some.syno", TURN.format("op1"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("made_nothing")
    with pytest.raises(ImportError, match="op7"):
        exec("from made_some import op7")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("made_some.op1")


def test_uninstall_and_install_again(write: Write) -> None:
    write("made_late.syno", TURN.format("op1"))
    hook.uninstall()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("made_late")
    hook.install()
    hook.install()
    assert sum(isinstance(finder, hook.SynoFinder) for finder in sys.meta_path) == 1
    assert isinstance(importlib.import_module("made_late").op1, Operator)


def test_odd_entries_of_the_path(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("made_odd.syno", TURN.format("op1"))
    monkeypatch.setattr(sys, "path", [b"bytes", "", "missing", *sys.path])
    assert importlib.import_module("made_odd").op1.name == "op1"


def test_a_syno_file_is_not_run_as_python(write: Write) -> None:
    write("made_run.syno", TURN.format("op1"))
    spec = importlib.util.find_spec("made_run")
    assert spec is not None and isinstance(spec.loader, hook.SynoLoader)
    assert spec.loader.get_code("made_run") is None
    assert spec.submodule_search_locations is None
