"""Costs, symbolic and in numbers, against counting one by one in the text of the loops."""

import ast
from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from syno_lang.backends.loops.emit import emit
from syno_lang.ir.definition import Definition
from syno_lang.lower.cost import cost
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import StageProgram
from syno_lang.testing import definitions, random_arrays
from tests.lower.graphs import CONV1D, OP1, PIXEL_SHUFFLE

Case = tuple[Definition, dict[str, int]]


def count_in_text(program: StageProgram, sizes: Mapping[str, int]) -> tuple[int, int]:
    """Multiply-accumulates, and elements of buffers read or written, by running through the loops."""
    (function,) = ast.parse(emit(program)).body
    assert isinstance(function, ast.FunctionDef)
    work, moved = 0, 0
    lengths = {program.buffer(buffer.name).name: elements(buffer.shape, sizes) for buffer in program.buffers}
    for statement in function.body:
        if isinstance(statement, ast.For):
            work += run_through(statement, dict(sizes))
            names = {node.value.id for node in ast.walk(statement) if isinstance(node, ast.Subscript)}
            moved += sum(lengths[name] for name in names)
    return work, moved


def run_through(statement: ast.stmt, values: dict[str, int]) -> int:
    if isinstance(statement, ast.If):  # a nest is paid for whole, outside too
        return sum(run_through(inner, values) for inner in statement.body)
    if isinstance(statement, ast.For):
        length = eval(ast.unparse(statement.iter.args[0]), {"__builtins__": {}}, values)
        total = 0
        for position in range(length):
            values[statement.target.id] = position
            total += sum(run_through(inner, values) for inner in statement.body)
        return total
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
        return 0
    reads = sum(isinstance(node, ast.Subscript) for node in ast.walk(statement.value))
    return max(reads - 1, 1 if isinstance(statement, ast.AugAssign) else 0)


def elements(shape: tuple, sizes: Mapping[str, int]) -> int:
    total = 1
    for size in shape:
        total *= size.value(sizes)
    return total


@given(definitions(max_points=2000))
@settings(max_examples=60)
def test_counted_by_brute_force(case: Case) -> None:
    definition, sizes = case
    arrays = random_arrays(definition, sizes)
    parameters = sum(arrays[tensor.name].size for tensor in definition.weights)
    for program in (naive(definition), schedule(definition, sizes)):
        work, moved = count_in_text(program, sizes)
        found = cost(program, sizes, element_bytes=2)
        assert (found.flops, found.parameters, found.bytes) == (work, parameters, 2 * moved)
        assert found.stages == len(program.stages)


def test_convolution() -> None:
    found = cost(schedule(CONV1D))
    assert str(found.flops) == "C_in*C_out*L*k"
    assert str(found.parameters) == "C_in*C_out*k"
    assert found.stages == 1
    sizes = {"C_in": 4, "C_out": 8, "L": 10, "k": 3}
    assert cost(schedule(CONV1D), sizes).flops == 4 * 8 * 10 * 3
    assert cost(schedule(CONV1D), sizes).bytes == 4 * (4 * 10 + 8 * 4 * 3 + 8 * 10)


def test_moving_data_is_free() -> None:
    found = cost(schedule(PIXEL_SHUFFLE))
    assert str(found.flops) == "0"
    assert str(found.parameters) == "0"
    assert str(found.bytes) == "8*C*H*s"


def test_several_stages_add_up() -> None:
    assert str(cost(schedule(OP1)).flops) == "C_out*H^2*N*k*(C_out*k + C_in/g)/s"


def test_a_missing_size_is_named() -> None:
    with pytest.raises(KeyError, match="C_out"):
        cost(schedule(CONV1D), {"C_in": 1, "L": 1, "k": 1})
