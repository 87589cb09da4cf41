"""Names of buffers and axes: those of the file where they can be, and never two alike."""

import dataclasses
import keyword

from hypothesis import given, settings

from syno_lang.ir.coordinates import Unfold
from syno_lang.ir.definition import Definition
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import StageProgram
from syno_lang.testing import definitions
from tests.lower.graphs import CONV1D, FIGURE_4, OP1, define


def names_of(program: StageProgram) -> list[str]:
    return [axis.name for stage in program.stages for axis in (*stage.axes, *stage.reductions)]


def test_axes_have_the_names_of_the_file() -> None:
    (nest,) = naive(CONV1D).stages
    assert [axis.name for axis in nest.axes] == ["co", "l"]
    assert [axis.name for axis in nest.reductions] == ["ci", "p"]


def test_a_cut_is_named_for_what_it_is_made_of() -> None:
    first, last = schedule(OP1).stages
    assert [axis.name for axis in first.axes] == ["n", "a", "h_p", "w_q", "q", "r"]
    assert (first.buffer, last.buffer) == ("t1", "out")


def test_a_named_cut_keeps_its_name() -> None:
    (i,), (first, _) = FIGURE_4.graph.iterators, FIGURE_4.graph.reductions
    window = Unfold(i, first)
    assert window in FIGURE_4.graph.coordinates
    named = dataclasses.replace(FIGURE_4, names={**FIGURE_4.names, window: "u'"})
    assert [axis.name for axis in schedule(named).stages[0].axes] == ["u_"]


def test_without_names_position_and_label_serve() -> None:
    bare = dataclasses.replace(CONV1D, names={})
    assert names_of(naive(bare)) == ["i0", "i1", "r0", "r1"]


def test_names_that_are_taken_give_way() -> None:
    definition = define(
        """
operator clash<H, s; k = 3>(out: [H], weight t1: [H, k, s], weight t3: [s]) -> [H] {
    y[t2] = sum[j: k, r: s] out[unfold(t2, j)] * t1[t2, j, r] * t3[r]
}
"""
    )
    program = schedule(definition)
    assert [stage.buffer for stage in program.stages] == ["t4", "out_2"]
    clashing = dict.fromkeys((*definition.graph.iterators, *definition.graph.reductions), "H")
    assert names_of(naive(dataclasses.replace(definition, names=clashing))) == ["H_2", "H_3", "H_4"]
    keywords = dict(zip(clashing, ("for", "in", "lambda"), strict=True))
    assert names_of(naive(dataclasses.replace(definition, names=keywords))) == ["for_2", "in_2", "lambda_2"]


@given(definitions())
@settings(max_examples=50)
def test_names_are_plain_and_unique(case: tuple[Definition, dict[str, int]]) -> None:
    for names in (case[0].names, {}, dict.fromkeys(case[0].graph.coordinates, "t1''")):
        program = schedule(dataclasses.replace(case[0], names=names), case[1])
        buffers = [buffer.name for buffer in program.buffers]
        assert len(set(buffers)) == len(buffers)
        for stage in program.stages:
            axes = [axis.name for axis in (*stage.axes, *stage.reductions)]
            assert len(set(axes)) == len(axes)
            assert not set(axes) & {*buffers, *(size.name for size in program.sizes)}
            assert all(name.isidentifier() and not keyword.iskeyword(name) for name in axes)
