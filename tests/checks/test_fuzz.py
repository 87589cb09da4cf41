"""Whatever a test says, it is answered: with findings at its places, or with an outcome for every claim.

In the heavy profile each property is tried on 5,000 texts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from syno_lang.checks.functions import FUNCTIONS
from syno_lang.checks.read import read_tests
from syno_lang.checks.run import try_claim
from syno_lang.diagnostics import Source, SynoError
from syno_lang.modules.load import Loader
from syno_lang.resources import folder
from tests.fuzz.test_fuzz import check

OPERATORS = """
use stdlib.conv1d, stdlib.linear as dense
operator conv<N, C, L; k = 3>(x: [N, C, L], weight w: [C, C, k]) -> [N, C, L] {
    out[n, c, l] = sum[d: C, p: k] x[n, d, unfold(l, p)] * w[c, d, p]
}
operator pool<N, L; s = 2>(x: [N, L]) -> [N, L/s] { out[n, l] = mean[p: s] x[n, split(l, p)] }
operator copy<N>(x: [N]) -> [N] { out[n] = x[n] }
"""

#: Words that mean something, and words that would if a test were Python.
NAMES = ["N", "C", "L", "k", "s", "x", "w", "True", "False", "None", "self", "torch", "__class__", "__import__", "os", "eval"]
FORBIDDEN = [
    "os.system", "eval", "exec", "open", "__import__", "torch.load", "torch.save", "torch.nn.functional.__class__",
    "torch.__class__.__base__", "torch.os.system", "torch.nn.functional.conv2d.__globals__", "builtins.eval", "x.numpy",
    "torch.nn.functional", "torch", "conv", "copy", "stdlib.conv1d", "torch.utils.cpp_extension.load", "torch._C.abort",
]  # fmt: skip
TEXTS = ['""', '"same"', '"nearest"', '"ij,jk->ik"', '"i->"', '"__import__(\'os\').system(\'x\')"', '"{{ 1 }}"', '"%s\\n"', '"# "', '"é"']
NUMBERS = ["0", "1", "2", "3", "-1", "7", "0.5", "1e3", "1e-300", "999999999999999999", "1.0e18"]

CALLED = st.sampled_from([*FUNCTIONS, *FUNCTIONS, *FUNCTIONS, *FORBIDDEN])
KEYWORDS = sorted({parameter.name for function in FUNCTIONS.values() for parameter in function.parameters})


def values() -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*NAMES[:6] * 3, *NAMES, *NUMBERS * 2, *TEXTS])

    def grow(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        keyword = st.tuples(st.sampled_from(KEYWORDS), part).map(" = ".join)
        arguments = st.lists(part | keyword, max_size=4).map(", ".join)
        return st.one_of(
            st.tuples(part, st.sampled_from("+-*/%"), part).map(" ".join),
            st.tuples(part, st.sampled_from(["^2", "^0", "^-1", "^64", "^1000"])).map("".join),
            st.lists(part, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
            st.tuples(CALLED, arguments).map(lambda pair: f"{pair[0]}({pair[1]})"),
        )

    return st.recursive(leaves, grow, max_leaves=8)


#: The tensors and the sizes of each operator.
SIGNATURES = {
    "conv": (["x", "w"], "N = 2, C = 3, L = 4"),
    "pool": (["x"], "N = 2, L = 4"),
    "copy": (["x"], "N = 4"),
    "dense": (["x", "weight"], "N = 2, C_in = 3, C_out = 4"),
}

WHOLE = st.sampled_from(["0", "1", "2", "3", "-1", "4", "6", "N", "N/2", "N + 1", "2*N - 1", "999999999"])


@st.composite
def fitting(draw: Any, tensors: list[str], depth: int = 2) -> str:
    """A call whose arguments are of the right kinds."""
    function = FUNCTIONS[draw(st.sampled_from(sorted(FUNCTIONS)))]
    inner = st.sampled_from(tensors)
    tensor = inner | fitting(tensors, depth - 1) if depth else inner
    kinds: dict[str, st.SearchStrategy[str]] = {
        "tensor": tensor,
        "tensors": st.lists(tensor, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        "int": WHOLE,
        "ints": st.lists(WHOLE, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        "number": st.sampled_from(["0.5", "-1.5", "1e300", "2"]),
        "bool": st.sampled_from(["True", "False"]),
        "text": st.sampled_from(TEXTS),
        "none": st.just("None"),
    }
    arguments = []
    for parameter in function.parameters:
        if parameter.required or draw(st.integers(0, 3)) == 0:
            value = draw(kinds[draw(st.sampled_from(sorted(parameter.kinds)))])
            arguments.append(value if parameter.required else f"{parameter.name} = {value}")
    if function.rest:
        arguments += draw(st.lists(tensor, max_size=3))
    return f"{function.name}({', '.join(arguments)})"


@st.composite
def likely(draw: Any, operator: str) -> str:
    """A claim without a mistake that can be seen, true or not."""
    tensors, sizes = SIGNATURES[operator]
    others = st.sampled_from(["conv", "pool", "copy", "conv1d", "dense", "stdlib.tile", "stdlib.op1"])
    formula = st.recursive(
        st.sampled_from(["N", "N", "0", "1", "7"]),
        lambda part: st.tuples(part, st.sampled_from([" + ", " - ", "*"]), part).map(lambda it: f"({''.join(it)})"),
        max_leaves=6,
    )
    head = draw(
        st.one_of(
            fitting(tensors).map("equals {}".format),
            others.map("equals {}".format),
            st.tuples(st.sampled_from(["flops", "params", "bytes"]), formula).map(" ".join),
        )
    )
    if not head.startswith("equals torch") and draw(st.booleans()):
        return head
    return f"{head} for {draw(st.sampled_from([sizes, sizes, sizes.replace('2', '99999999999')]))}"


@st.composite
def unlikely(draw: Any) -> str:
    """A claim in good grammar, and hardly ever a right one."""
    value = values()
    call = st.tuples(CALLED, st.lists(value, max_size=3).map(lambda rest: ", ".join(["x", *rest])))
    head = draw(
        st.one_of(
            call.map(lambda pair: f"equals {pair[0]}({pair[1]})"),
            st.lists(value, max_size=3).map(lambda items: f"equals [{', '.join(items)}]"),
            st.sampled_from([*SIGNATURES, *FORBIDDEN]).map("equals {}".format),
            st.tuples(st.sampled_from(["flops", "params", "bytes"]), value).map(" ".join),
        )
    )
    number = st.sampled_from(["1", "2", "4", "6", "1000", "999999999999"])
    given = [f"{name} = {draw(number | value)}" for name in draw(st.lists(st.sampled_from(NAMES[:7]), max_size=4))]
    return f"{head} for {', '.join(given)}" if given else head


def answer(text: str) -> set[str]:
    """What became of the claims of `text`: `refused`, or their outcomes."""
    loader = Loader()
    try:
        found = read_tests(loader.text(Source("<drawn>", text)), loader)
    except SynoError as error:
        for finding in error.diagnostics:
            check(finding)
        return {"refused"}
    outcomes = [try_claim(claim) for claim in found]
    for outcome in outcomes:
        assert (outcome.status == "ok") == (not outcome.diagnostics)
        for finding in outcome.diagnostics:
            check(finding)
            assert finding.code in ("E0906", "E0907", "E0908")
    return {outcome.status for outcome in outcomes}


@st.composite
def blocks(draw: Any, kind: str) -> str:
    """A test of one operator with some claims."""
    operator = draw(st.sampled_from(sorted(SIGNATURES)))
    claims = st.lists(likely(operator) if kind == "likely" else unlikely(), min_size=1, max_size=3)
    return f"{OPERATORS}\ntest {operator} {{ {' '.join(draw(claims))} }}"


@pytest.mark.parametrize("kind", ["likely", "unlikely"])
@given(st.data())
def test_any_claim_is_answered(kind: str, data: st.DataObject) -> None:
    answer(data.draw(blocks(kind)))


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["likely", "unlikely"])
@given(st.data())
def test_any_claim_is_answered_at_length(kind: str, data: st.DataObject) -> None:
    answer(data.draw(blocks(kind)))


@lru_cache
def grammatical(rule: str) -> st.SearchStrategy[str]:
    """Texts of one rule of the grammar."""
    grammar = Lark((folder("grammar") / "syno.lark").read_text(encoding="utf-8"), parser="lalr", start=["start", rule])
    words = {"_USE": "use", "_AS": "as", "_TEST": "test", "_EQUALS": "equals", "_FOR": "for"}
    explicit = {terminal: st.just(f" {word} ") for terminal, word in words.items()}
    explicit["COUNT"] = st.sampled_from([" flops ", " params ", " bytes "])
    explicit["WORD"] = st.sampled_from([f" {name} " for name in [*NAMES, "copy", "conv", "stdlib", "tile", "roll", "for"]])
    explicit["WHOLE"] = st.sampled_from([f" {number} " for number in ("0", "1", "3", "9" * 18, "9" * 19, "9" * 5000)])
    explicit["DECIMAL"] = st.sampled_from([" 0.5 ", " 1e3 ", " 1e999 ", f" 0.{'3' * 5000} "])
    explicit["TEXT"] = st.sampled_from(TEXTS)
    explicit["WS"], explicit["COMMENT"] = st.sampled_from([" ", "\n"]), st.just("# comment\n")
    used = {"use": {"_USE", "_AS"}, "test": {"_TEST", "_EQUALS", "_FOR", "COUNT", "WHOLE", "DECIMAL", "TEXT"}}
    kept = {"WORD", "WS", "COMMENT", *used[rule]}
    return from_lark(grammar, start=rule, explicit={key: value for key, value in explicit.items() if key in kept})


@pytest.mark.parametrize("rule", ["test", "use"])
@given(st.data())
def test_whatever_the_grammar_allows_is_answered(rule: str, data: st.DataObject) -> None:
    answer(OPERATORS + data.draw(grammatical(rule)))


def test_the_texts_reach_every_answer() -> None:
    """What is drawn above is neither all refused nor all right."""
    text = "{}\ntest copy {{ equals torch.roll(x, {}) for N = 3 }}"
    assert answer(text.format(OPERATORS, "3")) == {"ok"}
    assert answer(text.format(OPERATORS, "1")) == {"failed"}
    assert answer(text.format(OPERATORS, "y")) == {"refused"}
