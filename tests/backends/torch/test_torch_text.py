"""The emitted text: stable, well formed, and made of nothing that a file could smuggle in."""

from __future__ import annotations

import ast
import dataclasses
import keyword
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, strategies as st

import syno_lang
from syno_lang.backends.torch.emit import _environment, class_name, emit
from syno_lang.backends.torch.names import MODULE_ATTRIBUTES, Code, Namespace, identifier, quoted, size_code
from syno_lang.diagnostics import SynoError
from syno_lang.ir.definition import Definition
from syno_lang.resources import folder
from syno_lang.sizes import Size
from tests.backends.torch.modules import build, define, module_class

GOLDEN = Path(__file__).parent / "golden"
STDLIB = sorted((folder("stdlib") / "operators").glob("*.syno"))


@pytest.mark.parametrize("name", ["conv2d", "op1"])
def test_the_text_is_the_golden_one(name: str) -> None:
    text = syno_lang.load(f"stdlib:{name}").emit_torch()
    golden = GOLDEN / f"{name}.py.txt"
    if os.environ.get("SYNO_GOLDEN") == "write":
        golden.write_text(text)
    assert text == golden.read_text()


def test_one_file_holds_a_class_per_operator() -> None:
    definitions = [
        syno_lang.load(f"stdlib:{name}").definition for name in ("conv2d", "pixel_shuffle", "linear")
    ]
    tree = ast.parse(emit(definitions))
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    helpers = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert classes == ["Conv2d", "PixelShuffle", "Linear"]
    assert len(helpers) == len(set(helpers))
    assert emit(definitions) == emit(definitions)


