"""Hypothesis draws choices; random valid operators, coordinates, sizes and rules leave, for property tests.

Needs Hypothesis and NumPy, neither torch nor TVM.

>>> from hypothesis import given
>>> @given(definitions())
... def test_something(case):
...     definition, sizes = case
"""

from __future__ import annotations

from syno_lang.checks.arrays import random_arrays
from syno_lang.testing.operators import (
    COEFFICIENTS,
    MAX_POINTS,
    PRIMARIES,
    assignments,
    definitions,
    pgraphs,
    size_is_legal,
    with_names,
)
from syno_lang.testing.rules import check_rule, instances, read_rule, rules
from syno_lang.testing.terms import VALUES, coordinates, sizes

__all__ = [
    "COEFFICIENTS",
    "MAX_POINTS",
    "PRIMARIES",
    "VALUES",
    "assignments",
    "check_rule",
    "coordinates",
    "definitions",
    "instances",
    "pgraphs",
    "random_arrays",
    "read_rule",
    "rules",
    "size_is_legal",
    "sizes",
    "with_names",
]
