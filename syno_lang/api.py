"""A text or a path enters, an `Operator` leaves: the few names that users need.

Everything heavy (numpy, sympy, jinja2, torch, tvm) is loaded by the method that needs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, get_args

from syno_lang.diagnostics import Source, fail
from syno_lang.diagnostics.suggest import did_you_mean
from syno_lang.ir.assign import assign
from syno_lang.ir.definition import Definition
from syno_lang.modules.find import resolve, search_path
from syno_lang.modules.load import Loaded, Loader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from syno_lang.lower.cost import Cost
    from syno_lang.lower.stages import StageProgram

Notation = Literal["formula", "graph", "loops", "stages", "svg"]


class Operator:
    """A neural operator: what a `.syno` file states, and what can be made of it.

    Two operators are equal where their pGraphs are: names do not count.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    @property
    def name(self) -> str:
        """The name in the file."""
        return self.definition.name

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that identify the pGraph on every machine."""
        return self.definition.graph.digest

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Operator):
            return NotImplemented
        return self.definition.graph == other.definition.graph

    def __hash__(self) -> int:
        return hash(self.definition.graph)

    def __repr__(self) -> str:
        return f"<Operator {self.name} {self.digest[:8]}>"

    def __str__(self) -> str:
        return self.show("formula")

    def interpret(self, arrays: Mapping[str, ArrayLike], /, **sizes: SupportsIndex) -> NDArray[np.float64]:
        """The value of the definition in float64: the oracle that everything emitted is compared with.

        `arrays` holds every input and weight by name, `sizes` every size without a default.  Raises
        `SynoError` where something is missing or does not fit.

            op.interpret({"x": x, "w": w}, N=1, C_in=8, C_out=8, H=7, W=5)
        """
        from syno_lang.ir.interpret import interpret

        return interpret(self.definition, arrays, assign(self.definition, sizes))

    def stages(self, /, **sizes: SupportsIndex) -> StageProgram:
        """The loop nests that compute the operator with the fewest FLOPs.

        The order that is best may depend on the sizes: those given are used to choose.
        """
        from syno_lang.lower.schedule import schedule

        return schedule(self.definition, assign(self.definition, sizes, partial=True))

    def cost(self, /, **sizes: SupportsIndex) -> Cost[Any]:
        """FLOPs (multiply-accumulates), parameters and bytes moved.

        Without `sizes` the cost is symbolic (`Polynomial`); with all of them it is in numbers.

            op.cost(N=1, C_in=64, C_out=64, H=56).flops
        """
        from syno_lang.lower.cost import cost

        if not sizes:
            return cost(self.stages())
        return cost(self.stages(**sizes), assign(self.definition, sizes))

    def show(self, notation: Notation = "formula", /, **sizes: SupportsIndex) -> str:
        """The operator as text: `formula`, `graph`, `loops` (the definition), `stages` or `svg`."""
        from syno_lang.ir import print as printer

        if notation not in get_args(Notation):
            raise ValueError(f"{notation!r} is no notation: {', '.join(get_args(Notation))}")
        match notation:
            case "formula":
                return printer.formula(self.definition)
            case "graph":
                return printer.graph(self.definition)
            case "svg":
                from syno_lang.backends.svg.emit import emit as draw

                return draw(self.definition)
        from syno_lang.backends.loops.emit import emit as write_loops
        from syno_lang.lower.schedule import naive

        return write_loops(naive(self.definition) if notation == "loops" else self.stages(**sizes))

    def emit_torch(self, /, **sizes: SupportsIndex) -> str:
        """The source of a Python file with one `torch.nn.Module`; it needs only torch.

        The module serves any sizes; `sizes` only help to choose the order of the contractions.
        """
        from syno_lang.backends.torch.emit import emit

        return emit([self.definition], {self.name: self.stages(**sizes)})

    def to_torch(self, /, **sizes: SupportsIndex) -> type[Any]:
        """The `torch.nn.Module` class of the operator.  Raises `SynoError` (E0701) without torch.

        Op1 = op.to_torch()
        layer = Op1(C_in=64, C_out=64)      # sizes of the weights; coefficients have defaults
        y = layer(x)                        # every other size comes from x
        """
        from syno_lang.backends.torch.emit import class_name
        from syno_lang.backends.torch.load import load_class

        return load_class(self.emit_torch(**sizes), class_name(self.name))

    def emit_tvm(self, dtype: str = "float32", /, **sizes: SupportsIndex) -> str:
        """The TVMScript source of an IRModule for these sizes.

        `dtype` is `float64`, `float32`, `float16` or `bfloat16`; the last two are summed in float32.
        """
        from syno_lang.backends.tvm.emit import emit

        values = assign(self.definition, sizes)
        return emit(self.stages(**values), values, dtype)

    def to_tvm(self, dtype: str = "float32", /, **sizes: SupportsIndex) -> Any:
        """The `tvm.IRModule` for these sizes; `main` takes inputs, weights (in file order), then the output.

        `dtype` is as for `emit_tvm`.  Raises `SynoError` (E0701) without tvm.
        """
        from syno_lang.backends.tvm.load import to_ir_module

        return to_ir_module(self.emit_tvm(dtype, **sizes))

    def _repr_svg_(self) -> str:
        return self.show("svg")

    def _repr_html_(self) -> str:
        from syno_lang.backends.html.emit import emit

        return emit(self.definition, self.show("svg"))


def emit_torch(operators: Iterable[Operator], /, **sizes: SupportsIndex) -> str:
    """The source of one Python file with a `torch.nn.Module` for each of `operators`.

    Of `sizes`, which help to choose the order of the contractions, each operator takes those that it has.
    Raises `SynoError` (E0605) for a size that none has.
    """
    from syno_lang.backends.torch.emit import emit

    programs = {}
    several = list(operators)
    known = {size.name for operator in several for size in operator.definition.sizes}
    for operator in several:
        own = {size.name for size in operator.definition.sizes}
        given = {name: value for name, value in sizes.items() if name in own or name not in known}
        programs[operator.name] = operator.stages(**given)
    return emit([operator.definition for operator in several], programs)


def parse(text: str, name: str | None = None, *, source: str = "<text>") -> Operator:
    """The operator that `text` states; `name` picks one of several.  Raises `SynoError`."""
    loader = Loader(search_path())
    return _pick(_all(loader.text(Source(source, text)), loader), name, source)


def load(
    path: str | os.PathLike[str], name: str | None = None, *, search: Iterable[str] | None = None
) -> Operator:
    """The operator of a `.syno` file; `name` picks one of several.  Raises `SynoError`.

    `stdlib:conv2d` names an operator that ships with the package; `search` is that of `load_all`.
    """
    return _pick(load_all(path, search=search), name, os.fspath(path))


def load_all(path: str | os.PathLike[str], *, search: Iterable[str] | None = None) -> dict[str, Operator]:
    """Every operator of a `.syno` file by name, without those that it uses.  Raises `SynoError`.

    `search` are the folders in which `use` looks after that of the file; by default those of SYNO_PATH.
    """
    loader = Loader(search_path() if search is None else tuple(search))
    return _all(loader.file(resolve(os.fspath(path))), loader)


def _all(loaded: Loaded, loader: Loader) -> dict[str, Operator]:
    if loaded.module.tests:
        from syno_lang.checks.read import read_tests

        read_tests(loaded, loader)
    if loaded.module.rules:
        from syno_lang.rewrite.read import read_rules

        read_rules(loaded.module.rules)
    return {name: Operator(definition) for name, definition in loaded.own.items()}


def _pick(operators: Mapping[str, Operator], name: str | None, source: str) -> Operator:
    if name is not None and name in operators:
        return operators[name]
    if name is None and len(operators) == 1:
        return next(iter(operators.values()))
    if not operators:
        raise fail("E0104", f"{source} holds no operator", hint="write `operator name(...) -> [...] { ... }`")
    names = ", ".join(operators)
    if name is None:
        raise fail("E0104", f"{source} holds {len(operators)} operators", hint=f"pick one of {names}")
    hint = did_you_mean(name, operators) or f"it has {names}"
    raise fail("E0104", f"{source} has no operator {name}", hint=hint)
