"""A text or a path enters, an `Operator` leaves: the few names that users need.

Everything heavy (numpy, sympy, jinja2, torch, tvm) is loaded by the method that needs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
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

    from syno_lang.backends.tvm.kernel import Kernel
    from syno_lang.lower.cost import Cost
    from syno_lang.lower.stages import StageProgram
    from syno_lang.synth.space import Space

#: What a tuned module is for: forward passes, forward passes after `fold`, or training.
Purpose = Literal["inference", "folded", "training"]

Notation = Literal["formula", "graph", "loops", "stages", "svg"]

#: How many orders of the contractions are priced for a torch module, those with the fewest FLOPs.
ORDERS = 4


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

    def emit_torch(
        self, /, *, canonicalize: bool = True, checkpoint: bool = False, **sizes: SupportsIndex
    ) -> str:
        """The source of a Python file with one `torch.nn.Module`; it needs only torch.

        The module serves any sizes; `sizes` only help to choose what is fastest.  The normal form under the
        exact rules is compiled where it is expected to be faster than what is written, unless `canonicalize`
        is false; weights, inputs and values are the same either way.  With `checkpoint` the module keeps only
        its inputs for the gradients, and computes the rest again.
        """
        return emit_torch([self], canonicalize=canonicalize, checkpoint=checkpoint, **sizes)

    def to_torch(self, /, *, canonicalize: bool = True, **sizes: SupportsIndex) -> type[Any]:
        """The `torch.nn.Module` class of the operator.  Raises `SynoError` (E0701) without torch.

        Op1 = op.to_torch()
        layer = Op1(C_in=64, C_out=64)      # sizes of the weights; coefficients have defaults
        y = layer(x)                        # every other size comes from x

        `canonicalize` is as for `emit_torch`.
        """
        from syno_lang.backends.torch.emit import class_name
        from syno_lang.backends.torch.load import load_class

        text = self.emit_torch(canonicalize=canonicalize, checkpoint=False, **sizes)
        return load_class(text, class_name(self.name))

    def tune_torch(
        self,
        device: str = "cpu",
        threads: int | None = None,
        dtype: str = "float32",
        purpose: Purpose = "inference",
        /,
        *,
        checkpoint: bool = False,
        **sizes: SupportsIndex,
    ) -> str:
        """As `emit_torch`, in the form that is fastest here: the most promising ones are measured at `sizes`.

        The `purpose` says what counts: a forward pass (`inference`), one after `fold` (`folded`), or one with
        its gradients (`training`).  A comment in the text keeps the times.  Raises `SynoError`: E0701 without
        torch, E0704 where torch cannot compute this.

            text = op.tune_torch("cuda", N=32, C_in=64, C_out=64, H=56)
        """
        from syno_lang.evaluate.candidates import Setting
        from syno_lang.evaluate.device import measuring
        from syno_lang.evaluate.tune import tune

        setting = Setting(self.definition, assign(self.definition, sizes), device=device, dtype=dtype)
        with measuring(device, threads):
            return tune(setting, purpose, checkpoint=checkpoint).text

    def emit_tvm(
        self,
        dtype: str = "float32",
        /,
        *,
        canonicalize: bool = True,
        open_sizes: Iterable[str] = (),
        **sizes: SupportsIndex,
    ) -> str:
        """The TVMScript source of an IRModule for these sizes.

        `dtype` is `float64`, `float32`, `float16` or `bfloat16`; the last two are summed in float32.  The
        normal form is compiled where its indices are simpler than what is written, unless `canonicalize` is
        false.  Sizes in `open_sizes`, such as a batch, are left to the call.  Raises `SynoError` (E1306) for
        one that more depends on than the lengths of axes.
        """
        from syno_lang.backends.tvm.emit import emit
        from syno_lang.lower.forms import plainest, programs

        names = tuple(open_sizes)
        values = assign(self.definition, {**sizes, **dict.fromkeys(names, 1)})
        program = plainest(programs(self.definition, values, canonicalize))
        return emit(program, values, dtype, open_sizes=names)

    def to_tvm(
        self,
        dtype: str = "float32",
        /,
        *,
        canonicalize: bool = True,
        open_sizes: Iterable[str] = (),
        **sizes: SupportsIndex,
    ) -> Any:
        """The `tvm.IRModule` for these sizes; `main` takes inputs, weights (in file order), then the output.

        The arguments are those of `emit_tvm`.  Raises `SynoError` (E0701) without tvm.
        """
        from syno_lang.backends.tvm.load import to_ir_module

        text = self.emit_tvm(dtype, canonicalize=canonicalize, open_sizes=open_sizes, **sizes)
        return to_ir_module(text)

    def gradient(self, tensor: str, /, **sizes: SupportsIndex) -> StageProgram:
        """The loop nests that compute the gradient of `tensor` from that of the output.

        They read the gradient of the output, then the other tensors in the order of the file.  Raises
        `SynoError`: E0202 for an unknown tensor, E1305 where the gradient is no such program.
        """
        from syno_lang.lower.differentiate import differentiate

        return differentiate(self.definition, tensor, assign(self.definition, sizes, partial=True))

    def emit_tvm_gradient(self, tensor: str, dtype: str = "float32", /, **sizes: SupportsIndex) -> str:
        """The TVMScript source of an IRModule that computes `gradient`, for these sizes.

        `main` takes the gradient of the output, the other tensors in the order of the file, then the result.
        """
        from syno_lang.backends.tvm.emit import emit

        values = assign(self.definition, sizes)
        return emit(self.gradient(tensor, **values), values, dtype)

    def tvm_kernel(self, dtype: str = "float32", target: str = "llvm", /, **sizes: SupportsIndex) -> Kernel:
        """The operator at these sizes, scheduled and compiled for `target`.

        `target` is `llvm`, this machine, or `cuda`, or JSON that TVM knows.  The kernel takes what `main` of
        `to_tvm` takes.  Raises `SynoError`: E0701 without tvm, E1301 for an unknown target.

            kernel = op.tvm_kernel(N=1, C_in=64, C_out=64, H=56)
            kernel(x, u, v, out)
        """
        from syno_lang.backends.tvm.kernel import compile_kernel
        from syno_lang.backends.tvm.targets import target_of
        from syno_lang.lower.forms import plainest, programs

        values = assign(self.definition, sizes)
        return compile_kernel(plainest(programs(self.definition, values)), values, target_of(target), dtype)

    def tvm_module(self, dtype: str = "float32", /, **sizes: SupportsIndex) -> Any:
        """A `torch.nn.Module` for inference that calls the TVM kernel for this CPU on tensors where they lie.

        Its parameters are those of the PyTorch module.  Raises `SynoError` (E0701) without torch or tvm.
        """
        if find_spec("torch") is None:
            raise fail("E0701", "torch is not installed", hint="run pip install 'syno_lang[torch]'")
        from syno_lang.backends.torch.kernel import KernelModule

        kernel = self.tvm_kernel(dtype, **sizes)
        shapes = {array.name: array.shape for array in kernel.arguments}
        weights = {name: shapes[name] for name in kernel.weights}
        return KernelModule(kernel, weights, kernel.arguments[-1].shape, dtype)

    def tvm_layer(self, /, **sizes: SupportsIndex) -> Any:
        """A `torch.nn.Module` that `syno_lang.evaluate.models.compile_model` compiles by our TVM kernel.

        It runs and trains as the PyTorch module does; all sizes must be given.  Raises `SynoError` (E0701)
        without torch or tvm.
        """
        from syno_lang.backends.tvm.load import require_tvm

        require_tvm()
        if find_spec("torch") is None:
            raise fail("E0701", "torch is not installed", hint="run pip install 'syno_lang[torch]'")
        from syno_lang.evaluate.models import tvm_layer

        return tvm_layer(self.definition, **sizes)

    def _repr_svg_(self) -> str:
        return self.show("svg")

    def _repr_html_(self) -> str:
        from syno_lang.backends.html.emit import emit

        return emit(self.definition, self.show("svg"))


def emit_torch(
    operators: Iterable[Operator],
    /,
    *,
    canonicalize: bool = True,
    checkpoint: bool = False,
    **sizes: SupportsIndex,
) -> str:
    """The source of one Python file with a `torch.nn.Module` for each of `operators`.

    Of `sizes`, which help to choose what is fastest, each operator takes those that it has; `canonicalize`
    and `checkpoint` are as for `Operator.emit_torch`.  Raises `SynoError` (E0605) for a size that none has.
    """
    from syno_lang.backends.torch.choose import ways
    from syno_lang.backends.torch.emit import emit
    from syno_lang.lower.forms import programs
    from syno_lang.lower.schedule import schedules

    chosen = {}
    several = list(operators)
    known = {size.name for operator in several for size in operator.definition.sizes}
    for operator in several:
        own = {size.name for size in operator.definition.sizes}
        given = {name: value for name, value in sizes.items() if name in own or name not in known}
        values = assign(operator.definition, given, partial=True)
        found = (
            *programs(operator.definition, values, canonicalize),
            *schedules(operator.definition, values, ORDERS),
        )
        chosen[operator.name] = ways(found, sizes=values)[0]
    return emit([operator.definition for operator in several], chosen, checkpoint=checkpoint)


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
    found = load_contents(path, search=search)
    return _pick(found.operators, name, os.fspath(path), found.spaces)


def load_all(path: str | os.PathLike[str], *, search: Iterable[str] | None = None) -> dict[str, Operator]:
    """Every operator of a `.syno` file by name, without those that it uses.  Raises `SynoError`.

    `search` are the folders in which `use` looks after that of the file; by default those of SYNO_PATH.
    """
    return load_contents(path, search=search).operators


def load_space(
    path: str | os.PathLike[str],
    name: str | None = None,
    *,
    search: Iterable[str] | None = None,
    layers: Sequence[Mapping[str, int]] | None = None,
) -> Space:
    """The search space of a `.syno` file; `name` picks one of several.  Raises `SynoError`.

    `stdlib:resnet` names a space that ships with the package; `search` is that of `load_all`.  With
    `layers`, values of sizes for each, the space is that for these layers, as are its shares of a cost.
    """
    from syno_lang.synth.ast_to_space import pick_space, read_spaces

    if layers is None:
        spaces = load_contents(path, search=search).spaces
    else:
        loader = Loader(search_path() if search is None else tuple(search))
        spaces = read_spaces(loader.file(resolve(os.fspath(path))), loader, layers)
    return pick_space(spaces, name, os.fspath(path))


@dataclass(frozen=True)
class Contents:
    """What a file defines, by name."""

    operators: dict[str, Operator]
    spaces: dict[str, Space]


def load_contents(path: str | os.PathLike[str], *, search: Iterable[str] | None = None) -> Contents:
    """All that a `.syno` file defines and that is known to be right.  Raises `SynoError`, as `load_all`."""
    loader = Loader(search_path() if search is None else tuple(search))
    return _contents(loader.file(resolve(os.fspath(path))), loader)


def _all(loaded: Loaded, loader: Loader) -> dict[str, Operator]:
    return _contents(loaded, loader).operators


def _contents(loaded: Loaded, loader: Loader) -> Contents:
    spaces: dict[str, Space] = {}
    if loaded.module.tests:
        from syno_lang.checks.read import read_tests

        read_tests(loaded, loader)
    if loaded.module.spaces:
        from syno_lang.synth.ast_to_space import read_spaces

        spaces = read_spaces(loaded, loader)
    if loaded.module.rules:
        from syno_lang.rewrite.read import read_rules

        read_rules(loaded.module.rules)
    return Contents({name: Operator(definition) for name, definition in loaded.own.items()}, spaces)


def _pick(
    operators: Mapping[str, Operator], name: str | None, source: str, spaces: Iterable[str] = ()
) -> Operator:
    if name is not None and name in operators:
        return operators[name]
    if name is None and len(operators) == 1:
        return next(iter(operators.values()))
    several = list(spaces)
    if not operators and several:
        hint = f"it holds the space {several[0]}: `syno space show {source}`"
        raise fail("E0104", f"{source} holds no operator", hint=hint)
    if not operators:
        raise fail("E0104", f"{source} holds no operator", hint="write `operator name(...) -> [...] { ... }`")
    names = ", ".join(operators)
    if name is None:
        raise fail("E0104", f"{source} holds {len(operators)} operators", hint=f"pick one of {names}")
    hint = did_you_mean(name, operators) or f"it has {names}"
    raise fail("E0104", f"{source} has no operator {name}", hint=hint)
