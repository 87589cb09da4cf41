"""The verifier names what is wrong with a stage program."""

import dataclasses

import pytest

from syno_lang.ir.coordinates import Split
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import Apply, Axis, Buffer, BufferRead, Inside, Stage, StageProgram
from syno_lang.lower.verify import BrokenProgram, verify
from syno_lang.sizes import ONE, Size
from tests.lower.graphs import CONV1D, FIGURE_4

GOOD = schedule(FIGURE_4)
FIRST, LAST = GOOD.stages


def with_stages(*stages: Stage) -> StageProgram:
    return dataclasses.replace(GOOD, stages=stages)


def with_last(**changes: object) -> StageProgram:
    return with_stages(FIRST, dataclasses.replace(LAST, **changes))


def renamed(name: str) -> StageProgram:
    """The last stage with its axis called `name`, and not read."""
    return with_last(axes=(Axis(name, LAST.axes[0].domain),), value=Apply("multiply", ()))


STRANGER = Axis("stranger", Size.variable("H") / Size.variable("s"))

BROKEN = {
    "the stages do not fill the buffers in their order": with_stages(FIRST),
    "t1 is read before it is filled": with_stages(LAST, FIRST),
    "the axes of stage out have other domains": with_last(axes=(Axis("i", ONE),), value=Apply("multiply", ())),
    "two loops": with_last(axes=(*LAST.axes, *LAST.axes)),
    "the loop H has a name that is taken": renamed("H"),
    "the loop x has a name that is taken": renamed("x"),
    "the loop 'i j' is no identifier": renamed("i j"),
    "the axis i of the buffer is reduced": with_last(
        axes=(Axis("i", LAST.axes[0].domain, "sum"),), value=Apply("multiply", ())
    ),
    "the reduction q has the reducer 'max'": with_last(reductions=(Axis("q", ONE, "max"),)),
    "no loop of it": with_last(value=BufferRead("t1", (STRANGER,))),
    "stranger.* is no loop of it": with_last(value=Inside(STRANGER)),
    "t1 is read over other domains than its shape": with_last(value=BufferRead("t1", LAST.axes * 2)),
    "out: x is read over other domains": with_last(
        value=Apply("multiply", (BufferRead("x", (Split(LAST.axes[0], LAST.axes[0]),)),))
    ),
    "two buffers of": dataclasses.replace(GOOD, buffers=(GOOD.buffers[0], *GOOD.buffers)),
    "the last buffer and no other is the output": dataclasses.replace(
        GOOD, buffers=(*GOOD.buffers[:-1], Buffer("out", GOOD.buffers[-1].shape, "stage"))
    ),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_broken_programs(reason: str) -> None:
    with pytest.raises(BrokenProgram, match=reason):
        verify(BROKEN[reason])


def test_good_programs() -> None:
    for definition in (FIGURE_4, CONV1D):
        verify(naive(definition))
        verify(schedule(definition))