def test_the_whole_stdlib_passes_the_linter_and_the_formatter(tmp_path: Path) -> None:
    ruff = shutil.which(
        "ruff", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    )
    if ruff is None:
        pytest.skip("ruff is not installed")
    for path in STDLIB:
        (tmp_path / f"{path.stem}.py").write_text(syno_lang.load(path).emit_torch())
    options = ["--isolated", "--line-length=110", str(tmp_path)]
    rules = ["--select=B,D1,E,F,I,RUF,SIM,UP,W", "--target-version=py310"]
    for command in (["check", *rules, *options], ["format", "--check", *options]):
        done = subprocess.run([ruff, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_module_attributes_are_those_of_torch() -> None:
    public = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert public - MODULE_ATTRIBUTES == set()


def renamed(definition: Definition, operator: str = "f", x: str = "x", w: str = "w") -> Definition:
    tensors = tuple(
        dataclasses.replace(one, name=x if one.role == "input" else w) for one in definition.tensors
    )
    return dataclasses.replace(definition, name=operator, tensors=tensors, source=None)


CONV = define(
    """operator f<H, C; k = 3>(x: [H], weight w: [C, k]) -> [H, C] {
        out[h, c] = sum[p: k] x[unfold(h, p)] * w[c, p]
    }"""
)


@pytest.mark.parametrize(
    "name",
    [
        "training",
        "forward",
        "to",
        "half",
        "_parameters",
        "__class__",
        "__dict__",
        "lambda",
        "None",
        "self",
        "torch",
        "nn",
        "super",
        "reset_parameters",
        "_windows",
        "__x",
        "__",
        "w_view",
        "out",
        "device",
        "dtype",
        "int",
        "C",
        "H",
    ],
)
def test_awkward_names_give_way(name: str) -> None:
    if name in ("C", "H"):
        definition = renamed(CONV, w=name)
    else:
        definition = renamed(CONV, w=name, x=f"{name}_" if name != "_" else "x")
    module = module_class(definition)(C=2)
    (weight,) = dict(module.named_parameters())
    assert module.training is True and weight.strip("_") == name.strip("_")
    assert module(torch.ones(5)).shape == (5, 2)
    assert module_class(renamed(CONV, x=name, w=f"{name}2"))(C=2)(torch.ones(5)).shape == (5, 2)


@pytest.mark.parametrize("name", ["training", "N", "self", "to", "dtype", "w_view"])
def test_awkward_sizes_give_way(name: str) -> None:
    text = f"operator f<{name}, C>(x: [{name}, C], weight w: [C]) -> [{name}] {{ out[i] = sum[c: C] x[i, c] * w[c] }}"
    module = module_class(define(text))(C=3)
    assert module(torch.ones(5, 3)).shape == (5,)


HOSTILE = [
    "x: int = exit()",
    'x"""\nimport os\n"""',
    "x\n",
    "x\\",
    "a.b",
    "1x",
    "",
    " ",
    "x)",
    "é",
    "ｓｅｌｆ",
    "x{y}",
    "{{ 7 * 7 }}",
    "x;y",
    "x#",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_code(name: str) -> None:
    spoilt = [renamed(CONV, operator=name), renamed(CONV, x=name), renamed(CONV, w=name)]
    for definition in spoilt:
        with pytest.raises(SynoError) as raised:
            emit([definition])
        assert raised.value.diagnostics[0].code == "E0206"


def test_templates_refuse_what_was_not_checked() -> None:
    template = _environment().from_string("{{ value }}")
    assert template.render(value=Code("x")) == "x"
    assert template.render(value=3) == "3"
    for value in ("x", None, 1.5, ["x"]):
        with pytest.raises(TypeError, match="may not print"):
            template.render(value=value)


@given(st.text())
def test_a_docstring_holds_any_text_and_nothing_else(text: str) -> None:
    source = f'"""A text.\n\n    {quoted(text, 4)}\n"""\n'
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    shown = statement.value.value
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert [line.rstrip() for line in source.split("\n")] == source.split("\n") or text.strip() == ""
    if text.isprintable():
        assert text.strip() in shown


@given(st.text(alphabet="abcABC_019'"))
def test_identifiers_and_class_names(name: str) -> None:
    try:
        found = identifier(name)
    except SynoError:
        assert not name.rstrip("'").isidentifier() or "'" in name.rstrip("'")
        return
    assert found.isidentifier() and not (found.startswith("__") and not found.endswith("__"))
    assert class_name(name).isidentifier() and not keyword.iskeyword(class_name(name))
    space = Namespace()
    assert len({space.claim(name), space.claim(name), space.attribute(name)}) == 3


def test_class_names() -> None:
    names = (
        "conv2d",
        "op1",
        "space_shift",
        "relu6_",
        "_x",
        "true",
        "value_error",
        "tensor",
        "GELU",
        "_",
        "none",
    )
    assert [class_name(name) for name in names] == [
        "Conv2d", "Op1", "SpaceShift", "Relu6", "X", "True_", "ValueError_", "Tensor_", "GELU", "Op", "None_",
    ]  # fmt: skip


def test_sizes_as_code() -> None:
    c, g, s, k = (Size.variable(name) for name in "Cgsk")
    names = {name: name.lower() for name in "Cgsk"}
    assert size_code(c / (g * s), names) == "c // (g * s)"
    assert size_code(Size.constant(2) * c * k**2 / g, names) == "2 * c * k**2 // g"
    assert size_code(c / g, names, atom=True) == "(c // g)"
    assert size_code(k**2, names, atom=True) == "k**2"
    assert size_code(Size.constant(1) / Size.constant(1), names) == "1"


def test_a_module_is_built_from_the_names_of_the_file() -> None:
    definition = syno_lang.load("stdlib:op1").definition
    module = build(definition, {"C_in": 64, "C_out": 64})
    assert {name: tuple(value.shape) for name, value in module.named_parameters()} == {
        "u": (32, 3, 3, 64, 1), "v": (64, 3, 1),
    }  # fmt: skip
    assert "Weight u: [g, k, k, C_out, C_out/(g*s)]" in type(module).__doc__
