"""A definition with its stage program enters; what the template of one class prints leaves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from syno_lang.backends.torch.forward import Way, forward
from syno_lang.backends.torch.initial import fan_ins
from syno_lang.backends.torch.loops import axes_text, stage_lines
from syno_lang.backends.torch.names import (
    Code,
    Namespace,
    commented,
    condition_code,
    condition_text,
    identifier,
    quoted,
    size_code,
    size_text,
)
from syno_lang.backends.torch.prepared import Prepared, prepared
from syno_lang.backends.torch.shapes import SizePlan, plan_sizes
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import formula
from syno_lang.lower.cost import cost
from syno_lang.lower.stages import StageProgram
from syno_lang.sizes import Size
from syno_lang.sizes.conditions import Condition, variables

#: How wide the comment that states a stage gets.
WIDTH: Final = 100


class ClassNames:
    """The identifiers of one class: `sizes` and `tensors` by their names in the file.

    Sizes and weights are attributes too, so they give way to those of `torch.nn.Module`.
    """

    def __init__(self, definition: Definition) -> None:
        self._space = Namespace()
        self.sizes = {size.name: self._space.attribute(size.name) for size in definition.sizes}
        self.weights = {tensor.name: self._space.attribute(tensor.name) for tensor in definition.weights}
        self.inputs = {tensor.name: self._space.claim(tensor.name) for tensor in definition.inputs}

    def fresh(self, wanted: str) -> Code:
        """A local variable that is not used yet."""
        return self._space.claim(wanted)


def class_context(
    name: Code, definition: Definition, way: Way, *, notes: Iterable[str] = (), checkpoint: bool = False
) -> dict[str, Any]:
    """The variables of `class.py.j2` for the class `name`, which computes `definition` in this `way`.

    `notes` are lines of a comment; with `checkpoint` only inputs are kept for the gradients.
    """
    names = ClassNames(definition)
    plan = plan_sizes(definition)
    weights = {weight: Code(f"self.{variable}") for weight, variable in names.weights.items()}
    made = prepared(forward(way, {**names.inputs, **weights}, names.fresh), [*weights.values()], plan.known)
    return {
        "name": name,
        "operator": Code(identifier(definition.name)),
        "formula": quoted(formula(definition), 8),
        "cost": _cost(way.program),
        "checkpoint": checkpoint,
        "notes": [commented(line) for line in notes],
        "sizes": names.sizes,
        "tensors": names.inputs,
        "plan": plan,
        "known": [names.sizes[size] for size in plan.known],
        "optional": [names.sizes[size] for size in plan.optional],
        "code": partial(size_code, names=names.sizes),
        "text": partial(size_text, names=names.sizes),
        "early": _conditions(plan.conditions(early=True), names),
        "late": _conditions(plan.conditions(early=False), names),
        "result": _axes(definition.graph.output, names),
        **_tensors(definition, plan, names),
        **_stages(plan, made, names),
    }


def _tensors(definition: Definition, plan: SizePlan, names: ClassNames) -> dict[str, Any]:
    """The inputs, the weights, and the sizes that `reset_parameters` needs."""
    fans = {fan.weight: fan.terms for fan in fan_ins(definition, plan.known)}
    return {
        "inputs": [
            {"name": names.inputs[one.name], "shape": one.shape, "axes": _axes(one.shape, names)}
            for one in definition.inputs
        ],
        "weights": [
            {
                "name": names.weights[one.name],
                "shape": one.shape,
                "axes": _axes(one.shape, names),
                "fan_in": fans[one.name],
            }
            for one in definition.weights
        ],
        "resetting": _among(plan.known, (size for terms in fans.values() for size, _ in terms), names),
    }


def _stages(plan: SizePlan, made: Prepared, names: ClassNames) -> dict[str, Any]:
    """The stages, what is prepared for them, and the sizes that each takes from the module."""
    stages = made.stages
    running = [
        *(solution.rest for solution in plan.solutions),
        *(place.size for place in plan.checks),
        *(division.size for division in plan.late),
        *(size for condition in plan.conditions(early=False) for size in condition.sizes),
        *(size for stage in stages for size in stage.sizes),
    ]
    buffers = {**names.inputs, **names.weights, **{stage.stage.buffer: stage.target for stage in stages}}
    return {
        "stages": [
            {
                "loops": stage_lines(stage.stage, names.sizes, buffers, WIDTH),
                "statements": stage.statements,
                "target": stage.target,
            }
            for stage in stages
        ],
        "prepared": {
            "statements": made.statements,
            "names": [Code(name) for name in made.names],
            "running": _among(plan.known, made.sizes, names),
        },
        "running": _among(plan.known, running, names),
        "axes_of": partial(axes_text, names=names.sizes),
    }


def _conditions(conditions: Iterable[Condition], names: ClassNames) -> list[dict[str, Any]]:
    """Per condition its text, its code, and the sizes that it is about."""
    return [
        {
            "text": condition_text(item, names.sizes),
            "code": condition_code(item, names.sizes),
            "about": [names.sizes[name] for name in variables([item])],
        }
        for item in conditions
    ]


def _axes(shape: Iterable[Size], names: ClassNames) -> Code:
    return Code(", ".join(size_text(size, names.sizes) for size in shape))


def _among(known: Iterable[str], sizes: Iterable[Size], names: ClassNames) -> list[Code]:
    """The variables of those `known` that occur in `sizes`."""
    used = {name for size in sizes for name in size.variables}
    return [names.sizes[name] for name in known if name in used]


def _cost(program: StageProgram) -> dict[str, Code]:
    counted = cost(program)
    return {"flops": Code(str(counted.flops)), "parameters": Code(str(counted.parameters))}
