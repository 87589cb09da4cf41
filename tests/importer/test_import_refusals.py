"""What is wrong with a kernel is said with a code, at the place in the listing, and with a hint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from syno_lang import parse
from syno_lang.diagnostics import Source, Span, SynoError
from syno_lang.importer import Kernel, import_kernel, read_kernels

LOOPS = """\
/* Loops -1: Forward Kernel */
for (int i_0 = 0; i_0 < N; i_0++) {
    for (int i_1 = 0; i_1 < s*H; i_1++) {
        float temp_ri_0 = 0;
        for (int ri_0 = 0; ri_0 < k; ri_0++) {
            temp_ri_0 += in_0[i_0, restrict((i_1 / (s) + ri_0) - (k) / 2, 0, H)] * in_1[(i_1 % s + 1) % s, ri_0];
        }
        out[i_0, i_1] = temp_ri_0;
    }
}
/* Loops 0: Backward Kernel for Input 0 */
for (int i_0 = 0; i_0 < N; i_0++) {
    grad_in_0[i_0] = grad_out[i_0];
}
"""

META: dict[str, Any] = {
    "countInputs": 2,
    "inputsShapes": ["[N, H]", "[s, k]"],
    "outputShape": "[N, s*H]",
    "validPlaceholders": [
        {
            "constsDescription": "Primary: { H: 7 -> 8, N: 4 }, Coefficient { k: 3, s: 2 }",
            "paddedInputsShapes": [[4, 8], [2, 3]],
            "paddedOutputShape": [4, 16],
        },
        {"constsDescription": "Primary: { H: 9, N: 4 }, Coefficient { k: 3, s: 4 }"},
    ],
}


def under(span: Span) -> str:
    """The text at `span`, of its first line."""
    line = span.source.line(span.line)
    return line[span.column - 1 : span.end_column - 1 if span.end_line == span.line else None]


def refusal(action: Any, *arguments: Any, **keywords: Any) -> SynoError:
    with pytest.raises(SynoError) as caught:
        action(*arguments, **keywords)
    assert all(item.hint for item in caught.value.diagnostics), "no hint"
    str(caught.value)
    return caught.value


def kernel(text: str) -> Kernel:
    return Kernel(Source("nested_loops.h", text), "made", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "00123_456789"
    home.mkdir()
    (home / "nested_loops.h").write_text(LOOPS)
    (home / "metadata.json").write_text(json.dumps(META))
    return home


CHANGES = [
    # What changes, the code, what the caret stands under.
    ("i_0 < N; i_0++", "i_0 <= N; i_0++", "E0801", "="),
    ("float temp", "double temp", "E0801", "temp_ri_0"),
    ("ri_0 < k;", "ri_0 < k^99;", "E0801", "k^99"),
    ("ri_0 < k;", "ri_0 < 0;", "E0801", "0"),
    ("ri_0 < k;", "ri_0 < " + "9" * 40 + ";", "E0801", "9" * 40),
    ("in_0[", "in_0{", "E0801", "{"),
    ("/* Loops -1:", "/* Loops 3:", "E0802", "for (int i_0 = 0; i_0 < N; i_0++) {"),
    ("out[i_0, i_1] =", "out[i_1, i_0] =", "E0802", "out[i_1, i_0]"),
    ("out[i_0, i_1] =", "res[i_0, i_1] =", "E0802", "res[i_0, i_1]"),
    ("out[i_0, i_1] = temp_ri_0", "out[i_0, i_1] = temp_ri_1", "E0802", "float temp_ri_0 = 0;"),
    ("float temp_ri_0 = 0;", "", "E0802", "for (int ri_0 = 0; ri_0 < k; ri_0++) {"),
    ("float temp_ri_0 = 0;", "float temp_ri_0 = 1;", "E0802", "float temp_ri_0 = 1;"),
    ("temp_ri_0 += in_0", "temp_ri_1 += in_0", "E0802", None),
    ("int i_1 = 0; i_1", "int i_1 = 2; i_1", "E0802", None),
    ("int i_1 = 0; i_1", "int i_1 = 0; i_2", "E0802", None),
    ("int ri_0 = 0; ri_0 < k; ri_0", "int i_1 = 0; i_1 < k; i_1", "E0802", "k"),
    ("] * in_1", "] + in_1", "E0802", None),
    ("] * in_1[", "] * 2 * in_1[", "E0802", "2"),
    ("in_1[", "weight[", "E0802", None),
    ("in_1[", "in_2[", "E0802", None),
    (", ri_0];", ", ri_0] / (N);", "E0802", "N"),
    (", ri_0];", ", ri_5];", "E0803", "ri_5"),
    (", ri_0];", ", in_0[i_0]];", "E0803", "in_0[i_0]"),
    (", ri_0];", ", ri_0 - i_0];", "E0803", "i_0"),
    (", ri_0];", ", ri_0 + 1];", "E0803", "1"),
    (", ri_0];", ", ri_0 + i_0];", "E0803", "ri_0"),
    (", ri_0];", ", ri_0 * (i_0 + i_1)];", "E0803", "i_0 + i_1"),
    (", ri_0];", ", 3];", "E0803", "3"),
    (", ri_0];", ", ri_0 * i_0];", "E0803", "i_0"),
    (", ri_0];", ", i_0 % k*ri_0];", "E0803", "k*ri_0"),
    ("ri_0 < k;", "ri_0 < i_1*k;", "E0802", "i_1*k"),
    (", ri_0];", ", ri_0] / (i_0);", "E0802", "i_0"),
    ("- (k) / 2", "- (k) / 3", "E0803", None),
    ("- (k) / 2", "", "E0803", "i_1 / (s) + ri_0"),
    ("i_1 / (s) + ri_0", "i_1 / (s)", "E0803", None),
    (", 0, H)", ", 1, H)", "E0803", "1"),
    ("[i_0, restrict", "[i_0 * N^16, restrict", "E0803", "i_0 * N^16"),
    (", 0, H)", ", 0, s*H)", "E0804", None),
    ("(k) / 2", "(s) / 2", "E0804", None),
    ("+ 1) % s", "+ 1) % k", "E0804", "k"),
    (", ri_0];", ", i_0 * s + ri_0];", "E0804", "s"),
    ("* in_1[(i_1", "* in_0[(i_1", "E0804", None),
    ("in_0[i_0,", f"in_0[{'(' * 70}i_0{' + 1) % N' * 70},", "E0103", None),
    ("in_0[i_0,", f"in_0[i_0{' % N' * 120},", "E0103", None),
    ("(i_1 / (s) + ri_0)", f"({'i_1 + ' * 120}ri_0)", "E0103", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "place"), CHANGES, ids=lambda text: str(text)[:24])
def test_a_listing_is_refused(old: str, new: str, code: str, place: str | None) -> None:
    assert old in LOOPS
    (finding,) = refusal(import_kernel, kernel(LOOPS.replace(old, new))).diagnostics
    assert finding.code == code
    assert finding.span is not None
    assert place is None or under(finding.span) == place


def test_the_listing_itself_is_fine(folder: Path) -> None:
    (found,) = read_kernels(folder)
    operator = parse(import_kernel(found))
    assert operator.name == "op_456789"
    assert operator.definition.defaults == {"k": 3}, "the layers have different s, so it has no default"
    assert {size.name: size.kind for size in operator.definition.sizes} == {
        "N": "primary", "H": "primary", "k": "coefficient", "s": "coefficient",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", " \n", "\x00", "{}", "int main() {}", "\ufeff", "/* Loops -1 */"])
def test_what_is_no_listing_is_refused(text: str) -> None:
    assert refusal(import_kernel, kernel(text)).diagnostics[0].code == "E0801"


def test_a_name_must_be_a_name() -> None:
    for name in ("", "a b", "1a", "__a", "a" * 101, "a\n", "é", "import os; x"):
        assert refusal(import_kernel, kernel(LOOPS), name=name).diagnostics[0].code == "E0206"
    assert refusal(import_kernel, kernel(LOOPS), name="operator").diagnostics[0].code == "E0806"
    assert parse(import_kernel(kernel(LOOPS), name="mine")).name == "mine"


def test_words_of_the_language_as_sizes_are_refused_or_read() -> None:
    for name in ("x", "w1", "sum", "split", "graph", "n", "h", "p", "a"):
        operator = parse(import_kernel(kernel(LOOPS.replace("N", name))))
        assert name in operator.definition.graph.variables
    assert refusal(import_kernel, kernel(LOOPS.replace("N", "__N"))).diagnostics[0].code == "E0206"
    for name in ("operator", "out"):
        assert refusal(import_kernel, kernel(LOOPS.replace("N", name))).diagnostics[0].code == "E0806"


def test_coefficients_are_sizes_of_the_kernel() -> None:
    given = {"H": 8, "k": None}
    operator = parse(import_kernel(kernel(LOOPS.replace("s*H", "H").replace("i_1 / (s)", "i_1").replace(
        "(i_1 % s + 1) % s", "(i_1 + 1) % H")), coefficients=given))  # fmt: skip
    assert {size.name: size.default for size in operator.definition.sizes} == {"N": None, "H": 8, "k": None}
    assert refusal(import_kernel, kernel(LOOPS), coefficients={"q": 1}).diagnostics[0].code == "E0203"
    # s is below the line in H = s*H/s only; here a primary would stand there.
    assert refusal(import_kernel, kernel(LOOPS.replace("s*H", "H")), coefficients={"k": 3}).diagnostics[0].code in (
        "E0804", "E0806",
    )  # fmt: skip


def test_a_primary_below_the_line_cannot_be_said() -> None:
    text = "for (int i = 0; i < N; i++) { out[i] = in_0[i / (g), i % g]; }"
    assert "; g>" in import_kernel(kernel(text))
    assert refusal(import_kernel, kernel(text), coefficients={}).diagnostics[0].code == "E0806"


#: A layer without shapes in numbers, so that those in sizes are looked at.
LAYER = META["validPlaceholders"][1:]

WRONG_METADATA = [
    ("{", "no JSON"),
    ("[1]", "no object"),
    ("[" * 100_000, "no JSON"),
    ({"inputsShapes": None}, "inputsShapes"),
    ({"inputsShapes": ["[N, H]"]}, "counts 2"),
    ({"inputsShapes": ["[N, H]"], "countInputs": 1, "validPlaceholders": LAYER}, "reads 2 tensors"),
    ({"inputsShapes": ["[N, H]", "[k, s]"], "validPlaceholders": LAYER}, "`in_1` has the shape"),
    ({"inputsShapes": ["[N, H]", "[s]"], "validPlaceholders": LAYER}, "`in_1` has the shape"),
    ({"inputsShapes": ["[N, H]", "s, k"]}, "gives the shape"),
    ({"inputsShapes": ["[N, H]", "[s, 0]"]}, "gives the shape"),
    ({"inputsShapes": ["[N, H]", 7]}, "gives the shape"),
    ({"outputShape": "[N, H]", "validPlaceholders": LAYER}, "the output has the shape"),
    ({"outputShape": None}, "gives the shape"),
    ({"validPlaceholders": []}, "nothing of the sizes"),
    ({"validPlaceholders": "none"}, "no list"),
    ({"validPlaceholders": [7]}, "describes the sizes"),
    ({"validPlaceholders": [{"constsDescription": "N: 3"}]}, "describes the sizes"),
    ({"validPlaceholders": [{"constsDescription": "Primary: { N: x }, Coefficient { s: 1 }"}]}, "gives a size as"),
    ({"validPlaceholders": [{"constsDescription": "Primary: { N: 0 }, Coefficient { s: 1 }"}]}, "gives a size as"),
    ({"validPlaceholders": [{"constsDescription": "Primary: { N: 1, N: 2 }, Coefficient {  }"}]}, "twice"),
    ({"validPlaceholders": [{"constsDescription": "Primary: { H: 1, N: 1 }, Coefficient { s: 2 }"}]}, "no value for `k`"),
    (
        {"validPlaceholders": [*META["validPlaceholders"], {"constsDescription": "Primary: { H: 1, N: 1, k: 1 }, Coefficient { s: 2 }"}]},
        "a primary and a coefficient",
    ),
    (
        {"validPlaceholders": [{**META["validPlaceholders"][0], "paddedInputsShapes": [[4, 7], [2, 3]]}]},
        "do not fit its sizes",
    ),
    (
        {"validPlaceholders": [{**META["validPlaceholders"][0], "paddedOutputShape": [4]}]},
        "do not fit its sizes",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), WRONG_METADATA, ids=lambda value: str(value)[:40])
def test_metadata_is_refused(folder: Path, change: str | dict[str, Any], said: str) -> None:
    text = change if isinstance(change, str) else json.dumps({**META, **change})
    (folder / "metadata.json").write_text(text)
    error = refusal(lambda: import_kernel(read_kernels(folder)[0]))
    assert error.diagnostics[0].code == "E0805"
    assert said in error.diagnostics[0].message


def test_figures_are_told_where_they_are_numbers(folder: Path) -> None:
    figures = {"accuracy": 0.78125, "flops": 12345, "params": "many", "loss": 0, "time": 3}
    (folder / "meta.json").write_text(json.dumps(figures))
    text = import_kernel(read_kernels(folder)[0])
    assert "# Measured there in a whole model: accuracy 0.7812, 12,345 FLOPs.\n" in text
    (folder / "meta.json").write_text("not json")
    assert refusal(read_kernels, folder).diagnostics[0].code == "E0805"


def test_the_published_layout_is_found(folder: Path) -> None:
    inner = folder / "kernel_scheduler_dir"
    inner.mkdir()
    for name in ("nested_loops.h", "metadata.json"):
        (folder / name).rename(inner / name)
    (folder / "meta.json").write_text('{"accuracy": 0.5}')
    for path in (folder, inner, inner / "nested_loops.h"):
        (found,) = read_kernels(path)
        assert found.name == "op_456789"
        assert found.metadata is not None
        assert found.figures == ("accuracy 0.5",)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("07889_15252107013978896537", "op_15252107013978896537"),
        ("15252107013978896537", "op_15252107013978896537"),
        ("Conv2d_Conv1d", "Conv2d_Conv1d"),
        ("3x3 conv", "op_3x3_conv"),
        ("../ü#\n{{x}}", "x"),
        ("___", "imported"),
        ("a" * 300, "a" * 100),
    ],
)
def test_names_come_from_the_folder(identity: str, name: str) -> None:
    found = Kernel(Source("loops", LOOPS), identity, None)
    assert found.name == name
    text = import_kernel(found)
    assert parse(text).name == name
    assert [line for line in text.splitlines() if line.startswith("#")] == text.splitlines()[:1]


def test_missing_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path in (
        tmp_path / "none",
        tmp_path,
        tmp_path / "binary",
        tmp_path / "a\0b",
        tmp_path / "none.jsonl",
    ):
        assert refusal(read_kernels, path).diagnostics[0].code == "E0102"
    (tmp_path / "long").write_text("x" * 1_000_001)
    assert refusal(read_kernels, tmp_path / "long").diagnostics[0].code == "E0103"


def sample(identity: str, **changes: object) -> str:
    record = {
        "id": identity, "inputs": META["inputsShapes"], "output": META["outputShape"], "loops": LOOPS,
        "constants": [META["validPlaceholders"][0]["constsDescription"]], **changes,
    }  # fmt: skip
    return json.dumps(record) + "\n"


def test_samples_are_chosen_by_id_or_line(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(sample("one") + "\n" + sample("two"))
    assert [found.identity for found in read_kernels(path)] == ["one", "two"]
    assert [found.identity for found in read_kernels(path, "two")] == ["two"]
    assert [found.identity for found in read_kernels(path, "3")] == ["two"]
    assert "did you mean `one`?" in refusal(read_kernels, path, "ones").diagnostics[0].hint
    assert parse(import_kernel(read_kernels(path, "one")[0])).definition.defaults == {"k": 3, "s": 2}
    for line in ("{", "[]", sample("x", loops=3), sample("x", inputs="[N]"), sample("x", constants=[])):
        path.write_text(line)
        assert refusal(read_kernels, path).diagnostics[0].code == "E0805"
    assert refusal(read_kernels, tmp_path, "one").diagnostics[0].code == "E0805"
