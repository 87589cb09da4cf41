"""How a diagnostic looks: one picture per shape that a place in a text can have."""

from __future__ import annotations

import json
import re
from textwrap import dedent

import pytest
from hypothesis import given, strategies as st

from syno_lang.diagnostics import Diagnostic, Label, Source, Span
from syno_lang.diagnostics.render import render_text, to_json

CONV = Source("conv.syno", "operator f(\n    x: [N, H],\n) -> [N, H] {\n    out[n, hh] = x[n, h]\n}\n")


def picture(text: str) -> str:
    return dedent(text).strip("\n")


def at(text: str, wanted: str, name: str = "a.syno") -> Span:
    """The span of the first occurrence of `wanted` in `text`."""
    source = Source(name, text)
    start = text.index(wanted)
    end = start + len(wanted)
    first, last = text.count("\n", 0, start), text.count("\n", 0, end)
    return Span(
        source, first + 1, start - text.rfind("\n", 0, start), last + 1, end - text.rfind("\n", 0, end)
    )


def test_place_label_note_hint() -> None:
    diagnostic = Diagnostic(
        "E0201",
        "unknown coordinate `hh`",
        Span(CONV, 4, 12, 4, 14),
        "neither an output coordinate nor summed over",
        notes=("known here are `n` and `h`",),
        hint="did you mean `h`?",
    )
    assert render_text(diagnostic) == picture(
        """
        error[E0201]: unknown coordinate `hh`
         --> conv.syno:4:12
          |
        4 |     out[n, hh] = x[n, h]
          |            ^^ neither an output coordinate nor summed over
          = note: known here are `n` and `h`
          = hint: did you mean `h`?
          = help: syno explain E0201
        """
    )


def test_no_place() -> None:
    assert render_text(
        Diagnostic("E0601", "the size C_in is not given", hint="add `--size C_in=...`")
    ) == picture(
        """
        error[E0601]: the size C_in is not given
          = hint: add `--size C_in=...`
          = help: syno explain E0601
        """
    )


def test_secondary_labels_in_text_order() -> None:
    diagnostic = Diagnostic(
        "E0301",
        "`x` has 2 axes, not 1",
        Span(CONV, 4, 18, 4, 25),
        "1 given",
        (Label(Span(CONV, 2, 5, 2, 14), "2 declared"), Label(Span(CONV, 4, 5, 4, 8), "read for this")),
    )
    assert render_text(diagnostic) == picture(
        """
        error[E0301]: `x` has 2 axes, not 1
         --> conv.syno:4:18
          |
        2 |     x: [N, H],
          |     --------- 2 declared
        ...
        4 |     out[n, hh] = x[n, h]
          |                  ^^^^^^^ 1 given
          |     --- read for this
          = help: syno explain E0301
        """
    )


def test_second_source() -> None:
    other = Span(Source("other.syno", "operator f\n"), 1, 10, 1, 11)
    text = render_text(
        Diagnostic(
            "E0204", "`f` is defined twice", Span(CONV, 1, 10, 1, 11), secondary=(Label(other, "first"),)
        )
    )
    assert text == picture(
        """
        error[E0204]: `f` is defined twice
         --> conv.syno:1:10
          |
        1 | operator f(
          |          ^
         ::: other.syno:1:10
          |
        1 | operator f
          |          - first
          = help: syno explain E0204
        """
    )


def test_span_over_several_lines() -> None:
    text = "out[n] = sum[\n    i: N,\n    j: N\n] x[i]\n"
    diagnostic = Diagnostic("E0101", "too much", at(text, "sum[\n    i: N,\n    j: N\n]"), "here")
    assert render_text(diagnostic) == picture(
        """
        error[E0101]: too much
         --> a.syno:1:10
          |
        1 | out[n] = sum[
          |          ^^^^
        ...
        4 | ] x[i]
          | ^ here
          = help: syno explain E0101
        """
    )


def test_span_that_ends_with_the_line_end() -> None:
    text = "abc def\nnext\n"
    diagnostic = Diagnostic("E0101", "odd", at(text, "def\n"), "here")
    assert render_text(diagnostic).splitlines()[3:5] == ["1 | abc def", "  |     ^^^ here"]


