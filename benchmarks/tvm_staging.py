"""Nothing enters; a table leaves: TVM kernels with staged reductions (rfactor) and as one loop nest.

    python benchmarks/tvm_staging.py [--threads 1] [--trials 0]

Figure 4 of the paper, and Operator 1 at 64 channels and 56x56.  FLOPs are multiply-accumulates, times are
the least in microseconds of kernels timed in turn, both with our schedule or, with trials, with the best of
so many of MetaSchedule.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from typing import Any

import numpy as np

import syno_lang
from syno_lang.backends.tvm.kernel import compile_kernel
from syno_lang.backends.tvm.records import tuned_module
from syno_lang.backends.tvm.targets import target_of
from syno_lang.backends.tvm.tune import tune
from syno_lang.evaluate.measure import interleaved
from syno_lang.ir.assign import assign
from syno_lang.lower.cost import cost
from syno_lang.lower.schedule import naive, schedule
from syno_lang.lower.stages import StageProgram

FIGURE4 = """
operator figure4<H; k = 3, s = 2>(x: [H]) -> [H/s] {
    out[i] = sum[j: k, a: s] x[split(unfold(i, j), a)]
}
"""

CASES = (
    (syno_lang.parse(FIGURE4), {"H": 1 << 20, "k": 9, "s": 16}),
    (syno_lang.load("stdlib:op1"), {"N": 1, "C_in": 64, "C_out": 64, "H": 56}),
    (syno_lang.load("stdlib:op2"), {"N": 1, "C_in": 64, "C_out": 64, "H": 56}),
)


def function(program: StageProgram, sizes: dict[str, int], target: Any, trials: int) -> Any:
    """The kernel, ready to be called."""
    found = None
    if trials:
        with tempfile.TemporaryDirectory() as folder:
            tune(program, sizes, "float32", target, folder, trials)
            found = tuned_module(program, sizes, "float32", target, folder)
    kernel = compile_kernel(program, sizes, target, tuned=found)
    arrays = [np.random.default_rng(0).random(array.shape, "float32") for array in kernel.arguments]
    return lambda: kernel.function(*arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trials", type=int, default=0)
    options = parser.parse_args()
    os.environ["TVM_NUM_THREADS"] = str(options.threads)
    target = target_of(cores=options.threads)
    print(f"{'':10} {'FLOPs':>12} {'staged':>12} {'ratio':>6} {'time':>10} {'staged':>10} {'ratio':>6}")
    for operator, given in CASES:
        sizes = assign(operator.definition, given)
        programs = {"whole": naive(operator.definition), "staged": schedule(operator.definition, sizes)}
        counts = {name: cost(program, sizes).flops for name, program in programs.items()}
        functions = {
            name: function(program, sizes, target, options.trials) for name, program in programs.items()
        }
        times = {name: found.least * 1e6 for name, found in interleaved(functions, rounds=31).items()}
        row = [
            (values["whole"], values["staged"], values["whole"] / values["staged"])
            for values in (counts, times)
        ]
        print(f"{operator.name:10} {row[0][0]:12} {row[0][1]:12} {row[0][2]:6.2f}", end=" ")
        print(f"{row[1][0]:10.1f} {row[1][1]:10.1f} {row[1][2]:6.2f}")


if __name__ == "__main__":
    main()
