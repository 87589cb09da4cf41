"""The page of the stdlib and the examples are what they say they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import syno_lang
from syno_lang.testing import random_arrays

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.syno"))


def test_the_pages_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate_stdlib", ROOT / "docs" / "generate_stdlib.py")
    assert spec is not None and spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    for path, made in ((generator.PAGE, generator.page), (generator.SPACES, generator.spaces)):
        assert path.read_text(encoding="utf-8") == made(), "run python docs/generate_stdlib.py"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_compile(path: Path) -> None:
    assert syno_lang.load_all(path)


def test_the_notations_say_the_same() -> None:
    first, *others = syno_lang.load_all(ROOT / "examples" / "two_notations.syno").values()
    assert len(others) == 2
    assert all(other == first and other.digest == first.digest for other in others)


def test_group_shift_moves_one_channel_of_each_group() -> None:
    operator = syno_lang.load(ROOT / "examples" / "group_shift.syno")
    x = np.random.default_rng(0).standard_normal((2, 6, 5, 4))
    wanted = np.empty_like(x)
    for channel in range(6):
        group, number = divmod(channel, 3)
        source = x[:, 3 * group + (number + 1) % 3]
        wanted[:, channel] = np.roll(source, -1, axis=1) if number == 2 else source
    np.testing.assert_array_equal(operator.interpret({"x": x}, N=2, C=6, H=5, W=4, s=3), wanted)


def test_low_rank_conv2d_is_three_convolutions() -> None:
    torch = pytest.importorskip("torch")
    conv2d = torch.nn.functional.conv2d
    operator = syno_lang.load(ROOT / "examples" / "low_rank_conv2d.syno")
    sizes = {"N": 2, "C": 6, "D": 5, "H": 7, "W": 4, "k": 3, "r": 2}
    arrays = random_arrays(operator.definition, sizes)
    x, down, mix, up = (torch.from_numpy(array) for array in arrays.values())
    wanted = conv2d(conv2d(conv2d(x, down[:, :, None, None]), mix, padding=1), up[:, :, None, None])
    np.testing.assert_allclose(operator.interpret(arrays, **sizes), wanted.numpy(), rtol=1e-12, atol=1e-12)
