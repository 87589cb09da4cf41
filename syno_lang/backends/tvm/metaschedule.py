"""An `IRModule` and a function that measures enter; MetaSchedule calls that function for schedules it draws.

Everything runs in this process.  TVM's own builders start workers that each parse the intrinsics of every
GPU for a quarter of a minute, and its default callbacks delete the folder of whatever they are given.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import sys
from collections.abc import Callable, Iterator as Iterate
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import tvm
import tvm.s_tir
from tvm.ir.utils import derived_object
from tvm.s_tir import meta_schedule as ms
from tvm.s_tir.meta_schedule.builder import BuilderResult, PyBuilder
from tvm.s_tir.meta_schedule.measure_callback import AddToDatabase, UpdateCostModel
from tvm.s_tir.meta_schedule.runner import PyRunner, PyRunnerFuture, RunnerResult

#: Schedules per round of the search: what is lost at most when it is interrupted.
ROUND: Final = 8

#: Time a schedule: a module enters, seconds leave; an exception where it does not run.
Measure = Callable[[Any], float]


@derived_object
class _Builder(PyBuilder):  # type: ignore[misc]
    """Keeps the module of each candidate until it is measured; it is compiled there."""

    def __init__(self, modules: dict[str, Any]) -> None:
        super().__init__()
        self.modules = modules

    def build(self, build_inputs: Any) -> list[Any]:
        """A name for each candidate."""
        results = []
        for item in build_inputs:
            name = f"candidate {len(self.modules)}"
            self.modules[name] = tvm.s_tir.transform.RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(
                item.mod
            )
            results.append(BuilderResult(name, None))
        return results


@derived_object
class _Done(PyRunnerFuture):  # type: ignore[misc]
    """A measurement that is there already."""

    def __init__(self, seconds: list[float] | None, error: str | None) -> None:
        super().__init__()
        self.seconds, self.error = seconds, error

    def done(self) -> bool:
        """Always."""
        return True

    def result(self) -> Any:
        """What was measured."""
        return RunnerResult(self.seconds, self.error)


@derived_object
class _Runner(PyRunner):  # type: ignore[misc]
    """Measures in this process, one after the other."""

    def __init__(self, modules: dict[str, Any], measure: Measure, stop: list[BaseException]) -> None:
        super().__init__()
        self.modules, self.measure, self.stop = modules, measure, stop

    def run(self, runner_inputs: Any) -> list[Any]:
        """The time of each candidate."""
        found = []
        for item in runner_inputs:
            module = self.modules[str(item.artifact_path)]
            try:
                if self.stop:
                    raise RuntimeError("stopped")
                found.append(_Done([self.measure(module)], None))
            except RuntimeError as error:
                found.append(_Done(None, str(error)))
            except BaseException as error:  # TVM would make another of it; it is raised again by `search`
                self.stop.append(error)
                found.append(_Done(None, repr(error)))
        return found


def search(module: Any, target: Any, folder: Path, trials: int, measure: Measure, seed: int) -> None:
    """Draw and measure up to `trials` schedules of `module`; the records are appended to those in `folder`.

    What `measure` raises other than `RuntimeError`, an interrupt for one, ends the search and is raised here.
    """
    modules: dict[str, Any] = {}
    stop: list[BaseException] = []

    @derived_object
    class Watch(ms.measure_callback.PyMeasureCallback):  # type: ignore[misc]
        def apply(self, *_: Any) -> None:
            modules.clear()
            if stop:
                raise RuntimeError("stopped")

    with _quiet():
        _without_gpu_intrinsics()
        try:
            ms.tune_tir(
                module,
                target=target,
                work_dir=str(folder),
                max_trials_global=trials,
                num_trials_per_iter=min(ROUND, trials),
                cost_model=cost_model(),
                builder=_Builder(modules),
                runner=_Runner(modules, measure, stop),
                num_tuning_cores=1,
                seed=seed,
                strategy=ms.search_strategy.EvolutionarySearch(
                    population_size=min(128, 16 + 4 * trials),
                    init_min_unmeasured=min(24, 8 + trials),
                    genetic_num_iters=3,
                ),
                measure_callbacks=[AddToDatabase(), UpdateCostModel(), Watch()],
            )
        except RuntimeError:
            if not stop:
                raise
    if stop:
        raise stop[0]


def cost_model() -> str:
    """`xgb` where XGBoost is installed; random schedules are about twice as slow after as many trials."""
    return "xgb" if find_spec("xgboost") else "random"


def _without_gpu_intrinsics() -> None:
    """Spare the import of the intrinsics of all GPUs, which takes a quarter of a minute."""
    name = "tvm.s_tir.tensor_intrin"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(Path(tvm.s_tir.__file__ or "").parent / "tensor_intrin")]
        sys.modules[name] = package
        importlib.import_module(f"{name}.x86")


@contextlib.contextmanager
def _quiet() -> Iterate[None]:
    """MetaSchedule writes tables to the terminal, unless its loggers are told not to."""
    logger = logging.getLogger("tvm.s_tir.meta_schedule")
    before = logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    try:
        yield
    finally:
        logger.level, logger.propagate = before


def tune_graph(
    module: Any, target: Any, folder: Path, trials: int, measure_in: Callable[[Any, Any], float]
) -> Any:
    """Tune the functions of a lowered Relax module that have no schedule; return the module with the best.

    `measure_in(module, arguments)` times one function.  Records are kept in `folder`, and used again.
    """
    from tvm.relax import transform

    modules: dict[str, Any] = {}

    @derived_object
    class Runner(PyRunner):  # type: ignore[misc]
        def run(self, runner_inputs: Any) -> list[Any]:
            found = []
            for item in runner_inputs:
                arguments = [argument.as_json() for argument in item.args_info]
                try:
                    found.append(_Done([measure_in(modules.pop(str(item.artifact_path)), arguments)], None))
                except RuntimeError as error:
                    found.append(_Done(None, str(error)))
            return found

    with _quiet():
        _without_gpu_intrinsics()
        tasks = [
            task
            for task in ms.relax_integration.extract_tasks(module, target)
            if not any("tirx.is_scheduled" in (one["main"].attrs or {}) for one in task.dispatched)
        ]
        if tasks:
            search_ = ms.search_strategy.EvolutionarySearch(
                population_size=64, init_min_unmeasured=16, genetic_num_iters=2
            )
            contexts, weights = ms.relax_integration.extracted_tasks_to_tune_contexts(
                tasks, str(folder), num_threads=1, seed=1, strategy=search_
            )
            ms.tune_tasks(
                tasks=contexts,
                task_weights=weights,
                work_dir=str(folder),
                max_trials_global=trials,
                num_trials_per_iter=min(ROUND, max(1, trials // len(tasks))),
                cost_model=cost_model(),
                builder=_Builder(modules),
                runner=Runner(),
                measure_callbacks=[AddToDatabase(), UpdateCostModel()],
            )
        database = ms.database.JSONDatabase(work_dir=str(folder))
        with target, database:
            return transform.MetaScheduleApplyDatabase(enable_warning=False)(module)
