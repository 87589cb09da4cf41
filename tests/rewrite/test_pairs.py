"""Equal operators have one normal form, unequal ones do not: by a table of spellings."""

from __future__ import annotations

import numpy as np
import pytest

import syno_lang
from syno_lang.checks.differ import compare
from syno_lang.ir.definition import Definition
from syno_lang.rewrite.canonicalize import canonicalize
from syno_lang.rewrite.read import standard_rules
from tests.rewrite.pairs import DIFFERENT, EQUAL

RULES = [rule for rule in standard_rules() if rule.is_exact]


def named(pairs: list[tuple[str, str, str, str]]) -> list[object]:
    return [pytest.param(*rest, id=name) for name, *rest in pairs]


def read(signature: str, body: str) -> Definition:
    """The operator, with only the sizes of the signature that it uses, and with every permission."""
    allowed = "allow(unused_output, unused_sum, dropped_half, stride, diagonal, large_window)"
    head, _, tail = signature.partition("->")
    shape, _, where = tail.partition("where")
    shape = shape.partition("allow")[0]
    while True:
        text = f"operator it{head}-> {shape} {allowed} {'where' + where if where else ''} {{ {body} }}"
        try:
            return syno_lang.parse(text).definition
        except syno_lang.SynoError as error:
            unused = [item for item in error.diagnostics if item.code == "E0208"]
            if not unused or len(unused) != len(error.diagnostics):
                raise
            span = unused[0].span
            assert span is not None
            name = text[span.column - 1 : span.end_column - 1]
            head = (
                head.replace(f", {name} = 2", "")
                .replace(f", {name} = 3", "")
                .replace(f"; {name} = 2, ", "; ")
            )
            head = (
                head.replace(f"; {name} = 3, ", "; ")
                .replace(f"; {name} = 2>", ">")
                .replace(f"; {name} = 3>", ">")
            )


def test_there_are_enough() -> None:
    assert len({name for name, *_ in EQUAL}) == len(EQUAL) >= 60
    assert len({name for name, *_ in DIFFERENT}) == len(DIFFERENT) >= 60


@pytest.mark.parametrize(("signature", "one", "other"), named(EQUAL))
def test_equal(signature: str, one: str, other: str) -> None:
    first, second = read(signature, one), read(signature, other)
    assert first.graph != second.graph or one.replace(" ", "") != other.replace(" ", "")
    assert canonicalize(first, RULES).graph == canonicalize(second, RULES).graph
    assert compare(first, second).difference is None


@pytest.mark.parametrize(("signature", "one", "other"), named(DIFFERENT))
def test_different(signature: str, one: str, other: str) -> None:
    first, second = (canonicalize(read(signature, body), RULES) for body in (one, other))
    assert first.graph != second.graph
    found = compare(first, second)
    assert found.difference is not None
    assert found.arrays is not None and all(np.isfinite(array).all() for array in found.arrays.values())
