"""Reads the text of loops back: checks that it is nothing but loops over whole numbers, then runs it."""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from syno_lang.lower.stages import StageProgram

ALLOWED = (
    *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return),
    *(ast.For, ast.If, ast.Assign, ast.AugAssign, ast.Subscript, ast.Tuple, ast.Name, ast.Constant),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.Pow, ast.Div),
    *(ast.Compare, ast.LtE, ast.Lt, ast.BoolOp, ast.And, ast.Call, ast.Load, ast.Store),
)


class Checked:
    """An array that may be read only at places that exist, so -1 is a mistake and not the last one."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def place(self, index: Any) -> tuple[int, ...]:
        index = index if isinstance(index, tuple) else (index,)
        assert len(index) == self.array.ndim
        assert all(type(item) is int and 0 <= item < size for item, size in zip(index, self.array.shape, strict=True))
        return index

    def __getitem__(self, index: Any) -> float:
        return float(self.array[self.place(index)])

    def __setitem__(self, index: Any, value: float) -> None:
        self.array[self.place(index)] = value


def read_back(
    text: str, program: StageProgram, arrays: Mapping[str, np.ndarray], sizes: Mapping[str, int]
) -> np.ndarray:
    """Run `text`, the loops of `program`."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        assert isinstance(node, ALLOWED), ast.dump(node)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name) and node.func.id in ("range", "zeros")
    space: dict[str, Any] = {
        "__builtins__": {},
        "range": range,
        "zeros": lambda *shape: Checked(np.zeros(shape)),
    }
    exec(compile(tree, "<loops>", "exec"), space)
    tensors = {name: Checked(array) for name, array in arrays.items()}
    result: Checked = space[program.name](**tensors, **sizes)
    return result.array