@pytest.mark.parametrize(
    ("line", "shown", "mark"),
    [
        ("\tab bad c", "1 |     ab bad c", "  |        ^^^"),
        ("a\tbad", "1 | a    bad", "  |      ^^^"),
        ("多维 bad", "1 | 多维 bad", "  |      ^^^"),
        ("# e\u0301 bad", "1 | # e\u0301 bad", "  |     ^^^"),
        ("\x1b[31m bad", "1 | ␛[31m bad", "  |       ^^^"),
        ("bad\r", "1 | bad", "  | ^^^"),
        ("a\u202ebad", "1 | a\ufffdbad", "  |   ^^^"),
    ],
    ids=["tab", "tab-inside", "wide", "combining", "escape", "carriage-return", "right-to-left"],
)
def test_marks_stand_under_what_they_mark(line: str, shown: str, mark: str) -> None:
    lines = render_text(Diagnostic("E0101", "odd", at(line + "\n", "bad"))).splitlines()
    assert lines[3:5] == [shown, mark]


@pytest.mark.parametrize("text", ["", "abc", "abc\n", "多\n"])
def test_end_of_text_has_a_mark(text: str) -> None:
    source = Source("a.syno", text)
    last = text.split("\n")
    span = Span(source, len(last), len(last[-1]) + 1, len(last), len(last[-1]) + 1)
    assert (
        render_text(Diagnostic("E0101", "ends early", span))
        .splitlines()[4]
        .endswith("| " + " " * len(last[-1]) + "^")
    )


def test_long_line_is_cut_around_the_mark() -> None:
    text = "x" * 5000 + " bad " + "y" * 5000
    lines = render_text(Diagnostic("E0101", "odd", at(text, "bad"))).splitlines()
    shown, mark = lines[3], lines[4]
    assert len(shown) < 200
    assert shown[mark.index("^") : mark.rindex("^") + 1] == "bad"
    assert shown[4] == shown[-1] == "…"


def test_wide_line_numbers() -> None:
    text = "\n" * 1233 + "bad\n"
    assert render_text(Diagnostic("E0101", "odd", at(text, "bad"), hint="one\ntwo")) == picture(
        """
        error[E0101]: odd
            --> a.syno:1234:1
             |
        1234 | bad
             | ^^^
             = hint: one
                     two
             = help: syno explain E0101
        """
    )


def test_messages_cannot_drive_the_terminal() -> None:
    assert "\x1b" not in render_text(Diagnostic("E0201", "unknown `\x1b[2J`", label="\x1b", hint="\x07"))


def test_colour_is_only_paint() -> None:
    diagnostic = Diagnostic("E0201", "unknown", Span(CONV, 4, 12, 4, 14), "here", hint="no")
    colored = render_text(diagnostic, color=True)
    assert "\x1b[1;31m^^ here" not in render_text(diagnostic)
    assert colored != render_text(diagnostic)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render_text(diagnostic)


def test_json() -> None:
    diagnostic = Diagnostic(
        "E0201",
        "unknown",
        Span(CONV, 4, 12, 4, 14),
        "here",
        (Label(Span(CONV, 2, 5, 2, 6), "there"),),
        ("why",),
        "do",
    )
    found = json.loads(json.dumps(to_json(diagnostic)))
    assert found == {
        "code": "E0201",
        "title": "unknown coordinate",
        "message": "unknown",
        "place": {"file": "conv.syno", "line": 4, "column": 12, "end_line": 4, "end_column": 14},
        "label": "here",
        "secondary": [
            {
                "place": {"file": "conv.syno", "line": 2, "column": 5, "end_line": 2, "end_column": 6},
                "text": "there",
            }
        ],
        "notes": ["why"],
        "hint": "do",
    }
    assert to_json(Diagnostic("E0601", "no size"))["place"] is None


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 10), st.text(max_size=10))
def test_any_place_in_any_text_is_shown(text: str, start: int, length: int, label: str) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    before, through = text[:start].split("\n"), text[:end].split("\n")
    span = Span(Source("a.syno", text), len(before), len(before[-1]) + 1, len(through), len(through[-1]) + 1)
    shown = render_text(Diagnostic("E0101", "odd", span, label))
    assert f"--> a.syno:{span.line}:{span.column}\n" in shown
    assert re.search(r"^ +\| +\^+( |$)", shown, re.MULTILINE)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
