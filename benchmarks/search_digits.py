"""Does the tree search beat random search on the digits?  Equal evaluations, the same store, several seeds.

    python benchmarks/search_digits.py --budget 30 --seeds 5 --store digits.db

The space has the operators that can stand in for a 3 × 3 convolution with at most half of its FLOPs.  Both
strategies share the store, so no operator is trained twice; a strategy is charged for each operator that it
meets, trained or known.  Beside the best accuracy on the validation images, by which is searched, stands
the accuracy of that operator on the test images, by which nothing is chosen.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import mean, stdev

from syno_lang import load, load_space
from syno_lang.api import Operator
from syno_lang.search.cost import cost_at
from syno_lang.search.digits import evaluate
from syno_lang.search.progress import Progress, quantity
from syno_lang.search.settings import Bounds
from syno_lang.search.start import search
from syno_lang.search.store import Row

SPACE = Path(__file__).with_name("search_digits.syno")
STRATEGIES = ("mcts", "random", "evolutionary")


def accuracy(row: Row) -> float:
    return row.outcome.metrics.get("accuracy", 0.0) if row.outcome.is_ok else 0.0


def best(rows: list[Row]) -> Row:
    return max(rows, key=accuracy)


def baseline(space: Path) -> tuple[float, float, int]:
    """Accuracy on validation and test images, and FLOPs, of the convolution."""
    convolution: Operator = load("stdlib:conv2d")
    layers = [{**layer, "W": layer["H"]} for layer in load_space(space).layers]
    found = evaluate(convolution, layers)
    return found["accuracy"], found["test_accuracy"], cost_at(convolution.definition, layers)["flops"]


def compare(arguments: argparse.Namespace, limit: float) -> dict[str, list[list[Row]]]:
    """The rows of each strategy for each seed."""
    found: dict[str, list[list[Row]]] = {name: [] for name in arguments.strategies}
    for seed in range(arguments.seeds):
        for name in arguments.strategies:
            found[name].append(
                search(
                    SPACE,
                    "digits",
                    store=arguments.store,
                    strategy=name,
                    seed=seed,
                    workers=arguments.workers,
                    limits={"flops": limit},
                    bounds=Bounds(budget=arguments.budget),
                    watch=Progress(sys.stderr.write, False),
                )
            )
    return found


def table(found: dict[str, list[list[Row]]], budget: int) -> str:
    """Best accuracy after some operators, mean and deviation over the seeds, and the mean of all met."""
    steps = sorted({max(1, budget // 4), budget // 2, 3 * budget // 4, budget})
    lines = [
        "strategy      " + "".join(f"best of {step:<10}" for step in steps) + "mean of all   test of best"
    ]
    for name, runs in found.items():
        cells = []
        for step in steps:
            bests = [accuracy(best(rows[:step])) for rows in runs]
            cells.append(f"{mean(bests):.4f} ±{stdev(bests) if len(bests) > 1 else 0:.4f}".ljust(18))
        met = mean(mean(map(accuracy, rows)) for rows in runs)
        test = mean(best(rows).outcome.metrics["test_accuracy"] for rows in runs)
        lines.append(f"{name:<14}{''.join(cells)}{met:.4f}        {test:.4f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--budget", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--store", default="search_digits.db")
    parser.add_argument("--share", type=float, default=0.5, help="FLOPs, as a share of the convolution's")
    parser.add_argument("--strategies", nargs="+", default=list(STRATEGIES))
    arguments = parser.parse_args()
    known, known_test, flops = baseline(SPACE)
    print(f"convolution: accuracy {known:.4f}, test {known_test:.4f}, {quantity(flops)}FLOPs")
    found = compare(arguments, arguments.share * flops)
    print(table(found, arguments.budget))
    rows = {row.digest: row for runs in found.values() for rows in runs for row in rows}.values()
    as_good = [row for row in rows if accuracy(row) >= known]
    print(f"{len(rows)} operators met; {len(as_good)} no less accurate than the convolution, with at most "
          f"{arguments.share:.0%} of its FLOPs")  # fmt: skip
    for row in sorted(as_good, key=lambda row: row.outcome.metrics["flops"])[:5]:
        metrics = row.outcome.metrics
        print(f"{row.digest[:12]}: accuracy {metrics['accuracy']:.4f}, test {metrics['test_accuracy']:.4f}, "
              f"{quantity(metrics['flops'])}FLOPs\n{row.text}")  # fmt: skip


if __name__ == "__main__":
    main()
